from __future__ import annotations

from typing import Any

import pytest

GROUPS = "/v2.1/os-security-groups"
RULES = "/v2.1/os-security-group-rules"
FLOATING = "/v2.1/os-floating-ips"


def test_they_end_with_2_35(bench: Any) -> None:
    for path in (GROUPS, FLOATING, "/v2.1/os-networks", "/v2.1/os-tenant-networks", "/v2.1/os-floating-ip-pools"):
        bench.call("GET", path, version="2.35")
        bench.call("GET", path, version="2.36", status=404)


def test_a_group_from_its_making_to_its_end(bench: Any) -> None:
    body = {"security_group": {"name": "g", "description": "d"}}
    group = bench.call("POST", GROUPS, body)["security_group"]
    assert (group["tenant_id"], group["rules"]) == (bench.projects["ann"], [])
    path = f"{GROUPS}/{group['id']}"
    bench.call("GET", path, who="bob", status=404)
    body["security_group"]["name"] = "h"
    assert bench.call("PUT", path, body)["security_group"]["name"] == "h"
    assert [listed["name"] for listed in bench.call("GET", GROUPS)["security_groups"]] == ["default", "h"]
    bench.call("DELETE", path, status=202)
    bench.call("GET", path, status=404)


def test_rules(bench: Any) -> None:
    (default,) = bench.call("GET", GROUPS)["security_groups"]
    ssh = {"parent_group_id": default["id"], "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "10.0.0.0/8"}
    rule = bench.call("POST", RULES, {"security_group_rule": ssh})["security_group_rule"]
    assert (rule["from_port"], rule["ip_range"], rule["group"]) == (22, {"cidr": "10.0.0.0/8"}, {})
    ping = {"parent_group_id": default["id"], "ip_protocol": "icmp", "from_port": -1, "to_port": -1}
    rule = bench.call("POST", RULES, {"security_group_rule": ping})["security_group_rule"]
    assert (rule["from_port"], rule["ip_range"]) == (-1, {"cidr": "0.0.0.0/0"})
    bench.call("POST", RULES, {"security_group_rule": {"parent_group_id": default["id"]}}, status=400)
    bench.call("POST", RULES, {"security_group_rule": {**ssh, "from_port": 65536}}, status=400)
    bench.call("POST", RULES, {"security_group_rule": {**ssh, "parent_group_id": "x"}}, status=400)
    bench.call("DELETE", f"{RULES}/{rule['id']}", status=202)
    bench.call("DELETE", f"{RULES}/{rule['id']}", status=404)


@pytest.mark.parametrize("name", ["", " ", "x" * 256, None])
def test_names_that_are_refused(bench: Any, name: Any) -> None:
    bench.call("POST", GROUPS, {"security_group": {"name": name, "description": ""}}, status=400)


def test_floating_ips(bench: Any) -> None:
    (pool,) = bench.call("GET", "/v2.1/os-floating-ip-pools")["floating_ip_pools"]
    made = bench.call("POST", FLOATING, {"pool": pool["name"]})["floating_ip"]
    assert (made["pool"], made["instance_id"]) == (pool["name"], None)
    bench.call("POST", FLOATING)
    assert len(bench.call("GET", FLOATING)["floating_ips"]) == 2
    bench.call("POST", FLOATING, {"pool": "wrong"}, status=404)
    bench.call("GET", f"{FLOATING}/{made['id']}", who="bob", status=404)
    bench.call("DELETE", f"{FLOATING}/{made['id']}", status=202)
    bench.call("GET", f"{FLOATING}/{made['id']}", status=404)


def test_a_full_quota_is_forbidden(bench: Any) -> None:
    for _ in range(200):
        status = bench.ask("POST", FLOATING).status_code
        if status != 200:
            break
    assert status == 403


def test_networks(bench: Any) -> None:
    network = bench.world.neutron.create("network", bench.projects["ann"], name="net")
    expected = {"id": network["id"], "label": "net", "cidr": None}
    assert expected in bench.call("GET", "/v2.1/os-tenant-networks")["networks"]
    assert bench.call("GET", f"/v2.1/os-tenant-networks/{network['id']}") == {"network": expected}
    bench.call("GET", f"/v2.1/os-tenant-networks/{network['id']}", who="bob", status=404)
    assert bench.call("GET", f"/v2.1/os-networks/{network['id']}")["network"]["label"] == "net"


def test_every_projects_groups(bench: Any) -> None:
    for who in ("ann", "bob"):
        bench.call("POST", GROUPS, {"security_group": {"name": f"{who}s", "description": None}}, who=who)
    shown = bench.call("GET", f"{GROUPS}?all_tenants=1", who="admin")["security_groups"]
    assert {"anns", "bobs"} < {group["name"] for group in shown}
    shown = bench.call("GET", f"{GROUPS}?all_tenants=1")["security_groups"]
    assert [group["name"] for group in shown] == ["default", "anns"]
