"""Nova's services, the hypervisors, and server groups as a resource."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench

COMPUTE_1 = {"host": "compute-1", "binary": "nova-compute"}


def test_controllers_and_computes_are_listed(bench: NovaBench) -> None:
    services = bench.call("GET", "/os-services", by="admin")["services"]

    assert [service["binary"] for service in services] == ["nova-scheduler", "nova-conductor", *["nova-compute"] * 3]
    (found,) = bench.call("GET", "/os-services?binary=nova-compute&host=compute-2", by="admin")["services"]
    assert found["host"] == "compute-2"
    bench.call("GET", "/os-services", status=403)
    bench.call("GET", "/os-services?zone=nova", by="admin", version="2.74")
    bench.call("GET", "/os-services?zone=nova", by="admin", version="2.75", status=400)


def test_a_disabled_service_keeps_its_servers_and_gets_no_new_ones(bench: NovaBench) -> None:
    server = bench.boot()
    body = {**COMPUTE_1, "disabled_reason": "maintenance"}

    answer = bench.call("PUT", "/os-services/disable-log-reason", body, by="admin")

    assert answer["service"] == {**body, "status": "disabled"}
    assert server.status == "ACTIVE"
    bench.boot("a")
    bench.boot("b")
    late = [bench.boot("c"), bench.boot("d"), bench.boot("e")]
    assert [server.status for server in late] == ["ACTIVE", "ACTIVE", "ERROR"]
    bench.call("PUT", "/os-services/enable", COMPUTE_1, by="admin")
    assert bench.boot("f").host == "compute-1"
    states = [event.data["status"] for event in bench.history.of("compute", host="compute-1")]
    assert states == ["enabled", "disabled", "enabled"]


@pytest.mark.parametrize(
    ("path", "body", "version", "status"),
    [
        ("enable", {"host": "nowhere", "binary": "nova-compute"}, "2.1", 404),
        ("enable", {"host": "compute-1"}, "2.1", 400),
        ("disable-log-reason", COMPUTE_1, "2.1", 400),
        ("force-down", {**COMPUTE_1, "forced_down": True}, "2.10", 404),
        ("force-down", COMPUTE_1, "2.11", 400),
        ("explode", COMPUTE_1, "2.1", 404),
        ("not-a-uuid", {"status": "enabled"}, "2.53", 400),
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", {"status": "enabled"}, "2.53", 404),
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", {"status": "broken"}, "2.53", 400),
    ],
)
def test_a_wrong_update_changes_nothing(
    bench: NovaBench, path: str, body: dict[str, object], version: str, status: int
) -> None:
    bench.call("PUT", f"/os-services/{path}", body, by="admin", version=version, status=status)

    assert len(bench.history.of("compute")) == 3


def test_a_service_is_forced_down_by_host_before_2_53(bench: NovaBench) -> None:
    body = {**COMPUTE_1, "forced_down": True}

    assert bench.call("PUT", "/os-services/force-down", body, by="admin", version="2.11")["service"] == body

    assert bench.nova.computes["compute-1"].state == "down"


def test_hypervisors_show_their_capacity_up_to_2_87(bench: NovaBench) -> None:
    server = bench.boot()

    old = bench.call("GET", "/os-hypervisors/detail", by="admin", version="2.87")["hypervisors"][0]

    assert (old["vcpus"], old["vcpus_used"], old["running_vms"]) == (4, 2, 1)
    path = "/os-hypervisors/detail?with_servers=true"
    new = bench.call("GET", path, by="admin", version="2.88")["hypervisors"][0]
    assert "vcpus" not in new
    assert new["servers"][0]["uuid"] == server.id
    statistics = bench.call("GET", "/os-hypervisors/statistics", by="admin", version="2.87")["hypervisor_statistics"]
    assert statistics["vcpus_used"] == 2
    assert bench.ask("GET", "/os-hypervisors/statistics", by="admin", version="2.88").status_code in (400, 404)


def test_hypervisors_are_found_by_a_part_of_their_name(bench: NovaBench) -> None:
    assert len(bench.call("GET", "/os-hypervisors/compute/search", by="admin")["hypervisors"]) == 3
    bench.call("GET", "/os-hypervisors/nowhere/search", by="admin", status=404)

    path = "/os-hypervisors?hypervisor_hostname_pattern=compute-2"
    (found,) = bench.call("GET", path, by="admin", version="2.53")["hypervisors"]

    assert found["id"] == bench.nova.computes["compute-2"].uuid
    bench.call("GET", f"/os-hypervisors/{found['id']}", by="admin", version="2.53")
    bench.call("GET", "/os-hypervisors", status=403)


@pytest.mark.parametrize(
    ("query", "version", "status"),
    [
        ("with_servers=perhaps", "2.53", 400),
        ("with_servers=perhaps", "2.52", 200),
        ("limit=x", "2.33", 400),
        ("limit=x", "2.32", 200),
        ("unknown=1", "2.53", 400),
        ("hypervisor_hostname_pattern=compute&limit=1", "2.53", 400),
    ],
)
def test_the_query_of_hypervisors_is_checked_from_its_microversions_on(
    bench: NovaBench, query: str, version: str, status: int
) -> None:
    bench.call("GET", f"/os-hypervisors?{query}", by="admin", version=version, status=status)


def test_a_service_with_servers_cannot_be_deleted(bench: NovaBench) -> None:
    bench.boot()
    services = bench.call("GET", "/os-services", by="admin", version="2.53")["services"]
    ids = {service["host"]: service["id"] for service in services}

    bench.call("DELETE", f"/os-services/{ids['compute-1']}", by="admin", version="2.53", status=409)
    bench.call("DELETE", f"/os-services/{ids['compute-2']}", by="admin", version="2.53", status=204)

    assert len(bench.call("GET", "/os-hypervisors", by="admin")["hypervisors"]) == 2


@pytest.mark.parametrize(
    ("version", "body", "status"),
    [
        ("2.1", {"name": "g", "policies": ["anti-affinity"]}, 200),
        ("2.1", {"name": "g", "policies": ["soft-affinity"]}, 400),
        ("2.1", {"name": "g", "policies": ["affinity", "anti-affinity"]}, 400),
        ("2.1", {"name": "g", "policies": []}, 400),
        ("2.15", {"name": "g", "policies": ["soft-affinity"]}, 200),
        ("2.64", {"name": "g", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}, 200),
        ("2.64", {"name": "g", "policy": "anti-affinity", "rules": {"max_server_per_host": 0}}, 400),
        ("2.64", {"name": "g", "policy": "affinity", "rules": {"max_server_per_host": 2}}, 400),
        ("2.64", {"name": "g", "policies": ["affinity"]}, 400),
    ],
)
def test_a_server_group_has_one_policy(bench: NovaBench, version: str, body: dict[str, object], status: int) -> None:
    answer = bench.call("POST", "/os-server-groups", {"server_group": body}, version=version, status=status)

    if status == 200:
        path = f"/os-server-groups/{answer['server_group']['id']}"
        bench.call("GET", path, by="bob", status=404)
        bench.call("DELETE", path, status=204)
        bench.call("GET", path, status=404)
