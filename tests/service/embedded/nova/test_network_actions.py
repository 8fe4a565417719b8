"""Actions on the addresses and the security groups of a server."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pytest_doctor_maint.embedded.neutron.attributes import Record
from tests.support.nova import NovaBench


@dataclass
class FloatingIp:
    """A floating IP of ann's project.

    Attributes:
        record: The record of Neutron.
    """

    record: Record

    @property
    def address(self) -> str:
        return str(self.record["floating_ip_address"])


@pytest.fixture
def floating_ip(bench: NovaBench) -> FloatingIp:
    """A floating IP of ann's project, which has a network behind a router."""
    neutron, project_id = bench.cloud.neutron, bench.projects["ann"]
    network = neutron.create("network", project_id, name="net")
    subnet = neutron.create("subnet", project_id, network_id=network["id"], ip_version=4, cidr="10.0.0.0/24")
    gateway = {"network_id": neutron.public["id"]}
    router = neutron.create("router", project_id, external_gateway_info=gateway)
    neutron.router_interfaces.add(router, {"subnet_id": subnet["id"]}, neutron.internal)
    return FloatingIp(neutron.create("floatingip", project_id, floating_network_id=neutron.public["id"]))


def test_a_floating_ip_moves_before_the_answer(bench: NovaBench, floating_ip: FloatingIp) -> None:
    one, two = bench.boot("one"), bench.boot("two")
    value = {"address": floating_ip.address}

    for server in (one, two):
        before = bench.clock.now()
        bench.act(server, "addFloatingIp", value)
        assert (bench.clock.now() - before).total_seconds() == pytest.approx(bench.cloud.core.timings.floating_ip)
        shown = bench.call("GET", f"/servers/{server.id}")["server"]["addresses"]["net"]
        addresses = [(item["addr"], item["OS-EXT-IPS:type"]) for item in shown]
        assert addresses[1:] == [(floating_ip.address, "floating")]

    bench.act(one, "removeFloatingIp", value, status=409)
    bench.act(two, "removeFloatingIp", value)
    assert floating_ip.record["port_id"] is None


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ({"address": "172.24.4.250"}, 404),
        ({"address": "x"}, 400),
        ({}, 400),
        (None, 400),
        ({"address": "{}", "fixed_address": "10.0.0.250"}, 400),
        ({"address": "{}", "fixed_address": None}, 400),
    ],
)
def test_a_wrong_address_is_refused(
    bench: NovaBench, floating_ip: FloatingIp, value: dict[str, str] | None, status: int
) -> None:
    server = bench.boot()
    if value and value.get("address") == "{}":
        value = {**value, "address": floating_ip.address}

    bench.act(server, "addFloatingIp", value, status=status)

    assert floating_ip.record["port_id"] is None


def test_the_action_ends_with_2_43_and_is_for_own_floating_ips(bench: NovaBench, floating_ip: FloatingIp) -> None:
    server = bench.boot()
    value = {"address": floating_ip.address}

    bench.act(server, "addFloatingIp", value, version="2.44", status=404)

    floating_ip.record["project_id"] = bench.projects["bob"]
    bench.act(server, "addFloatingIp", value, status=404)


def test_a_server_without_addresses_gets_no_floating_ip(bench: NovaBench, floating_ip: FloatingIp) -> None:
    body = {"server": {"name": "n", "flavorRef": "3", "imageRef": bench.image, "networks": "none"}}
    answer = bench.call("POST", "/servers", body, version="2.37", status=202)
    bench.wait(10)
    server = bench.nova.servers[answer["server"]["id"]]

    bench.act(server, "addFloatingIp", {"address": floating_ip.address}, status=400)


@pytest.mark.parametrize("action", ["addSecurityGroup", "removeSecurityGroup"])
def test_a_security_group_must_exist_and_be_unique(bench: NovaBench, floating_ip: FloatingIp, action: str) -> None:
    server = bench.boot()

    bench.act(server, action, {"name": "nothing"}, status=404)

    for _ in range(2):
        bench.cloud.neutron.create("security_group", bench.projects["ann"], name="twice")
    bench.act(server, action, {"name": "twice"}, status=409)


def test_a_security_group_is_added_once_and_removed_once(bench: NovaBench, floating_ip: FloatingIp) -> None:
    server = bench.boot()
    group = bench.cloud.neutron.create("security_group", bench.projects["ann"], name="web")

    for _ in range(2):
        bench.act(server, "addSecurityGroup", {"name": "web"})

    (port,) = bench.cloud.neutron.ports_of(server.id)
    assert port["security_groups"].count(group["id"]) == 1
    bench.act(server, "removeSecurityGroup", {"name": "web"})
    bench.act(server, "removeSecurityGroup", {"name": "web"}, status=404)


def test_a_fixed_ip_is_added_and_removed(bench: NovaBench, floating_ip: FloatingIp) -> None:
    server = bench.boot()
    (port,) = bench.cloud.neutron.ports_of(server.id)

    bench.act(server, "addFixedIp", {"networkId": port["network_id"]})

    first, second = [item["ip_address"] for item in port["fixed_ips"]]
    assert first != second
    bench.act(server, "removeFixedIp", {"address": second})
    assert [item["ip_address"] for item in port["fixed_ips"]] == [first]
    bench.act(server, "removeFixedIp", {"address": second}, status=400)
    bench.act(server, "addFixedIp", {"networkId": "nothing"}, status=404)
    bench.act(server, "addFixedIp", {"networkId": 1}, status=400)
    bench.act(server, "addFixedIp", {"networkId": port["network_id"]}, version="2.44", status=404)


def test_a_crash_dump_needs_a_running_guest(bench: NovaBench) -> None:
    server = bench.boot()

    bench.act(server, "trigger_crash_dump", version="2.16", status=404)
    bench.act(server, "trigger_crash_dump", version="2.17")
    bench.act(server, "trigger_crash_dump", {}, version="2.17", status=400)

    bench.act(server, "os-stop")
    bench.wait(10)
    bench.act(server, "trigger_crash_dump", version="2.17", status=409)
