"""Binding of ports to hosts."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.attributes import Record

VNIC_TYPES = (
    "normal",
    "direct",
    "macvtap",
    "baremetal",
    "direct-physical",
    "virtio-forwarder",
    "smart-nic",
    "vdpa",
    "accelerator-direct",
    "accelerator-direct-physical",
    "remote-managed",
)
#: The owners of ports that belong to routers and floating IPs. The port API does not delete such ports.
ROUTER_OWNERS = ("network:router_interface", "network:router_gateway", "network:floatingip")


def bind(port: Record) -> None:
    """Set the attributes of a port that follow from its host: the ``binding:`` attributes and the status."""
    host = port["binding:host_id"] = port["binding:host_id"] or ""
    port["binding:profile"] = port["binding:profile"] or {}
    port["binding:vif_type"] = "ovs" if host else "unbound"
    port["binding:vif_details"] = (
        {"port_filter": True, "connectivity": "l2", "bridge_name": "br-int", "datapath_type": "system"} if host else {}
    )
    owner = port["device_owner"]
    if owner == "network:floatingip":
        port["status"] = "N/A"
    else:
        # The embedded cloud has no layer 3 agents: a router's ports need no host to be active.
        active = port["admin_state_up"] and (bool(host) or owner in ROUTER_OWNERS)
        port["status"] = "ACTIVE" if active else "DOWN"
