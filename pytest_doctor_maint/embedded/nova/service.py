"""The base of Nova's routes: microversions, validation, the form of errors, and what several resources share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.keystone.models import Keystone
from pytest_doctor_maint.embedded.neutron.errors import NeutronError
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing, QuotaExceeded, Refused
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.microversions import LOWEST, Version, dotted, negotiate
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.service import Service, ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, HttpError, with_its_status

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Response

#: Nova's name for an error, by HTTP status; the name for all others is ``computeFault``.
_FAULTS: Mapping[int, str] = {
    400: "badRequest",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}

#: Paths of the v2 API, and paths with a project id, mean the same as those of v2.1 without project id.
_LEGACY = re.compile(r"/v2(?:\.0)?(?=/|$)")
_PROJECT = re.compile(r"(/v2\.1)/[0-9a-f]{32}(?=/)")

_PASSWORD_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


class NovaRequest(ServiceRequest):
    """A request to Nova.

    Attributes:
        version: The microversion of the answer.
        now: When the request arrived, UTC.
        request_id: The request id that the answer shows; instance actions have it too.
    """

    version: Version = LOWEST
    request_id: str = ""
    now: datetime

    @property
    def legacy(self) -> bool:
        """True for a request to the v2 API, which has no microversions."""
        return bool(self.environ.get("doctor_maint.nova.legacy"))

    def valid_body(self, schemas: Schemas) -> dict[str, Any]:
        """Return the body.

        Raises:
            HttpError: 400, the body is not a JSON object.
            Invalid: The body does not have the form that its schema requires.
        """
        body = self.json_object()
        schemas.check_body(body, self.version, legacy=self.legacy)
        return body

    def valid_query(self, schemas: Schemas) -> MultiDict[str, str]:
        """Return the query parameters.

        Raises:
            Invalid: A parameter does not have the form that its schema requires.
        """
        schemas.check_query(self.args.to_dict(flat=False), self.version)
        return self.args

    def action(self, verb: str, name: str | None = None) -> InstanceAction:
        """Return a new instance action for this request.

        Args:
            verb: The word of the API request.
            name: The name in ``os-instance-actions``, where it differs.
        """
        caller = self.caller
        return InstanceAction(
            name or verb,
            verb,
            self.request_id,
            caller.user_id,
            caller.project_id,
            self.now,
            self.now,
            is_admin_elsewhere=caller.is_admin and caller.project_name != "admin",
        )


class NovaService(Service):
    """The base of Nova's routes.

    Routes take two more options: ``min=(2, 10)`` and ``max=(2, 35)``. Outside of these microversions a route does not
    exist (404).
    """

    request_class = NovaRequest
    kind = "compute"
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {
        Invalid: 400,
        Refused: 403,
        QuotaExceeded: 403,
        Missing: 404,
        Conflict: 409,
        NeutronError: with_its_status,
    }

    def __init__(self, core: Core, keystone: Keystone, nova: Nova, *, max_version: str) -> None:
        super().__init__(core, keystone)
        self.keystone = keystone
        self.nova = nova
        self.neutron = nova.neutron
        self.glance = nova.glance
        major, _, minor = max_version.partition(".")
        self.highest: Version = (int(major), int(minor))
        self.microversions = (LOWEST, self.highest)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if legacy := _LEGACY.match(path):
            environ["doctor_maint.nova.legacy"] = True
            path = "/v2.1" + path[legacy.end() :]
        environ["PATH_INFO"] = _PROJECT.sub(r"\1", path, count=1)
        return super().__call__(environ, start_response)

    def dispatch(
        self,
        request: NovaRequest,  # type: ignore[override]  # made by request_class
        handler: Callable[..., Answer],
        options: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> Answer:
        request.now = self.core.clock.now()
        request.request_id = self._request_id(request)
        if not options.get("public"):
            request.version = LOWEST if request.legacy else negotiate(request.headers, self.highest)
            if not options.get("min", LOWEST) <= request.version <= options.get("max", self.highest):
                raise HttpError(404, "The resource could not be found.")
        return super().dispatch(request, handler, options, values)

    def finish(self, request: NovaRequest, response: Response) -> None:  # type: ignore[override]
        request_id = self._request_id(request)
        response.headers["x-openstack-request-id"] = request_id
        response.headers["x-compute-request-id"] = request_id
        if not request.legacy:
            version = dotted(request.version)
            response.headers["OpenStack-API-Version"] = f"compute {version}"
            response.headers["X-OpenStack-Nova-API-Version"] = version
            response.headers.add("Vary", "OpenStack-API-Version")
            response.headers.add("Vary", "X-OpenStack-Nova-API-Version")

    def error_body(self, error: HttpError) -> Any:
        if error.status == 401:
            # Keystone's middleware answers this one, in a form of its own.
            return {"error": {"code": 401, "title": "Unauthorized", "message": error.message}}
        return {_FAULTS.get(error.status, "computeFault"): {"code": error.status, "message": error.message}}

    def _request_id(self, request: NovaRequest) -> str:
        return request.request_id or "req-" + self.core.ids.uuid("request")

    # -- links -------------------------------------------------------------------------------------------------------

    def base_url(self, request: NovaRequest) -> str:
        """Return the URL of the API of the request, for links: ``http://HOST:PORT/compute/v2.1``."""
        return f"{request.root_url.rstrip('/')}/{'v2' if request.legacy else 'v2.1'}"

    def bookmark_url(self, request: NovaRequest) -> str:
        """Return the same URL without the version, for ``bookmark`` links."""
        return request.root_url.rstrip("/")

    def links(self, request: NovaRequest, path: str) -> list[dict[str, str]]:
        """Return the links ``self`` and ``bookmark`` of a resource."""
        return [
            {"rel": "self", "href": f"{self.base_url(request)}/{path}"},
            {"rel": "bookmark", "href": f"{self.bookmark_url(request)}/{path}"},
        ]

    def next_page(self, request: NovaRequest, path: str, marker: str) -> list[dict[str, str]]:
        """Return the link to the page after ``marker``: the same query with another marker."""
        query = [(key, value) for key, value in request.args.items(multi=True) if key != "marker"]
        href = f"{self.base_url(request)}/{path}?{urlencode([*query, ('marker', marker)])}"
        return [{"rel": "next", "href": href}]

    # -- servers -----------------------------------------------------------------------------------------------------

    def unlocked_server(self, request: NovaRequest, server_id: str) -> Server:
        """Return the server with this id, which the caller may change.

        Raises:
            Missing: No server has this id, or the caller is not allowed to see it.
            Conflict: The server is locked, and the caller is not an admin.
        """
        server = self.nova.server(server_id, request.caller)
        check_lock(request, server)
        return server

    def require_project(self, project_id: str) -> None:
        """Check that a project of a request's body or path exists.

        Raises:
            Invalid: Keystone has no such project.
        """
        if not self.keystone.project_exists(project_id):
            raise Invalid(f"Project ID {project_id} is not a valid project.")

    def new_password(self) -> str:
        """Return a generated password; the cloud does not keep it."""
        stream = self.core.ids.stream("admin_password")
        return "".join(_PASSWORD_LETTERS[stream.getrandbits(16) % len(_PASSWORD_LETTERS)] for _ in range(12))


def check_lock(request: NovaRequest, server: Server) -> None:
    """Raise if a server is locked for the caller; admins may change locked servers.

    Raises:
        Conflict: The server is locked.
    """
    if server.locked_by is not None and not request.caller.is_admin:
        raise Conflict(f"Instance {server.id} is locked")
