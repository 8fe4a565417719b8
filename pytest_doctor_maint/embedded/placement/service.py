"""The base of Placement's routes: microversions, the form of errors, and access for admins only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.placement.providers import providers
from pytest_doctor_maint.embedded.service import Authenticator, Service, ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

Version = tuple[int, int]
LOWEST: Version = (1, 0)
HIGHEST: Version = (1, 39)
GENERATION = 1
"""The generation of every provider and consumer: none can be changed through this API, so none is ever stale."""


class PlacementRequest(ServiceRequest):
    """A request to Placement.

    Attributes:
        version: The microversion of the answer.
    """

    version: Version = LOWEST


class PlacementService(Service):
    """The base of Placement's routes. Their option ``min=(1, 6)`` is the microversion from which on they exist."""

    request_class = PlacementRequest
    kind = "placement"
    reading_role = writing_role = "service"
    microversions = (LOWEST, HIGHEST)

    def __init__(self, core: Core, keystone: Authenticator, nova: Nova) -> None:
        super().__init__(core, keystone)
        self.nova = nova

    def dispatch(
        self,
        request: PlacementRequest,  # type: ignore[override]  # made by request_class
        handler: Callable[..., Answer],
        options: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> Answer:
        if not options.get("public"):
            request.version = _version(request)
            if request.version < options.get("min", LOWEST):
                raise HttpError(404, "The resource could not be found.")
        return super().dispatch(request, handler, options, values)

    def finish(self, request: PlacementRequest, response: Response) -> None:  # type: ignore[override]
        super().finish(request, response)
        response.headers["OpenStack-API-Version"] = "placement {}.{}".format(*request.version)
        response.headers["Vary"] = "openstack-api-version"
        if request.version >= (1, 15) and response.status_code in (200, 204):
            response.headers["Cache-Control"] = "no-cache"
            response.last_modified = self.core.clock.now()

    def error_response(self, request: PlacementRequest, error: HttpError) -> Response:
        """Return an error in the form of the API guidelines: with the request id, and from 1.23 on with a code."""
        shown = {
            "status": error.status,
            "title": HTTPStatus(error.status).phrase,
            "detail": error.message,
            "request_id": request.request_id,
        }
        if request.version >= (1, 23):
            shown["code"] = error.kind or "placement.undefined_code"
        if error.status == 406:
            shown["min_version"], shown["max_version"] = ("{}.{}".format(*version) for version in (LOWEST, HIGHEST))
        return self.response((error.status, {"errors": [shown]}, error.headers))

    def forbidden(self, request: ServiceRequest) -> HttpError:
        return HttpError(403, "Policy does not allow this request to be performed.")

    def provider(self, uuid: str) -> Compute:
        """Return the resource provider with this uuid.

        Raises:
            HttpError: 404, no resource provider has this uuid.
        """
        for compute in providers(self.nova):
            if compute.uuid == uuid.lower():
                return compute
        raise HttpError(404, f"No resource provider with uuid {uuid} found")


def _version(request: PlacementRequest) -> Version:
    """Return the microversion of a request.

    Raises:
        HttpError: 400, the header is malformed; 406, the microversion is not supported.
    """
    wanted = ""
    for part in request.headers.get("OpenStack-API-Version", "").split(","):
        service, _, version = part.strip().partition(" ")
        if service.lower() == "placement":
            wanted = version.strip()
    if not wanted:
        return LOWEST
    if wanted.lower() == "latest":
        return HIGHEST
    match = re.fullmatch(r"([0-9]{1,4})\.([0-9]{1,4})", wanted)
    if match is None:
        raise HttpError(400, f"invalid version string: {wanted}")
    version_asked = (int(match[1]), int(match[2]))
    if not LOWEST <= version_asked <= HIGHEST:
        raise HttpError(406, f"Unacceptable version header: {wanted}")
    return version_asked
