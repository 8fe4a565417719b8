"""The base of all groups of Keystone's routes: authentication, policy, listings, and the form of errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.keystone.errors import IdentityError, Unauthorized
from pytest_doctor_maint.embedded.keystone.models import Keystone
from pytest_doctor_maint.embedded.keystone.records import Token
from pytest_doctor_maint.embedded.service import Service, ServiceRequest
from pytest_doctor_maint.simtime.http import ErrorAnswer, HttpError, with_its_status

_FALSE = ("0", "f", "false", "off", "n", "no")
_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda value, wanted: wanted in value,
    "icontains": lambda value, wanted: wanted.lower() in value.lower(),
    "startswith": lambda value, wanted: value.startswith(wanted),
    "istartswith": lambda value, wanted: value.lower().startswith(wanted.lower()),
    "endswith": lambda value, wanted: value.endswith(wanted),
    "iendswith": lambda value, wanted: value.lower().endswith(wanted.lower()),
    "iequals": lambda value, wanted: value.lower() == wanted.lower(),
    "equals": lambda value, wanted: value == wanted,
}


class IdentityRequest(ServiceRequest):
    """A request to Keystone.

    Attributes:
        token: The request's token; set before a handler is called, except for ``public`` routes.
    """

    token: Token

    @property
    def root(self) -> str:
        """The URL of version 3 of the API, with the host that the client used, for links."""
        return self.root_url.rstrip("/") + "/v3"


def _unauthorized(error: Unauthorized, request: ServiceRequest) -> HttpError:
    challenge = f'Keystone uri="{request.root_url.rstrip("/")}"'
    return HttpError(error.status, str(error), headers={"WWW-Authenticate": challenge})


class IdentityService(Service):
    """The base of each group of routes.

    A request without a token is routed first, because Keystone authenticates within its application. A request with an
    invalid token is refused first, even if its path is public.
    """

    request_class = IdentityRequest
    kind = "identity"
    # What a token allows depends on who owns what; the handlers decide.
    reading_role = writing_role = ""
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {
        IdentityError: with_its_status,
        Unauthorized: _unauthorized,
    }

    def __init__(self, core: Core, keystone: Keystone) -> None:
        super().__init__(core, keystone)
        self.keystone = keystone

    def authenticate(self, request: IdentityRequest) -> None:  # type: ignore[override]  # made by request_class
        """Set the token of a request that has one; a request without a token is routed first.

        Raises:
            HttpError: 401, the token is not valid.
        """
        token_id = request.headers.get("X-Auth-Token", "")
        if not token_id:
            return
        with self.core.lock:
            request.bearer = self.keystone.validate(token_id)
            token = self.keystone.tokens.get(token_id)
        shows_token = request.method == "GET" and request.path.endswith("/v3/auth/tokens")
        if token is None or not (shows_token or self.is_within_rules(request)):
            raise self.unauthorized(request)
        request.token = token

    def unauthorized(self, request: ServiceRequest) -> HttpError:
        return _unauthorized(Unauthorized(), request)

    def forbidden(self, request: ServiceRequest) -> HttpError:
        return HttpError(403, "You are not authorized to perform the requested action.")

    def error_body(self, error: HttpError) -> Any:
        return {"error": {"code": error.status, "message": error.message, "title": HTTPStatus(error.status).phrase}}

    # Policy

    @staticmethod
    def holds(caller: Caller, role: str) -> bool:
        """Return True if the caller holds a role in any scope."""
        return not role or caller.is_admin or role in caller.roles

    def reads_all(self, request: IdentityRequest) -> bool:
        """Return True if the caller may read everything: an admin, or a reader of the system."""
        return request.caller.is_admin or (request.caller.system and "reader" in request.caller.roles)

    def reads_domain(self, request: IdentityRequest) -> str:
        """Return the id of the domain in which the caller may read everything as a reader; empty for none."""
        target = request.token.target
        return target.id if target.kind == "domain" and "reader" in request.caller.roles else ""

    def must_read(
        self, request: IdentityRequest, *, owner: str = "", project_id: str = "", domain_id: str = ""
    ) -> None:
        """Check that the caller may read a resource.

        Args:
            request: The caller's request.
            owner: The user who owns the resource; the owner may read it.
            project_id: The project that it belongs to; tokens for the project may read it.
            domain_id: The domain that it belongs to; the domain's readers may read it.

        Raises:
            HttpError: 403, the caller may not.
        """
        if not (
            self.reads_all(request)
            or (owner and owner == request.caller.user_id)
            or (project_id and project_id == request.caller.project_id)
            or (domain_id and domain_id == self.reads_domain(request))
        ):
            raise self.forbidden(request)

    def must_own(self, request: IdentityRequest, owner: str) -> None:
        """Check that the caller is the user ``owner`` or an admin.

        Raises:
            HttpError: 403, the caller is neither.
        """
        if not (request.caller.is_admin or owner == request.caller.user_id):
            raise self.forbidden(request)

    @staticmethod
    def must_be_primary(request: IdentityRequest) -> None:
        """Check that the request's token was not delegated: what is made with it would outlive the delegation.

        Raises:
            HttpError: 403, the token is one of an application credential or of a trust.
        """
        if request.token.is_delegated:
            raise HttpError(403, "Delegated tokens cannot access credentials directly")

    def domain_in_sight(self, request: IdentityRequest) -> str | None:
        """Return the id of the domain whose resources a listing shows to the caller; None for all domains.

        Raises:
            HttpError: 403, the caller may list nothing.
        """
        if self.reads_all(request):
            return None
        domain_id = self.reads_domain(request)
        if not domain_id:
            raise self.forbidden(request)
        return domain_id

    def home_domain(self, request: IdentityRequest) -> str:
        """Return the id of the domain of the token's scope, in which resources are created by default."""
        scope = self.keystone.directory.projects.get(request.token.target.id)
        if scope is None:
            return request.caller.domain_id
        return scope.domain_id or scope.id

    # Listings

    def listing(
        self, request: IdentityRequest, member: str, views: Sequence[Mapping[str, Any]], *filters: str
    ) -> dict[str, Any]:
        """Return the answer to a listing.

        Args:
            request: Its query has the filters, ``limit`` and ``marker``.
            member: The name of the list in the answer.
            views: All resources, as JSON.
            filters: The fields by which the query can filter: ``name=x``, or for strings ``name__contains=x`` etc.

        Raises:
            HttpError: 400, ``limit`` or ``marker`` is wrong.
        """
        found = [view for view in views if all(_suits(view, name, request) for name in filters)]
        page, more = self.page(request, found, lambda view: str(view["id"]))
        links: dict[str, Any] = {"self": request.url.rstrip("?"), "previous": None, "next": None}
        answer: dict[str, Any] = {member: page, "links": links}
        if more:
            rest = "&".join(f"{key}={value}" for key, value in request.args.items() if key != "marker")
            links["next"] = f"{request.base_url}?{rest}&marker={page[-1]['id']}"
            answer["truncated"] = True
        return answer


def asks_for(request: IdentityRequest, name: str) -> bool:
    """Return True if the query sets the flag ``name``; ``?name`` without a value does."""
    return name in request.args and request.args[name].lower() not in _FALSE


def _suits(view: Mapping[str, Any], name: str, request: IdentityRequest) -> bool:
    for key, wanted in request.args.items(multi=True):
        field, _, comparison = key.partition("__")
        if field != name:
            continue
        value = view.get(name)
        if isinstance(value, bool):
            if value != (wanted.lower() not in _FALSE):
                return False
        elif not _COMPARISONS.get(comparison or "equals", _COMPARISONS["equals"])(
            "" if value is None else str(value), wanted
        ):
            return False
    return True
