from typing import Any

import pytest


def test_a_cold_migration_holds_both_computes_until_it_is_confirmed(cloud: Any) -> None:
    server = cloud.boot()
    assert cloud.act(server, "migrate").status_code == 202
    assert server.status == "RESIZE"
    cloud.wait(12)
    assert (server.status, server.host) == ("VERIFY_RESIZE", "compute-2")
    assert [cloud.nova.usage(f"compute-{number}").vcpus for number in (1, 2, 3)] == [2, 2, 0]
    migration = cloud.nova.migrations[0]
    assert cloud.nova.allocations()[migration.uuid]["compute-1"]["VCPU"] == 2
    assert list(cloud.nova.allocations()[server.id]) == ["compute-2"]
    assert cloud.act(server, "confirmResize").status_code == 204
    assert cloud.act(server, "confirmResize").status_code == 400
    cloud.wait(1)
    assert (server.status, server.held_on, migration.status) == ("ACTIVE", ["compute-2"], "confirmed")
    assert cloud.guest(server) == [(6.0, True), (10.0, False), (22.0, True)]


def test_a_reverted_migration_is_as_if_nothing_had_happened(cloud: Any) -> None:
    server = cloud.boot()
    cloud.act(server, "migrate", {"host": "compute-3"}, version="2.56")
    cloud.wait(12)
    assert server.host == "compute-3"
    assert cloud.act(server, "revertResize", by="demo").status_code == 202
    assert server.status == "REVERT_RESIZE"
    cloud.wait(6)
    assert (server.status, server.held_on) == ("ACTIVE", ["compute-1"])
    assert list(cloud.nova.allocations()) == [server.id]
    assert cloud.guest(server)[-2:] == [(22.0, False), (28.0, True)]


def test_a_cold_migration_that_fits_nowhere_leaves_the_server_alone(cloud: Any) -> None:
    for number in range(6):
        cloud.boot(f"s{number}", wait=0.0)
    server = next(iter(cloud.nova.servers.values()))
    cloud.wait(10)
    answer = cloud.act(server, "migrate")
    assert answer.status_code == 202
    cloud.wait(1)
    assert server.status == "ACTIVE"
    assert [one["status"] for one in cloud.call("GET", "/os-migrations").json["migrations"]] == ["error"]
    actions = cloud.call("GET", f"/servers/{server.id}/os-instance-actions").json["instanceActions"]
    assert (actions[0]["action"], actions[0]["message"]) == ("migrate", "Error")
    assert actions[0]["request_id"] == answer.headers["x-openstack-request-id"]
    assert cloud.guest(server) == [(6.0, True)]


def test_a_live_migration_stops_the_guest_for_a_moment(cloud: Any) -> None:
    server = cloud.boot()
    body = {"host": None, "block_migration": "auto"}
    assert cloud.act(server, "os-migrateLive", body, version="2.90").status_code == 202
    assert server.status == "MIGRATING"
    cloud.wait(9)
    assert (server.status, server.host, server.held_on) == ("ACTIVE", "compute-2", ["compute-2"])
    assert cloud.nova.migrations[0].status == "completed"
    assert cloud.guest(server)[1:] == [(18.8, False), (19.0, True)]


@pytest.mark.parametrize(("version", "status"), [("2.30", 400), ("2.90", 202)])
def test_a_live_migration_that_fits_nowhere(cloud: Any, version: Any, status: Any) -> None:
    for number in range(6):
        cloud.boot(f"s{number}", wait=0.0)
    cloud.wait(10)
    server = next(iter(cloud.nova.servers.values()))
    answer = cloud.act(server, "os-migrateLive", {"host": None, "block_migration": "auto"}, version=version)
    assert answer.status_code == status
    if status == 400:
        assert answer.json["badRequest"]["message"] == "No valid host was found."
    cloud.wait(1)
    assert (server.status, server.task_state, server.actions[-1].message) == ("ACTIVE", None, "Error")
    assert cloud.nova.migrations[0].status == "error"


def test_migration_obeys_anti_affinity_and_disabled_services(cloud: Any) -> None:
    group = cloud.group()
    first = cloud.boot("first", hints={"group": group})
    cloud.boot("second", hints={"group": group})
    cloud.nova.set_service(cloud.nova.computes["compute-3"], status="disabled")
    cloud.act(first, "migrate")
    cloud.wait(20)
    assert (first.status, first.host) == ("ACTIVE", "compute-1")
    cloud.nova.set_service(cloud.nova.computes["compute-3"], status="enabled")
    cloud.act(first, "migrate")
    cloud.wait(20)
    assert (first.status, first.host) == ("VERIFY_RESIZE", "compute-3")


def test_a_live_migration_can_be_aborted(cloud: Any) -> None:
    server = cloud.boot()
    cloud.act(server, "os-migrateLive", {"host": None, "block_migration": "auto"}, version="2.90")
    cloud.wait(1)
    path = f"/servers/{server.id}/migrations"
    (listed,) = cloud.call("GET", path, version="2.65").json["migrations"]
    assert cloud.call("DELETE", f"{path}/{listed['id']}", version="2.65").status_code == 202
    cloud.wait(20)
    assert (server.status, server.held_on, cloud.nova.migrations[0].status) == ("ACTIVE", ["compute-1"], "cancelled")
    assert cloud.guest(server) == [(6.0, True)]


def test_a_resize_changes_flavor_and_usage(cloud: Any) -> None:
    server = cloud.boot()
    assert cloud.act(server, "resize", {"flavorRef": "4"}, by="demo").status_code == 202
    cloud.wait(12)
    assert (server.flavor.id, cloud.nova.usage("compute-2").vcpus) == ("4", 4)
    assert cloud.nova.quotas.used(server.project_id)["cores"] == 4
    cloud.act(server, "revertResize", by="demo")
    cloud.wait(6)
    assert (server.flavor.id, cloud.nova.quotas.used(server.project_id)["cores"]) == ("3", 2)


def test_shelving_frees_the_compute(cloud: Any) -> None:
    server = cloud.boot()
    assert cloud.act(server, "shelve", by="demo").status_code == 202
    cloud.wait(4)
    assert (server.status, server.host, cloud.nova.usage("compute-1").vcpus) == ("SHELVED_OFFLOADED", None, 0)
    assert cloud.act(server, "unshelve", by="demo").status_code == 202
    cloud.wait(4)
    assert (server.status, server.guest_up) == ("ACTIVE", True)
