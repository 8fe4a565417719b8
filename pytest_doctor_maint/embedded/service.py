"""What the HTTP sides of all embedded services share: tokens, policy, paging, request ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, Request

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from pytest_doctor_maint.embedded.core import Core

Item = TypeVar("Item")


class Authenticator(Protocol):
    """Keystone, as the other services need it."""

    def validate(self, token_id: str) -> Caller | None:
        """Return the bearer of a token; None when the token is not valid."""


class ServiceRequest(Request):
    """A request to an OpenStack service.

    Attributes:
        caller: Who makes it; set before a handler is called, except by routes marked ``public``.
    """

    caller: Caller


class Service(App):
    """One OpenStack service. Its handlers hold no state of their own: the state is in the service's models.

    Routes take three options: ``public=True`` needs no token, ``admin=True`` answers 403 to everyone but admins, and a
    handler of a route with ``waits=True`` waits on the clock; all others run with the core's lock held.
    """

    request_class = ServiceRequest

    def __init__(self, core: Core, keystone: Authenticator) -> None:
        super().__init__()
        self.core = core
        self._authenticator = keystone

    def dispatch(
        self,
        request: ServiceRequest,
        handler: Callable[..., Answer],
        options: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> Answer:
        with self.core.lock:
            if not options.get("public"):
                request.caller = self.authenticate(request)
                if options.get("admin") and not request.caller.is_admin:
                    raise self.forbidden(request)
            if not options.get("waits"):
                return handler(request, **values)
        return handler(request, **values)

    def authenticate(self, request: ServiceRequest) -> Caller:
        """The bearer of the request's token.

        Raises:
            HttpError: 401, there is no token, or it is not (or no longer) valid.
        """
        caller = self._authenticator.validate(request.headers.get("X-Auth-Token", ""))
        if caller is None:
            raise HttpError(
                401,
                "The request you have made requires authentication.",
                kind="Unauthorized",
                headers={"WWW-Authenticate": f'Keystone uri="{request.host_url}identity"'},
            )
        return caller

    def forbidden(self, request: ServiceRequest) -> HttpError:
        """The error for a caller who may not do this."""
        return HttpError(403, "Policy doesn't allow this action to be performed.", kind="Forbidden")

    def finish(self, request: ServiceRequest, response: Response) -> None:
        response.headers["x-openstack-request-id"] = "req-" + self.core.ids.uuid("request")

    def page(
        self, request: ServiceRequest, items: Sequence[Item], key: Callable[[Item], str]
    ) -> tuple[list[Item], bool]:
        """The part of ``items`` after ``marker``, at most ``limit`` of them, and whether more follow.

        Args:
            request: Carries the query parameters ``limit`` and ``marker``.
            items: All items, in the order of the listing.
            key: What a marker names (the id, mostly).

        Raises:
            HttpError: 400, a limit that is no natural number or a marker that names nothing.
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
