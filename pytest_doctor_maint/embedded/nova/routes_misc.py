"""Nova's smaller resources: usage reports, extensions, events from other services, and what is no longer there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_doctor_maint.embedded.nova import body as read
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.usage import ProjectUsage, ServerUsage, local_gb, usages
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

#: The extensions that Nova still names: alias and name. All of them are part of the API itself today.
EXTENSIONS = (
    ("NMN", "Multinic"),
    ("OS-DCF", "DiskConfig"),
    ("OS-EXT-AZ", "ExtendedAvailabilityZone"),
    ("OS-EXT-IPS", "ExtendedIps"),
    ("OS-EXT-IPS-MAC", "ExtendedIpsMac"),
    ("OS-EXT-SRV-ATTR", "ExtendedServerAttributes"),
    ("OS-EXT-STS", "ExtendedStatus"),
    ("OS-FLV-DISABLED", "FlavorDisabled"),
    ("OS-FLV-EXT-DATA", "FlavorExtraData"),
    ("OS-SRV-USG", "ServerUsage"),
    ("flavors", "Flavors"),
    ("image-metadata", "ImageMetadata"),
    ("image-size", "ImageSize"),
    ("images", "Images"),
    ("ips", "Ips"),
    ("limits", "Limits"),
    ("os-admin-actions", "AdminActions"),
    ("os-aggregates", "Aggregates"),
    ("os-attach-interfaces", "AttachInterfaces"),
    ("os-availability-zone", "AvailabilityZone"),
    ("os-console-output", "ConsoleOutput"),
    ("os-consoles", "Consoles"),
    ("os-create-backup", "CreateBackup"),
    ("os-deferred-delete", "DeferredDelete"),
    ("os-evacuate", "Evacuate"),
    ("os-extended-quotas", "ExtendedQuotas"),
    ("os-extended-services", "ExtendedServices"),
    ("os-extended-services-delete", "ExtendedServicesDelete"),
    ("os-flavor-access", "FlavorAccess"),
    ("os-flavor-extra-specs", "FlavorExtraSpecs"),
    ("os-flavor-manage", "FlavorManage"),
    ("os-flavor-rxtx", "FlavorRxtx"),
    ("os-flavor-swap", "FlavorSwap"),
    ("os-hosts", "Hosts"),
    ("os-hypervisors", "Hypervisors"),
    ("os-instance-actions", "InstanceActions"),
    ("os-keypairs", "Keypairs"),
    ("os-lock-server", "LockServer"),
    ("os-migrate-server", "MigrateServer"),
    ("os-migrations", "Migrations"),
    ("os-multiple-create", "MultipleCreate"),
    ("os-pause-server", "PauseServer"),
    ("os-quota-class-sets", "QuotaClasses"),
    ("os-quota-sets", "Quotas"),
    ("os-rescue", "Rescue"),
    ("os-scheduler-hints", "SchedulerHints"),
    ("os-remote-consoles", "Consoles"),
    ("os-server-diagnostics", "ServerDiagnostics"),
    ("os-server-external-events", "ServerExternalEvents"),
    ("os-server-groups", "ServerGroups"),
    ("os-server-start-stop", "ServerStartStop"),
    ("os-services", "Services"),
    ("os-shelve", "Shelve"),
    ("os-simple-tenant-usage", "SimpleTenantUsage"),
    ("os-suspend-server", "SuspendServer"),
    ("os-used-limits", "UsedLimits"),
    ("os-user-data", "UserData"),
    ("server-metadata", "ServerMetadata"),
    ("servers", "Servers"),
    ("versions", "Versions"),
)
EVENT_NAMES = (
    "network-changed",
    "network-vif-plugged",
    "network-vif-unplugged",
    "network-vif-deleted",
    "volume-extended",
    "volume-reimaged",
    "power-update",
    "accelerator-request-bound",
)
EVENT = {
    "name": read.one_of(*EVENT_NAMES),
    "server_uuid": read.text(),
    "status": read.one_of("failed", "completed", "in-progress"),
    "tag": read.text(0),
}
#: Resources that the API gave up for good.
GONE = ("os-agents", "os-cells", "os-certificates", "os-cloudpipe", "os-fping", "os-virtual-interfaces")
MAX_LIMIT = 1000


class MiscRoutes(NovaService):
    """``/os-simple-tenant-usage``, ``/extensions``, ``/os-server-external-events``, and paths that answer 410."""

    @route("GET", "/v2.1/os-simple-tenant-usage", admin=True)
    def list_usage(self, request: NovaRequest) -> Answer:
        if request.path.endswith("/"):
            # The path of one project's usage, without the project.
            raise Missing("The resource could not be found.")
        start, stop = self._usage_period(request)
        detailed = request.args.get("detailed") == "1"
        found = usages(self.nova, start, stop)
        body: dict[str, Any] = {}
        if request.version >= (2, 40):
            found, body = self._usages_paged(request, found, "os-simple-tenant-usage", "tenant_usages_links")
        return {"tenant_usages": [self._project_usage(usage, start, stop, detailed) for usage in found], **body}

    @route("GET", "/v2.1/os-simple-tenant-usage/<project_id>")
    def show_usage(self, request: NovaRequest, project_id: str) -> Answer:
        if project_id != request.caller.project_id and not request.caller.is_admin:
            raise self.forbidden(request)
        start, stop = self._usage_period(request)
        found = usages(self.nova, start, stop, project_id)
        body: dict[str, Any] = {}
        if request.version >= (2, 40):
            found, body = self._usages_paged(
                request, found, f"os-simple-tenant-usage/{project_id}", "tenant_usage_links"
            )
        return {"tenant_usage": self._project_usage(found[0], start, stop, detailed=True) if found else {}, **body}

    def _usages_paged(
        self, request: NovaRequest, found: list[ProjectUsage], path: str, links: str
    ) -> tuple[list[ProjectUsage], dict[str, Any]]:
        """A page of servers' usages: limit and marker count servers, across projects."""
        servers = [(usage.project_id, server) for usage in found for server in usage.servers]
        limit = request.args.get("limit", str(MAX_LIMIT))
        if not limit.isdecimal():
            raise HttpError(400, "limit param must be an integer from 0")
        if marker := request.args.get("marker"):
            ids = [usage.server.id for _, usage in servers]
            if marker not in ids:
                raise Invalid(f"marker [{marker}] not found")
            servers = servers[ids.index(marker) + 1 :]
        size = min(int(limit) or MAX_LIMIT, MAX_LIMIT)
        page: dict[str, ProjectUsage] = {}
        for project_id, usage in servers[:size]:
            page.setdefault(project_id, ProjectUsage(project_id)).servers.append(usage)
        if len(servers) <= size:
            return list(page.values()), {}
        args = {**request.args, "limit": size, "marker": servers[size - 1][1].server.id}
        query = "&".join(f"{key}={value}" for key, value in args.items())
        return list(page.values()), {links: [{"rel": "next", "href": f"{self.base_url(request)}/{path}?{query}"}]}

    def _usage_period(self, request: NovaRequest) -> tuple[datetime, datetime]:
        """The period asked for: by default the last four weeks."""
        now = self.core.clock.now()
        times = []
        for name, default in (("start", now - timedelta(weeks=4)), ("end", now)):
            try:
                text = request.args.get(name)
                moment = datetime.fromisoformat(text) if text else default
            except ValueError as error:
                raise Invalid(f"Invalid {name} time. The format is invalid.") from error
            times.append(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
        start, stop = times[0], min(times[1], now)
        if times[0] > times[1]:
            raise Invalid("Invalid start time. The start time cannot occur after the end time.")
        return start, stop

    def _project_usage(self, usage: ProjectUsage, start: datetime, stop: datetime, detailed: bool) -> dict[str, Any]:
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
            shown["server_usages"] = [self._server_usage(server) for server in usage.servers]
        return shown

    def _server_usage(self, usage: ServerUsage) -> dict[str, Any]:
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

    # -- extensions --------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/extensions")
    def list_extensions(self, request: NovaRequest) -> Answer:
        return {"extensions": [self._extension(alias, name) for alias, name in EXTENSIONS]}

    @route("GET", "/v2.1/extensions/<alias>")
    def show_extension(self, request: NovaRequest, alias: str) -> Answer:
        names = dict(EXTENSIONS)
        if alias not in names:
            raise Missing("The resource could not be found.")
        return {"extension": self._extension(alias, names[alias])}

    def _extension(self, alias: str, name: str) -> dict[str, Any]:
        return {
            "alias": alias,
            "name": name,
            "description": f"{name}.",
            "namespace": "http://docs.openstack.org/compute/ext/fake_xml",
            "updated": "2014-12-03T00:00:00Z",
            "links": [],
        }

    # -- events from other services ----------------------------------------------------------------------------------

    @route("POST", "/v2.1/os-server-external-events")
    def create_external_events(self, request: NovaRequest) -> Answer:
        if not (request.caller.is_admin or "service" in request.caller.roles):
            raise self.forbidden(request)
        body = request.json_object()
        if list(body) != ["events"] or not isinstance(body["events"], list) or not body["events"]:
            raise Invalid("Invalid input received: the body must be {'events': [{…}, …]}")
        events = [read.section({"event": event}, "event", EVENT, ("name", "server_uuid")) for event in body["events"]]
        # Nothing here waits for what these events tell (a port is plugged): they are taken, and change nothing.
        answers = []
        for event in events:
            known = event["server_uuid"] in self.nova.servers
            status = event.get("status", "completed")
            answers.append({**event, "status": status if known else "failed", "code": 200 if known else 404})
        codes = {answer["code"] for answer in answers}
        if codes == {404}:
            raise Missing("No instances found for any event")
        return (200 if codes == {200} else 207), {"events": answers}

    # -- what is gone ------------------------------------------------------------------------------------------------

    @route("GET", f"/v2.1/<any({', '.join(repr(name) for name in GONE)}):resource>")
    @route("POST", f"/v2.1/<any({', '.join(repr(name) for name in GONE)}):resource>")
    @route("GET", f"/v2.1/<any({', '.join(repr(name) for name in GONE)}):resource>/<path:rest>")
    @route("PUT", f"/v2.1/<any({', '.join(repr(name) for name in GONE)}):resource>/<path:rest>")
    @route("DELETE", f"/v2.1/<any({', '.join(repr(name) for name in GONE)}):resource>/<path:rest>")
    def answer_gone(self, request: NovaRequest, resource: str, rest: str = "") -> Answer:
        raise HttpError(410, "This resource is no longer available. No forwarding address is given.")
