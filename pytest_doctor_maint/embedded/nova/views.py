"""The JSON of servers, at each microversion."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from pytest_doctor_maint.embedded.nova.microversions import Version
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.server import Server, ServerFault
from pytest_doctor_maint.embedded.nova.service import NovaRequest

_WITH_PROGRESS = frozenset({"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"})
_WITH_FAULT = frozenset({"ERROR", "DELETED"})


def stamp(moment: datetime) -> str:
    """Return a time as ``2030-01-01T00:00:00Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def micros(moment: datetime | None) -> str | None:
    """Return a time as ``2030-01-01T00:00:00.000000``, None as None."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def digest(text: str) -> str:
    """Return the SHA-224 of a text."""
    return hashlib.sha224(text.encode()).hexdigest()


def host_id(server: Server) -> str:
    """Return what a project may know of its server's compute: the same value for all its servers on one compute."""
    return "" if server.host is None else digest(f"{server.project_id}{server.host}")


def links(request: NovaRequest, server_id: str) -> list[dict[str, str]]:
    """Return the links of a server."""
    root = request.root_url.rstrip("/")
    version = "v2" if request.legacy else "v2.1"
    return [
        {"rel": "self", "href": f"{root}/{version}/servers/{server_id}"},
        {"rel": "bookmark", "href": f"{root}/servers/{server_id}"},
    ]


def brief(request: NovaRequest, server: Server) -> dict[str, Any]:
    """Return a server as ``GET /servers`` lists it."""
    return {"id": server.id, "name": server.name, "links": links(request, server.id)}


def full(nova: Nova, request: NovaRequest, server: Server, *, listed: bool = False) -> dict[str, Any]:
    """Return a server with the details that the caller may see.

    Args:
        nova: Nova.
        request: The request; its microversion and its caller select the details.
        server: The server.
        listed: True for a listing, which leaves out the server groups.
    """
    version = request.version
    root = request.root_url.rstrip("/")
    status = server.status
    shown: dict[str, Any] = {
        "id": server.id,
        "name": server.name,
        "status": status,
        "tenant_id": server.project_id,
        "user_id": server.user_id,
        "metadata": server.metadata,
        "hostId": host_id(server),
        "image": "",
        "flavor": _flavor(server, root, version),
        "created": stamp(server.created_at),
        "updated": stamp(server.updated_at),
        "addresses": {} if server.deleted else nova.neutron.addresses(server.id),
        "accessIPv4": server.access_ipv4,
        "accessIPv6": server.access_ipv6,
        "links": links(request, server.id),
        "OS-DCF:diskConfig": server.disk_config,
        "OS-EXT-AZ:availability_zone": nova.zone_of(server.host) if server.host else server.zone or "",
        "config_drive": server.config_drive,
        "key_name": server.key_name,
        "OS-SRV-USG:launched_at": micros(server.launched_at),
        "OS-SRV-USG:terminated_at": micros(server.terminated_at),
        "OS-EXT-STS:task_state": server.task_state,
        "OS-EXT-STS:vm_state": "deleted" if server.deleted else server.vm_state,
        "OS-EXT-STS:power_state": server.power_state,
        "os-extended-volumes:volumes_attached": [],
    }
    if server.image_id is not None and not server.volume_backed:
        shown["image"] = {
            "id": server.image_id,
            "links": [{"rel": "bookmark", "href": f"{root}/images/{server.image_id}"}],
        }
    if status in _WITH_PROGRESS:
        shown["progress"] = 0
    if server.fault is not None and status in _WITH_FAULT:
        shown["fault"] = fault_view(server.fault, request.caller.is_admin)
    if server.host is not None and (groups := nova.neutron.security_groups_of(server.id)):
        shown["security_groups"] = [{"name": group["name"]} for group in groups]
    if request.caller.is_admin:
        shown |= _admin_fields(server, version)
    if version >= (2, 90):
        shown["OS-EXT-SRV-ATTR:hostname"] = server.hostname
    if version >= (2, 9):
        shown["locked"] = server.locked_by is not None
    if version >= (2, 73):
        shown["locked_reason"] = server.locked_reason
    if version >= (2, 16) and request.caller.is_admin:
        shown["host_status"] = host_status(nova, server)
    if version >= (2, 19):
        shown["description"] = server.description
    if version >= (2, 26):
        shown["tags"] = server.tags
    if version >= (2, 63):
        shown["trusted_image_certificates"] = server.trusted_certs
    if version >= (2, 71) and not listed:
        shown["server_groups"] = [server.group_id] if nova.groups.get(server.group_id) else []
    if version >= (2, 96):
        shown["pinned_availability_zone"] = server.zone if server.pinned else None
    return shown


def fault_view(fault: ServerFault, admin: bool) -> dict[str, Any]:
    """Return why a server is in ERROR; the details of an internal error are for admins only."""
    shown: dict[str, Any] = {"code": fault.code, "message": fault.message, "created": stamp(fault.created)}
    if fault.details and (admin or fault.code != 500):
        shown["details"] = fault.details
    return shown


def host_status(nova: Nova, server: Server) -> str:
    """Return the state of a server's compute: UP, MAINTENANCE (disabled), UNKNOWN, DOWN, or "" without a compute.

    The order is that of ``get_instance_host_status`` in nova/compute/api.py.
    """
    if server.host is None:
        return ""
    compute = nova.computes.get(server.host)
    if compute is None:
        return "UNKNOWN"
    if compute.forced_down:
        return "DOWN"
    if not compute.enabled:
        return "MAINTENANCE"
    return "UP" if compute.state == "up" else "UNKNOWN"


def _flavor(server: Server, root: str, version: Version) -> dict[str, Any]:
    flavor = server.flavor
    if version < (2, 47):
        return {"id": flavor.id, "links": [{"rel": "bookmark", "href": f"{root}/flavors/{flavor.id}"}]}
    return {
        "vcpus": flavor.vcpus,
        "ram": flavor.ram,
        "disk": flavor.disk,
        "ephemeral": flavor.ephemeral,
        "swap": flavor.swap,
        "original_name": flavor.name,
        "extra_specs": flavor.extra_specs,
    }


def _admin_fields(server: Server, version: Version) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "OS-EXT-SRV-ATTR:host": server.host,
        "OS-EXT-SRV-ATTR:hypervisor_hostname": server.host,
        "OS-EXT-SRV-ATTR:instance_name": f"instance-{server.id[:8]}",
    }
    if version >= (2, 3):
        shown |= {
            "OS-EXT-SRV-ATTR:reservation_id": server.reservation_id,
            "OS-EXT-SRV-ATTR:launch_index": server.launch_index,
            "OS-EXT-SRV-ATTR:hostname": server.hostname,
            "OS-EXT-SRV-ATTR:kernel_id": "",
            "OS-EXT-SRV-ATTR:ramdisk_id": "",
            "OS-EXT-SRV-ATTR:root_device_name": None if server.host is None else "/dev/vda",
            "OS-EXT-SRV-ATTR:user_data": server.user_data,
        }
    return shown


_UPDATED_LATER = frozenset(
    {
        "OS-EXT-AZ:availability_zone",
        "OS-EXT-SRV-ATTR:host",
        "OS-EXT-SRV-ATTR:hostname",
        "OS-EXT-SRV-ATTR:hypervisor_hostname",
        "OS-EXT-SRV-ATTR:instance_name",
        "OS-EXT-SRV-ATTR:kernel_id",
        "OS-EXT-SRV-ATTR:launch_index",
        "OS-EXT-SRV-ATTR:ramdisk_id",
        "OS-EXT-SRV-ATTR:reservation_id",
        "OS-EXT-SRV-ATTR:root_device_name",
        "OS-EXT-SRV-ATTR:user_data",
        "OS-EXT-STS:power_state",
        "OS-EXT-STS:task_state",
        "OS-EXT-STS:vm_state",
        "OS-SRV-USG:launched_at",
        "OS-SRV-USG:terminated_at",
        "config_drive",
        "host_status",
        "key_name",
        "os-extended-volumes:volumes_attached",
        "security_groups",
    }
)


def without_extended(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what updates and rebuilds show before 2.75; from then on they show the same as GET."""
    kept = {key: value for key, value in shown.items() if key not in _UPDATED_LATER}
    kept["addresses"] = {
        network: [{"version": item["version"], "addr": item["addr"]} for item in items]
        for network, items in shown["addresses"].items()
    }
    return kept
