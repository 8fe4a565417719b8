"""``POST /servers/ID/action``: the actions on a server's networking, which Nova hands on to Neutron."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import NeutronError
from pytest_doctor_maint.embedded.neutron.floatingips import FLOATING_IP
from pytest_doctor_maint.embedded.nova.body import text
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing
from pytest_doctor_maint.embedded.nova.readers import address
from pytest_doctor_maint.embedded.nova.routes_actions import ACCEPTED, ActionsRoutes, Unfinished, action, fields_of
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.versions import NovaRequest
from pytest_doctor_maint.simtime.http import Answer


class NetworkActionsRoutes(ActionsRoutes):
    """Security groups and floating IPs of servers."""

    # -- security groups ---------------------------------------------------------------------------------------------

    @action("addSecurityGroup")
    def add_security_group(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        self._change_group(request, server, fields_of("addSecurityGroup", value, {"name": text()}, ("name",)), add=True)
        return ACCEPTED

    @action("removeSecurityGroup")
    def remove_security_group(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        fields = fields_of("removeSecurityGroup", value, {"name": text()}, ("name",))
        self._change_group(request, server, fields, add=False)
        return ACCEPTED

    def _change_group(self, request: NovaRequest, server: Server, fields: dict[str, Any], *, add: bool) -> None:
        neutron = self.neutron
        try:
            groups = neutron.security_groups.named([fields["name"]], server.project_id)
        except NeutronError as error:
            # Of a new server a wrong group is a bad request; of one that is there, it is something that is missing.
            raise (Conflict if error.status == 409 else Missing)(error.message) from error
        ports = neutron.ports_of(server.id)
        if not ports:
            raise Invalid(f"Instance {server.id} has no ports to set security groups on.")
        if not add and not any(group in port["security_groups"] for port in ports for group in groups):
            raise Missing(f"Security group {fields['name']} not associated with the instance {server.id}")
        for port in ports:
            have = list(port["security_groups"])
            changed = [*have, *(group for group in groups if group not in have)]
            if not add:
                changed = [group for group in have if group not in groups]
            neutron.ports.change(port, {"security_groups": changed}, neutron.internal)

    # -- fixed IPs ---------------------------------------------------------------------------------------------------

    @action("addFixedIp", highest=(2, 43))
    def add_fixed_ip(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        network_id = fields_of("addFixedIp", value, {"networkId": text()}, ("networkId",))["networkId"]
        neutron = self.neutron
        ports = [port for port in neutron.ports_of(server.id) if port["network_id"] == network_id]
        if not ports or not ports[0]["fixed_ips"]:
            raise Missing(f"Network {network_id} is not one of instance {server.id}.")
        (port, *_) = ports
        neutron.ports.add_address(port, {"subnet_id": port["fixed_ips"][0]["subnet_id"]})
        return ACCEPTED

    @action("removeFixedIp", highest=(2, 43))
    def remove_fixed_ip(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        wanted = fields_of("removeFixedIp", value, {"address": text()}, ("address",))["address"]
        neutron = self.neutron
        for port in neutron.ports_of(server.id):
            left = [item for item in port["fixed_ips"] if item["ip_address"] != wanted]
            if len(left) < len(port["fixed_ips"]):
                neutron.ports.change(port, {"fixed_ips": left}, neutron.internal)
                return ACCEPTED
        raise Invalid(f"Instance {server.id} doesn't have fixed IP '{wanted}'.")

    # -- floating IPs ------------------------------------------------------------------------------------------------

    @action("addFloatingIp", highest=(2, 43))
    def add_floating_ip(self, request: NovaRequest, server: Server, value: Any) -> Unfinished:
        readers = {"address": address(4), "fixed_address": address(4)}
        fields = fields_of("addFloatingIp", value, readers, ("address",))
        ports = self.neutron.ports_of(server.id)
        candidates = [
            {"port_id": port["id"], "fixed_ip_address": fixed["ip_address"]}
            for port in ports
            for fixed in port["fixed_ips"]
            if ":" not in fixed["ip_address"]
        ]
        if not candidates:
            raise Invalid("No fixed IPs associated to instance")
        if "fixed_address" in fields:
            candidates = [item for item in candidates if item["fixed_ip_address"] == fields["fixed_address"]]
            if not candidates:
                raise Invalid("Specified fixed address not assigned to instance")
        record = self._floating_ip_at(fields["address"], request.caller)
        return self._lead(record, candidates[0], request.caller)

    @action("removeFloatingIp", highest=(2, 43))
    def remove_floating_ip(self, request: NovaRequest, server: Server, value: Any) -> Unfinished:
        fields = fields_of("removeFloatingIp", value, {"address": address(4)}, ("address",))
        record = self._floating_ip_at(fields["address"], request.caller)
        if record["port_id"] not in [port["id"] for port in self.neutron.ports_of(server.id)]:
            raise Conflict(f"Floating IP {fields['address']} is not associated with instance {server.id}.")
        return self._lead(record, {"port_id": None}, request.caller)

    def _floating_ip_at(self, wanted: str, caller: Caller) -> Record:
        floatingips = self.neutron.floatingips
        for record in floatingips.by("floating_ip_address", wanted):
            if floatingips.owned(record, caller):
                return record
        raise Missing("floating IP not found")

    def _lead(self, record: Record, target: Record, caller: Caller) -> Unfinished:
        """Let a floating IP lead elsewhere; as with Neutron's own update, the old target serves until the answer."""
        core, floatingips = self.core, self.neutron.floatingips
        with _as_nova_says():
            moves = floatingips.moves(record, dict(target), caller)

        def finish() -> Answer:
            if moves:
                core.clock.sleep(core.timings.floating_ip)
            with core.lock, _as_nova_says():
                # Anything may have happened meanwhile: all is asked again.
                floatingips.change(floatingips.find_own(record["id"], caller, "update"), dict(target), caller)
            return ACCEPTED

        return Unfinished(finish)


@contextmanager
def _as_nova_says() -> Iterator[None]:
    """Whatever Neutron refuses is a bad request to Nova, unless the floating IP itself is gone."""
    try:
        yield
    except NeutronError as error:
        if error.kind == FLOATING_IP.not_found:
            raise Missing("floating IP not found") from error
        raise Invalid(error.message) from error
