"""The extensions of the Networking API that the embedded cloud has: each is announced because it works."""

from __future__ import annotations

from collections.abc import Mapping

#: Alias -> (name, description).
EXTENSIONS: Mapping[str, tuple[str, str]] = {
    "address-scope": ("Address scope", "Address scopes."),
    "agent": ("agent", "The agents that serve the networks."),
    "allowed-address-pairs": ("Allowed Address Pairs", "Further addresses that a port may send from."),
    "auto-allocated-topology": ("Auto Allocated Topology Services", "A network for projects that want just any."),
    "availability_zone": ("Availability Zone", "Availability zones."),
    "binding": ("Port Binding", "How and where a port is plugged."),
    "default-subnetpools": ("Default Subnetpools", "A default subnet pool for each IP version."),
    "empty-string-filtering": ("Empty String Filtering", "Filters with an empty value match empty attributes."),
    "ext-gw-mode": ("Neutron L3 Configurable external gateway mode", "Routers with and without source NAT."),
    "external-net": ("Neutron external network", "Networks that lead out of the cloud."),
    "extra_dhcp_opt": ("Neutron Extra DHCP options", "Further DHCP options of ports."),
    "extraroute": ("Neutron Extra Route", "Static routes of routers."),
    "extraroute-atomic": ("Atomically add/remove extra routes", "Adds and removes single static routes."),
    "fip-port-details": ("Floating IP Port Details Extension", "The port that a floating IP leads to."),
    "ip-substring-filtering": ("IP address substring filtering", "Finds ports by a part of an address."),
    "net-mtu": ("Network MTU", "The MTU of networks."),
    "net-mtu-writable": ("Network MTU (writable)", "The MTU of networks can be set."),
    "network-ip-availability": ("Network IP Availability", "How many addresses of a network are taken."),
    "network_availability_zone": ("Network Availability Zone", "Availability zones of networks."),
    "pagination": ("Pagination support", "Long listings in pages."),
    "port-security": ("Port Security", "Ports with and without protection against spoofing."),
    "project-id": ("project_id field enabled", "Resources have a project_id."),
    "provider": ("Provider Network", "What a network is made of."),
    "quota_details": ("Quota details management support", "How much of a quota is used."),
    "quotas": ("Quota management support", "How much of each resource a project may have."),
    "rbac-address-scope": ("Address scope RBAC support", "Address scopes are shared by policies."),
    "rbac-policies": ("RBAC Policies", "Policies that share resources with projects."),
    "rbac-security-groups": ("Add security_group type to network RBAC", "Security groups are shared by policies."),
    "rbac-subnetpool": ("Add subnetpool type to RBAC", "Subnet pools are shared by policies."),
    "revision-if-match": ("If-Match constraints based on revision_number", "Changes on condition of a revision."),
    "router": ("Neutron L3 Router", "Routers and floating IPs."),
    "router_availability_zone": ("Router Availability Zone", "Availability zones of routers."),
    "security-group": ("security-group", "Security groups and their rules."),
    "security-groups-normalized-cidr": ("Normalized CIDR field for security group rules", "The range of a prefix."),
    "security-groups-rules-belongs-to-default-sg": (
        "Security group rules belongs to the default security group",
        "Which rules are a default group's.",
    ),
    "service-type": ("Neutron Service Type Management", "The providers of services."),
    "sorting": ("Sorting support", "Sorted listings."),
    "standard-attr-description": ("standard-attr-description", "Descriptions of resources."),
    "standard-attr-revisions": ("Resource revision numbers", "Counts the changes of resources."),
    "standard-attr-tag": ("Tag support for resources with standard attribute", "Tags of resources."),
    "standard-attr-timestamp": ("Resource timestamps", "When resources were made and changed."),
    "stateful-security-group": ("Stateful security group", "Security groups with and without state."),
    "subnet-service-types": ("Subnet service types", "Which ports get addresses of a subnet."),
    "subnet_allocation": ("Subnet Allocation", "Subnets cut from subnet pools."),
    "subnetpool-prefix-ops": ("Subnet Pool Prefix Operations", "Adds and removes prefixes of subnet pools."),
}


def document(alias: str) -> dict[str, object]:
    """What the API says of an extension.

    Raises:
        KeyError: There is none with this alias.
    """
    name, description = EXTENSIONS[alias]
    return {
        "alias": alias,
        "name": name,
        "description": description,
        "links": [],
        "updated": "2025-01-01T00:00:00-00:00",
    }
