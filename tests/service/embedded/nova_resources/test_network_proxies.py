"""Nova's proxies to networks, security groups and floating IPs, up to 2.35."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench

GROUPS = "/os-security-groups"
RULES = "/os-security-group-rules"
FLOATING = "/os-floating-ips"


@pytest.mark.parametrize("path", [GROUPS, FLOATING, "/os-networks", "/os-tenant-networks", "/os-floating-ip-pools"])
def test_the_proxies_end_with_2_35(bench: NovaBench, path: str) -> None:
    bench.call("GET", path, version="2.35")
    bench.call("GET", path, version="2.36", status=404)


def test_a_security_group_from_its_creation_to_its_end(bench: NovaBench) -> None:
    group = bench.call("POST", GROUPS, {"security_group": {"name": "g", "description": "d"}})["security_group"]
    assert (group["tenant_id"], group["rules"]) == (bench.projects["ann"], [])

    path = f"{GROUPS}/{group['id']}"
    changed = bench.call("PUT", path, {"security_group": {"name": "h", "description": "d"}})["security_group"]

    assert changed["name"] == "h"
    bench.call("GET", path, by="bob", status=404)
    assert [listed["name"] for listed in bench.call("GET", GROUPS)["security_groups"]] == ["default", "h"]
    bench.call("DELETE", path, status=202)
    bench.call("GET", path, status=404)


def test_rules_are_created_and_deleted(bench: NovaBench) -> None:
    (default,) = bench.call("GET", GROUPS)["security_groups"]
    ssh = {"parent_group_id": default["id"], "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "10.0.0.0/8"}

    rule = bench.call("POST", RULES, {"security_group_rule": ssh})["security_group_rule"]

    assert (rule["from_port"], rule["ip_range"], rule["group"]) == (22, {"cidr": "10.0.0.0/8"}, {})
    ping = {"parent_group_id": default["id"], "ip_protocol": "icmp", "from_port": "-1", "to_port": -1}
    rule = bench.call("POST", RULES, {"security_group_rule": ping})["security_group_rule"]
    assert (rule["from_port"], rule["ip_range"]) == (-1, {"cidr": "0.0.0.0/0"})
    bench.call("POST", RULES, {"security_group_rule": {"parent_group_id": default["id"]}}, status=400)
    bench.call("POST", RULES, {"security_group_rule": {**ssh, "from_port": 65536}}, status=400)
    bench.call("POST", RULES, {"security_group_rule": {**ssh, "parent_group_id": "x"}}, status=400)
    bench.call("DELETE", f"{RULES}/{rule['id']}", status=202)
    bench.call("DELETE", f"{RULES}/{rule['id']}", status=404)


@pytest.mark.parametrize("name", ["", " ", "x" * 256, None])
def test_a_security_group_needs_a_name(bench: NovaBench, name: str | None) -> None:
    bench.call("POST", GROUPS, {"security_group": {"name": name, "description": ""}}, status=400)


def test_a_floating_ip_is_allocated_from_a_pool(bench: NovaBench) -> None:
    (pool,) = bench.call("GET", "/os-floating-ip-pools")["floating_ip_pools"]

    made = bench.call("POST", FLOATING, {"pool": pool["name"]})["floating_ip"]

    assert (made["pool"], made["instance_id"]) == (pool["name"], None)
    bench.call("POST", FLOATING)
    assert len(bench.call("GET", FLOATING)["floating_ips"]) == 2
    bench.call("POST", FLOATING, {"pool": "wrong"}, status=404)
    bench.call("POST", FLOATING, {"pool": 1}, status=400)
    bench.call("GET", f"{FLOATING}/{made['id']}", by="bob", status=404)
    bench.call("DELETE", f"{FLOATING}/{made['id']}", status=202)
    bench.call("GET", f"{FLOATING}/{made['id']}", status=404)


def test_a_request_beyond_the_quota_of_neutron_is_forbidden(bench: NovaBench) -> None:
    status = 200
    for _ in range(200):
        status = bench.ask("POST", FLOATING).status_code
        if status != 200:
            break

    assert status == 403


def test_networks_are_listed_and_shown(bench: NovaBench) -> None:
    network = bench.cloud.neutron.create("network", bench.projects["ann"], name="net")
    expected = {"id": network["id"], "label": "net", "cidr": None}

    assert expected in bench.call("GET", "/os-tenant-networks")["networks"]
    assert bench.call("GET", f"/os-tenant-networks/{network['id']}") == {"network": expected}
    bench.call("GET", f"/os-tenant-networks/{network['id']}", by="bob", status=404)
    assert bench.call("GET", f"/os-networks/{network['id']}")["network"]["label"] == "net"


def test_only_an_admin_lists_the_security_groups_of_all_projects(bench: NovaBench) -> None:
    for by in ("ann", "bob"):
        bench.call("POST", GROUPS, {"security_group": {"name": f"{by}s", "description": None}}, by=by)

    shown = bench.call("GET", f"{GROUPS}?all_tenants=1", by="admin")["security_groups"]

    assert {"anns", "bobs"} < {group["name"] for group in shown}
    shown = bench.call("GET", f"{GROUPS}?all_tenants=1")["security_groups"]
    assert [group["name"] for group in shown] == ["default", "anns"]


def test_the_listing_of_security_groups_has_pages_and_no_marker(bench: NovaBench) -> None:
    """index_query in nova/api/openstack/compute/schemas/security_groups.py."""
    for name in ("a", "b"):
        bench.call("POST", GROUPS, {"security_group": {"name": name, "description": ""}})
    listed = bench.call("GET", f"{GROUPS}?offset=1&limit=1&marker=unknown")["security_groups"]
    assert [group["name"] for group in listed] == ["a"]
    assert len(bench.call("GET", f"{GROUPS}?marker={listed[0]['id']}")["security_groups"]) == 3
