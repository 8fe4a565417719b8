"""Cinder's HTTP API (Block Storage API v3) on a cloud without volumes.

Many clients do not start without block storage in the catalog, or ask it for a project's volumes and quotas on the way.
They get the versions, empty lists and limits of zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.service import Service, ServiceRequest, Version
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Response

LOWEST: Version = (3, 0)
HIGHEST: Version = (3, 71)
_FORM = re.compile(r"(0|[1-9][0-9]{0,9})\.(0|[1-9][0-9]{0,9})")

#: The id of a project in a path, which is optional.
_PROJECT = re.compile(r"(/v3)/[0-9a-f]{32}(?=/|$)")

#: The name of each collection in its path, and the key of its lists. Those of the second table are for admins.
LISTS = {
    "volumes": "volumes",
    "snapshots": "snapshots",
    "backups": "backups",
    "types": "volume_types",
    "groups": "groups",
    "group_types": "group_types",
    "group_snapshots": "group_snapshots",
    "attachments": "attachments",
    "messages": "messages",
    "volume-transfers": "transfers",
    "os-volume-transfer": "transfers",
    "extensions": "extensions",
}
ADMIN_LISTS = {
    "os-services": "services",
    "clusters": "clusters",
    "qos-specs": "qos_specs",
    "manageable_volumes": "manageable-volumes",
    "manageable_snapshots": "manageable-snapshots",
}
#: The largest numbers of a project, as its quotas name them. There is no room for anything.
QUOTAS = ("volumes", "snapshots", "gigabytes", "per_volume_gigabytes", "backups", "backup_gigabytes", "groups")
_ABSOLUTE = {
    "maxTotalVolumes": "totalVolumesUsed",
    "maxTotalSnapshots": "totalSnapshotsUsed",
    "maxTotalVolumeGigabytes": "totalGigabytesUsed",
    "maxTotalBackups": "totalBackupsUsed",
    "maxTotalBackupGigabytes": "totalBackupGigabytesUsed",
}
_FAULTS = {400: "badRequest", 401: "unauthorized", 403: "forbidden", 404: "itemNotFound", 413: "overLimit"}
_LIST = f"/v3/<any({', '.join(repr(name) for name in LISTS)}):collection>"
_ADMIN_LIST = f"/v3/<any({', '.join(repr(name) for name in ADMIN_LISTS)}):collection>"


class VolumeRequest(ServiceRequest):
    """A request to Cinder.

    Attributes:
        version: The microversion of the answer.
    """

    version: Version = LOWEST


class CinderApi(Service):
    """Cinder's HTTP API. Errors have Cinder's form: ``{"itemNotFound": {"code", "message"}}``."""

    request_class = VolumeRequest
    kind = "block-storage"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = _PROJECT.sub(r"\1", environ.get("PATH_INFO", ""), count=1)
        return super().__call__(environ, start_response)

    def before_routing(self, request: VolumeRequest) -> None:  # type: ignore[override]  # made by request_class
        super().before_routing(request)
        request.version = _version(request.headers.get("OpenStack-API-Version", ""))

    def finish(self, request: VolumeRequest, response: Response) -> None:  # type: ignore[override]
        super().finish(request, response)
        response.headers["OpenStack-API-Version"] = "volume {}.{}".format(*request.version)
        response.headers["Vary"] = "OpenStack-API-Version"

    def error_body(self, error: HttpError) -> Any:
        return {_FAULTS.get(error.status, "computeFault"): {"code": error.status, "message": error.message}}

    @route("GET", "/", public=True)
    def list_versions(self, request: VolumeRequest) -> Answer:
        """List the versions of the Block Storage API."""
        return 300, self._versions(request)

    @route("GET", "/v3", role="")
    def show_version(self, request: VolumeRequest) -> Answer:
        """Show version 3 of the Block Storage API."""
        return self._versions(request)

    def _versions(self, request: VolumeRequest) -> dict[str, Any]:
        version = {
            "id": "v3.0",
            "status": "CURRENT",
            "version": "{}.{}".format(*HIGHEST),
            "min_version": "{}.{}".format(*LOWEST),
            "updated": "2023-08-31T00:00:00Z",
            "links": [{"rel": "self", "href": f"{request.root_url.rstrip('/')}/v3/"}],
            "media-types": [{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}],
        }
        return {"versions": [version]}

    @route("GET", _LIST)
    @route("GET", f"{_LIST}/detail")
    def list_nothing(self, request: VolumeRequest, collection: str) -> Answer:
        """List the resources of a collection: there are none."""
        return {LISTS[collection]: []}

    @route("GET", _ADMIN_LIST, admin=True)
    @route("GET", f"{_ADMIN_LIST}/detail", admin=True)
    def list_nothing_to_admins(self, request: VolumeRequest, collection: str) -> Answer:
        """List the resources of a collection that only admins see: there are none."""
        return {ADMIN_LISTS[collection]: []}

    @route("GET", f"{_LIST}/<item_id>")
    @route("PUT", f"{_LIST}/<item_id>")
    @route("DELETE", f"{_LIST}/<item_id>")
    @route("POST", f"{_LIST}/<item_id>/action")
    def find_nothing(self, request: VolumeRequest, collection: str, item_id: str) -> Answer:
        """Answer 404: no such resource exists."""
        raise HttpError(404, f"{collection.rstrip('s').replace('_', ' ').capitalize()} {item_id} could not be found.")

    @route("POST", "/v3/volumes")
    def refuse_volume(self, request: VolumeRequest) -> Answer:
        """Refuse a new volume: the quota is zero."""
        raise HttpError(413, "VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'.")

    @route("GET", "/v3/volumes/summary")
    def summarize(self, request: VolumeRequest) -> Answer:
        """Show how many volumes there are."""
        return {"volume-summary": {"total_size": 0, "total_count": 0}}

    @route("GET", "/v3/scheduler-stats/get_pools", admin=True)
    def list_pools(self, request: VolumeRequest) -> Answer:
        """List the storage pools: there are none."""
        return {"pools": []}

    @route("GET", "/v3/os-availability-zone", role="")
    def list_zones(self, request: VolumeRequest) -> Answer:
        """List the availability zones."""
        return {"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": True}}]}

    @route("GET", "/v3/limits")
    def show_limits(self, request: VolumeRequest) -> Answer:
        """Show the limits of the caller's project."""
        numbers = {name: 0 for pair in _ABSOLUTE.items() for name in pair}
        return {"limits": {"rate": [], "absolute": numbers}}

    @route("GET", "/v3/os-quota-sets/<project_id>")
    @route("GET", "/v3/os-quota-sets/<project_id>/defaults")
    def show_quotas(self, request: VolumeRequest, project_id: str) -> Answer:
        """Show the quotas of a project, with their use if the query says ``usage``."""
        if project_id != request.caller.project_id and not request.caller.is_admin:
            raise self.forbidden(request)
        used = request.args.get("usage", "false").lower() in ("1", "t", "true", "yes")
        shown: object = {"limit": 0, "in_use": 0, "reserved": 0} if used else 0
        return {"quota_set": {"id": project_id, **dict.fromkeys(QUOTAS, shown)}}


def _version(header: str) -> Version:
    """Return the microversion that a request asks for; the lowest if it asks for none.

    Raises:
        HttpError: 400, the microversion is malformed; 406, it is not supported.
    """
    wanted = ""
    for part in header.split(","):
        service, _, number = part.strip().partition(" ")
        if service.lower() == "volume":
            wanted = number.strip()
    if not wanted:
        return LOWEST
    if wanted.lower() == "latest":
        return HIGHEST
    match = _FORM.fullmatch(wanted)
    if match is None:
        raise HttpError(400, f"API Version String {wanted} is of invalid format. Must be of format MajorNum.MinorNum.")
    version = (int(match[1]), int(match[2]))
    if not LOWEST <= version <= HIGHEST:
        lowest, highest = ("{}.{}".format(*bound) for bound in (LOWEST, HIGHEST))
        raise HttpError(
            406, f"Version {wanted} is not supported by the API. Minimum is {lowest} and maximum is {highest}."
        )
    return version
