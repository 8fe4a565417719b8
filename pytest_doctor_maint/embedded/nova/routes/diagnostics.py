"""Reports of the hypervisor about a server: diagnostics, NUMA topology, the password that the guest encrypted."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Conflict
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

_NIC_COUNTERS = [f"{way}_{what}" for way in ("rx", "tx") for what in ("octets", "packets", "errors", "drop", "rate")]


class DiagnosticsRoutes(NovaService):
    """Reports of the hypervisor about a server."""

    @route("GET", "/v2.1/servers/<server_id>/diagnostics", admin=True)
    def show_diagnostics(self, request: NovaRequest, server_id: str) -> Answer:
        nova = self.nova
        server = nova.server(server_id, request.caller)
        server.require_state("get_diagnostics", ("active", "paused", "rescued", "suspended"), any_task=True)
        if server.host is None or nova.computes[server.host].state == "down":
            raise Conflict(f"Instance {server_id} is not ready")
        ports = self.neutron.ports_of(server.id)
        if request.version < (2, 48):
            shown = {f"cpu{number}_time": 17300000000 for number in range(server.flavor.vcpus)}
            return {**shown, "memory": server.flavor.ram << 10, "vda_read": 262144, "vda_write": 5778432}
        seconds = int((request.now - server.launched_at).total_seconds()) if server.launched_at else 0
        states = {"paused": "paused", "suspended": "suspended"}
        return {
            "state": states.get(server.vm_state, "running"),
            "driver": "libvirt",
            "hypervisor": "qemu",
            "hypervisor_os": "linux",
            "uptime": seconds,
            "config_drive": bool(server.config_drive),
            "num_cpus": server.flavor.vcpus,
            "num_nics": len(ports),
            "num_disks": 1,
            "cpu_details": [
                {"id": number, "time": 17300000000, "utilisation": 1} for number in range(server.flavor.vcpus)
            ],
            "memory_details": {"maximum": server.flavor.ram, "used": server.flavor.ram},
            "disk_details": [
                {
                    "read_bytes": 262144,
                    "read_requests": 112,
                    "write_bytes": 5778432,
                    "write_requests": 488,
                    "errors_count": 0,
                }
            ],
            "nic_details": [{"mac_address": port["mac_address"], **dict.fromkeys(_NIC_COUNTERS, 0)} for port in ports],
        }

    @route("GET", "/v2.1/servers/<server_id>/topology", min=(2, 78))
    def show_topology(self, request: NovaRequest, server_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        node: dict[str, Any] = {
            "memory_mb": server.flavor.ram,
            "vcpu_set": list(range(server.flavor.vcpus)),
            "siblings": [],
        }
        if request.caller.is_admin:
            node |= {"host_node": 0, "cpu_pinning": {}}
        return {"nodes": [node], "pagesize_kb": None}

    @route("GET", "/v2.1/servers/<server_id>/os-server-password")
    def show_password(self, request: NovaRequest, server_id: str) -> Answer:
        """Show the encrypted password of a server, which is always empty."""
        self.nova.server(server_id, request.caller)
        return {"password": ""}

    @route("DELETE", "/v2.1/servers/<server_id>/os-server-password")
    def clear_password(self, request: NovaRequest, server_id: str) -> Answer:
        """Delete the encrypted password of a server."""
        self.nova.server(server_id, request.caller)
        return None
