"""Listing servers: filters, order, pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from pytest_doctor_maint.embedded.nova.body import boolean
from pytest_doctor_maint.embedded.nova.errors import Invalid, Refused
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.server import Server, vm_states_of
from pytest_doctor_maint.embedded.nova.versions import NovaRequest

MOST = 1000
"""How many servers a page has at most."""

Test = Callable[[Server], bool]

#: Sort keys of the API, and what they read.
_KEYS: Mapping[str, Callable[[Server], Any]] = {
    "access_ip_v4": attrgetter("access_ipv4"),
    "access_ip_v6": attrgetter("access_ipv6"),
    "availability_zone": attrgetter("zone"),
    "config_drive": attrgetter("config_drive"),
    "created_at": attrgetter("created_at"),
    "display_description": attrgetter("description"),
    "display_name": attrgetter("name"),
    "host": attrgetter("host"),
    "hostname": attrgetter("hostname"),
    "image_ref": attrgetter("image_id"),
    "instance_type_id": attrgetter("flavor.id"),
    "key_name": attrgetter("key_name"),
    "launch_index": attrgetter("launch_index"),
    "launched_at": attrgetter("launched_at"),
    "locked_by": attrgetter("locked_by"),
    "node": attrgetter("host"),
    "power_state": attrgetter("power_state"),
    "progress": lambda server: 0,
    "project_id": attrgetter("project_id"),
    "root_device_name": lambda server: "/dev/vda",
    "task_state": attrgetter("task_state"),
    "terminated_at": attrgetter("terminated_at"),
    "updated_at": attrgetter("updated_at"),
    "user_id": attrgetter("user_id"),
    "uuid": attrgetter("id"),
    "vm_state": attrgetter("vm_state"),
}
_KEYS = {
    **_KEYS,
    "auto_disk_config": attrgetter("disk_config"),
    "name": _KEYS["display_name"],
    "id": _KEYS["uuid"],
    "description": _KEYS["display_description"],
}
_ADMIN_KEYS = frozenset({"host", "node"})


def _eq(attribute: str) -> Callable[[str], Test]:
    read = attrgetter(attribute)
    return lambda value: lambda server: read(server) == value


def _regex(attribute: str) -> Callable[[str], Test]:
    read = attrgetter(attribute)

    def make(value: str) -> Test:
        try:
            pattern = re.compile(value, re.IGNORECASE)
        except re.error as error:
            raise Invalid(f"Invalid input received: Invalid regex {value!r}: {error}") from error
        return lambda server: pattern.search(read(server) or "") is not None

    return make


def _tags(value: str) -> list[str]:
    return [tag for tag in value.split(",") if tag]


_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "name": _regex("name"),
    "image": _eq("image_id"),
    "flavor": lambda value: lambda server: server.flavor.id == value.rstrip("/").rsplit("/", 1)[-1],
    "reservation_id": _eq("reservation_id"),
}
_TAG_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "tags": lambda value: lambda server: all(tag in server.tags for tag in _tags(value)),
    "tags-any": lambda value: lambda server: any(tag in server.tags for tag in _tags(value)),
    "not-tags": lambda value: lambda server: not all(tag in server.tags for tag in _tags(value)),
    "not-tags-any": lambda value: lambda server: not any(tag in server.tags for tag in _tags(value)),
}
_ADMIN_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "host": _eq("host"),
    "node": _eq("host"),
    "hostname": _eq("hostname"),
    "project_id": _eq("project_id"),
    "tenant_id": _eq("project_id"),
    "uuid": _eq("id"),
    "access_ip_v4": _regex("access_ipv4"),
    "access_ip_v6": _regex("access_ipv6"),
    "description": _regex("description"),
    "display_description": _regex("description"),
    "root_device_name": lambda value: lambda server: value == "/dev/vda",
    "kernel_id": lambda value: lambda server: value == "",
    "ramdisk_id": lambda value: lambda server: value == "",
    "progress": lambda value: lambda server: value == "0",
}
#: Filters of admins that everybody has from 2.83 on.
_LATER_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "availability_zone": _eq("zone"),
    "config_drive": lambda value: lambda server: bool(server.config_drive) == bool(boolean("config_drive", value)),
    "key_name": _eq("key_name"),
    "created_at": lambda value: lambda server: server.created_at == moment("created_at", value),
    "launched_at": lambda value: lambda server: server.launched_at == moment("launched_at", value),
    "power_state": lambda value: lambda server: str(server.power_state) == value,
    "task_state": _eq("task_state"),
    "vm_state": _eq("vm_state"),
    "user_id": _eq("user_id"),
}


def moment(name: str, value: str) -> datetime:
    """An ISO 8601 time; UTC unless it says otherwise.

    Raises:
        Invalid: It is none.
    """
    try:
        found = datetime.fromisoformat(value.strip().replace(" ", "+") if "T" in value else value.strip())
    except ValueError as error:
        raise Invalid(
            f"Invalid input for query parameters {name}. Value: {value}. It must be an ISO 8601 time."
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def find(nova: Nova, request: NovaRequest) -> list[Server]:
    """The servers that the request's query asks for, in its order; all pages of them.

    Raises:
        Invalid: A value makes no sense.
        Refused: Only admins may ask so.
    """
    args, admin = request.args, request.caller.is_admin
    everybody = _all_projects(request)
    pool: Iterable[Server] = nova.servers.values()
    gone = boolean("deleted", args["deleted"]) if admin and args.get("deleted") else None
    since = moment("changes-since", args["changes-since"]) if "changes-since" in args else None
    before = None
    if "changes-before" in args and request.version >= (2, 66):
        before = moment("changes-before", args["changes-before"])
        if since is not None and before < since:
            raise Invalid("The value of changes-since must be less than or equal to changes-before.")
    if gone:
        pool = nova.gone.values()
    elif (since is not None or before is not None) and gone is None:
        pool = [*nova.servers.values(), *nova.gone.values()]
    if "status" in args or "vm_state" in args:
        wanted = [state for status in args.getlist("status") for state in vm_states_of(status.upper())]
        if "deleted" in wanted or "deleted" in args.getlist("vm_state"):
            if not admin:
                raise Refused("Only administrators may list deleted instances")
            pool = nova.gone.values()
        elif admin and args.get("host") in nova.computes and gone is None and since is None:
            pool = nova.computes[args["host"]].servers.values()
    elif admin and args.get("host") in nova.computes and gone is None and since is None and before is None:
        # The usual question of an admin tool, answered without a look at all servers.
        pool = nova.computes[args["host"]].servers.values()
    tests = list(_tests(nova, request))
    if not everybody:
        own = request.caller.project_id
        tests.append(lambda server: server.project_id == own)
    if since is not None:
        tests.append(lambda server: server.updated_at >= since)
    if before is not None:
        tests.append(lambda server: server.updated_at <= before)
    return _sorted(request, [server for server in pool if all(test(server) for test in tests)])


def _all_projects(request: NovaRequest) -> bool:
    value = request.args.get("all_tenants", request.args.get("all_projects"))
    if value is None:
        return False
    if not (value == "" or boolean("all_tenants", value)):
        return False
    if not request.caller.is_admin:
        raise Refused("Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed.")
    return True


def _tests(nova: Nova, request: NovaRequest) -> Iterable[Test]:
    known = dict(_FILTERS)
    if request.version >= (2, 26):
        known |= _TAG_FILTERS
    if request.caller.is_admin:
        known |= _ADMIN_FILTERS
    if request.caller.is_admin or request.version >= (2, 83):
        known |= _LATER_FILTERS
    for name in request.args:
        value = request.args[name]
        if name in known:
            yield known[name](value)
        elif name == "status":
            statuses = [status.upper() for status in request.args.getlist("status")]
            yield lambda server, statuses=statuses: server.status in statuses  # type: ignore[misc]
        elif name in ("ip", "ip6"):
            yield _address(nova, value, 4 if name == "ip" else 6)
        elif name == "locked" and request.version >= (2, 73):
            locked = boolean("locked", value)
            yield lambda server, locked=locked: (server.locked_by is not None) == locked  # type: ignore[misc]


def _address(nova: Nova, value: str, version: int) -> Test:
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise Invalid(f"Invalid input received: Invalid regex {value!r}: {error}") from error

    def test(server: Server) -> bool:
        addresses = nova.neutron.addresses(server.id).values()
        return any(item["version"] == version and pattern.search(item["addr"]) for items in addresses for item in items)

    return test


def _sorted(request: NovaRequest, servers: list[Server]) -> list[Server]:
    keys = request.args.getlist("sort_key") or ["created_at", "uuid"]
    directions = request.args.getlist("sort_dir") or ["desc"]
    directions += [directions[-1]] * (len(keys) - len(directions))
    if not set(directions) <= {"asc", "desc"}:
        raise Invalid("Invalid input for query parameters sort_dir. It must be asc or desc.")
    for key in keys:
        if key not in _KEYS:
            raise Invalid(f"Invalid input for query parameters sort_key. Value: {key}.")
        if key in _ADMIN_KEYS and not request.caller.is_admin:
            raise Refused(f"Policy doesn't allow sorting by {key}.")
    # The last key first: sorting is stable.
    for key, direction in reversed(list(zip(keys, directions, strict=False))):
        read = _KEYS[key]
        servers.sort(key=lambda server, read=read: _rank(read(server)), reverse=direction == "desc")  # type: ignore[misc]
    return servers


def _rank(value: Any) -> tuple[bool, Any]:
    """What is not there comes first."""
    return (value is not None, value if value is not None else "")
