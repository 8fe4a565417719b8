"""Nova's HTTP base: microversions, version documents, the form of errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.keystone.models import Keystone
from pytest_doctor_maint.embedded.neutron.errors import NeutronError
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing, NovaError, QuotaExceeded, Refused
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.service import Service, ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Response

    from pytest_doctor_maint.embedded.core import Core

Version = tuple[int, int]

LOWEST: Version = (2, 1)

_STATUS: Mapping[type[Exception], int] = {
    Invalid: 400,
    Refused: 403,
    QuotaExceeded: 403,
    Missing: 404,
    Conflict: 409,
}

#: How Nova calls an error of each HTTP status; all others are a ``computeFault``.
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

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)")

#: Paths of the legacy v2 API and paths with a project id in them mean the same as those of v2.1 without.
_LEGACY = re.compile(r"/v2(?:\.0)?(?=/|$)")
_PROJECT = re.compile(r"(/v2\.1)/[0-9a-f]{32}(?=/)")


class NovaRequest(ServiceRequest):
    """A request to Nova.

    Attributes:
        version: The microversion that the answer must have.
        now: When it came, UTC.
    """

    version: Version = LOWEST
    now: datetime

    @property
    def legacy(self) -> bool:
        """Whether it came to the v2 API, which knows no microversions."""
        return bool(self.environ.get("doctor_maint.nova.legacy"))


class NovaService(Service):
    """What all of Nova's routes share.

    They take two more options: ``min=(2, 10)`` and ``max=(2, 35)``; outside of these microversions the route is not
    there (404).
    """

    request_class = NovaRequest

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
        if not options.get("public"):
            request.version = self._negotiate(request)
            if not options.get("min", LOWEST) <= request.version <= options.get("max", self.highest):
                raise HttpError(404, "The resource could not be found.")
        try:
            return super().dispatch(request, handler, options, values)
        except NovaError as error:
            raise HttpError(_STATUS[type(error)], str(error)) from error
        except NeutronError as error:
            raise HttpError(error.status, error.message) from error

    def _negotiate(self, request: NovaRequest) -> Version:
        """The microversion that the request asks for; the lowest when it asks for none.

        Raises:
            HttpError: 400, it is none; 406, it is out of range.
        """
        if request.legacy:
            return LOWEST
        wanted = ""
        for part in request.headers.get("OpenStack-API-Version", "").split(","):
            service, _, number = part.strip().partition(" ")
            if service.lower() in ("compute", "nova"):
                wanted = number.strip()
        wanted = wanted or request.headers.get("X-OpenStack-Nova-API-Version", "").strip()
        if not wanted:
            return LOWEST
        if wanted.lower() == "latest":
            return self.highest
        match = _VERSION.fullmatch(wanted)
        if match is None:
            raise HttpError(
                400, f"API Version String {wanted} is of invalid format. Must be of format MajorNum.MinorNum."
            )
        version = (int(match[1]), int(match[2]))
        if not LOWEST <= version <= self.highest:
            raise HttpError(
                406,
                f"Version {wanted} is not supported by the API. Minimum is {dotted(LOWEST)} and maximum is "
                f"{dotted(self.highest)}.",
            )
        return version

    def finish(self, request: NovaRequest, response: Response) -> None:  # type: ignore[override]
        super().finish(request, response)
        response.headers["x-compute-request-id"] = request.request_id
        if not request.legacy:
            version = dotted(request.version)
            response.headers["OpenStack-API-Version"] = f"compute {version}"
            response.headers["X-OpenStack-Nova-API-Version"] = version
            response.headers.add("Vary", "OpenStack-API-Version")
            response.headers.add("Vary", "X-OpenStack-Nova-API-Version")

    def error_body(self, error: HttpError) -> Any:
        if error.status == 401:
            # Keystone's middleware answers this one, in its own form.
            return {"error": {"code": 401, "title": "Unauthorized", "message": error.message}}
        return {_FAULTS.get(error.status, "computeFault"): {"code": error.status, "message": error.message}}

    def base_url(self, request: NovaRequest) -> str:
        """The URL of the API that the request came to, for links: ``http://HOST:PORT/compute/v2.1``."""
        return f"{request.root_url.rstrip('/')}/{'v2' if request.legacy else 'v2.1'}"

    def bookmark_url(self, request: NovaRequest) -> str:
        """The same without a version, for ``bookmark`` links."""
        return request.root_url.rstrip("/")

    # -- version documents -------------------------------------------------------------------------------------------

    @route("GET", "/", public=True)
    def list_versions(self, request: NovaRequest) -> Answer:
        root = request.root_url.rstrip("/")
        return {"versions": [self._version(root, legacy=True), self._version(root, legacy=False)]}

    @route("GET", "/v2.1", public=True)
    def show_version(self, request: NovaRequest) -> Answer:
        document = self._version(request.root_url.rstrip("/"), legacy=request.legacy)
        document["links"].append(
            {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"},
        )
        base = "application/json"
        kind = f"application/vnd.openstack.compute+json;version={'2' if request.legacy else '2.1'}"
        document["media-types"] = [{"base": base, "type": kind}]
        return {"version": document}

    def _version(self, root: str, *, legacy: bool) -> dict[str, Any]:
        return {
            "id": "v2.0" if legacy else "v2.1",
            "status": "SUPPORTED" if legacy else "CURRENT",
            "version": "" if legacy else dotted(self.highest),
            "min_version": "" if legacy else dotted(LOWEST),
            "updated": "2011-01-21T11:33:21Z" if legacy else "2013-07-23T11:33:21Z",
            "links": [{"rel": "self", "href": f"{root}/{'v2' if legacy else 'v2.1'}/"}],
        }


def dotted(version: Version) -> str:
    """``2.96``."""
    return f"{version[0]}.{version[1]}"
