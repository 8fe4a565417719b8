from typing import Any

import pytest


def test_services_are_listed_with_those_that_are_no_computes(cloud: Any) -> None:
    services = cloud.call("GET", "/os-services").json["services"]
    assert [one["binary"] for one in services] == ["nova-scheduler", "nova-conductor", *["nova-compute"] * 3]
    assert (
        cloud.call("GET", "/os-services?binary=nova-compute&host=compute-2").json["services"][0]["host"] == "compute-2"
    )
    assert cloud.call("GET", "/os-services", by="demo").status_code == 403


def test_a_disabled_service_gets_no_servers_and_keeps_its_own(cloud: Any) -> None:
    server = cloud.boot()
    body = {"host": "compute-1", "binary": "nova-compute", "disabled_reason": "maintenance"}
    answer = cloud.call("PUT", "/os-services/disable-log-reason", body)
    assert answer.json["service"] == {**body, "status": "disabled"}
    assert server.status == "ACTIVE"
    cloud.boot("a")
    cloud.boot("b")
    late = [cloud.boot("c"), cloud.boot("d"), cloud.boot("e")]
    assert [one.status for one in late] == ["ACTIVE", "ACTIVE", "ERROR"]
    cloud.call("PUT", "/os-services/enable", {"host": "compute-1", "binary": "nova-compute"})
    assert cloud.boot("f").host == "compute-1"
    assert [event.data["status"] for event in cloud.history.of("compute", host="compute-1")] == [
        "enabled",
        "disabled",
        "enabled",
    ]


@pytest.mark.parametrize(
    ("path", "body", "version", "status"),
    [
        ("enable", {"host": "nowhere", "binary": "nova-compute"}, "2.1", 404),
        ("enable", {"host": "compute-1"}, "2.1", 400),
        ("force-down", {"host": "compute-1", "binary": "nova-compute", "forced_down": True}, "2.10", 404),
        ("explode", {"host": "compute-1", "binary": "nova-compute"}, "2.1", 404),
        ("not-a-uuid", {"status": "enabled"}, "2.53", 400),
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", {"status": "enabled"}, "2.53", 404),
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", {"status": "broken"}, "2.53", 400),
    ],
)
def test_bad_updates_change_nothing(cloud: Any, path: Any, body: Any, version: Any, status: Any) -> None:
    assert cloud.call("PUT", f"/os-services/{path}", body, version=version).status_code == status
    assert len(cloud.history.of("compute")) == 3


def test_force_down_in_the_old_way(cloud: Any) -> None:
    body = {"host": "compute-1", "binary": "nova-compute", "forced_down": True}
    assert cloud.call("PUT", "/os-services/force-down", body, version="2.11").json["service"] == body
    assert cloud.nova.computes["compute-1"].state == "down"


def test_hypervisors_tell_their_capacity_up_to_2_87(cloud: Any) -> None:
    server = cloud.boot()
    old = cloud.call("GET", "/os-hypervisors/detail", version="2.87").json["hypervisors"][0]
    assert (old["vcpus"], old["vcpus_used"], old["running_vms"]) == (4, 2, 1)
    new = cloud.call("GET", "/os-hypervisors/detail?with_servers=true", version="2.88").json["hypervisors"][0]
    assert "vcpus" not in new
    assert new["servers"][0]["uuid"] == server.id
    assert (
        cloud.call("GET", "/os-hypervisors/statistics", version="2.87").json["hypervisor_statistics"]["vcpus_used"] == 2
    )
    assert cloud.call("GET", "/os-hypervisors/statistics", version="2.88").status_code in (400, 404)


def test_hypervisors_are_found_by_name(cloud: Any) -> None:
    assert len(cloud.call("GET", "/os-hypervisors/compute/search").json["hypervisors"]) == 3
    assert cloud.call("GET", "/os-hypervisors/nowhere/search").status_code == 404
    path = "/os-hypervisors?hypervisor_hostname_pattern=compute-2"
    (found,) = cloud.call("GET", path, version="2.53").json["hypervisors"]
    assert found["id"] == cloud.nova.computes["compute-2"].uuid
    assert cloud.call("GET", f"/os-hypervisors/{found['id']}", version="2.53").status_code == 200
    assert cloud.call("GET", "/os-hypervisors", by="demo").status_code == 403


def test_a_service_with_servers_cannot_be_deleted(cloud: Any) -> None:
    cloud.boot()
    ids = {one["host"]: one["id"] for one in cloud.call("GET", "/os-services", version="2.53").json["services"]}
    assert cloud.call("DELETE", f"/os-services/{ids['compute-1']}", version="2.53").status_code == 409
    assert cloud.call("DELETE", f"/os-services/{ids['compute-2']}", version="2.53").status_code == 204
    assert len(cloud.call("GET", "/os-hypervisors").json["hypervisors"]) == 2


@pytest.mark.parametrize(
    ("version", "body", "status"),
    [
        ("2.1", {"name": "g", "policies": ["anti-affinity"]}, 200),
        ("2.1", {"name": "g", "policies": ["soft-affinity"]}, 400),
        ("2.15", {"name": "g", "policies": ["soft-affinity"]}, 200),
        ("2.64", {"name": "g", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}, 200),
        ("2.64", {"name": "g", "policy": "affinity", "rules": {"max_server_per_host": 2}}, 400),
        ("2.64", {"name": "g", "policies": ["affinity"]}, 400),
    ],
)
def test_server_groups(cloud: Any, version: Any, body: Any, status: Any) -> None:
    answer = cloud.call("POST", "/os-server-groups", {"server_group": body}, by="demo", version=version)
    assert answer.status_code == status
    if status == 200:
        path = f"/os-server-groups/{answer.json['server_group']['id']}"
        assert cloud.call("GET", path, by="other").status_code == 404
        assert cloud.call("DELETE", path, by="demo").status_code == 204
        assert cloud.call("GET", path, by="demo").status_code == 404
