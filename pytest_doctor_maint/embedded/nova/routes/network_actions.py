"""Actions on a server's networking, which Nova hands on to Neutron: security groups, fixed and floating IPs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import NeutronError
from pytest_doctor_maint.embedded.neutron.floatingips import FLOATING_IP
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing
from pytest_doctor_maint.embedded.nova.routes.actions import ACCEPTED, ActionRoutes, Unfinished, action
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import IP_ADDRESS, section, string
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.simtime.http import Answer

ADD_GROUP = Schemas(section("addSecurityGroup", {"name": string(1)}, ["name"]))
REMOVE_GROUP = Schemas(section("removeSecurityGroup", {"name": string(1)}, ["name"]))
ADD_FIXED_IP = Schemas(section("addFixedIp", {"networkId": string(1, 36)}, ["networkId"]))
REMOVE_FIXED_IP = Schemas(section("removeFixedIp", {"address": IP_ADDRESS}, ["address"]))
ADD_FLOATING_IP = Schemas(section("addFloatingIp", {"address": IP_ADDRESS, "fixed_address": IP_ADDRESS}, ["address"]))
REMOVE_FLOATING_IP = Schemas(section("removeFloatingIp", {"address": IP_ADDRESS}, ["address"]))


class NetworkActionRoutes(ActionRoutes):
    """Actions on a server's security groups and addresses."""

    # -- security groups ---------------------------------------------------------------------------------------------

    @action("addSecurityGroup", ADD_GROUP, locked=True)
    def add_security_group(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        with self.neutron.all_or_nothing():
            self._change_groups(server, value["name"], add=True)
        return ACCEPTED

    @action("removeSecurityGroup", REMOVE_GROUP, locked=True)
    def remove_security_group(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        with self.neutron.all_or_nothing():
            self._change_groups(server, value["name"], add=False)
        return ACCEPTED

    def _change_groups(self, server: Server, name: str, *, add: bool) -> None:
        neutron = self.neutron
        try:
            groups = neutron.security_groups.named([name], server.project_id)
        except NeutronError as error:
            # For a new server an unknown group is a bad request; for an existing server it is missing.
            raise (Conflict if error.status == 409 else Missing)(error.message) from error
        ports = neutron.ports_of(server.id)
        if not ports:
            raise Invalid(f"Instance {server.id} has no ports to set security groups on.")
        # Of all ports before the first one is changed (_has_security_group_requirements in security_group_api.py).
        if add and not all(port["port_security_enabled"] and port["fixed_ips"] for port in ports):
            raise Invalid(
                "Network requires port_security_enabled and subnet associated in order to apply security groups."
            )
        if not add and not any(group in port["security_groups"] for port in ports for group in groups):
            raise Missing(f"Security group {name} not associated with the instance {server.id}")
        for port in ports:
            have = list(port["security_groups"])
            changed = [*have, *(group for group in groups if group not in have)]
            if not add:
                changed = [group for group in have if group not in groups]
            neutron.ports.change(port, {"security_groups": changed}, neutron.internal)

    # -- fixed IPs ---------------------------------------------------------------------------------------------------

    @action("addFixedIp", ADD_FIXED_IP, highest=(2, 43))
    def add_fixed_ip(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        network_id, neutron = value["networkId"], self.neutron
        ports = [port for port in neutron.ports_of(server.id) if port["network_id"] == network_id]
        if not ports or not ports[0]["fixed_ips"]:
            raise Missing(f"Network {network_id} is not one of instance {server.id}.")
        (port, *_) = ports
        neutron.ports.add_address(port, {"subnet_id": port["fixed_ips"][0]["subnet_id"]})
        return ACCEPTED

    @action("removeFixedIp", REMOVE_FIXED_IP, highest=(2, 43))
    def remove_fixed_ip(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        neutron = self.neutron
        for port in neutron.ports_of(server.id):
            left = [item for item in port["fixed_ips"] if item["ip_address"] != value["address"]]
            if len(left) < len(port["fixed_ips"]):
                neutron.ports.change(port, {"fixed_ips": left}, neutron.internal)
                return ACCEPTED
        raise Invalid(f"Instance {server.id} doesn't have fixed IP '{value['address']}'.")

    # -- floating IPs ------------------------------------------------------------------------------------------------

    @action("addFloatingIp", ADD_FLOATING_IP, highest=(2, 43), locked=True)
    def add_floating_ip(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Unfinished:
        candidates = [
            {"port_id": port["id"], "fixed_ip_address": fixed["ip_address"]}
            for port in self.neutron.ports_of(server.id)
            for fixed in port["fixed_ips"]
            if ":" not in fixed["ip_address"]
        ]
        if not candidates:
            raise Invalid("No fixed IPs associated to instance")
        if "fixed_address" in value:
            candidates = [item for item in candidates if item["fixed_ip_address"] == value["fixed_address"]]
            if not candidates:
                raise Invalid("Specified fixed address not assigned to instance")
        record = self._floating_ip_at(value["address"], request.caller)
        return self._retarget(record, candidates[0], request.caller)

    @action("removeFloatingIp", REMOVE_FLOATING_IP, highest=(2, 43), locked=True)
    def remove_floating_ip(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Unfinished:
        record = self._floating_ip_at(value["address"], request.caller)
        if record["port_id"] not in [port["id"] for port in self.neutron.ports_of(server.id)]:
            raise Conflict(f"Floating IP {value['address']} is not associated with instance {server.id}.")
        return self._retarget(record, {"port_id": None}, request.caller)

    def _floating_ip_at(self, address: str, caller: Caller) -> Record:
        floatingips = self.neutron.floatingips
        for record in floatingips.by("floating_ip_address", address):
            if floatingips.owned(record, caller):
                return record
        raise Missing("floating IP not found")

    def _retarget(self, record: Record, target: Record, caller: Caller) -> Unfinished:
        """Point a floating IP to another port; as with Neutron's update, the old target serves until the answer."""
        core, floatingips = self.core, self.neutron.floatingips
        with _in_words_of_nova():
            moves = floatingips.moves(record, dict(target), caller)

        def finish() -> Answer:
            if moves:
                core.clock.sleep(core.timings.floating_ip)
            with core.lock, _in_words_of_nova():
                # Everything may have changed meanwhile, so everything is looked up again.
                floatingips.change(floatingips.find_own(record["id"], caller, "update"), dict(target), caller)
            return ACCEPTED

        return Unfinished(finish)


@contextmanager
def _in_words_of_nova() -> Iterator[None]:
    """Answer errors of Neutron as Nova's action does: 404 for a floating IP that is gone, otherwise 400."""
    try:
        yield
    except NeutronError as error:
        if error.kind == FLOATING_IP.not_found:
            raise Missing("floating IP not found") from error
        raise Invalid(error.message) from error
