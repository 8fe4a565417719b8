"""The base of the HTTP APIs of all embedded services: authentication, policy, request ids, paging."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, Request

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from pytest_doctor_maint.embedded.core import Core

Item = TypeVar("Item")
#: The methods of requests that change nothing.
_READING = ("GET", "HEAD", "OPTIONS")
Version = tuple[int, int]
"""A microversion: its major and its minor number."""


class Authenticator(Protocol):
    """Keystone, as the other services use it."""

    def validate(self, token_id: str) -> Caller | None:
        """Return the bearer of a token, or None if the token is not valid."""


class ServiceRequest(Request):
    """A request to an OpenStack service.

    Attributes:
        request_id: The value of the header ``x-openstack-request-id`` of the answer.
        bearer: The bearer of the request's token; None if the request has no token or an invalid one.
    """

    request_id: str = ""
    bearer: Caller | None = None

    @property
    def caller(self) -> Caller:
        """The bearer of the request's token, for handlers of routes that need a token.

        Raises:
            RuntimeError: The request has no valid token, so its route is ``public``.
        """
        if self.bearer is None:
            raise RuntimeError(f"{self.method} {self.path} is public; its handler must not read the caller")
        return self.bearer


class Service(App):
    """One OpenStack service. Handlers are stateless: the state is in the service's models.

    A request without a valid token is answered with 401 before its route is searched, because the services have
    Keystone's middleware in front of their routing: the answer is the same for an unknown path, a wrong method, an
    unsupported microversion and a malformed body. Only the paths of ``public`` routes need no token.

    Routes take four options: ``public=True`` (no token is needed), ``role="member"`` (the answer is 403 unless the
    caller holds the role in a project, or is an admin; ``""``: any valid token will do), ``admin=True`` (the same as
    ``role="admin"``), and ``waits=True`` (the handler waits on the clock; all other handlers run with the core's lock
    held). Services with microversions read two more: ``min=(2, 10)`` and ``max=(2, 35)``.

    Without an option a route that reads needs the role ``reader`` and any other route the role ``member``. These are
    the default policies of the services since the release 2023.1; the routes name the exceptions.

    Args:
        core: What all services share.
        keystone: Validates tokens.

    Attributes:
        kind: The type of the service in the catalog.
        reading_role: The role that a route needs by default if it reads.
        writing_role: The role that any other route needs by default.
        microversions: The lowest and the highest microversion; None for a service without microversions.
        choices: The values that a placeholder in the paths of routes can take, by its name, where they are few.
    """

    request_class = ServiceRequest
    kind: ClassVar[str]
    reading_role: ClassVar[str] = "reader"
    writing_role: ClassVar[str] = "member"
    microversions: tuple[Version, Version] | None = None
    choices: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(self, core: Core, keystone: Authenticator) -> None:
        super().__init__()
        self.core = core
        self._authenticator = keystone

    def before_routing(self, request: ServiceRequest) -> None:
        request.request_id = "req-" + self.core.ids.uuid("request")
        self.authenticate(request)

    def authenticate(self, request: ServiceRequest) -> None:
        """Set the bearer of the request's token.

        Raises:
            HttpError: 401, the request has no valid token, and its path is not public.
        """
        with self.core.lock:
            request.bearer = self._authenticator.validate(request.headers.get("X-Auth-Token", ""))
        if not self.is_within_rules(request):
            request.bearer = None
        if request.bearer is None and not self.is_public(request):
            raise self.unauthorized(request)

    def is_within_rules(self, request: ServiceRequest) -> bool:
        """Return True if the access rules of the request's token, if it has any, allow the request."""
        paths = (request.path, request.script_root.rstrip("/") + request.path)
        return request.bearer is None or request.bearer.may_request(self.kind, request.method, *paths)

    def is_public(self, request: ServiceRequest) -> bool:
        """Return True if there is a ``public`` route for the request's path, whatever the request's method."""
        return any(options.get("public") for options in self.options_at(request))

    def dispatch(
        self,
        request: ServiceRequest,
        handler: Callable[..., Answer],
        options: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> Answer:
        with self.core.lock:
            if not options.get("public"):
                self.authorize(request, options)
            if not options.get("waits"):
                return handler(request, **values)
        return handler(request, **values)

    def authorize(self, request: ServiceRequest, options: Mapping[str, Any]) -> None:
        """Check that the caller may use a route with these options.

        Raises:
            HttpError: 403, the caller may not; 401, the request has no valid token.
        """
        if request.bearer is None:
            raise self.unauthorized(request)
        if not self.holds(request.bearer, self.needed_role(request.method, options)):
            raise self.forbidden(request)

    @classmethod
    def needed_role(cls, method: str, options: Mapping[str, Any]) -> str:
        """Return the role that a route with these options needs; empty if any valid token will do."""
        if options.get("admin"):
            return "admin"
        return str(options.get("role", cls.reading_role if method in _READING else cls.writing_role))

    @staticmethod
    def holds(caller: Caller, role: str) -> bool:
        """Return True if the caller holds a role in a project; admins hold every role.

        The services refuse tokens for the system or a domain (``enforce_scope`` of oslo.policy).
        """
        return not role or (bool(caller.project_id) and (caller.is_admin or role in caller.roles))

    def unauthorized(self, request: ServiceRequest) -> HttpError:
        """Return the error for a request without a valid token."""
        return HttpError(
            401,
            "The request you have made requires authentication.",
            kind="Unauthorized",
            headers={"WWW-Authenticate": f'Keystone uri="{request.host_url}identity"'},
        )

    def forbidden(self, request: ServiceRequest) -> HttpError:
        """Return the error for a caller who may not do this."""
        return HttpError(403, "Policy doesn't allow this action to be performed.", kind="Forbidden")

    def finish(self, request: ServiceRequest, response: Response) -> None:
        response.headers["x-openstack-request-id"] = request.request_id

    def page(
        self, request: ServiceRequest, items: Sequence[Item], key: Callable[[Item], str]
    ) -> tuple[list[Item], bool]:
        """Return the part of ``items`` that a listing shows, and True if more items follow.

        Args:
            request: Has the query parameters ``marker`` (the page starts after the item with this key) and ``limit``
                (the largest number of items; 0 for all).
            items: All items, in the order of the listing.
            key: Returns the value by which a marker names an item, mostly its id.

        Raises:
            HttpError: 400, the limit is not a natural number, or no item has the marker as its key.
        """
        found = list(items)
        if marker := request.args.get("marker"):
            keys = [key(item) for item in found]
            if marker not in keys:
                raise HttpError(400, f"marker [{marker}] not found")
            found = found[keys.index(marker) + 1 :]
        limit = request.args.get("limit")
        if limit is None:
            return found, False
        if not limit.isdigit():
            raise HttpError(400, f"Invalid input for query parameters limit: {limit!r} is not a natural number")
        count = int(limit)
        return (found[:count], len(found) > count) if count else (found, False)
