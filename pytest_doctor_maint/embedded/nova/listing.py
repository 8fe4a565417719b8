"""Listings of servers: filters, order, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Invalid, Refused
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.server import Server, vm_states_of
from pytest_doctor_maint.embedded.nova.server_schemas import LIST
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.embedded.nova.values import moment, query_boolean
from pytest_doctor_maint.embedded.patterns import Pattern

MOST = 1000
"""The largest number of servers on a page."""

Test = Callable[[Server], bool]
"""Returns True for a server that a filter lets through."""

#: Sort keys of the API, and the values behind them. Keys that Nova ignores have no entry.
_KEYS: Mapping[str, Callable[[Server], Any]] = {
    "access_ip_v4": attrgetter("access_ipv4"),
    "access_ip_v6": attrgetter("access_ipv6"),
    "auto_disk_config": attrgetter("disk_config"),
    "availability_zone": attrgetter("zone"),
    "config_drive": attrgetter("config_drive"),
    "created_at": attrgetter("created_at"),
    "display_description": attrgetter("description"),
    "display_name": attrgetter("name"),
    "host": attrgetter("host"),
    "hostname": attrgetter("hostname"),
    "image_ref": attrgetter("image_id"),
    "instance_type_id": attrgetter("flavor.id"),
    "kernel_id": lambda server: "",
    "key_name": attrgetter("key_name"),
    "launch_index": attrgetter("launch_index"),
    "launched_at": attrgetter("launched_at"),
    "locked": lambda server: server.locked_by is not None,
    "locked_by": attrgetter("locked_by"),
    "node": attrgetter("host"),
    "power_state": attrgetter("power_state"),
    "progress": lambda server: 0,
    "project_id": attrgetter("project_id"),
    "ramdisk_id": lambda server: "",
    "root_device_name": lambda server: "/dev/vda",
    "task_state": attrgetter("task_state"),
    "terminated_at": attrgetter("terminated_at"),
    "updated_at": attrgetter("updated_at"),
    "user_id": attrgetter("user_id"),
    "uuid": attrgetter("id"),
    "vm_state": attrgetter("vm_state"),
}
_ADMIN_KEYS = frozenset({"host", "node"})


def _eq(attribute: str) -> Callable[[str], Test]:
    read = attrgetter(attribute)
    return lambda value: lambda server: read(server) == value


def _tags(value: str) -> list[str]:
    return [tag for tag in value.split(",") if tag]


_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "image": _eq("image_id"),
    "flavor": lambda value: lambda server: server.flavor.id == value.rstrip("/").rsplit("/", 1)[-1],
}
_TAG_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "tags": lambda value: lambda server: all(tag in server.tags for tag in _tags(value)),
    "tags-any": lambda value: lambda server: any(tag in server.tags for tag in _tags(value)),
    "not-tags": lambda value: lambda server: not all(tag in server.tags for tag in _tags(value)),
    "not-tags-any": lambda value: lambda server: not any(tag in server.tags for tag in _tags(value)),
}
_ADMIN_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "host": _eq("host"),
    "project_id": _eq("project_id"),
    "tenant_id": _eq("project_id"),
    "uuid": _eq("id"),
    "root_device_name": lambda value: lambda server: value == "/dev/vda",
    "kernel_id": lambda value: lambda server: value == "",
    "ramdisk_id": lambda value: lambda server: value == "",
    "progress": lambda value: lambda server: value == "0",
}
#: Filters that only admins can use before 2.83.
_LATER_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "config_drive": lambda value: lambda server: bool(server.config_drive) == query_boolean(value),
    "created_at": lambda value: lambda server: server.created_at == _time("created_at", value),
    "launched_at": lambda value: lambda server: server.launched_at == _time("launched_at", value),
    "power_state": lambda value: lambda server: str(server.power_state) == value,
    "task_state": _eq("task_state"),
    "vm_state": _eq("vm_state"),
    "user_id": _eq("user_id"),
}

#: Filters by regular expressions, and the attributes that they search in (``_regex_instance_filter`` in
#: nova/db/main/api.py). Small and capital letters are alike, as with MySQL's usual collation.
_PATTERNS: Mapping[str, str] = {"name": "name", "reservation_id": "reservation_id"}
_ADMIN_PATTERNS: Mapping[str, str] = {
    "display_name": "name",
    "node": "host",
    "hostname": "hostname",
    "access_ip_v4": "access_ipv4",
    "access_ip_v6": "access_ipv6",
    "description": "description",
    "display_description": "description",
}
#: Further ones that only admins can use before 2.83.
_LATER_PATTERNS: Mapping[str, str] = {"availability_zone": "zone", "key_name": "key_name"}


def _time(name: str, value: str) -> datetime:
    try:
        return moment(value)
    except ValueError as error:
        raise Invalid(
            f"Invalid input for query parameters {name}. Value: {value}. It must be an ISO 8601 time."
        ) from error


def find(nova: Nova, request: NovaRequest) -> list[Server]:
    """Return the servers that a request's query asks for, in the requested order; all pages of them.

    The caller must not hold the core's lock: patterns take time, and are matched without it.

    Raises:
        Invalid: A query parameter is malformed.
        Refused: The query is for admins only.
    """
    request.valid_query(LIST)
    everybody = _all_projects(request)
    patterns = _patterns(request)
    with nova.core.lock:
        tests = [*_tests(nova, request), *_period(request)]
        if not everybody:
            own = request.caller.project_id
            tests.append(lambda server: server.project_id == own)
        found = [server for server in _pool(nova, request) if all(test(server) for test in tests)]
        texts = [[read(server) or "" for read, _ in patterns] for server in found]
    matching = [
        server
        for server, read in zip(found, texts, strict=True)
        if all(pattern.is_in(text) for text, (_, pattern) in zip(read, patterns, strict=True))
    ]
    return _sorted(request, matching)


def _patterns(request: NovaRequest) -> list[tuple[Callable[[Server], str | None], Pattern]]:
    """Return the patterns of a query, each with the attribute that it is searched in."""
    known = dict(_PATTERNS)
    if request.caller.is_admin:
        known |= _ADMIN_PATTERNS
    if request.caller.is_admin or request.version >= (2, 83):
        known |= _LATER_PATTERNS
    return [
        (attrgetter(known[name]), Pattern(request.args[name], ignore_case=True))
        for name in request.args
        if name in known
    ]


def _pool(nova: Nova, request: NovaRequest) -> Iterable[Server]:
    """Return the servers among which a query searches: those that are not deleted, the deleted ones, or both."""
    args, admin = request.args, request.caller.is_admin
    statuses = args.getlist("status")
    states = {state for status in statuses for state in vm_states_of(status.upper())}
    if statuses and not states and request.version >= (2, 38):
        raise Invalid("Invalid status value")
    if "deleted" in states or "deleted" in args.getlist("vm_state"):
        if not admin:
            raise Refused("Only administrators may list deleted instances")
        return nova.gone.values()
    deleted = query_boolean(args["deleted"]) if admin and args.get("deleted") else None
    if deleted:
        return nova.gone.values()
    in_period = "changes-since" in args or ("changes-before" in args and request.version >= (2, 66))
    if in_period and deleted is None:
        return [*nova.servers.values(), *nova.gone.values()]
    if admin and args.get("host") in nova.computes:
        # The usual request of an admin tool, answered without reading all servers.
        return nova.computes[args["host"]].servers.values()
    return nova.servers.values()


def _all_projects(request: NovaRequest) -> bool:
    value = request.args.get("all_tenants")
    if value is None or (value and not query_boolean(value)):
        return False
    if not request.caller.is_admin:
        raise Refused("Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed.")
    return True


def _period(request: NovaRequest) -> Iterable[Test]:
    args = request.args
    since = _time("changes-since", args["changes-since"]) if "changes-since" in args else None
    if since is not None:
        yield lambda server: server.updated_at >= since
    if "changes-before" in args and request.version >= (2, 66):
        before = _time("changes-before", args["changes-before"])
        if since is not None and before < since:
            raise Invalid("The value of changes-since must be less than or equal to changes-before.")
        yield lambda server: server.updated_at <= before


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
            yield _status(request.args.getlist("status"))
        elif name == "locked" and request.version >= (2, 73):
            yield _locked(query_boolean(value))
    if addresses := [request.args[name] for name in ("ip", "ip6") if request.args.get(name)]:
        yield _address(nova, addresses)


def _status(statuses: list[str]) -> Test:
    wanted = {status.upper() for status in statuses}
    return lambda server: server.status in wanted


def _locked(wanted: bool) -> Test:
    return lambda server: (server.locked_by is not None) == wanted


def _address(nova: Nova, parts: list[str]) -> Test:
    """Return the filters ``ip`` and ``ip6``: a server has an address with one of the parts.

    Nova hands them to Neutron as parts of addresses, not as patterns, if Neutron can filter so
    (``_ip_filter_using_neutron`` in nova/compute/api.py).
    """

    def test(server: Server) -> bool:
        addresses = nova.neutron.addresses(server.id).values()
        return any(part in item["addr"] for items in addresses for item in items for part in parts)

    return test


def _sorted(request: NovaRequest, servers: list[Server]) -> list[Server]:
    keys = request.args.getlist("sort_key") or ["created_at", "uuid"]
    directions = request.args.getlist("sort_dir") or ["desc"]
    directions += [directions[-1]] * (len(keys) - len(directions))
    if not set(directions) <= {"asc", "desc"}:
        raise Invalid("Invalid input for query parameters sort_dir. It must be asc or desc.")
    for key in keys:
        if key in _ADMIN_KEYS and not request.caller.is_admin:
            raise Refused(f"Policy doesn't allow sorting by {key}.")
    # The last key first: sorting is stable.
    for key, direction in reversed(list(zip(keys, directions, strict=False))):
        if key in _KEYS:
            servers.sort(key=_rank(_KEYS[key]), reverse=direction == "desc")
    return servers


def _rank(read: Callable[[Server], Any]) -> Callable[[Server], tuple[bool, Any]]:
    """Return a sort key in which None comes before all other values."""

    def rank(server: Server) -> tuple[bool, Any]:
        value = read(server)
        return (value is not None, value if value is not None else "")

    return rank
