"""Routes: marks on the methods of an application, and the map that is made of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from werkzeug.routing import Map, MapAdapter, Rule

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Handler = TypeVar("Handler", bound=Callable[..., Any])

_PLACEHOLDER = re.compile(r"<(?:([^<>:]*):)?[^<>]*>")


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path that a handler serves.

    Attributes:
        method: The HTTP method.
        path: The path, as a werkzeug rule.
        options: What the application reads in :meth:`App.dispatch <pytest_doctor_maint.simtime.http.App.dispatch>`.
    """

    method: str
    path: str
    options: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """The key that no two handlers may share: the method, and the path without the names of its values."""
        return self.method, _PLACEHOLDER.sub(lambda match: f"<{match[1] or 'string'}>", self.path.rstrip("/"))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Routing:
    """The routes of a class of applications.

    Attributes:
        map: The rules. A rule's endpoint is an index of ``endpoints``.
        endpoints: The name of the method that handles each rule, and the rule's options.
    """

    map: Map
    endpoints: Sequence[tuple[str, Mapping[str, Any]]]
    # No rule is bound to a host, and none redirects: for which host the map is bound makes no difference.
    _bound: MapAdapter = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bound", self.map.bind(""))

    def match(self, environ: WSGIEnvironment) -> tuple[int, Mapping[str, Any]]:
        """Return the endpoint for a request and the values of its rule.

        Raises:
            werkzeug.exceptions.HTTPException: There is no such path, or it has another method.
        """
        endpoint: int
        endpoint, values = self._bound.match(_path(environ), environ["REQUEST_METHOD"])
        return endpoint, values

    def options_at(self, environ: WSGIEnvironment) -> list[Mapping[str, Any]]:
        """Return the options of the routes at the path of a request, of all methods; empty for an unknown path."""
        path = _path(environ)
        endpoints = {self._bound.match(path, method)[0] for method in self._bound.allowed_methods(path)}
        return [self.endpoints[endpoint][1] for endpoint in sorted(endpoints)]


def _path(environ: WSGIEnvironment) -> str:
    # WSGI keeps bytes in text, as latin-1.
    return str(environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace"))


def route(method: str, path: str, **options: Any) -> Callable[[Handler], Handler]:
    """Serve ``method path`` (a werkzeug rule such as ``/servers/<server_id>``) with the decorated method.

    ``options`` are kept with the rule and reach :meth:`App.dispatch <pytest_doctor_maint.simtime.http.App.dispatch>`
    (a minimum microversion, for example).
    """

    def mark(handler: Handler) -> Handler:
        handler._routes = [*_routes(handler), Route(method, path, options)]  # type: ignore[attr-defined]
        return handler

    return mark


_ROUTING: dict[type, Routing] = {}


def routing_of(app: type) -> Routing:
    """Return the routes of the class ``app``.

    They are collected once for each class: werkzeug compiles every rule, which takes a quarter of a second for a whole
    cloud.

    Raises:
        TypeError: A handler hides another one and drops its route, or two handlers serve the same method and path.
    """
    if app not in _ROUTING:
        _ROUTING[app] = _collect(app)
    return _ROUTING[app]


def _collect(app: type) -> Routing:
    rules: list[Rule] = []
    endpoints: list[tuple[str, Mapping[str, Any]]] = []
    handlers: dict[tuple[str, str], str] = {}
    for name in dir(app):
        _refuse_hidden_routes(app, name)
        for each in _routes(getattr(app, name)):
            other = handlers.setdefault(each.key, name)
            if other != name:
                raise TypeError(f"{app.__qualname__}: the handlers {other} and {name} both serve {each}")
            rules.append(Rule(each.path, methods=[each.method], endpoint=len(endpoints)))
            endpoints.append((name, each.options))
    return Routing(Map(rules, strict_slashes=False, merge_slashes=False), endpoints)


def _refuse_hidden_routes(app: type, name: str) -> None:
    """Raise TypeError if the attribute ``name`` hides a handler of a base class and does not serve its routes."""
    (top, effective), *hidden = [(owner, vars(owner)[name]) for owner in app.__mro__ if name in vars(owner)]
    served = {each.key for each in _routes(effective)}
    for owner, handler in hidden:
        for each in _routes(handler):
            if each.key not in served:
                raise TypeError(
                    f"{app.__qualname__}: {top.__qualname__}.{name} hides the handler {owner.__qualname__}.{name} and "
                    f"drops its route {each}; give one of them another name, or route both alike"
                )


def _routes(handler: object) -> Sequence[Route]:
    routes: Sequence[Route] = getattr(handler, "_routes", ())
    return routes
