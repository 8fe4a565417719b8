"""The ports of servers: how Nova creates them, shows their addresses, and deletes them."""

import pytest

from pytest_doctor_maint.embedded.neutron.errors import AllocationError
from tests.support.json import Json
from tests.support.neutron import NeutronLab, running_lab


def status_of(lab: NeutronLab, requested: Json, **options: Json) -> tuple[int, str]:
    before = len(list(lab.neutron.ports))
    with pytest.raises(AllocationError) as caught:
        lab.neutron.allocate("s", "p1", requested, "name", **options)
    assert len(list(lab.neutron.ports)) == before
    assert lab.neutron.ports_of("s") == []
    return caught.value.status, caught.value.kind


def test_auto_takes_the_only_network_of_the_project(lab: NeutronLab) -> None:
    lab.neutron.allocate("lonely", "p1", None, "lonely")
    assert lab.neutron.addresses("lonely") == {}
    lab.project_network()
    lab.neutron.allocate("a", "p1", "auto", "a")
    lab.neutron.allocate("b", "p1", "none", "b")
    assert [one["addr"] for one in lab.neutron.addresses("a")["net"]] == ["10.1.0.2"]
    assert lab.neutron.ports_of("b") == []
    lab.project_network("10.2.0.0/24")
    assert status_of(lab, "auto") == (409, "NetworkAmbiguous")
    assert status_of(lab, None) == (409, "NetworkAmbiguous")


def test_a_request_that_cannot_be_fulfilled_allocates_nothing(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    good = {"uuid": network["id"]}
    theirs = lab.make("networks", who="bob")
    assert status_of(lab, [good, {"uuid": "nothing"}]) == (400, "NetworkNotFound")
    assert status_of(lab, [good, {"uuid": theirs["id"]}]) == (400, "NetworkNotFound")
    assert status_of(lab, [good, {"port": "nothing"}]) == (400, "PortNotFound")
    assert status_of(lab, [good, {"uuid": lab.neutron.public["id"]}]) == (403, "ExternalNetworkAttachForbidden")
    assert status_of(lab, [good, {**good, "fixed_ip": "10.77.0.1"}])[0] == 400
    bare = lab.make("networks")
    assert status_of(lab, [good, {"uuid": bare["id"]}]) == (400, "NetworkRequiresSubnet")
    port = lab.make("ports", network_id=network["id"], device_id="somebody")
    assert status_of(lab, [good, {"port": port["id"]}]) == (409, "PortInUse")
    free = lab.make("ports", network_id=network["id"])
    assert status_of(lab, [{"port": free["id"]}, {"port": free["id"]}]) == (409, "PortInUse")
    assert status_of(lab, [{"port": free["id"]}, {**good, "fixed_ip": "10.77.0.1"}])[0] == 400
    assert lab.get(f"ports/{free['id']}")["port"]["device_id"] == ""
    assert status_of(lab, [good], security_groups=["nothing"])[0] == 400
    lab.call("PUT", "/v2.0/quotas/p1", {"quota": {"port": 1}}, who="admin")
    assert status_of(lab, [good])[0] == 403


def test_ports_made_for_a_server_go_with_it_and_others_stay(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    own = lab.make("ports", network_id=network["id"], name="own")
    lab.neutron.allocate("s", "p1", [{"port": own["id"]}, {"uuid": network["id"], "fixed_ip": "10.1.0.40"}], "s")
    lab.neutron.bind_host("s", "compute-2")
    ports = lab.get("ports?device_id=s")["ports"]
    assert [port["fixed_ips"][0]["ip_address"] for port in ports] == ["10.1.0.2", "10.1.0.40"]
    assert {(port["device_owner"], port["status"]) for port in ports} == {("compute:nova", "ACTIVE")}
    bound = lab.get("ports?device_id=s&binding:host_id=compute-2", who="admin")["ports"]
    assert [port["binding:vif_type"] for port in bound] == ["ovs", "ovs"]
    lab.neutron.release("s")
    left = lab.get(f"ports?network_id={network['id']}&device_owner=")["ports"]
    assert [(port["id"], port["device_id"], port["status"]) for port in left] == [(own["id"], "", "DOWN")]


def test_addresses_are_in_novas_form(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    lab.neutron.allocate("s", "p1", [{"uuid": network["id"]}], "s")
    (port,) = lab.neutron.ports_of("s")
    floating_ip = lab.make("floatingips", floating_network_id=lab.neutron.public["id"], port_id=port["id"])
    mac = {"OS-EXT-IPS-MAC:mac_addr": port["mac_address"]}
    assert lab.neutron.addresses("s") == {
        "net": [
            {"addr": "10.1.0.2", "version": 4, "OS-EXT-IPS:type": "fixed", **mac},
            {"addr": floating_ip["floating_ip_address"], "version": 4, "OS-EXT-IPS:type": "floating", **mac},
        ]
    }


def test_ports_come_and_go_while_the_server_runs(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    lab.neutron.allocate("s", "p1", "none", "s")
    first = lab.neutron.attach("s", "p1", {})
    lab.neutron.bind_host("s", "compute-1")
    second = lab.neutron.attach("s", "p1", {"uuid": network["id"], "fixed_ip": "10.1.0.99"})
    assert second["binding:host_id"] == "compute-1"
    assert [port["id"] for port in lab.neutron.ports_of("s")] == [first["id"], second["id"]]
    lab.neutron.detach("s", first["id"])
    assert [port["id"] for port in lab.neutron.ports_of("s")] == [second["id"]]
    with pytest.raises(AllocationError, match="does not have a port"):
        lab.neutron.detach("s", first["id"])


def test_named_security_groups_are_the_ports(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    group = lab.make("security-groups", name="web")
    lab.neutron.allocate("s", "p1", [{"uuid": network["id"]}], "s", security_groups=["web", "default"])
    assert [one["name"] for one in lab.neutron.security_groups_of("s")] == ["web", "default"]
    assert lab.neutron.ports_of("s")[0]["security_groups"][0] == group["id"]


def test_one_seed_gives_the_same_network() -> None:
    seen = []
    for seed in (3, 3, 4):
        with running_lab(seed) as lab:
            network, _, _ = lab.project_network()
            for name in ("a", "b"):
                lab.neutron.allocate(name, "p1", [{"uuid": network["id"]}], name)
            seen.append([(port["id"], port["mac_address"], str(port["fixed_ips"])) for port in lab.neutron.ports])
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]
