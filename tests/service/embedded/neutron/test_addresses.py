"""Subnets and subnet pools in Neutron, and the addresses that ports get from them."""

import ipaddress

import pytest

from pytest_doctor_maint.embedded.neutron.ipam import Addresses, default_pools, eui64
from pytest_doctor_maint.embedded.neutron.prefixes import merge, subtract
from tests.support.json import Json
from tests.support.neutron import NeutronLab


def test_default_pools_leave_the_gateway_out() -> None:
    block = ipaddress.ip_network("10.0.0.0/29")
    assert default_pools(block, "10.0.0.1") == [{"start": "10.0.0.2", "end": "10.0.0.6"}]
    assert default_pools(block, "10.0.0.3") == [
        {"start": "10.0.0.1", "end": "10.0.0.2"},
        {"start": "10.0.0.4", "end": "10.0.0.6"},
    ]
    assert default_pools(block, None) == [{"start": "10.0.0.1", "end": "10.0.0.6"}]


def test_the_lowest_free_address_is_next() -> None:
    addresses = Addresses(ipaddress.ip_network("10.0.0.0/29"), [{"start": "10.0.0.2", "end": "10.0.0.4"}])
    for expected in ("10.0.0.2", "10.0.0.3", "10.0.0.4"):
        assert addresses.next("10.0.0.1") == expected
        addresses.take(expected, "p")
    assert addresses.next("10.0.0.1") is None
    addresses.release("10.0.0.3")
    assert addresses.next("10.0.0.1") == "10.0.0.3"
    assert addresses.next("10.0.0.1", ["10.0.0.3"]) is None
    assert addresses.next("10.0.0.1") == "10.0.0.3"


def test_eui64_is_made_of_the_mac_address() -> None:
    block = ipaddress.ip_network("2001:db8::/64")
    assert eui64(block, "fa:16:3e:00:00:01") == "2001:db8::f816:3eff:fe00:1"


def test_ports_get_the_next_free_address_and_give_it_back(lab: NeutronLab) -> None:
    network = lab.make("networks")
    subnet = lab.make("subnets", network_id=network["id"], ip_version=4, cidr="10.2.0.0/29")
    ports = [lab.make("ports", network_id=network["id"]) for _ in range(5)]
    assert [port["fixed_ips"][0]["ip_address"] for port in ports] == [f"10.2.0.{n}" for n in range(2, 7)]
    assert lab.refused("POST", "ports", {"port": {"network_id": network["id"]}}) == (409, "IpAddressGenerationFailure")
    assert lab.refused("DELETE", f"subnets/{subnet['id']}") == (409, "SubnetInUse")
    assert lab.refused("DELETE", f"networks/{network['id']}") == (409, "NetworkInUse")
    lab.call("DELETE", f"/v2.0/ports/{ports[1]['id']}")
    assert lab.make("ports", network_id=network["id"])["fixed_ips"][0]["ip_address"] == "10.2.0.3"


def test_a_named_address_must_be_free_and_on_the_network(lab: NeutronLab) -> None:
    network = lab.make("networks")
    subnet = lab.make("subnets", network_id=network["id"], ip_version=4, cidr="10.2.0.0/24")
    other = lab.make("networks")
    strange = lab.make("subnets", network_id=other["id"], ip_version=4, cidr="10.3.0.0/24")

    def attempt(*fixed_ips: dict[str, str]) -> tuple[int, str]:
        found: tuple[int, str] = lab.refused(
            "POST", "ports", {"port": {"network_id": network["id"], "fixed_ips": list(fixed_ips)}}
        )
        return found

    port = lab.make("ports", network_id=network["id"], fixed_ips=[{"ip_address": "10.2.0.77"}])
    assert port["fixed_ips"] == [{"subnet_id": subnet["id"], "ip_address": "10.2.0.77"}]
    assert attempt({"ip_address": "10.2.0.77"}) == (409, "IpAddressAlreadyAllocated")
    assert attempt({"ip_address": "10.9.0.1"}) == (400, "InvalidIpForNetwork")
    assert attempt({"ip_address": "10.2.0.255"}) == (400, "InvalidIpForNetwork")
    assert attempt({"subnet_id": subnet["id"], "ip_address": "10.9.0.1"}) == (400, "InvalidIpForSubnet")
    assert attempt({"subnet_id": strange["id"]}) == (400, "InvalidInput")
    assert attempt({"ip_address": "a.b"})[0] == 400
    assert attempt({}) == (400, "InvalidInput")
    assert attempt({"ip_address": "10.2.0.78"}, {"ip_address": "10.2.0.78"})[0] == 400
    assert len(lab.get(f"ports?network_id={network['id']}")["ports"]) == 1


def test_a_port_gets_several_addresses_of_one_subnet(lab: NeutronLab) -> None:
    network = lab.make("networks")
    subnet = lab.make("subnets", network_id=network["id"], ip_version=4, cidr="10.2.0.0/24")
    port = lab.make("ports", network_id=network["id"], fixed_ips=[{"subnet_id": subnet["id"]}] * 2)
    assert [item["ip_address"] for item in port["fixed_ips"]] == ["10.2.0.2", "10.2.0.3"]
    outer = lab.neutron.public["id"]
    [block] = [one["id"] for one in lab.get(f"subnets?network_id={outer}", who="admin")["subnets"]]
    gateway = {"network_id": outer, "external_fixed_ips": [{"subnet_id": block}] * 2}
    router = lab.make("routers", who="admin", external_gateway_info=gateway)
    assert len({item["ip_address"] for item in router["external_gateway_info"]["external_fixed_ips"]}) == 2


def test_a_port_can_move_to_another_address(lab: NeutronLab) -> None:
    network = lab.make("networks")
    subnet = lab.make("subnets", network_id=network["id"], ip_version=4, cidr="10.2.0.0/24")
    port = lab.make("ports", network_id=network["id"])
    moved = lab.update("ports", port["id"], fixed_ips=[{"ip_address": "10.2.0.9"}, {"subnet_id": subnet["id"]}])
    assert [item["ip_address"] for item in moved["fixed_ips"]] == ["10.2.0.9", "10.2.0.2"]
    lab.update("ports", port["id"], fixed_ips=[{"ip_address": "10.2.0.9"}])
    assert lab.make("ports", network_id=network["id"])["fixed_ips"][0]["ip_address"] == "10.2.0.2"
    found = lab.get("ports?fixed_ips=ip_address%3D10.2.0.9")["ports"]
    assert [one["id"] for one in found] == [port["id"]]
    found = lab.get(f"ports?fixed_ips=subnet_id%3D{subnet['id']}&fixed_ips=ip_address_substr%3D.0.2")["ports"]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("attributes", "refusal"),
    [
        ({"ip_version": 4}, (400, "BadRequest")),
        ({"ip_version": 5, "cidr": "10.0.0.0/24"}, (400, "HTTPBadRequest")),
        ({"ip_version": 6, "cidr": "10.0.0.0/24"}, (400, "InvalidInput")),
        ({"ip_version": 4, "cidr": "10.0.0.0"}, (400, "HTTPBadRequest")),
        ({"ip_version": 4, "cidr": "0.0.0.0/0"}, (400, "InvalidInput")),
        ({"ip_version": 4, "cidr": "10.1.0.128/25"}, (400, "InvalidInput")),
        ({"ip_version": 4, "cidr": "10.0.0.0/24", "gateway_ip": "10.0.0.0"}, (400, "InvalidInput")),
        ({"ip_version": 4, "cidr": "10.0.0.0/24", "gateway_ip": "fd00::1"}, (400, "InvalidInput")),
        ({"ip_version": 4, "cidr": "10.0.0.0/24", "ipv6_ra_mode": "slaac"}, (400, "InvalidInput")),
        ({"ip_version": 6, "cidr": "fd00::/64", "ipv6_ra_mode": "fast"}, (400, "HTTPBadRequest")),
        (
            {
                "ip_version": 4,
                "cidr": "10.0.0.0/24",
                "allocation_pools": [{"start": "10.0.0.9", "end": "10.0.0.2"}],
            },
            (400, "InvalidAllocationPool"),
        ),
        (
            {
                "ip_version": 4,
                "cidr": "10.0.0.0/24",
                "allocation_pools": [{"start": "10.0.0.9", "end": "10.0.1.2"}],
            },
            (400, "OutOfBoundsAllocationPool"),
        ),
        (
            {
                "ip_version": 4,
                "cidr": "10.0.0.0/24",
                "gateway_ip": "10.0.0.5",
                "allocation_pools": [{"start": "10.0.0.2", "end": "10.0.0.9"}],
            },
            (409, "GatewayConflictWithAllocationPools"),
        ),
        (
            {
                "ip_version": 4,
                "cidr": "10.0.0.0/24",
                "allocation_pools": [
                    {"start": "10.0.0.2", "end": "10.0.0.9"},
                    {"start": "10.0.0.9", "end": "10.0.0.10"},
                ],
            },
            (409, "OverlappingAllocationPools"),
        ),
    ],
)
def test_a_bad_subnet_is_refused(lab: NeutronLab, attributes: Json, refusal: tuple[int, str]) -> None:
    network, _, _ = lab.project_network("10.1.0.0/24")
    assert lab.refused("POST", "subnets", {"subnet": {"network_id": network["id"], **attributes}}) == refusal
    assert len(lab.get("subnets")["subnets"]) == 1


def test_self_addressed_subnets_give_every_port_an_address(lab: NeutronLab) -> None:
    network = lab.make("networks")
    port = lab.make("ports", network_id=network["id"])
    assert port["fixed_ips"] == []
    modes = {"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
    subnet = lab.make("subnets", network_id=network["id"], ip_version=6, cidr="2001:db8::/64", **modes)
    (fixed_ip,) = lab.get(f"ports/{port['id']}")["port"]["fixed_ips"]
    expected = eui64(ipaddress.ip_network("2001:db8::/64"), port["mac_address"])
    assert fixed_ip == {"subnet_id": subnet["id"], "ip_address": expected}
    assert lab.call("DELETE", f"/v2.0/subnets/{subnet['id']}").status_code == 204
    assert lab.get(f"ports/{port['id']}")["port"]["fixed_ips"] == []


def test_subnets_are_cut_from_pools(lab: NeutronLab) -> None:
    network = lab.make("networks")
    pool = lab.make("subnetpools", name="pool", prefixes=["10.8.0.0/22"], default_prefixlen=24, max_prefixlen=26)
    cut = {"network_id": network["id"], "ip_version": 4, "subnetpool_id": pool["id"]}
    cidrs = [lab.make("subnets", **cut)["cidr"], lab.make("subnets", **cut, prefixlen=25)["cidr"]]
    assert cidrs == ["10.8.0.0/24", "10.8.1.0/25"]
    assert lab.refused("POST", "subnets", {"subnet": {**cut, "prefixlen": 28}}) == (
        400,
        "MaxPrefixSubnetAllocationError",
    )
    assert lab.refused("DELETE", f"subnetpools/{pool['id']}") == (400, "SubnetPoolDeleteError")
    answer = lab.call("PUT", f"/v2.0/subnetpools/{pool['id']}/add_prefixes", {"prefixes": ["10.9.0.0/24"]})
    assert answer.json() == {"prefixes": ["10.8.0.0/22", "10.9.0.0/24"]}
    assert lab.refused("PUT", f"subnetpools/{pool['id']}/remove_prefixes", {"prefixes": ["10.8.0.0/24"]}) == (
        400,
        "IllegalSubnetPoolPrefixUpdate",
    )
    assert lab.refused("PUT", f"subnetpools/{pool['id']}/add_prefixes", {"prefixes": 5})[0] == 400


def test_port_attributes_and_their_rules(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    path = {"network_id": network["id"]}
    port = lab.make(
        "ports", **path, mac_address="FA:16:3E:00:00:01", allowed_address_pairs=[{"ip_address": "10.1.0.9"}]
    )
    assert port["mac_address"] == "fa:16:3e:00:00:01"
    assert port["allowed_address_pairs"] == [{"mac_address": "fa:16:3e:00:00:01", "ip_address": "10.1.0.9"}]
    assert "binding:host_id" not in port
    assert port["binding:vnic_type"] == "normal"
    assert lab.refused("POST", "ports", {"port": {**path, "mac_address": port["mac_address"]}}) == (
        409,
        "MacAddressInUse",
    )
    assert lab.refused("PUT", f"ports/{port['id']}", {"port": {"port_security_enabled": False}}) == (
        409,
        "PortSecurityPortHasSecurityGroup",
    )
    off: Json = {"port_security_enabled": False, "security_groups": []}
    assert lab.refused("PUT", f"ports/{port['id']}", {"port": off}) == (409, "AddressPairAndPortSecurityRequired")
    opened = lab.update("ports", port["id"], **off, allowed_address_pairs=[])
    assert opened["port_security_enabled"] is False
    assert lab.refused("POST", "ports", {"port": {**path, "security_groups": ["0" * 32]}}) == (
        404,
        "SecurityGroupNotFound",
    )
    assert lab.refused("POST", "ports", {"port": {**path, "binding:host_id": "x"}})[0] == 403
    option = {"opt_name": "tftp-server", "opt_value": "10.1.0.3"}
    assert lab.update("ports", port["id"], extra_dhcp_opts=[option])["extra_dhcp_opts"] == [{**option, "ip_version": 4}]
    gone = {"opt_name": "tftp-server", "opt_value": None}
    assert lab.update("ports", port["id"], extra_dhcp_opts=[gone])["extra_dhcp_opts"] == []


def test_a_guest_on_a_shared_network_may_not_choose_its_address(lab: NeutronLab) -> None:
    network = lab.make("networks", who="admin", shared=True)
    lab.make("subnets", who="admin", network_id=network["id"], ip_version=4, cidr="10.2.0.0/24")
    path = {"network_id": network["id"]}
    lab.make("ports", **path)
    for given in (
        {"fixed_ips": [{"ip_address": "10.2.0.9"}]},
        {"mac_address": "fa:16:3e:00:00:01"},
        {"device_owner": "network:dhcp"},
        {"port_security_enabled": False},
    ):
        assert lab.refused("POST", "ports", {"port": {**path, **given}}) == (403, "PolicyNotAuthorized")


def test_prefixes_are_merged_and_subtracted() -> None:
    assert [str(block) for block in merge(["10.0.0.0/25", "10.0.0.128/25", "10.2.0.0/24"])] == [
        "10.0.0.0/24",
        "10.2.0.0/24",
    ]
    with pytest.raises(TypeError):
        merge(["10.0.0.0/24", "fd00::/64"])
    left = subtract(ipaddress.ip_network("10.0.0.0/24"), [ipaddress.ip_network("10.0.0.0/26")])
    assert sorted(map(str, left)) == ["10.0.0.128/25", "10.0.0.64/26"]
    assert subtract(ipaddress.ip_network("10.0.0.0/24"), [ipaddress.ip_network("10.0.0.0/8")]) == []
    other = ipaddress.ip_network("fd00::/64")
    assert subtract(other, [ipaddress.ip_network("10.0.0.0/8")]) == [other]


@pytest.mark.parametrize(
    ("name", "most"), [("dns_nameservers", 5), ("host_routes", 20)], ids=["name servers", "host routes"]
)
def test_a_subnet_has_a_limited_number_of_name_servers_and_routes(lab: NeutronLab, name: str, most: int) -> None:
    network = lab.make("networks")

    def items(count: int) -> Json:
        if name == "dns_nameservers":
            return [f"10.0.0.{number}" for number in range(1, count + 1)]
        return [{"destination": f"10.{number}.0.0/16", "nexthop": "10.0.0.9"} for number in range(1, count + 1)]

    subnet = {"network_id": network["id"], "ip_version": 4, "cidr": "10.0.0.0/24"}
    assert lab.refused("POST", "subnets", {"subnet": {**subnet, name: items(most + 1)}})[0] == 400
    taken: Json = {name: items(most)}
    assert len(lab.make("subnets", **subnet, **taken)[name]) == most
