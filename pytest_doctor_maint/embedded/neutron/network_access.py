"""Networks, as callers and other parts of Neutron may see and use them."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.collection import owns
from pytest_doctor_maint.embedded.neutron.errors import bad_request
from pytest_doctor_maint.embedded.neutron.sharing import EXTERNAL, SHARED, Sharing
from pytest_doctor_maint.embedded.neutron.table import Tables


class NetworkAccess:
    """The rules for seeing and using networks. Ports, subnets, routers and servers need them, but change no network."""

    def __init__(self, tables: Tables, sharing: Sharing) -> None:
        self._networks = tables.networks
        self._subnets = tables.subnets
        self._sharing = sharing

    def find(self, network_id: str, caller: Caller) -> Record:
        """Return the network with this id.

        Raises:
            NeutronError: 404, no network has this id, or the caller may not see it.
        """
        network = self._networks.get(network_id)
        if network is None or not self.visible(network, caller):
            raise self._networks.kind.missing(network_id)
        return network

    def find_external(self, network_id: str, caller: Caller, message: str) -> Record:
        """Return the external network with this id.

        Args:
            network_id: The id.
            caller: The caller.
            message: The error's message if the network is not external.

        Raises:
            NeutronError: 404, no network has this id, or the caller may not see it; 400, the network is not external.
        """
        network = self.find(network_id, caller)
        if not network["router:external"]:
            raise bad_request(message)
        return network

    def visible(self, network: Record, caller: Caller) -> bool:
        """Return True if the caller sees the network."""
        return (
            owns(network, caller)
            or self._sharing.grants(network["id"], caller.project_id, EXTERNAL)
            or self.shared_with(network, caller.project_id)
        )

    def shared_with(self, network: Record, project_id: str) -> bool:
        """Return True if the network is shared with the project or with everyone."""
        return self._sharing.grants(network["id"], project_id, SHARED)

    def for_project(self, project_id: str) -> list[Record]:
        """Return the networks of the project and those shared with it: a server can use them without naming one."""
        return [
            network
            for network in self._networks
            if network["project_id"] == project_id or self.shared_with(network, project_id)
        ]

    def subnets_of(self, network: Record, version: int | None = None) -> Sequence[Record]:
        """Return the network's subnets (of one IP version), in the order of their creation."""
        found = [self._subnets[subnet_id] for subnet_id in network["subnets"]]
        return [subnet for subnet in found if version in (None, subnet["ip_version"])]
