"""The extensions of the Networking API that the embedded cloud implements."""

from __future__ import annotations

from collections.abc import Mapping

#: The name and the description of each extension by its alias.
EXTENSIONS: Mapping[str, tuple[str, str]] = {
    "address-scope": ("Address scope", "Address scopes."),
    "agent": ("agent", "The network agents."),
    "allowed-address-pairs": ("Allowed Address Pairs", "Further addresses that a port may send from."),
    "auto-allocated-topology": ("Auto Allocated Topology Services", "A network for projects that have none."),
    "availability_zone": ("Availability Zone", "Availability zones."),
    "binding": ("Port Binding", "The hosts of ports, and how ports are plugged in."),
    "default-subnetpools": ("Default Subnetpools", "A default subnet pool for each IP version."),
    "dvr": ("Distributed Virtual Router", "Routers that are said to be distributed."),
    "empty-string-filtering": ("Empty String Filtering", "Filters with an empty value match empty attributes."),
    "ext-gw-mode": ("Neutron L3 Configurable external gateway mode", "Routers with and without source NAT."),
    "external-net": ("Neutron external network", "Networks outside the cloud."),
    "extra_dhcp_opt": ("Neutron Extra DHCP options", "Further DHCP options of ports."),
    "extraroute": ("Neutron Extra Route", "Static routes of routers."),
    "extraroute-atomic": ("Atomically add/remove extra routes", "Adds and removes single static routes."),
    "fip-port-details": ("Floating IP Port Details Extension", "The port that a floating IP leads to."),
    "ip-substring-filtering": ("IP address substring filtering", "Filters of ports by a part of an address."),
    "l3-ha": ("HA Router extension", "Routers that are said to be highly available."),
    "net-mtu": ("Network MTU", "The MTU of networks."),
    "net-mtu-writable": ("Network MTU (writable)", "The MTU of networks can be set."),
    "network-ip-availability": ("Network IP Availability", "The number of allocated addresses of networks."),
    "network_availability_zone": ("Network Availability Zone", "Availability zones of networks."),
    "pagination": ("Pagination support", "Listings in pages."),
    "port-security": ("Port Security", "Ports with and without protection against spoofing."),
    "project-id": ("project_id field enabled", "Resources have a project_id."),
    "provider": ("Provider Network", "The physical realization of networks."),
    "quota_details": ("Quota details management support", "The use of quotas."),
    "quotas": ("Quota management support", "The largest number of resources of a project."),
    "rbac-address-scope": ("Address scope RBAC support", "Address scopes are shared by policies."),
    "rbac-policies": ("RBAC Policies", "Policies that share resources with projects."),
    "rbac-security-groups": ("Add security_group type to network RBAC", "Security groups are shared by policies."),
    "rbac-subnetpool": ("Add subnetpool type to RBAC", "Subnet pools are shared by policies."),
    "revision-if-match": ("If-Match constraints based on revision_number", "Changes that depend on a revision number."),
    "router": ("Neutron L3 Router", "Routers and floating IPs."),
    "router_availability_zone": ("Router Availability Zone", "Availability zones of routers."),
    "security-group": ("security-group", "Security groups and their rules."),
    "security-groups-normalized-cidr": ("Normalized CIDR field for security group rules", "The range of a prefix."),
    "security-groups-rules-belongs-to-default-sg": (
        "Security group rules belongs to the default security group",
        "Marks the rules of default groups.",
    ),
    "service-type": ("Neutron Service Type Management", "The providers of services."),
    "sorting": ("Sorting support", "Sorted listings."),
    "standard-attr-description": ("standard-attr-description", "Descriptions of resources."),
    "standard-attr-revisions": ("Resource revision numbers", "The number of changes of resources."),
    "standard-attr-tag": ("Tag support for resources with standard attribute", "Tags of resources."),
    "standard-attr-timestamp": ("Resource timestamps", "The times of creation and change of resources."),
    "stateful-security-group": ("Stateful security group", "Security groups with and without state."),
    "subnet-service-types": ("Subnet service types", "The owners of ports that get addresses of a subnet."),
    "subnet_allocation": ("Subnet Allocation", "Subnets that are allocated from subnet pools."),
    "subnetpool-prefix-ops": ("Subnet Pool Prefix Operations", "Adds and removes prefixes of subnet pools."),
}


def document(alias: str) -> dict[str, object]:
    """Return an extension as the API shows it.

    Raises:
        KeyError: There is no extension with this alias.
    """
    name, description = EXTENSIONS[alias]
    return {
        "alias": alias,
        "name": name,
        "description": description,
        "links": [],
        "updated": "2025-01-01T00:00:00-00:00",
    }
