"""Moves of servers: cold migration, resize, live migration, shelving."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.embedded.nova.server import Server
from tests.support.json import Json
from tests.support.nova import NovaBench

LIVE = {"host": None, "block_migration": "auto"}


def fill(bench: NovaBench) -> Server:
    """Boot servers on the whole cloud and return the first one."""
    for number in range(6):
        bench.boot(f"s{number}", wait=0.0)
    bench.wait(10)
    return next(iter(bench.nova.servers.values()))


def test_a_cold_migration_holds_both_computes_until_it_is_confirmed(bench: NovaBench) -> None:
    server = bench.boot()

    bench.act(server, "migrate", by="admin")

    assert server.status == "RESIZE"
    bench.wait(12)
    assert (server.status, server.host) == ("VERIFY_RESIZE", "compute-2")
    assert bench.vcpus_used() == [2, 2, 0]
    migration = bench.nova.migrations[0]
    assert bench.nova.allocations()[migration.uuid]["compute-1"]["VCPU"] == 2
    assert list(bench.nova.allocations()[server.id]) == ["compute-2"]
    bench.act(server, "confirmResize", status=204)
    bench.act(server, "confirmResize", status=400)
    bench.wait(1)
    assert (server.status, server.held_on, migration.status) == ("ACTIVE", ["compute-2"], "confirmed")
    assert bench.guest(server) == [(6.0, True), (10.0, False), (22.0, True)]


def test_a_reverted_migration_leaves_no_trace(bench: NovaBench) -> None:
    server = bench.boot()
    bench.act(server, "migrate", {"host": "compute-3"}, by="admin", version="2.56")
    bench.wait(12)
    assert server.host == "compute-3"

    bench.act(server, "revertResize")

    assert server.status == "REVERT_RESIZE"
    bench.wait(6)
    assert (server.status, server.held_on) == ("ACTIVE", ["compute-1"])
    assert list(bench.nova.allocations()) == [server.id]
    assert bench.guest(server)[-2:] == [(22.0, False), (28.0, True)]


def test_a_cold_migration_without_a_compute_leaves_the_server_where_it_is(bench: NovaBench) -> None:
    server = fill(bench)

    path = f"/servers/{server.id}/action"
    answer = bench.ask("POST", path, {"migrate": None}, by="admin")

    assert answer.status_code == 202
    bench.wait(1)
    assert server.status == "ACTIVE"
    migrations = bench.call("GET", "/os-migrations", by="admin")["migrations"]
    assert [migration["status"] for migration in migrations] == ["error"]
    action, *_ = bench.call("GET", f"/servers/{server.id}/os-instance-actions", by="admin")["instanceActions"]
    assert (action["action"], action["message"]) == ("migrate", "Error")
    assert action["request_id"] == answer.headers["x-openstack-request-id"]
    assert bench.guest(server) == [(6.0, True)]


def test_a_live_migration_stops_the_guest_for_a_moment(bench: NovaBench) -> None:
    server = bench.boot()

    bench.act(server, "os-migrateLive", LIVE, by="admin", version="2.90")

    assert server.status == "MIGRATING"
    bench.wait(9)
    assert (server.status, server.host, server.held_on) == ("ACTIVE", "compute-2", ["compute-2"])
    assert bench.nova.migrations[0].status == "completed"
    assert bench.guest(server)[1:] == [(18.8, False), (19.0, True)]


@pytest.mark.parametrize(("version", "status"), [("2.33", 400), ("2.34", 202), ("2.90", 202)])
def test_a_live_migration_without_a_compute_fails_in_the_request_before_2_34_only(
    bench: NovaBench, version: str, status: int
) -> None:
    server = fill(bench)

    answer = bench.act(server, "os-migrateLive", LIVE, by="admin", version=version, status=status)

    if status == 400:
        assert answer["badRequest"]["message"] == "No valid host was found."
    bench.wait(1)
    assert (server.status, server.task_state, server.actions[-1].message) == ("ACTIVE", None, "Error")
    assert bench.nova.migrations[0].status == "error"


def test_a_migration_respects_anti_affinity_and_disabled_services(bench: NovaBench) -> None:
    group = bench.group()
    first = bench.boot("first", hints={"group": group})
    bench.boot("second", hints={"group": group})
    bench.nova.set_service(bench.nova.computes["compute-3"], status="disabled")

    bench.act(first, "migrate", by="admin")
    bench.wait(20)

    assert (first.status, first.host) == ("ACTIVE", "compute-1")
    bench.nova.set_service(bench.nova.computes["compute-3"], status="enabled")
    bench.act(first, "migrate", by="admin")
    bench.wait(20)
    assert (first.status, first.host) == ("VERIFY_RESIZE", "compute-3")


def test_an_aborted_live_migration_leaves_the_server_where_it_is(bench: NovaBench) -> None:
    server = bench.boot()
    bench.act(server, "os-migrateLive", LIVE, by="admin", version="2.90")
    bench.wait(1)
    path = f"/servers/{server.id}/migrations"
    (listed,) = bench.call("GET", path, by="admin", version="2.65")["migrations"]

    bench.call("DELETE", f"{path}/{listed['id']}", by="admin", version="2.65", status=202)

    bench.wait(20)
    assert (server.status, server.held_on, bench.nova.migrations[0].status) == ("ACTIVE", ["compute-1"], "cancelled")
    assert bench.guest(server) == [(6.0, True)]


def test_only_live_migrations_in_progress_can_be_forced_to_complete(bench: NovaBench) -> None:
    server = bench.boot()
    bench.act(server, "os-migrateLive", LIVE, by="admin", version="2.90")
    bench.wait(1)
    path = f"/servers/{server.id}/migrations/1/action"

    bench.call("POST", path, {"force_complete": None}, by="admin", version="2.22", status=202)

    values: list[Json] = [{}, "", False, 0, [None]]
    for value in values:
        bench.call("POST", path, {"force_complete": value}, by="admin", version="2.22", status=400)
    bench.call("POST", path, {"force_complete": None}, by="admin", version="2.21", status=404)
    for number in ("2", "one", "-1", "1.0", "%C2%B2"):
        unknown = path.replace("/1/", f"/{number}/")
        bench.call("POST", unknown, {"force_complete": None}, by="admin", version="2.22", status=400)
        migration = unknown.removesuffix("/action")
        bench.call("DELETE", migration, by="admin", version="2.65", status=404)
        bench.call("GET", migration, by="admin", version="2.65", status=404)
    bench.wait(20)
    bench.call("POST", path, {"force_complete": None}, by="admin", version="2.22", status=409)
    # Whether the server is migrating at all is checked before which migration it is.
    bench.call("POST", path.replace("/1/", "/one/"), {"force_complete": None}, by="admin", version="2.22", status=409)
    bench.call("DELETE", f"/servers/{server.id}/migrations/one", by="admin", version="2.65", status=409)


def test_a_resize_changes_flavor_and_usage(bench: NovaBench) -> None:
    server = bench.boot()

    bench.act(server, "resize", {"flavorRef": "4"})
    bench.wait(12)

    assert (server.flavor.id, bench.nova.usage("compute-2").vcpus) == ("4", 4)
    assert bench.nova.quotas.used(server.project_id)["cores"] == 4
    bench.act(server, "revertResize")
    bench.wait(6)
    assert (server.flavor.id, bench.nova.quotas.used(server.project_id)["cores"]) == ("3", 2)


def test_a_shelved_server_frees_its_compute_and_can_come_back(bench: NovaBench) -> None:
    server = bench.boot()

    bench.act(server, "shelve")
    bench.wait(4)

    assert (server.status, server.host, bench.nova.usage("compute-1").vcpus) == ("SHELVED_OFFLOADED", None, 0)
    bench.act(server, "unshelve")
    bench.wait(4)
    assert (server.status, server.guest_up) == ("ACTIVE", True)


@pytest.mark.parametrize(
    ("value", "version", "status"),
    [
        ({}, "2.77", 400),
        ({"availability_zone": "nova"}, "2.77", 202),
        ({"host": "compute-2"}, "2.90", 400),
        ({"host": "compute-2"}, "2.91", 202),
        ({"host": "nowhere"}, "2.91", 400),
    ],
)
def test_the_place_of_an_unshelved_server_can_be_named(
    bench: NovaBench, value: dict[str, str], version: str, status: int
) -> None:
    server = bench.boot()
    bench.act(server, "shelve")
    bench.wait(4)

    bench.act(server, "unshelve", value, by="admin", version=version, status=status)

    bench.wait(4)
    assert server.host == (value.get("host", "compute-1") if status == 202 else None)


def test_only_an_admin_may_name_the_compute_of_an_unshelved_server(bench: NovaBench) -> None:
    server = bench.boot()
    bench.act(server, "shelve")
    bench.wait(4)

    bench.act(server, "unshelve", {"host": "compute-2"}, version="2.91", status=403)


def test_the_zone_of_an_unshelved_server_can_be_lifted_and_must_have_the_compute(bench: NovaBench) -> None:
    """API.unshelve in nova/compute/api.py."""
    aggregate = bench.call("POST", "/os-aggregates", {"aggregate": {"name": "a", "availability_zone": "z"}}, by="admin")
    path = f"/os-aggregates/{aggregate['aggregate']['id']}/action"
    bench.call("POST", path, {"add_host": {"host": "compute-3"}}, by="admin")
    server = bench.boot(availability_zone="nova")
    bench.act(server, "unshelve", {"host": "compute-2"}, by="admin", version="2.91", status=409)
    bench.act(server, "shelve")
    bench.wait(4)

    bench.act(server, "unshelve", {"host": "compute-3"}, by="admin", version="2.91", status=409)
    unpinned = {"host": "compute-3", "availability_zone": None}
    bench.act(server, "unshelve", unpinned, by="admin", version="2.91")

    bench.wait(4)
    assert (server.host, server.zone, server.pinned) == ("compute-3", "z", False)


def test_a_server_that_moves_shows_the_zone_of_its_compute(bench: NovaBench) -> None:
    """MigrationTask and LiveMigrationTask in nova/conductor/tasks: get_host_availability_zone of the destination."""
    aggregate = bench.call("POST", "/os-aggregates", {"aggregate": {"name": "a", "availability_zone": "z"}}, by="admin")
    path = f"/os-aggregates/{aggregate['aggregate']['id']}/action"
    bench.call("POST", path, {"add_host": {"host": "compute-3"}}, by="admin")
    server = bench.boot()

    def zone() -> str:
        bench.wait(20)
        return str(bench.call("GET", f"/servers/{server.id}")["server"]["OS-EXT-AZ:availability_zone"])

    seen = [zone()]
    bench.act(server, "migrate", {"host": "compute-3"}, by="admin", version="2.56")
    seen.append(zone())
    bench.act(server, "revertResize")
    seen.append(zone())
    bench.act(server, "os-migrateLive", {**LIVE, "host": "compute-3"}, by="admin", version="2.90")
    seen.append(zone())

    assert seen == ["nova", "z", "nova", "z"]
