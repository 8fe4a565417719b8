"""Nova's proxy to Neutron's floating IPs, up to microversion 2.35."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.nova.errors import Missing
from pytest_doctor_maint.embedded.nova.routes.network_proxy import find, in_words_of_nova, proxied
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, nullable, object_
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer

CREATE = Schemas(object_({"pool": nullable(ANY_STRING)}, additional=True))


class FloatingIpProxyRoutes(NovaService):
    """``/os-floating-ips`` and ``/os-floating-ip-pools``."""

    @proxied("GET", "os-floating-ip-pools")
    def list_floating_ip_pools(self, request: NovaRequest) -> Answer:
        return {"floating_ip_pools": [{"name": network["name"]} for network in self._pools()]}

    @proxied("GET", "os-floating-ips")
    def list_floating_ips(self, request: NovaRequest) -> Answer:
        own = [record for record in self.neutron.floatingips if record["project_id"] == request.caller.project_id]
        return {"floating_ips": [self._floating_ip(record) for record in own]}

    @proxied("POST", "os-floating-ips")
    def create_floating_ip(self, request: NovaRequest) -> Answer:
        # Without a body or a pool the first pool is used.
        has_body = request.get_data().strip() not in (b"", b"null")
        pool = request.valid_body(CREATE).get("pool") if has_body else None
        pools = [network for network in self._pools() if pool in (None, network["name"], network["id"])]
        if not pools:
            raise Missing(f"Floating IP pool {pool} not found." if pool else "Floating IP pool not found.")
        with self.neutron.all_or_nothing(), in_words_of_nova():
            record = self.neutron.floatingips.create({"floating_network_id": pools[0]["id"]}, request.caller)
        return {"floating_ip": self._floating_ip(record)}

    @proxied("GET", "os-floating-ips/<floating_ip_id>")
    def show_floating_ip(self, request: NovaRequest, floating_ip_id: str) -> Answer:
        record = find(request, self.neutron.floatingips, floating_ip_id)
        return {"floating_ip": self._floating_ip(record)}

    @proxied("DELETE", "os-floating-ips/<floating_ip_id>")
    def delete_floating_ip(self, request: NovaRequest, floating_ip_id: str) -> Answer:
        record = find(request, self.neutron.floatingips, floating_ip_id, "delete")
        self.neutron.floatingips.delete(record, request.caller)
        return 202, None

    def _pools(self) -> list[Record]:
        return [network for network in self.neutron.networks if network["router:external"]]

    def _floating_ip(self, record: Record) -> dict[str, Any]:
        neutron = self.neutron
        port = neutron.ports[record["port_id"]] if record["port_id"] else None
        return {
            "id": record["id"],
            "ip": record["floating_ip_address"],
            "fixed_ip": record["fixed_ip_address"],
            "pool": neutron.networks[record["floating_network_id"]]["name"],
            "instance_id": port["device_id"] if port else None,
        }
