"""Routers and floating IPs in Neutron: where they lead, how they move, and what is refused."""

from fuzz.state import fingerprint
from pytest_doctor_maint.history import kinds
from tests.support.json import Json
from tests.support.neutron import NeutronLab


def leads(lab: NeutronLab) -> list[Json]:
    return [event.data["server_id"] for event in lab.history.of(kinds.FLOATING_IP)]


def server(lab: NeutronLab, name: str, network: Json) -> Json:
    lab.neutron.allocate(name, "p1", [{"uuid": network["id"]}], name)
    lab.neutron.bind_host(name, "compute-1")
    return lab.neutron.ports_of(name)[0]


def test_a_floating_ip_serves_its_old_target_until_the_move_is_complete(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    act, stby = server(lab, "act", network), server(lab, "stby", network)
    floating_ip = lab.make("floatingips", floating_network_id=lab.neutron.public["id"], port_id=act["id"])
    assert (floating_ip["fixed_ip_address"], floating_ip["status"]) == ("10.1.0.2", "ACTIVE")
    began = lab.clock.now()
    halfway = []

    def watch() -> None:
        lab.clock.sleep(lab.cloud.core.timings.floating_ip / 2)
        halfway.append(leads(lab)[-1])

    task = lab.clock.spawn(watch, "watch")
    moved = lab.update("floatingips", floating_ip["id"], port_id=stby["id"])
    assert (lab.clock.now() - began).total_seconds() == lab.cloud.core.timings.floating_ip
    assert task.join()
    assert halfway == ["act"]
    assert (moved["port_id"], moved["fixed_ip_address"]) == (stby["id"], "10.1.0.3")
    assert moved["port_details"]["device_id"] == "stby"
    assert leads(lab) == ["act", "stby"]
    event = lab.history.of(kinds.FLOATING_IP)[-1]
    assert (event.actor, event.data["address"], event.data["project_id"]) == (
        "neutron",
        floating_ip["floating_ip_address"],
        "p1",
    )
    assert event.at == lab.clock.now()


def test_an_update_that_does_not_move_a_floating_ip_takes_no_time(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    port = server(lab, "act", network)
    floating_ip = lab.make("floatingips", floating_network_id=lab.neutron.public["id"], port_id=port["id"])
    began = lab.clock.now()
    lab.update("floatingips", floating_ip["id"], description="x")
    lab.update("floatingips", floating_ip["id"], port_id=port["id"])
    assert lab.clock.now() == began
    assert leads(lab) == ["act"]


def test_a_floating_ip_leads_nowhere_once_its_target_is_gone(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    public = lab.neutron.public["id"]
    first, second = server(lab, "first", network), server(lab, "second", network)
    one = lab.make("floatingips", floating_network_id=public, port_id=first["id"])
    two = lab.make("floatingips", floating_network_id=public, port_id=second["id"])
    lab.neutron.release("first")
    assert lab.get(f"floatingips/{one['id']}")["floatingip"]["port_id"] is None
    lab.call("DELETE", f"/v2.0/ports/{second['id']}")
    assert lab.get(f"floatingips/{two['id']}")["floatingip"]["status"] == "DOWN"
    assert leads(lab) == ["first", "second", None, None]


def test_deleting_or_disassociating_a_floating_ip_is_recorded(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    port = server(lab, "act", network)
    floating_ip = lab.make("floatingips", floating_network_id=lab.neutron.public["id"], port_id=port["id"])
    cut = lab.update("floatingips", floating_ip["id"], port_id=None)
    assert (cut["router_id"], cut["fixed_ip_address"], cut["port_details"]) == (None, None, None)
    lab.update("floatingips", floating_ip["id"], port_id=port["id"])
    assert lab.call("DELETE", f"/v2.0/floatingips/{floating_ip['id']}").status_code == 204
    assert leads(lab) == ["act", None, "act", None]
    assert lab.get("ports?device_owner=network:floatingip", who="admin")["ports"] == []


def test_a_move_is_refused_when_the_target_goes_away_meanwhile(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    act, stby = server(lab, "act", network), server(lab, "stby", network)
    floating_ip = lab.make("floatingips", floating_network_id=lab.neutron.public["id"], port_id=act["id"])

    def kill() -> None:
        lab.clock.sleep(0.1)
        with lab.cloud.core.lock:
            lab.neutron.release("stby")

    lab.clock.spawn(kill, "kill")
    path = f"floatingips/{floating_ip['id']}"
    assert lab.refused("PUT", path, {"floatingip": {"port_id": stby["id"]}}) == (404, "PortNotFound")
    assert lab.get(path)["floatingip"]["port_id"] == act["id"]
    assert leads(lab) == ["act"]


def test_two_floating_ips_cannot_lead_to_one_address(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    port = server(lab, "act", network)
    public = lab.neutron.public["id"]
    lab.make("floatingips", floating_network_id=public, port_id=port["id"])
    other = lab.make("floatingips", floating_network_id=public)
    began = lab.clock.now()
    refusal = (409, "FloatingIPPortAlreadyAssociated")
    assert lab.refused("PUT", f"floatingips/{other['id']}", {"floatingip": {"port_id": port["id"]}}) == refusal
    body = {"floatingip": {"floating_network_id": public, "port_id": port["id"]}}
    assert lab.refused("POST", "floatingips", body) == refusal
    assert lab.clock.now() == began
    assert len(lab.get("floatingips")["floatingips"]) == 2


def test_a_floating_ip_needs_a_router_and_an_external_network(lab: NeutronLab) -> None:
    network = lab.make("networks")
    lab.make("subnets", network_id=network["id"], ip_version=4, cidr="10.5.0.0/24")
    port = lab.make("ports", network_id=network["id"])
    body = {"floating_network_id": lab.neutron.public["id"], "port_id": port["id"]}
    assert lab.refused("POST", "floatingips", {"floatingip": body}) == (404, "ExternalGatewayForFloatingIPNotFound")
    body = {"floating_network_id": network["id"]}
    assert lab.refused("POST", "floatingips", {"floatingip": body}) == (400, "BadRequest")
    body = {"floating_network_id": "0" * 32}
    assert lab.refused("POST", "floatingips", {"floatingip": body}) == (404, "NetworkNotFound")
    body = {"floating_network_id": lab.neutron.public["id"], "floating_ip_address": "172.24.4.99"}
    assert lab.refused("POST", "floatingips", {"floatingip": body})[0] == 403
    assert lab.make("floatingips", who="admin", **body)["floating_ip_address"] == "172.24.4.99"
    assert lab.refused("POST", "floatingips", {"floatingip": body}, who="admin") == (409, "IpAddressAlreadyAllocated")


def test_floating_ips_can_be_filtered(lab: NeutronLab) -> None:
    network, _, router = lab.project_network()
    port = server(lab, "act", network)
    public = lab.neutron.public["id"]
    one = lab.make("floatingips", floating_network_id=public, port_id=port["id"])
    two = lab.make("floatingips", floating_network_id=public)

    def found(query: str, who: str = "ann") -> list[str]:
        return [record["id"] for record in lab.get(f"floatingips?{query}", who=who)["floatingips"]]

    assert found(f"floating_ip_address={two['floating_ip_address']}") == [two["id"]]
    assert found(f"port_id={port['id']}") == [one["id"]]
    assert found(f"router_id={router['id']}") == [one["id"]]
    assert found("status=DOWN") == [two["id"]]
    assert found("", who="bob") == []


def test_router_interfaces(lab: NeutronLab) -> None:
    network, subnet, router = lab.project_network()
    path = f"routers/{router['id']}"
    assert lab.refused("PUT", f"{path}/add_router_interface", {}) == (400, "BadRequest")
    assert lab.refused("PUT", f"{path}/add_router_interface", {"subnet_id": subnet["id"]}) == (400, "BadRequest")
    other = lab.make("networks")
    overlap = lab.make("subnets", network_id=other["id"], ip_version=4, cidr="10.1.0.0/25")
    assert lab.refused("PUT", f"{path}/add_router_interface", {"subnet_id": overlap["id"]}) == (400, "BadRequest")
    third = lab.make("networks")
    headless = lab.make("subnets", network_id=third["id"], ip_version=4, cidr="10.7.0.0/24", gateway_ip=None)
    assert lab.refused("PUT", f"{path}/add_router_interface", {"subnet_id": headless["id"]}) == (400, "BadRequest")
    port = lab.make("ports", network_id=third["id"])
    added = lab.call("PUT", f"/v2.0/{path}/add_router_interface", {"port_id": port["id"]}).json()
    assert (added["port_id"], added["subnet_id"]) == (port["id"], headless["id"])
    assert lab.refused("PUT", f"{path}/add_router_interface", {"port_id": port["id"]}) == (409, "PortInUse")
    assert lab.refused("DELETE", f"ports/{port['id']}") == (409, "ServicePortInUse")
    assert lab.refused("DELETE", path) == (409, "RouterInUse")
    assert lab.refused("DELETE", f"subnets/{subnet['id']}") == (409, "SubnetInUse")
    assert lab.refused("PUT", f"{path}/remove_router_interface", {"subnet_id": overlap["id"]}) == (
        404,
        "RouterInterfaceNotFoundForSubnet",
    )
    for body in ({"port_id": port["id"]}, {"subnet_id": subnet["id"]}):
        assert lab.call("PUT", f"/v2.0/{path}/remove_router_interface", body).status_code == 200
    assert lab.call("DELETE", f"/v2.0/{path}").status_code == 204
    assert lab.call("DELETE", f"/v2.0/networks/{network['id']}").status_code == 204
    assert lab.get("ports?device_owner=network:router_gateway", who="admin")["ports"] == []


def test_a_router_keeps_interfaces_that_floating_ips_and_routes_need(lab: NeutronLab) -> None:
    network, subnet, router = lab.project_network()
    port = server(lab, "act", network)
    floating_ip = lab.make("floatingips", floating_network_id=lab.neutron.public["id"], port_id=port["id"])
    path = f"routers/{router['id']}"
    interface = {"subnet_id": subnet["id"]}
    assert lab.refused("PUT", f"{path}/remove_router_interface", interface) == (409, "RouterInterfaceInUseByFloatingIP")
    assert lab.refused("PUT", path, {"router": {"external_gateway_info": {}}}) == (
        409,
        "RouterExternalGatewayInUseByFloatingIp",
    )
    lab.call("DELETE", f"/v2.0/floatingips/{floating_ip['id']}")
    route = {"destination": "10.99.0.0/16", "nexthop": "10.1.0.50"}
    assert lab.update("routers", router["id"], routes=[route])["routes"] == [route]
    assert lab.refused("PUT", f"{path}/remove_router_interface", interface) == (409, "RouterInterfaceInUseByRoute")
    far = {"destination": "10.98.0.0/16", "nexthop": "10.3.0.50"}
    assert lab.refused("PUT", path, {"router": {"routes": [far]}}) == (400, "BadRequest")
    more = {"destination": "10.97.0.0/16", "nexthop": "10.1.0.51"}
    answer = lab.call("PUT", f"/v2.0/{path}/add_extraroutes", {"router": {"routes": [route, more]}})
    assert answer.json()["router"]["routes"] == [route, more]
    answer = lab.call("PUT", f"/v2.0/{path}/remove_extraroutes", {"router": {"routes": [route, more]}})
    assert answer.json()["router"]["routes"] == []
    assert lab.update("routers", router["id"], external_gateway_info={})["external_gateway_info"] is None


def test_source_nat_and_gateway_addresses_are_for_admins(lab: NeutronLab) -> None:
    gateway = {"network_id": lab.neutron.public["id"], "enable_snat": False}
    assert lab.refused("POST", "routers", {"router": {"external_gateway_info": gateway}})[0] == 403
    router = lab.make("routers", who="admin", external_gateway_info=gateway)
    assert router["external_gateway_info"]["enable_snat"] is False
    network = lab.make("networks")
    wrong = {"external_gateway_info": {"network_id": network["id"]}}
    assert lab.refused("POST", "routers", {"router": wrong}) == (400, "BadRequest")
    assert lab.get("routers")["routers"] == []


def test_a_refused_router_is_not_counted(lab: NeutronLab) -> None:
    before = fingerprint(lab.neutron)
    gateway = {"network_id": lab.neutron.public["id"], "external_fixed_ips": [{"ip_address": "10.99.0.1"}]}
    body = {"router": {"name": "r", "external_gateway_info": gateway}}
    assert lab.refused("POST", "routers", body, who="admin")[0] == 400
    assert fingerprint(lab.neutron) == before
