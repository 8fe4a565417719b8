"""What only admins may say is refused to others before its value is looked at."""

from __future__ import annotations

import pytest

from tests.support.json import Json
from tests.support.neutron import NeutronLab
from tests.support.routes import new_cloud

with new_cloud() as _cloud:
    #: Every attribute that only admins may set: the collection, the name of one resource, and the attribute.
    ATTRIBUTES = [
        (collection.kind.collection, collection.kind.name, name)
        for collection in _cloud.neutron.collections
        for name, attribute in collection.kind.attributes.items()
        if attribute.set_admin
    ]
#: Those of them that nobody may change.
CONSTANT = {("floatingips", "floating_ip_address"), ("subnetpools", "shared")}


def test_these_attributes_are_for_admins() -> None:
    assert {f"{kind}:{name}" for _, kind, name in ATTRIBUTES} == {
        *(f"network:{name}" for name in ("shared", "router:external", "is_default")),
        *(f"network:provider:{name}" for name in ("network_type", "physical_network", "segmentation_id")),
        "subnet:service_types",
        "port:binding:host_id",
        "port:binding:profile",
        "router:distributed",
        "router:ha",
        "floatingip:floating_ip_address",
        "subnetpool:shared",
        "subnetpool:is_default",
        "address_scope:shared",
    }


def existing(lab: NeutronLab, collection: str) -> Json:
    """Return a resource of ann's."""
    network = lab.make("networks")
    subnet = {"network_id": network["id"], "cidr": "10.0.0.0/24", "ip_version": 4}
    if collection == "floatingips":
        return lab.make("floatingips", floating_network_id=lab.neutron.public["id"])
    attributes: dict[str, dict[str, Json]] = {
        "subnets": subnet,
        "ports": {"network_id": network["id"]},
        "subnetpools": {"name": "pool", "prefixes": ["10.0.0.0/16"]},
        "address-scopes": {"name": "scope", "ip_version": 4},
    }
    return lab.make(collection, **attributes.get(collection, {}))


@pytest.mark.parametrize(
    ("collection", "kind", "name"), ATTRIBUTES, ids=[f"{kind}:{name}" for _, kind, name in ATTRIBUTES]
)
def test_an_admins_attribute_is_refused_to_others_whatever_its_value(
    lab: NeutronLab, collection: str, kind: str, name: str
) -> None:
    record = existing(lab, collection)
    constant = (collection, name) in CONSTANT
    for value in (True, "x", 7, ["x"], {"x": [1]}):
        refused = lab.refused("POST", collection, {kind: {name: value}})
        assert refused == (403, "PolicyNotAuthorized"), value
        refused = lab.refused("PUT", f"{collection}/{record['id']}", {kind: {name: value}})
        assert refused == ((400, "HTTPBadRequest") if constant else (403, "PolicyNotAuthorized")), value
        assert lab.refused("PUT", f"{collection}/nothing", {kind: {name: value}})[0] in (400, 404)
    # To an admin a wrong value is a wrong value.
    assert lab.refused("PUT", f"{collection}/{record['id']}", {kind: {name: object_for(name)}}, who="admin")[0] == 400
    assert lab.get(f"{collection}/{record['id']}")[kind] == record


def object_for(name: str) -> Json:
    """Return a value that the attribute does not take."""
    return 7.5 if name == "binding:profile" else {"x": [1]}


def test_an_admins_router_is_distributed(lab: NeutronLab) -> None:
    assert lab.refused("POST", "routers", {"router": {"distributed": True}}) == (403, "PolicyNotAuthorized")
    router = lab.make("routers", who="admin", distributed=True, ha=True, project_id="p1")
    assert (router["distributed"], router["ha"]) == (True, True)
    assert not {"distributed", "ha"} & set(lab.get(f"routers/{router['id']}")["router"])


@pytest.mark.parametrize(
    ("collection", "body"),
    [
        # Each has a second fault, which an admin would be told.
        (
            "routers",
            {
                "router": {
                    "external_gateway_info": {"network_id": "PUBLIC", "enable_snat": False},
                    "availability_zone_hints": ["nowhere"],
                }
            },
        ),
        ("routers", {"router": {"distributed": True, "name": 7}}),
        ("networks", {"network": {"router:external": True, "mtu": "much"}}),
        ("networks", {"network": {"shared": True, "availability_zone_hints": ["nowhere"]}}),
        ("ports", {"port": {"binding:host_id": "compute-1"}}),
        (
            "rbac-policies",
            {
                "rbac_policy": {
                    "object_type": "network",
                    "object_id": "PUBLIC",
                    "action": "access_as_shared",
                    "target_tenant": "*",
                }
            },
        ),
        ("subnets", {"subnet": {"network_id": "PUBLIC", "ip_version": 4, "cidr": "10.0.0.0/33"[:-1]}}),
    ],
)
def test_rights_come_before_every_other_rule(lab: NeutronLab, collection: str, body: Json) -> None:
    (kind,) = body
    values = {key: lab.neutron.public["id"] if value == "PUBLIC" else value for key, value in body[kind].items()}
    if gateway := values.get("external_gateway_info"):
        values["external_gateway_info"] = {**gateway, "network_id": lab.neutron.public["id"]}
    assert lab.refused("POST", collection, {kind: values}) == (403, "PolicyNotAuthorized")


def test_rights_come_before_quotas(lab: NeutronLab) -> None:
    lab.call("PUT", "/v2.0/quotas/p1", {"quota": {"router": 0, "subnet": 0, "rbac_policy": 0}}, who="admin")
    public = lab.neutron.public["id"]
    gateway = {"network_id": public, "enable_snat": False}
    assert lab.refused("POST", "routers", {"router": {"external_gateway_info": gateway}})[0] == 403
    subnet = {"network_id": public, "ip_version": 4, "cidr": "10.0.0.0/24"}
    assert lab.refused("POST", "subnets", {"subnet": subnet})[0] == 403
    assert lab.refused("PUT", "quotas/p1", {"nonsense": 1})[0] == 403


def test_agents_are_created_by_nobody(lab: NeutronLab) -> None:
    for who in ("ann", "admin"):
        assert lab.refused("POST", "agents", {"agent": {"description": "x"}}, who=who)[0] == 400
    agents = lab.get("agents", who="admin")["agents"]
    assert [agent["host"] for agent in agents] == ["compute-1", "compute-2"]
    assert lab.get("agents")["agents"] == []
    assert lab.refused("DELETE", f"agents/{agents[0]['id']}")[0] == 404
