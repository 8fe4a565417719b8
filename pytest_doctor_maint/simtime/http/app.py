"""A small JSON application: routes to methods, and errors that say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Handler = TypeVar("Handler", bound=Callable[..., Any])
Routing = tuple[Map, Sequence[tuple[str, Mapping[str, Any]]]]
Answer = Response | Mapping[str, Any] | list[Any] | tuple[int, Any] | tuple[int, Any, Mapping[str, str]] | None


class HttpError(Exception):
    """Answer with this status and message.

    Args:
        status: The HTTP status, 4xx or 5xx.
        message: What was wrong, and what is allowed.
        kind: The service's own name for the error (Neutron's ``type``), where it has one.
        headers: Further headers of the answer.
    """

    def __init__(
        self, status: int, message: str, *, kind: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.headers = dict(headers or {})


class Request(WerkzeugRequest):
    """A request whose JSON body is read with clear errors."""

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object.

        Raises:
            HttpError: 400, the body is none.
        """
        try:
            body = json.loads(self.get_data())
        except (ValueError, RecursionError) as error:
            raise HttpError(400, f"the body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise HttpError(400, f"the body must be a JSON object, not {type(body).__name__}")
        return body


def route(method: str, path: str, **options: Any) -> Callable[[Handler], Handler]:
    """Serve ``method path`` (a werkzeug rule such as ``/servers/<server_id>``) with the decorated method.

    ``options`` are kept with the rule and reach :meth:`App.dispatch` (a minimum microversion, for example).
    """

    def mark(handler: Handler) -> Handler:
        routes = getattr(handler, "_routes", [])
        handler._routes = [*routes, (method, path, options)]  # type: ignore[attr-defined]
        return handler

    return mark


_ROUTING: dict[type, Routing] = {}


def _routing(app: type[App]) -> Routing:
    """The map of the class ``app``'s routes, whose endpoints are numbers in a list of (handler's name, options).

    It is made once for each class: werkzeug compiles every rule, which takes a quarter of a second for a whole cloud.
    """
    if app in _ROUTING:
        return _ROUTING[app]
    rules: list[Rule] = []
    endpoints: list[tuple[str, Mapping[str, Any]]] = []
    for name in dir(app):
        for method, path, options in getattr(getattr(app, name), "_routes", ()):
            rules.append(Rule(path, methods=[method], endpoint=len(endpoints)))
            endpoints.append((name, options))
    _ROUTING[app] = Map(rules, strict_slashes=False, merge_slashes=False), endpoints
    return _ROUTING[app]


class App:
    """A WSGI application made of methods marked with :func:`route`.

    A handler gets the :class:`Request` and the rule's values, and gives an object (200), ``(status, object)``,
    ``(status, object, headers)``, a response, or None (204).
    """

    request_class: ClassVar[type[Request]] = Request

    def __init__(self) -> None:
        self._map, endpoints = _routing(type(self))
        self._endpoints = [(getattr(self, name), options) for name, options in endpoints]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = self.request_class(environ)
        try:
            endpoint, values = self._map.bind_to_environ(environ).match()
            handler, options = self._endpoints[endpoint]
            response = self.response(self.dispatch(request, handler, options, values))
        except HttpError as error:
            response = self.error_response(request, error)
        except RequestRedirect as redirect:
            response = redirect.get_response(environ)
        except HTTPException as error:
            headers = {}
            if isinstance(error, MethodNotAllowed):
                headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
            response = self.error_response(
                request, HttpError(error.code or 500, error.description or error.name, headers=headers)
            )
        self.finish(request, response)
        # An answer that comes before the body was read would reset the connection under a client that still sends.
        request.get_data()
        return response(environ, start_response)

    def dispatch(
        self, request: Any, handler: Callable[..., Answer], options: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Answer:
        """Call the handler; services check tokens and versions here."""
        return handler(request, **values)

    def finish(self, request: Any, response: Response) -> None:
        """Add what every answer carries (a request id, for example)."""

    def error_body(self, error: HttpError) -> Any:
        """The JSON of an error; services have their own forms."""
        return {"error": error.message}

    def error_response(self, request: Any, error: HttpError) -> Response:
        """The answer to a request that failed."""
        return self.response((error.status, self.error_body(error), error.headers))

    def response(self, answer: Answer) -> Response:
        """The response that a handler's answer stands for."""
        if isinstance(answer, Response):
            return answer
        status, body = 200 if answer is not None else 204, answer
        headers: Mapping[str, str] = {}
        if isinstance(answer, tuple):
            status, body = answer[0], answer[1]
            headers = answer[2] if len(answer) == 3 else {}
        if body is None:
            return Response(status=status, headers=headers)
        return Response(json.dumps(body), status=status, headers=headers, content_type="application/json")
