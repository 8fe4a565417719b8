"""``/servers/ID/ips``, ``/servers/ID/os-interface`` and ``/servers/ID/os-security-groups``: a server's networking."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.routes.security_group_proxy import security_group_view
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import IP_ADDRESS, TAG, UUID, array, object_
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

_INTERFACE = {
    "net_id": UUID,
    "port_id": UUID,
    "fixed_ips": array(object_({"ip_address": IP_ADDRESS}, ["ip_address"]), minItems=1, maxItems=1),
}
ATTACH = Schemas(
    object_({"interfaceAttachment": object_(_INTERFACE)}),
    {(2, 49): object_({"interfaceAttachment": object_({**_INTERFACE, "tag": TAG})})},
)

#: The VM states in which interfaces can be attached and detached.
_STATES = ("active", "paused", "stopped")


class InterfaceRoutes(NovaService):
    """The addresses, interfaces and security groups of servers."""

    # -- addresses ---------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/ips")
    def list_ips(self, request: NovaRequest, server_id: str) -> Answer:
        return {"addresses": self._addresses(request, server_id)}

    @route("GET", "/v2.1/servers/<server_id>/ips/<network>")
    def show_ips(self, request: NovaRequest, server_id: str, network: str) -> Answer:
        addresses = self._addresses(request, server_id)
        if network not in addresses:
            raise Missing("Instance is not a member of specified network")
        return {network: addresses[network]}

    def _addresses(self, request: NovaRequest, server_id: str) -> dict[str, list[dict[str, Any]]]:
        server = self.nova.server(server_id, request.caller)
        return {
            network: [{"version": item["version"], "addr": item["addr"]} for item in items]
            for network, items in self.neutron.addresses(server.id).items()
        }

    # -- interfaces --------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/os-interface")
    def list_interfaces(self, request: NovaRequest, server_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        ports = self.neutron.ports_of(server.id)
        return {"interfaceAttachments": [self._interface(request, port) for port in ports]}

    @route("GET", "/v2.1/servers/<server_id>/os-interface/<port_id>")
    def show_interface(self, request: NovaRequest, server_id: str, port_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        for port in self.neutron.ports_of(server.id):
            if port["id"] == port_id:
                return {"interfaceAttachment": self._interface(request, port)}
        raise Missing(f"Instance {server_id} does not have a port with id {port_id}")

    @route("POST", "/v2.1/servers/<server_id>/os-interface")
    def attach_interface(self, request: NovaRequest, server_id: str) -> Answer:
        fields = request.valid_body(ATTACH).get("interfaceAttachment", {})
        if "net_id" in fields and "port_id" in fields:
            raise Invalid("Must not input both network_id and port_id")
        if "fixed_ips" in fields and "net_id" not in fields:
            raise Invalid("Must input network_id when request IP address")
        server = self.unlocked_server(request, server_id)
        server.require_state("attach_interface", _STATES)
        wanted: dict[str, Any] = {}
        if "port_id" in fields:
            wanted["port"] = fields["port_id"]
        if "net_id" in fields:
            wanted["uuid"] = fields["net_id"]
        if "fixed_ips" in fields:
            wanted["fixed_ip"] = fields["fixed_ips"][0]["ip_address"]
        port = self.neutron.attach(server.id, server.project_id, wanted, admin=request.caller.is_admin)
        self.nova.operations.note(server, request.action("attach_interface"))
        return {"interfaceAttachment": self._interface(request, port)}

    @route("DELETE", "/v2.1/servers/<server_id>/os-interface/<port_id>")
    def detach_interface(self, request: NovaRequest, server_id: str, port_id: str) -> Answer:
        server = self.unlocked_server(request, server_id)
        server.require_state("detach_interface", _STATES)
        self.neutron.detach(server.id, port_id)
        self.nova.operations.note(server, request.action("detach_interface"))
        return 202, None

    def _interface(self, request: NovaRequest, port: Record) -> dict[str, Any]:
        shown = {
            "port_id": port["id"],
            "net_id": port["network_id"],
            "mac_addr": port["mac_address"],
            "port_state": port["status"],
            "fixed_ips": [
                {"subnet_id": item["subnet_id"], "ip_address": item["ip_address"]} for item in port["fixed_ips"]
            ],
        }
        if request.version >= (2, 70):
            shown["tag"] = None
        return shown

    # -- security groups ---------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/os-security-groups")
    def list_server_security_groups(self, request: NovaRequest, server_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        groups = self.neutron.security_groups_of(server.id)
        return {"security_groups": [security_group_view(group, []) for group in groups]}
