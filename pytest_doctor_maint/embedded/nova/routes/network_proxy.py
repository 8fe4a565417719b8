"""Nova's proxy to Neutron's networks, up to microversion 2.35; and what the three proxies to Neutron share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

Handler = TypeVar("Handler", bound=Callable[..., Any])

#: What nova-network knew of a network and Neutron does not.
UNKNOWN = (
    "bridge",
    "bridge_interface",
    "broadcast",
    "cidr",
    "cidr_v6",
    "created_at",
    "deleted",
    "deleted_at",
    "dhcp_start",
    "dns1",
    "dns2",
    "gateway",
    "gateway_v6",
    "host",
    "injected",
    "multi_host",
    "netmask",
    "netmask_v6",
    "priority",
    "project_id",
    "rxtx_base",
    "updated_at",
    "vlan",
    "vpn_private_address",
    "vpn_public_address",
    "vpn_public_port",
)


def proxied(method: str, path: str) -> Callable[[Handler], Handler]:
    """Serve ``method path`` with the decorated method, up to microversion 2.35."""
    return route(method, f"/v2.1/{path}", max=(2, 35))


@contextmanager
def in_words_of_nova() -> Iterator[None]:
    """Answer errors of Neutron with the statuses of Nova's proxies."""
    try:
        yield
    except NeutronError as error:
        # A full quota is a conflict in Neutron, and forbidden in Nova; any other conflict is a bad request.
        status = 403 if error.kind == "OverQuota" else 400 if error.status == 409 else error.status
        raise HttpError(status, error.message) from error


def find(request: NovaRequest, collection: Collection, record_id: str, action: str | None = None) -> Record:
    """Return the record of Neutron with this id.

    Args:
        request: The request.
        collection: Where the record is.
        record_id: The id.
        action: ``update`` or ``delete`` if the record must be the caller's own; None to read.

    Raises:
        HttpError: There is no such record, or the caller is not allowed to do this.
    """
    with in_words_of_nova():
        if action is None:
            return collection.find(record_id, request.caller)
        return collection.find_own(record_id, request.caller, action)


class NetworkProxyRoutes(NovaService):
    """``/os-networks`` and ``/os-tenant-networks``."""

    @proxied("GET", "os-tenant-networks")
    def list_tenant_networks(self, request: NovaRequest) -> Answer:
        return {"networks": [_tenant_network(network) for network in self._networks(request)]}

    @proxied("GET", "os-tenant-networks/<network_id>")
    def show_tenant_network(self, request: NovaRequest, network_id: str) -> Answer:
        return {"network": _tenant_network(find(request, self.neutron.networks, network_id))}

    @proxied("GET", "os-networks")
    def list_networks(self, request: NovaRequest) -> Answer:
        return {"networks": [_network(network) for network in self._networks(request)]}

    @proxied("GET", "os-networks/<network_id>")
    def show_network(self, request: NovaRequest, network_id: str) -> Answer:
        return {"network": _network(find(request, self.neutron.networks, network_id))}

    def _networks(self, request: NovaRequest) -> list[Record]:
        networks = self.neutron.networks
        return [network for network in networks if networks.visible(network, request.caller)]


def _tenant_network(network: Record) -> dict[str, Any]:
    return {"id": network["id"], "label": network["name"], "cidr": None}


def _network(network: Record) -> dict[str, Any]:
    return {**dict.fromkeys(UNKNOWN), "id": network["id"], "label": network["name"]}
