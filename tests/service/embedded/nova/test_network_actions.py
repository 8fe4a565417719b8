"""The actions on a server's floating IPs and security groups."""

from typing import Any

import pytest

PROJECT = "a" * 32


@pytest.fixture
def served(cloud: Any) -> Any:
    """The cloud, whose project has a network behind a router, and a floating IP."""
    neutron = cloud.world.neutron
    network = neutron.create("network", PROJECT, name="net")
    subnet = neutron.create("subnet", PROJECT, network_id=network["id"], ip_version=4, cidr="10.0.0.0/24")
    gateway = {"network_id": neutron.public["id"]}
    router = neutron.create("router", PROJECT, external_gateway_info=gateway)
    neutron.router_interfaces.add(router, {"subnet_id": subnet["id"]}, neutron.internal)
    cloud.floating_ip = neutron.create("floatingip", PROJECT, floating_network_id=neutron.public["id"])
    cloud.address = cloud.floating_ip["floating_ip_address"]
    return cloud


def test_a_floating_ip_comes_and_goes_with_the_answer(served: Any) -> None:
    one, two = served.boot("one"), served.boot("two")
    value = {"address": served.address}
    for server in (one, two):
        before = served.clock.now()
        assert served.act(server, "addFloatingIp", value, by="demo").status_code == 202
        assert (served.clock.now() - before).total_seconds() == pytest.approx(served.world.core.timings.floating_ip)
        shown = served.call("GET", f"/servers/{server.id}", by="demo").json["server"]["addresses"]["net"]
        assert [(item["addr"], item["OS-EXT-IPS:type"]) for item in shown][1:] == [(served.address, "floating")]
    assert served.act(one, "removeFloatingIp", value, by="demo").status_code == 409
    assert served.act(two, "removeFloatingIp", value, by="demo").status_code == 202
    assert served.floating_ip["port_id"] is None


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
def test_what_is_refused(served: Any, value: Any, status: int) -> None:
    server = served.boot()
    if value and value.get("address") == "{}":
        value = {**value, "address": served.address}
    assert served.act(server, "addFloatingIp", value, by="demo").status_code == status
    assert served.floating_ip["port_id"] is None


def test_a_floating_ip_of_another_project_and_after_2_43(served: Any) -> None:
    server = served.boot()
    value = {"address": served.address}
    assert served.act(server, "addFloatingIp", value, by="demo", version="2.44").status_code == 404
    served.floating_ip["project_id"] = "c" * 32
    assert served.act(server, "addFloatingIp", value, by="demo").status_code == 404


def test_a_server_without_addresses(served: Any) -> None:
    body = {"server": {"name": "n", "flavorRef": "3", "imageRef": served.image, "networks": "none"}}
    answer = served.call("POST", "/servers", body, by="demo", version="2.37")
    served.wait(10)
    server = served.nova.servers[answer.json["server"]["id"]]
    assert served.act(server, "addFloatingIp", {"address": served.address}, by="demo").status_code == 400


@pytest.mark.parametrize("action", ["addSecurityGroup", "removeSecurityGroup"])
def test_a_security_group_that_is_not_there(served: Any, action: str) -> None:
    server = served.boot()
    assert served.act(server, action, {"name": "nothing"}, by="demo").status_code == 404
    for _ in range(2):
        served.world.neutron.create("security_group", PROJECT, name="twice")
    assert served.act(server, action, {"name": "twice"}, by="demo").status_code == 409


def test_a_security_group_is_added_once_and_removed_once(served: Any) -> None:
    server = served.boot()
    group = served.world.neutron.create("security_group", PROJECT, name="web")
    for _ in range(2):
        assert served.act(server, "addSecurityGroup", {"name": "web"}, by="demo").status_code == 202
    (port,) = served.world.neutron.ports_of(server.id)
    assert port["security_groups"].count(group["id"]) == 1
    assert served.act(server, "removeSecurityGroup", {"name": "web"}, by="demo").status_code == 202
    assert served.act(server, "removeSecurityGroup", {"name": "web"}, by="demo").status_code == 404


def test_a_server_gets_one_more_address_and_loses_it(served: Any) -> None:
    server = served.boot()
    (port,) = served.world.neutron.ports_of(server.id)
    assert served.act(server, "addFixedIp", {"networkId": port["network_id"]}, by="demo").status_code == 202
    first, second = [item["ip_address"] for item in port["fixed_ips"]]
    assert first != second
    assert served.act(server, "removeFixedIp", {"address": second}, by="demo").status_code == 202
    assert [item["ip_address"] for item in port["fixed_ips"]] == [first]
    assert served.act(server, "removeFixedIp", {"address": second}, by="demo").status_code == 400
    assert served.act(server, "addFixedIp", {"networkId": "nothing"}, by="demo").status_code == 404
    assert served.act(server, "addFixedIp", {"networkId": 1}, by="demo").status_code == 400
    value = {"networkId": port["network_id"]}
    assert served.act(server, "addFixedIp", value, by="demo", version="2.44").status_code == 404


def test_a_crash_dump(served: Any) -> None:
    server = served.boot()
    assert served.act(server, "trigger_crash_dump", by="demo", version="2.16").status_code == 404
    assert served.act(server, "trigger_crash_dump", by="demo", version="2.17").status_code == 202
    served.act(server, "os-stop")
    served.wait(10)
    assert served.act(server, "trigger_crash_dump", by="demo", version="2.17").status_code == 409
