"""``/os-simple-tenant-usage``: what projects used over a period."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, PAGING, many, query
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.usage import ProjectUsage, ServerUsage, local_gb, usages
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, route
from pytest_doctor_maint.simtime.moments import parse_moment

_PERIOD = dict.fromkeys(("start", "end"), many(ANY_STRING))
_DETAILED = {"detailed": many(ANY_STRING)}
LIST = Schemas(
    query(_PERIOD, _DETAILED),
    {(2, 40): query(_PERIOD, _DETAILED, PAGING), (2, 75): query(_PERIOD, _DETAILED, PAGING, closed=True)},
)
SHOW = Schemas(query(_PERIOD), {(2, 40): query(_PERIOD, PAGING), (2, 75): query(_PERIOD, PAGING, closed=True)})

MAX_LIMIT = 1000


class UsageRoutes(NovaService):
    """``/os-simple-tenant-usage``."""

    @route("GET", "/v2.1/os-simple-tenant-usage", admin=True)
    def list_usage(self, request: NovaRequest) -> Answer:
        if request.path.endswith("/"):
            # This is the path of one project's usage, without the project.
            raise Missing("The resource could not be found.")
        args = request.valid_query(LIST)
        start, stop = self._period(request)
        found = usages(self.nova, start, stop)
        links: dict[str, Any] = {}
        if request.version >= (2, 40):
            found, links = self._page_of_usages(request, found, "os-simple-tenant-usage", "tenant_usages_links")
        detailed = args.get("detailed") == "1"
        return {"tenant_usages": [_project_usage(usage, start, stop, detailed) for usage in found], **links}

    @route("GET", "/v2.1/os-simple-tenant-usage/<project_id>")
    def show_usage(self, request: NovaRequest, project_id: str) -> Answer:
        request.valid_query(SHOW)
        if project_id != request.caller.project_id and not request.caller.is_admin:
            raise self.forbidden(request)
        start, stop = self._period(request)
        found = usages(self.nova, start, stop, project_id)
        links: dict[str, Any] = {}
        if request.version >= (2, 40):
            path = f"os-simple-tenant-usage/{project_id}"
            found, links = self._page_of_usages(request, found, path, "tenant_usage_links")
        return {"tenant_usage": _project_usage(found[0], start, stop, True) if found else {}, **links}

    def _page_of_usages(
        self, request: NovaRequest, found: list[ProjectUsage], path: str, links: str
    ) -> tuple[list[ProjectUsage], dict[str, Any]]:
        """Return a page of usages, and the link to the next one; limit and marker count servers of all projects."""
        servers = [(usage.project_id, server) for usage in found for server in usage.servers]
        if marker := request.args.get("marker"):
            ids = [usage.server.id for _, usage in servers]
            if marker not in ids:
                raise Invalid(f"marker [{marker}] not found")
            servers = servers[ids.index(marker) + 1 :]
        size = min(int(request.args.get("limit", 0)) or MAX_LIMIT, MAX_LIMIT)
        page: dict[str, ProjectUsage] = {}
        for project_id, usage in servers[:size]:
            page.setdefault(project_id, ProjectUsage(project_id)).servers.append(usage)
        if len(servers) <= size:
            return list(page.values()), {}
        args = {**request.args, "limit": size, "marker": servers[size - 1][1].server.id}
        rest = "&".join(f"{key}={value}" for key, value in args.items())
        return list(page.values()), {links: [{"rel": "next", "href": f"{self.base_url(request)}/{path}?{rest}"}]}

    def _period(self, request: NovaRequest) -> tuple[datetime, datetime]:
        """Return the period that a request asks for; by default the last four weeks."""
        start = _time(request, "start", request.now - timedelta(weeks=4))
        end = _time(request, "end", request.now)
        if start > end:
            raise Invalid("Invalid start time. The start time cannot occur after the end time.")
        return start, min(end, request.now)


def _time(request: NovaRequest, name: str, default: datetime) -> datetime:
    text = request.args.get(name)
    try:
        return parse_moment(text) if text else default
    except ValueError as error:
        raise Invalid(f"Invalid {name} time. The format is invalid.") from error


def _project_usage(usage: ProjectUsage, start: datetime, stop: datetime, detailed: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "tenant_id": usage.project_id,
        "start": micros(start),
        "stop": micros(stop),
        "total_hours": usage.hours,
        "total_vcpus_usage": usage.vcpus,
        "total_memory_mb_usage": usage.memory_mb,
        "total_local_gb_usage": usage.local_gb,
    }
    if detailed:
        shown["server_usages"] = [_server_usage(server) for server in usage.servers]
    return shown


def _server_usage(usage: ServerUsage) -> dict[str, Any]:
    server = usage.server
    return {
        "instance_id": server.id,
        "name": server.name,
        "tenant_id": server.project_id,
        "flavor": server.flavor.name,
        "vcpus": server.flavor.vcpus,
        "memory_mb": server.flavor.ram,
        "local_gb": local_gb(server),
        "hours": usage.hours,
        "uptime": usage.uptime,
        "started_at": micros(server.launched_at),
        "ended_at": micros(server.terminated_at),
        "state": "terminated" if server.terminated_at is not None else server.vm_state,
    }
