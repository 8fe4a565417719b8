"""What all resources of Neutron have in common: bodies, isolation of projects, listings, tags, revisions, quotas."""

import pytest

from tests.support.json import Json
from tests.support.neutron import NeutronLab


def test_the_list_of_versions_needs_no_token(lab: NeutronLab) -> None:
    versions = lab.session.get(f"{lab.cloud.url}/networking/").json()["versions"]
    assert [(one["id"], one["status"]) for one in versions] == [("v2.0", "CURRENT")]
    href = versions[0]["links"][0]["href"]
    assert href == f"{lab.cloud.url}/networking/v2.0/"
    assert lab.session.get(href).status_code == 401


def test_a_version_shows_its_resources(lab: NeutronLab) -> None:
    resources = lab.call("GET", "/v2.0/").json()["resources"]
    assert any(one["collection"] == "networks" for one in resources)


def test_without_a_token_requests_are_refused(lab: NeutronLab) -> None:
    answer = lab.call("GET", "/v2.0/networks", who="nobody")
    assert answer.status_code == 401
    assert answer.json()["NeutronError"]["type"] == "Unauthorized"


def test_every_extension_can_be_shown(lab: NeutronLab) -> None:
    aliases = [one["alias"] for one in lab.get("extensions")["extensions"]]
    assert len(aliases) == len(set(aliases))
    assert {"router", "external-net", "security-group", "quotas", "binding", "port-security"} <= set(aliases)
    for alias in aliases:
        assert lab.get(f"extensions/{alias}")["extension"]["alias"] == alias
    assert lab.refused("GET", "extensions/nonsense") == (404, "ExtensionNotFound")


def test_lists_that_are_no_resources_are_filtered_too(lab: NeutronLab) -> None:
    providers = lab.get("service-providers")["service_providers"]
    assert [one["name"] for one in providers] == ["dvrha", "dvr", "ha", "single_node"]
    assert lab.get("service-providers?service_type=VPN")["service_providers"] == []
    assert lab.get("service-providers?name=ha&name=dvr&fields=name")["service_providers"] == [
        {"name": "dvr"},
        {"name": "ha"},
    ]
    zones = lab.get("availability_zones?resource=router&fields=resource&fields=state")["availability_zones"]
    assert zones == [{"resource": "router", "state": "available"}]


def test_the_public_network_is_there_and_seen_by_all(lab: NeutronLab) -> None:
    (public,) = lab.get("networks?router:external=True")["networks"]
    assert (public["name"], public["shared"]) == ("public", False)
    assert "provider:network_type" not in public
    (subnet,) = lab.get("subnets", who="admin")["subnets"]
    assert (subnet["cidr"], subnet["enable_dhcp"]) == ("172.24.4.0/24", False)
    assert lab.get("subnets")["subnets"] == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "HTTPBadRequest"),
        ({"network": []}, "HTTPBadRequest"),
        ({"network": {"colour": "red"}}, "HTTPBadRequest"),
        ({"network": {"id": "x"}}, "HTTPBadRequest"),
        ({"network": {"name": 5}}, "HTTPBadRequest"),
        ({"network": {"name": "n" * 256}}, "HTTPBadRequest"),
        ({"network": {"admin_state_up": "perhaps"}}, "HTTPBadRequest"),
        ({"network": {"project_id": "p2"}}, "HTTPBadRequest"),
        ({"networks": []}, "HTTPBadRequest"),
        ({"networks": [{}, {"colour": "red"}]}, "HTTPBadRequest"),
    ],
)
def test_a_bad_body_is_refused_and_makes_nothing(lab: NeutronLab, body: Json, kind: str) -> None:
    assert lab.refused("POST", "networks", body) == (400, kind)
    assert len(lab.get("networks")["networks"]) == 1


@pytest.mark.parametrize("body", ["not json", '"text"', "[1]", "null"])
def test_a_body_that_is_not_an_object_is_refused(lab: NeutronLab, body: str) -> None:
    answer = lab.session.post(f"{lab.cloud.url}/networking/v2.0/networks", data=body, headers={"X-Auth-Token": "ann"})
    assert answer.status_code == 400
    assert "NeutronError" in answer.json()


@pytest.mark.parametrize("attribute", ["shared", "router:external", "provider:network_type"])
def test_attributes_of_admins_are_forbidden(lab: NeutronLab, attribute: str) -> None:
    value = "vlan" if attribute == "provider:network_type" else True
    assert lab.refused("POST", "networks", {"network": {attribute: value}}) == (403, "PolicyNotAuthorized")
    lab.make("networks", who="admin", **{attribute: value})


def test_a_project_sees_and_changes_only_its_own(lab: NeutronLab) -> None:
    network = lab.make("networks", name="mine")
    path = f"networks/{network['id']}"
    assert lab.refused("GET", path, who="bob") == (404, "NetworkNotFound")
    assert lab.refused("PUT", path, {"network": {"name": "x"}}, who="bob") == (404, "NetworkNotFound")
    assert lab.refused("DELETE", path, who="bob") == (404, "NetworkNotFound")
    assert network["id"] not in [one["id"] for one in lab.get("networks", who="bob")["networks"]]
    assert lab.get(path, who="admin")["network"]["name"] == "mine"
    public = f"networks/{lab.neutron.public['id']}"
    assert lab.refused("DELETE", public) == (403, "PolicyNotAuthorized")


def test_a_reader_reads_and_writes_nothing(lab: NeutronLab) -> None:
    lab.make("networks", name="mine")
    assert len(lab.get("networks", who="reader")["networks"]) == 2
    assert lab.refused("POST", "networks", {"network": {}}, who="reader")[0] == 403


def test_sharing_by_policy_shows_a_network_to_one_project(lab: NeutronLab) -> None:
    network = lab.make("networks", name="mine")
    policy = lab.call(
        "POST",
        "/v2.0/rbac-policies",
        {
            "rbac_policy": {
                "object_type": "network",
                "object_id": network["id"],
                "action": "access_as_shared",
                "target_tenant": "p2",
            }
        },
    ).json()["rbac_policy"]
    assert lab.get(f"networks/{network['id']}", who="bob")["network"]["shared"] is True
    assert lab.get(f"networks/{network['id']}")["network"]["shared"] is False
    lab.make("ports", who="bob", network_id=network["id"])
    assert lab.refused("DELETE", f"rbac-policies/{policy['id']}") == (409, "InvalidSharedSetting")


def test_a_network_is_external_as_long_as_a_policy_says_so(lab: NeutronLab) -> None:
    network = lab.make("networks", who="admin", name="uplink")
    lab.make("subnets", who="admin", network_id=network["id"], ip_version=4, cidr="192.0.2.0/24")
    body = {"object_type": "network", "object_id": network["id"], "action": "access_as_external"}
    answer = lab.call("POST", "/v2.0/rbac-policies", {"rbac_policy": {**body, "target_tenant": "p1"}}, who="admin")
    policy = answer.json()["rbac_policy"]
    assert lab.get(f"networks/{network['id']}")["network"]["router:external"] is True
    assert lab.refused("GET", f"networks/{network['id']}", who="bob")[0] == 404
    gateway: Json = {"router": {"external_gateway_info": {"network_id": network["id"]}}}
    assert lab.refused("POST", "routers", gateway, who="bob") == (404, "NetworkNotFound")
    router = lab.make("routers", **gateway["router"])
    path = f"rbac-policies/{policy['id']}"
    assert lab.refused("DELETE", path, who="admin") == (409, "InvalidSharedSetting")
    lab.call("DELETE", f"/v2.0/routers/{router['id']}")
    assert lab.call("DELETE", f"/v2.0/{path}", who="admin").status_code == 204
    assert lab.get(f"networks/{network['id']}", who="admin")["network"]["router:external"] is False


def test_the_mtu_must_be_enough_for_the_subnets(lab: NeutronLab) -> None:
    network = lab.make("networks", mtu=67)
    subnet = {"network_id": network["id"], "ip_version": 4, "cidr": "10.0.0.0/24"}
    assert lab.refused("POST", "subnets", {"subnet": subnet}) == (409, "NetworkMTUSubnetConflict")
    lab.update("networks", network["id"], mtu=1400)
    lab.make("subnets", **subnet)
    path = f"networks/{network['id']}"
    assert lab.refused("PUT", path, {"network": {"mtu": 67}}) == (409, "NetworkMTUSubnetConflict")


def test_bulk_creation_is_all_or_nothing(lab: NeutronLab) -> None:
    made = lab.call("POST", "/v2.0/networks", {"networks": [{"name": "a"}, {"name": "b"}]})
    assert made.status_code == 201
    assert [one["name"] for one in made.json()["networks"]] == ["a", "b"]
    lab.call("PUT", "/v2.0/quotas/p1", {"quota": {"network": 3}}, who="admin")
    assert lab.refused("POST", "networks", {"networks": [{"name": "c"}, {"name": "d"}]}) == (409, "OverQuota")
    assert [one["name"] for one in lab.get("networks?project_id=p1")["networks"]] == ["a", "b"]


def test_filters_fields_and_sorting(lab: NeutronLab) -> None:
    for name, up in (("b", True), ("a", False), ("c", True)):
        lab.make("networks", name=name, admin_state_up=up)

    def names(query: str) -> list[str]:
        return [one["name"] for one in lab.get(f"networks?project_id=p1&{query}")["networks"]]

    assert names("") == ["b", "a", "c"]
    assert names("name=a&name=c") == ["a", "c"]
    assert names("admin_state_up=false") == ["a"]
    assert names("sort_key=name&sort_dir=desc") == ["c", "b", "a"]
    assert names("sort_key=admin_state_up&sort_key=name&sort_dir=desc&sort_dir=asc") == ["b", "c", "a"]
    assert names("no_such_attribute=1") == ["b", "a", "c"]
    assert names("description=") == ["b", "a", "c"]
    assert lab.get("networks?name=a&fields=name&fields=mtu")["networks"] == [{"name": "a", "mtu": 1500}]
    assert lab.refused("GET", "networks?sort_key=colour")[0] == 400
    assert lab.refused("GET", "networks?sort_key=name&sort_dir=up")[0] == 400
    assert lab.refused("GET", "networks?sort_key=name&sort_key=id&sort_dir=asc")[0] == 400


def test_a_project_cannot_filter_by_attributes_that_it_does_not_see(lab: NeutronLab) -> None:
    network = lab.make("networks")
    port = lab.make("ports", network_id=network["id"])
    lab.update("ports", port["id"], who="admin", **{"binding:host_id": "compute-1"})
    assert len(lab.get("ports?binding:host_id=compute-2")["ports"]) == 1
    assert lab.get("ports?binding:host_id=compute-2", who="admin")["ports"] == []


@pytest.mark.parametrize("reverse", [False, True])
def test_pages_lead_through_the_whole_listing(lab: NeutronLab, reverse: bool) -> None:
    for name in "abcde":
        lab.make("networks", name=name)
    url = f"{lab.cloud.url}/networking/v2.0/networks?project_id=p1&sort_key=name&limit=2"
    url += "&page_reverse=True" if reverse else ""
    pages = []
    while url:
        answer = lab.session.get(url, headers={"X-Auth-Token": "ann"}).json()
        pages.append([one["name"] for one in answer["networks"]])
        relation = "previous" if reverse else "next"
        url = next((link["href"] for link in answer["networks_links"] if link["rel"] == relation), "")
    assert pages == ([["d", "e"], ["b", "c"], ["a"]] if reverse else [["a", "b"], ["c", "d"], ["e"]])


@pytest.mark.parametrize(
    ("query", "status"), [("limit=-1", 400), ("limit=x", 400), ("limit=%C2%B2", 400), ("marker=nothing", 404)]
)
def test_bad_pages_are_refused(lab: NeutronLab, query: str, status: int) -> None:
    assert lab.refused("GET", f"networks?{query}")[0] == status


def test_tags(lab: NeutronLab) -> None:
    first = lab.make("networks", name="first")["id"]
    second = lab.make("networks", name="second")["id"]
    assert lab.call("PUT", f"/v2.0/networks/{first}/tags", {"tags": ["red", "blue"]}).status_code == 200
    assert lab.call("PUT", f"/v2.0/networks/{second}/tags/red").status_code == 201
    assert lab.call("GET", f"/v2.0/networks/{second}/tags/red").status_code == 204
    assert lab.refused("GET", f"networks/{second}/tags/blue") == (404, "TagNotFound")

    def names(query: str) -> list[str]:
        return [one["name"] for one in lab.get(f"networks?project_id=p1&{query}")["networks"]]

    assert names("tags=red,blue") == ["first"]
    assert names("tags-any=blue,red") == ["first", "second"]
    assert names("not-tags=red,blue") == ["second"]
    assert names("not-tags-any=blue") == ["second"]
    assert lab.call("DELETE", f"/v2.0/networks/{first}/tags/red").status_code == 204
    assert lab.get(f"networks/{first}/tags") == {"tags": ["blue"]}
    assert lab.call("DELETE", f"/v2.0/networks/{first}/tags").status_code == 204
    assert lab.get(f"networks/{first}/tags") == {"tags": []}
    assert lab.refused("PUT", f"networks/{first}/tags", {"tags": "red"})[0] == 400
    assert lab.refused("PUT", f"networks/{first}/tags/{'x' * 256}")[0] == 400
    assert lab.refused("PUT", f"networks/{first}/tags", {"tags": ["x"]}, who="bob")[0] == 404


def test_revisions_and_times_come_from_changes_and_the_clock(lab: NeutronLab) -> None:
    network = lab.make("networks", name="a")
    assert (network["revision_number"], network["created_at"]) == (1, "2030-01-01T00:00:00Z")
    lab.clock.sleep(61)
    changed = lab.update("networks", network["id"], name="b")
    assert (changed["revision_number"], changed["updated_at"]) == (2, "2030-01-01T00:01:01Z")
    assert changed["created_at"] == network["created_at"]
    path = f"/v2.0/networks/{network['id']}"
    stale = {"If-Match": "revision_number=1"}
    assert lab.call("PUT", path, {"network": {"name": "c"}}, headers=stale).status_code == 412
    assert lab.call("DELETE", path, headers={"If-Match": "revision_number=2"}).status_code == 204


def test_quotas(lab: NeutronLab) -> None:
    assert lab.get("quotas/p1")["quota"]["network"] == 100
    assert lab.refused("GET", "quotas/p2")[0] == 403
    assert lab.refused("PUT", "quotas/p1", {"quota": {"network": 1}})[0] == 403
    assert lab.refused("PUT", "quotas/p1", {"quota": {"network": -2}}, who="admin")[0] == 400
    assert lab.refused("PUT", "quotas/p1", {"quota": {"colour": 2}}, who="admin")[0] == 400
    assert lab.refused("DELETE", "quotas/p1", who="admin")[0] == 404
    assert lab.call("PUT", "/v2.0/quotas/p1", {"quota": {"network": "1"}}, who="admin").status_code == 200
    lab.make("networks")
    assert lab.refused("POST", "networks", {"network": {}}) == (409, "OverQuota")
    assert lab.get("quotas/p1/details")["quota"]["network"] == {"limit": 1, "used": 1, "reserved": 0}
    assert [one["project_id"] for one in lab.get("quotas", who="admin")["quotas"]] == ["p1"]
    assert lab.call("DELETE", "/v2.0/quotas/p1", who="admin").status_code == 204
    assert lab.get("quotas/p1/default") == lab.get("quotas/p1")


def test_agents_run_on_every_compute_and_are_for_admins(lab: NeutronLab) -> None:
    agents = lab.get("agents", who="admin")["agents"]
    assert [one["host"] for one in agents] == ["compute-1", "compute-2"]
    assert all(one["alive"] for one in agents)
    assert lab.get("agents")["agents"] == []


@pytest.mark.parametrize("path", ["colours", "networks/x", "networks/x/tags", "routers/x/add_router_interface"])
def test_an_unknown_path_is_404_in_neutrons_form(lab: NeutronLab, path: str) -> None:
    method, body = ("PUT", {"subnet_id": "x"}) if path.endswith("interface") else ("GET", None)
    assert lab.refused(method, path, body)[0] == 404


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("networks", "NetworkNotFound"),
        ("subnets", "SubnetNotFound"),
        ("ports", "PortNotFound"),
        ("routers", "RouterNotFound"),
        ("floatingips", "FloatingIPNotFound"),
        ("security-groups", "SecurityGroupNotFound"),
        ("security-group-rules", "SecurityGroupRuleNotFound"),
        ("subnetpools", "SubnetPoolNotFound"),
        ("address-scopes", "AddressScopeNotFound"),
        ("rbac-policies", "RbacPolicyNotFound"),
        ("agents", "AgentNotFound"),
    ],
)
def test_a_missing_resource_is_named_by_neutrons_error(lab: NeutronLab, path: str, name: str) -> None:
    assert lab.refused("GET", f"{path}/{'0' * 32}") == (404, name)
    assert lab.refused("GET", f"{path}?marker={'0' * 32}") == (404, name)
