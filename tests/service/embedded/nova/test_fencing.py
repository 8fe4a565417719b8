"""A compute that is down, fenced (forced down), evacuated and taken back. Each test names the function of Nova."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.embedded.nova.server import Server
from tests.support.json import Json
from tests.support.nova import NovaBench

LIVE = {"host": None, "block_migration": "auto"}
OLD_LIVE = {"host": None, "block_migration": False, "disk_over_commit": False}


def force_down(bench: NovaBench, down: bool, *, version: str = "2.53", status: int = 200) -> Json:
    if version < "2.53":
        body = {"host": "compute-1", "binary": "nova-compute", "forced_down": down}
        return bench.call("PUT", "/os-services/force-down", body, by="admin", version=version, status=status)
    path = f"/os-services/{bench.nova.computes['compute-1'].service_uuid}"
    return bench.call("PUT", path, {"forced_down": down}, by="admin", version=version, status=status)


def evacuate(bench: NovaBench, server: Server, value: Json = None, *, version: str = "2.68", status: int = 200) -> Json:
    return bench.act(server, "evacuate", value or {}, by="admin", version=version, status=status)


def migrations(bench: NovaBench) -> list[tuple[str, str]]:
    listed = bench.call("GET", "/os-migrations", by="admin", version="2.23")["migrations"]
    return [(migration["migration_type"], migration["status"]) for migration in listed]


# -- evacuated and taken back ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.11", "2.53", "2.90"])
def test_a_compute_is_taken_back_only_after_it_has_started_again(bench: NovaBench, version: str) -> None:
    """_check_for_evacuations in nova/api/openstack/compute/services.py."""
    server = bench.boot()
    force_down(bench, True)
    evacuate(bench, server)
    bench.wait(10)
    assert (server.host, migrations(bench)) == ("compute-2", [("evacuation", "done")])
    assert server.held_on == ["compute-1", "compute-2"]

    error = force_down(bench, False, version=version, status=400)

    assert error["badRequest"]["message"].startswith("Unable to force up host compute-1 as `done` evacuation migration")
    assert bench.nova.computes["compute-1"].forced_down
    bench.nova.power_off("compute-1")
    bench.nova.power_on("compute-1")
    assert (migrations(bench), server.held_on) == ([("evacuation", "completed")], ["compute-2"])
    force_down(bench, False, version=version)
    assert bench.nova.computes["compute-1"].state == "up"


def test_a_compute_from_which_nothing_was_evacuated_is_taken_back(bench: NovaBench) -> None:
    bench.boot()
    force_down(bench, True)

    force_down(bench, False)

    assert bench.nova.computes["compute-1"].state == "up"


def test_a_compute_that_starts_during_an_evacuation_gives_its_server_up(bench: NovaBench) -> None:
    """_destroy_evacuated_instances in nova/compute/manager.py: also accepted and pre-migrating; the end sets done."""
    server = bench.boot()
    bench.nova.power_off("compute-1")
    force_down(bench, True)
    evacuate(bench, server)
    bench.wait(1)

    bench.nova.power_on("compute-1")

    assert (server.held_on, server.guest_up) == (["compute-2"], False)
    assert migrations(bench) == [("evacuation", "completed")]
    bench.wait(20)
    assert (server.status, server.host, server.guest_up) == ("ACTIVE", "compute-2", True)
    assert migrations(bench) == [("evacuation", "done")]


@pytest.mark.parametrize("stop", [False, True])
@pytest.mark.parametrize(("version", "always"), [("2.94", False), ("2.95", True)])
def test_an_evacuated_server_is_stopped_if_it_was_or_from_2_95_on(
    bench: NovaBench, stop: bool, version: str, always: bool
) -> None:
    """_evacuate in nova/api/openstack/compute/evacuate.py: target_state."""
    server = bench.boot()
    if stop:
        bench.act(server, "os-stop")
        bench.wait(5)
    force_down(bench, True)

    evacuate(bench, server, version=version)

    bench.wait(10)
    assert server.status == ("SHUTOFF" if stop or always else "ACTIVE")


def test_an_evacuation_without_a_compute_ends_in_error_and_can_be_repeated(bench: NovaBench) -> None:
    """rebuild_instance in nova/conductor/manager.py."""
    server = bench.boot()
    others = [bench.nova.computes[f"compute-{number}"] for number in (2, 3)]
    force_down(bench, True)
    for compute in others:
        bench.nova.set_service(compute, status="disabled")

    evacuate(bench, server, {"host": "compute-3"})

    bench.wait(1)
    assert (server.status, server.host, migrations(bench)) == ("ERROR", "compute-1", [("evacuation", "error")])
    assert (bench.nova.migrations[0].dest, server.actions[-1].events[0].name) == ("compute-3", "rebuild_server")
    bench.nova.set_service(others[0], status="enabled")
    evacuate(bench, server)
    bench.wait(10)
    assert (server.status, server.host) == ("ACTIVE", "compute-2")


def test_what_an_evacuation_names_is_checked_before_the_states(bench: NovaBench) -> None:
    """_evacuate in nova/api/openstack/compute/evacuate.py: unknown host, own host, the state, the compute is up."""
    server = bench.boot()
    bench.act(server, "pause")
    bench.wait(5)

    evacuate(bench, server, {"host": "nowhere"}, status=404)
    evacuate(bench, server, {"host": "compute-1"}, status=400)
    evacuate(bench, server, status=409)
    bench.act(server, "unpause")
    bench.wait(5)
    evacuate(bench, server, status=400)
    assert bench.nova.migrations == []


def test_a_password_is_not_set_on_a_disk_that_stays(bench: NovaBench) -> None:
    """_get_password in nova/api/openstack/compute/evacuate.py."""
    server = bench.boot()
    force_down(bench, True)

    evacuate(bench, server, {"onSharedStorage": True, "adminPass": "secret"}, version="2.13", status=400)

    assert evacuate(bench, server, {"onSharedStorage": True}, version="2.13") == {"adminPass": None}


def test_a_service_is_deleted_when_it_has_no_servers_and_no_move_in_progress(bench: NovaBench) -> None:
    """delete and _assert_no_in_progress_migrations in nova/api/openstack/compute/services.py."""
    server = bench.boot()
    path = f"/os-services/{bench.nova.computes['compute-1'].service_uuid}"
    hosting = bench.call("DELETE", path, by="admin", version="2.53", status=409)["conflictingRequest"]["message"]
    bench.act(server, "migrate", by="admin")
    bench.wait(12)

    moving = bench.call("DELETE", path, by="admin", version="2.53", status=409)["conflictingRequest"]["message"]

    assert ("is hosting instances" in hosting, "in-progress migrations" in moving) == (True, True)
    bench.act(server, "confirmResize", status=204)
    bench.wait(2)
    bench.call("DELETE", path, by="admin", version="2.53", status=204)


@pytest.mark.parametrize(
    ("disabled", "powered", "forced_down", "status"),
    [
        (False, True, False, "UP"),
        (True, True, False, "MAINTENANCE"),
        (False, False, False, "UNKNOWN"),
        (True, False, False, "MAINTENANCE"),
        (True, False, True, "DOWN"),
    ],
)
def test_the_state_of_a_compute_is_shown_with_its_servers(
    bench: NovaBench, disabled: bool, powered: bool, forced_down: bool, status: str
) -> None:
    """get_instance_host_status in nova/compute/api.py."""
    server = bench.boot()
    if not powered:
        bench.nova.power_off("compute-1")
    bench.nova.set_service(
        bench.nova.computes["compute-1"], status="disabled" if disabled else "enabled", forced_down=forced_down
    )
    bench.wait(15)

    shown = bench.call("GET", f"/servers/{server.id}", by="admin", version="2.16")["server"]

    assert shown["host_status"] == status


def test_an_evacuation_names_no_flavors(bench: NovaBench) -> None:
    """API.evacuate in nova/compute/api.py sets none in the migration."""
    server = bench.boot()
    force_down(bench, True)
    evacuate(bench, server)
    bench.wait(10)

    (shown,) = bench.call("GET", "/os-migrations", by="admin")["migrations"]

    assert (shown["old_instance_type_id"], shown["new_instance_type_id"]) == (None, None)


# -- changes of a service ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"disabled_reason": "r"}, 400),
        ({"status": "enabled", "disabled_reason": "r"}, 400),
        ({"forced_down": True, "disabled_reason": "r"}, 200),
        ({"status": "disabled", "disabled_reason": "r", "forced_down": False}, 200),
    ],
)
def test_a_reason_counts_with_the_status_disabled_only(bench: NovaBench, body: Json, status: int) -> None:
    """_update of nova/api/openstack/compute/services.py, from 2.53 on."""
    compute = bench.nova.computes["compute-1"]

    bench.call("PUT", f"/os-services/{compute.service_uuid}", body, by="admin", version="2.53", status=status)

    assert compute.disabled_reason == ("r" if status == 200 and "status" in body else None)


# -- moves from and to a compute that is down --------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "value"), [("migrate", None), ("resize", {"flavorRef": "2"})])
def test_no_cold_migration_begins_on_a_compute_that_is_down(bench: NovaBench, name: str, value: Json) -> None:
    """check_instance_host(check_is_up=True) of API.resize in nova/compute/api.py."""
    server = bench.boot()
    force_down(bench, True)

    error = bench.act(server, name, value, by="admin", status=409)

    assert error["conflictingRequest"]["message"] == "Service is unavailable at this time."
    assert (server.task_state, bench.nova.migrations, len(server.actions)) == (None, [], 1)


@pytest.mark.parametrize(
    ("value", "down"),
    [({}, "compute-1"), ({"host": "compute-1"}, None), ({"host": "compute-2"}, "compute-2")],
    ids=["the source is down", "it is there already", "the destination is down"],
)
def test_the_checks_of_a_live_migration_fail_later_from_2_34_on(
    bench: NovaBench, value: Json, down: str | None
) -> None:
    """_migrate_live in nova/api/openstack/compute/migrate_server.py: async_; the checks are LiveMigrationTask's."""
    server = bench.boot()
    if down:
        bench.nova.set_service(bench.nova.computes[down], forced_down=True)

    bench.act(server, "os-migrateLive", {**OLD_LIVE, **value}, by="admin", version="2.1", status=400)
    for version in ("2.34", "2.67", "2.90"):
        bench.act(server, "os-migrateLive", {**LIVE, **value}, by="admin", version=version)
        bench.wait(1)

    assert migrations(bench) == [("live-migration", "error")] * 4
    listed = bench.call("GET", f"/servers/{server.id}/os-instance-actions", by="admin")["instanceActions"]
    assert [(action["action"], action["message"]) for action in listed[:-1]] == [("live-migration", "Error")] * 4
    assert (server.status, server.host, server.task_state) == ("ACTIVE", "compute-1", None)
    assert bench.vcpus_used() == [2, 0, 0]


def test_a_guest_that_does_not_run_is_not_migrated_live(bench: NovaBench) -> None:
    """_check_instance_is_active in nova/conductor/tasks/live_migrate.py."""
    server = bench.boot()
    bench.act(server, "os-stop")
    bench.wait(5)
    bench.act(server, "os-resetState", {"state": "active"}, by="admin")

    bench.act(server, "os-migrateLive", OLD_LIVE, by="admin", version="2.1", status=409)
    bench.act(server, "os-migrateLive", LIVE, by="admin", version="2.90")

    bench.wait(1)
    assert migrations(bench) == [("live-migration", "error")] * 2


def test_an_unknown_destination_is_refused_at_every_microversion(bench: NovaBench) -> None:
    """API.live_migrate in nova/compute/api.py: ComputeNodeList.get_all_by_host comes before anything else."""
    server = bench.boot()

    bench.act(server, "os-migrateLive", {**OLD_LIVE, "host": "nowhere"}, by="admin", status=400)
    bench.act(server, "os-migrateLive", {**LIVE, "host": "nowhere"}, by="admin", version="2.90", status=400)

    assert bench.nova.migrations == []


def test_only_a_live_migration_that_runs_is_aborted(bench: NovaBench) -> None:
    """API.live_migrate_abort in nova/compute/api.py."""
    server = bench.boot()
    path = f"/servers/{server.id}/migrations"
    bench.act(server, "os-migrateLive", LIVE, by="admin", version="2.90")
    bench.wait(1)

    for number in ("2", "x"):
        bench.call("DELETE", f"{path}/{number}", by="admin", version="2.65", status=404)
    bench.call("DELETE", f"{path}/1", by="admin", version="2.65", status=202)
    bench.call("DELETE", f"{path}/1", by="admin", version="2.65", status=409)


# -- reversal ----------------------------------------------------------------------------------------------------------


def test_a_reversal_waits_for_the_former_compute(bench: NovaBench) -> None:
    """API.revert_resize in nova/compute/api.py does not ask for it; the source does finish_revert_resize."""
    server = bench.boot()
    bench.act(server, "migrate", by="admin")
    bench.wait(12)
    bench.nova.power_off("compute-1")
    bench.wait(15)
    bench.act(server, "confirmResize", status=409)

    bench.act(server, "revertResize")

    bench.wait(60)
    assert (server.status, server.host, migrations(bench)) == (
        "REVERT_RESIZE",
        "compute-2",
        [("migration", "reverting")],
    )
    bench.nova.power_on("compute-1")
    bench.wait(1)
    assert (server.status, server.host, server.guest_up) == ("ACTIVE", "compute-1", True)
    assert (migrations(bench), bench.vcpus_used()) == ([("migration", "reverted")], [2, 0, 0])
