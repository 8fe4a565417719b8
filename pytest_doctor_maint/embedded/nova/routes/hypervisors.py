"""``/os-hypervisors``: the capacity and the servers of computes."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.schema import Schemas, is_uuid
from pytest_doctor_maint.embedded.nova.schema_types import BOOLEAN, HOST, ONE_PAGING, PAGING, one, query
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.values import boolean
from pytest_doctor_maint.simtime.http import Answer, route

_CPU_INFO: dict[str, Any] = {
    "arch": "x86_64",
    "model": "Nehalem",
    "vendor": "Intel",
    "features": ["pge", "clflush"],
    "topology": {"cores": 1, "threads": 1, "sockets": 4},
}
_SUMS = (
    "vcpus",
    "vcpus_used",
    "memory_mb",
    "memory_mb_used",
    "local_gb",
    "local_gb_used",
    "free_ram_mb",
    "free_disk_gb",
    "current_workload",
    "running_vms",
    "disk_available_least",
)

_WITH_SERVERS = {"with_servers": one(BOOLEAN)}
LIST = Schemas(
    query(),
    {
        (2, 33): query(PAGING),
        (2, 53): query(ONE_PAGING, {"hypervisor_hostname_pattern": one(HOST)}, _WITH_SERVERS, closed=True),
    },
)
SHOW = Schemas(query(), {(2, 53): query(_WITH_SERVERS, closed=True)})


class HypervisorRoutes(NovaService):
    """``/os-hypervisors``."""

    @route("GET", "/v2.1/os-hypervisors", admin=True)
    def list_hypervisors(self, request: NovaRequest) -> Answer:
        return self._hypervisors(request, "os-hypervisors", detail=False)

    @route("GET", "/v2.1/os-hypervisors/detail", admin=True)
    def list_hypervisors_detail(self, request: NovaRequest) -> Answer:
        """List hypervisors in detail."""
        return self._hypervisors(request, "os-hypervisors/detail", detail=True)

    def _hypervisors(self, request: NovaRequest, path: str, *, detail: bool) -> Answer:
        args = request.valid_query(LIST)
        found = self.nova.known_computes()
        pattern = args.get("hypervisor_hostname_pattern") if request.version >= (2, 53) else None
        if pattern:
            if "limit" in args or "marker" in args:
                raise Invalid("Paging with the hypervisor_hostname_pattern query is not supported.")
            found = self._matching(pattern)
        more = False
        if request.version >= (2, 33):
            found, more = self.page(request, found, lambda compute: _id(request, compute))
        with_servers = _with_servers(request)
        shown = [self._hypervisor(request, compute, detail=detail, with_servers=with_servers) for compute in found]
        answer: dict[str, Any] = {"hypervisors": shown}
        if more:
            answer["hypervisors_links"] = self.next_page(request, path, _id(request, found[-1]))
        return answer

    @route("GET", "/v2.1/os-hypervisors/statistics", admin=True, max=(2, 87))
    def hypervisor_statistics(self, request: NovaRequest) -> Answer:
        """Show the sums of all hypervisors."""
        capacities = [_capacity(compute) for compute in self.nova.known_computes()]
        sums = {name: sum(capacity[name] for capacity in capacities) for name in _SUMS}
        return {"hypervisor_statistics": {"count": len(capacities), **sums}}

    @route("GET", "/v2.1/os-hypervisors/<pattern>/search", admin=True, max=(2, 52))
    def search_hypervisors(self, request: NovaRequest, pattern: str) -> Answer:
        """List the hypervisors whose name contains a text."""
        found = self._matching(pattern)
        return {"hypervisors": [self._hypervisor(request, one, detail=False, with_servers=False) for one in found]}

    @route("GET", "/v2.1/os-hypervisors/<pattern>/servers", admin=True, max=(2, 52))
    def hypervisor_servers(self, request: NovaRequest, pattern: str) -> Answer:
        """List the servers of the hypervisors whose name contains a text."""
        found = self._matching(pattern)
        return {"hypervisors": [self._hypervisor(request, one, detail=False, with_servers=True) for one in found]}

    @route("GET", "/v2.1/os-hypervisors/<hypervisor_id>/uptime", admin=True, max=(2, 87))
    def hypervisor_uptime(self, request: NovaRequest, hypervisor_id: str) -> Answer:
        """Show for how long a hypervisor has been up."""
        compute = self._find(request, hypervisor_id)
        if compute.state == "down":
            raise Invalid(f"Service is unavailable at this time: {compute.host}")
        shown = self._hypervisor(request, compute, detail=False, with_servers=False)
        return {"hypervisor": {**shown, "uptime": _uptime(request, compute)}}

    @route("GET", "/v2.1/os-hypervisors/<hypervisor_id>", admin=True)
    def show_hypervisor(self, request: NovaRequest, hypervisor_id: str) -> Answer:
        request.valid_query(SHOW)
        compute = self._find(request, hypervisor_id)
        return {"hypervisor": self._hypervisor(request, compute, detail=True, with_servers=_with_servers(request))}

    def _matching(self, pattern: str) -> list[Compute]:
        found = [compute for compute in self.nova.known_computes() if pattern in compute.host]
        if not found:
            raise Missing(f"No hypervisor matching '{pattern}' could be found.")
        return found

    def _find(self, request: NovaRequest, hypervisor_id: str) -> Compute:
        if request.version >= (2, 53) and not is_uuid(hypervisor_id):
            raise Invalid(f"Invalid uuid {hypervisor_id}")
        for compute in self.nova.known_computes():
            if _id(request, compute) == hypervisor_id:
                return compute
        raise Missing(f"Hypervisor with ID '{hypervisor_id}' could not be found.")

    def _hypervisor(
        self, request: NovaRequest, compute: Compute, *, detail: bool, with_servers: bool
    ) -> dict[str, Any]:
        version = request.version
        shown: dict[str, Any] = {
            "id": compute.uuid if version >= (2, 53) else compute.number,
            "hypervisor_hostname": compute.host,
            "state": compute.state,
            "status": compute.status,
        }
        if with_servers and (compute.servers or version < (2, 53) or version >= (2, 75)):
            shown["servers"] = [{"name": _instance_name(one), "uuid": one} for one in compute.servers]
        if not detail:
            return shown
        service_id = compute.service_uuid if version >= (2, 53) else compute.number
        shown |= {
            "host_ip": f"192.0.2.{compute.number % 254 + 1}",
            "hypervisor_type": "QEMU",
            "hypervisor_version": 8002002,
            "service": {"id": service_id, "host": compute.host, "disabled_reason": compute.disabled_reason},
        }
        if version >= (2, 88):
            shown["uptime"] = None if compute.state == "down" else _uptime(request, compute)
            return shown
        shown |= _capacity(compute)
        shown["cpu_info"] = _CPU_INFO if version >= (2, 28) else str(_CPU_INFO).replace("'", '"')
        return shown


def _id(request: NovaRequest, compute: Compute) -> str:
    return compute.uuid if request.version >= (2, 53) else str(compute.number)


def _with_servers(request: NovaRequest) -> bool:
    return request.version >= (2, 53) and boolean(request.args.get("with_servers", False))


def _capacity(compute: Compute) -> dict[str, int]:
    return {
        "vcpus": compute.vcpus,
        "vcpus_used": compute.vcpus_used,
        "memory_mb": compute.memory_mb,
        "memory_mb_used": compute.memory_mb_used,
        "local_gb": compute.disk_gb,
        "local_gb_used": compute.disk_gb_used,
        "free_ram_mb": compute.free_memory_mb,
        "free_disk_gb": compute.free_disk_gb,
        "current_workload": 0,
        "running_vms": len(compute.servers),
        "disk_available_least": compute.free_disk_gb,
    }


def _uptime(request: NovaRequest, compute: Compute) -> str:
    days = max(0, (request.now - compute.created_at).days)
    return f" {request.now:%H:%M:%S} up {days} days, 1 user, load average: 0.00, 0.00, 0.00"


def _instance_name(server_id: str) -> str:
    return f"instance-{server_id[:8]}"
