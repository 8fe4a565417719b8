"""Security groups in Neutron and their rules."""

import pytest

from fuzz.state import fingerprint
from tests.support.json import Json
from tests.support.neutron import NeutronLab, running_lab


def test_the_default_group_is_made_when_it_is_first_needed(lab: NeutronLab) -> None:
    (group,) = lab.get("security-groups")["security_groups"]
    assert (group["name"], group["stateful"], group["project_id"]) == ("default", True, "p1")
    rules = {(rule["direction"], rule["ethertype"], rule["remote_group_id"]) for rule in group["security_group_rules"]}
    assert rules == {
        ("ingress", "IPv4", group["id"]),
        ("ingress", "IPv6", group["id"]),
        ("egress", "IPv4", None),
        ("egress", "IPv6", None),
    }
    assert lab.refused("DELETE", f"security-groups/{group['id']}") == (409, "SecurityGroupCannotRemoveDefault")
    again = lab.refused("POST", "security-groups", {"security_group": {"name": "default"}})
    assert again == (409, "SecurityGroupDefaultAlreadyExists")
    rename = lab.refused("PUT", f"security-groups/{group['id']}", {"security_group": {"name": "x"}})
    assert rename == (409, "SecurityGroupCannotUpdateDefault")


def test_its_ids_do_not_depend_on_who_needs_one_first() -> None:
    ids = []
    for order in (("p1", "p2"), ("p2", "p1")):
        with running_lab(7) as lab:
            made = {project: lab.neutron.security_groups.default_of(project)["id"] for project in order}
        ids.append((made["p1"], made["p2"]))
    assert ids[0] == ids[1]
    assert ids[0][0] != ids[0][1]


def test_a_group_in_use_stays(lab: NeutronLab) -> None:
    network, _, _ = lab.project_network()
    group = lab.make("security-groups", name="web")
    assert len(group["security_group_rules"]) == 2
    port = lab.make("ports", network_id=network["id"], security_groups=[group["id"]])
    path = f"security-groups/{group['id']}"
    assert lab.refused("DELETE", path) == (409, "SecurityGroupInUse")
    assert lab.refused("PUT", path, {"security_group": {"stateful": False}}) == (409, "SecurityGroupInUse")
    assert [one["id"] for one in lab.get(f"ports?security_groups={group['id']}")["ports"]] == [port["id"]]
    lab.call("DELETE", f"/v2.0/ports/{port['id']}")
    assert lab.call("DELETE", f"/v2.0/{path}").status_code == 204
    assert lab.get(f"security-group-rules?security_group_id={group['id']}")["security_group_rules"] == []


def test_a_rule_is_made_once(lab: NeutronLab) -> None:
    group = lab.make("security-groups", name="web")
    rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": "tcp"}
    rule |= {"port_range_min": 80, "port_range_max": 80, "remote_ip_prefix": "10.0.0.5/24"}
    made = lab.make("security-group-rules", **rule)
    assert (made["normalized_cidr"], made["ethertype"]) == ("10.0.0.0/24", "IPv4")
    body = {"security_group_rule": rule}
    assert lab.refused("POST", "security-group-rules", body) == (409, "SecurityGroupRuleExists")
    assert lab.refused("POST", "security-group-rules", body, who="bob") == (404, "SecurityGroupNotFound")
    assert lab.get(f"security-groups/{group['id']}")["security_group"]["revision_number"] == 2
    assert lab.call("DELETE", f"/v2.0/security-group-rules/{made['id']}").status_code == 204


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"port_range_min": 1, "port_range_max": 2}, "SecurityGroupProtocolRequiredWithPorts"),
        ({"protocol": "tcp", "port_range_min": 2, "port_range_max": 1}, "SecurityGroupInvalidPortRange"),
        ({"protocol": "tcp", "port_range_min": 2}, "SecurityGroupInvalidPortRange"),
        ({"protocol": "tcp", "port_range_min": 0, "port_range_max": 1}, "SecurityGroupInvalidPortValue"),
        ({"protocol": "udp", "port_range_min": 1, "port_range_max": 65536}, "SecurityGroupInvalidPortValue"),
        ({"protocol": "icmp", "port_range_min": 256}, "SecurityGroupInvalidIcmpValue"),
        ({"protocol": "icmp", "port_range_max": 1}, "SecurityGroupMissingIcmpType"),
        ({"protocol": "gre", "port_range_min": 1, "port_range_max": 1}, "SecurityGroupInvalidProtocolForPort"),
        ({"protocol": "icmpv6"}, "SecurityGroupEthertypeConflictWithProtocol"),
        ({"protocol": "carrier-pigeon"}, "HTTPBadRequest"),
        ({"protocol": "256"}, "HTTPBadRequest"),
        ({"ethertype": "IPv5"}, "HTTPBadRequest"),
        ({"direction": "up"}, "HTTPBadRequest"),
        ({"remote_ip_prefix": "fd00::/64"}, "SecurityGroupRuleParameterConflict"),
        ({"remote_ip_prefix": "all"}, "HTTPBadRequest"),
    ],
)
def test_a_bad_rule_is_refused(lab: NeutronLab, rule: Json, kind: str) -> None:
    group = lab.make("security-groups", name="web")
    body = {"security_group_id": group["id"], "direction": "ingress", **rule}
    assert lab.refused("POST", "security-group-rules", {"security_group_rule": body}) == (400, kind)
    found = lab.get(f"security-group-rules?security_group_id={group['id']}")
    assert len(found["security_group_rules"]) == 2


@pytest.mark.parametrize("name", ["default", "web"])
def test_a_refused_group_leaves_no_default_group(lab: NeutronLab, name: str) -> None:
    lab.neutron.quotas.update("p1", {"security_group": 1})
    before = fingerprint(lab.neutron)
    assert lab.refused("POST", "security-groups", {"security_group": {"name": name}})[0] == 409
    assert fingerprint(lab.neutron) == before


def test_refused_requests_that_need_the_default_group_leave_none(lab: NeutronLab) -> None:
    before = fingerprint(lab.neutron)
    networks = {"networks": [{"name": "one"}, {"name": 2}]}
    for method, path, body in (
        ("GET", "security-groups?sort_key=unknown", None),
        ("GET", "security-groups?limit=1&marker=unknown", None),
        ("POST", "networks", networks),
        ("POST", "security-groups", {"security_groups": [{"name": "web"}, {"name": "default"}]}),
        ("POST", "ports", {"port": {"network_id": lab.neutron.public["id"], "fixed_ips": [{"ip_address": "1.1.1.1"}]}}),
    ):
        lab.refused(method, path, body)
        assert fingerprint(lab.neutron) == before, (method, path)
