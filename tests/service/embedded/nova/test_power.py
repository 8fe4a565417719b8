"""Computes that lose their power, and the state of their servers then."""

from __future__ import annotations

import pytest

from tests.support.json import Json
from tests.support.nova import NovaBench


def service_of(bench: NovaBench, host: str = "compute-1") -> Json:
    (service,) = bench.call("GET", f"/os-services?host={host}", by="admin", version="2.53")["services"]
    return service


def force_down(bench: NovaBench, value: bool) -> None:
    path = f"/os-services/{service_of(bench)['id']}"
    bench.call("PUT", path, {"forced_down": value}, by="admin", version="2.53")


def test_a_compute_without_power_counts_as_up_until_its_reports_are_missed(bench: NovaBench) -> None:
    server = bench.boot()

    bench.nova.power_off("compute-1")

    assert (server.status, server.guest_up, service_of(bench)["state"]) == ("ACTIVE", False, "up")
    bench.act(server, "evacuate", {}, by="admin", version="2.68", status=400)
    bench.wait(15)
    assert service_of(bench)["state"] == "down"
    states = [(event.data["powered"], event.data["state"]) for event in bench.history.of("compute", host="compute-1")]
    assert states == [(True, "up"), (False, "up"), (False, "down")]


def test_an_evacuated_server_is_forgotten_by_its_former_compute(bench: NovaBench) -> None:
    server = bench.boot()
    bench.nova.power_off("compute-1")
    force_down(bench, True)
    assert service_of(bench)["state"] == "down"

    bench.act(server, "evacuate", {}, by="admin", version="2.68", status=200)

    assert server.status == "REBUILD"
    bench.wait(8)
    assert (server.status, server.host, server.held_on) == ("ACTIVE", "compute-2", ["compute-1", "compute-2"])
    assert bench.guest(server) == [(6.0, True), (10.0, False), (18.0, True)]
    bench.nova.power_on("compute-1")
    assert (server.held_on, bench.nova.usage("compute-1").vcpus) == (["compute-2"], 0)
    assert service_of(bench)["state"] == "down"
    force_down(bench, False)
    assert service_of(bench)["state"] == "up"


def test_guests_return_with_their_compute_unless_their_server_is_in_error(bench: NovaBench) -> None:
    first, second = bench.boot("first", by="admin", availability_zone="nova:compute-1"), bench.boot("second")
    assert second.host != first.host
    third = bench.boot("third", by="admin", availability_zone="nova:compute-1")
    bench.nova.power_off("compute-1")
    bench.act(third, "os-resetState", {"state": "error"}, by="admin")

    bench.nova.power_on("compute-1")

    assert (first.guest_up, second.guest_up, third.guest_up, third.status) == (True, True, False, "ERROR")


def test_a_reset_of_the_state_does_not_affect_the_guest(bench: NovaBench) -> None:
    server = bench.boot()

    bench.act(server, "os-resetState", {"state": "error"}, by="admin")

    assert (server.status, server.guest_up) == ("ERROR", True)
    bench.act(server, "os-resetState", {"state": "gone"}, by="admin", status=400)
    bench.act(server, "os-resetState", {"state": "active"}, status=403)


def test_a_migration_is_lost_with_its_source(bench: NovaBench) -> None:
    server = bench.boot()
    bench.act(server, "migrate", by="admin")
    bench.wait(1)

    bench.nova.power_off("compute-1")

    bench.wait(60)
    assert (server.status, server.guest_up) == ("RESIZE", False)
    bench.nova.power_on("compute-1")
    assert (server.status, server.task_state, server.held_on, server.guest_up) == ("ACTIVE", None, ["compute-1"], True)
    assert bench.nova.migrations[0].status == "error"


def test_without_its_destination_a_cold_migration_ends_in_error_and_a_live_one_is_undone(bench: NovaBench) -> None:
    cold, live = bench.boot("cold"), bench.boot("live", by="admin", availability_zone="nova:compute-2")
    bench.act(cold, "migrate", {"host": "compute-3"}, by="admin", version="2.56")
    value = {"host": "compute-3", "block_migration": "auto"}
    bench.act(live, "os-migrateLive", value, by="admin", version="2.90")
    bench.wait(1)

    bench.nova.power_off("compute-3")

    bench.wait(20)
    assert (cold.status, cold.held_on, cold.guest_up) == ("ERROR", ["compute-1"], False)
    assert (live.status, live.held_on, live.guest_up) == ("ACTIVE", ["compute-2"], True)
    assert [migration.status for migration in bench.nova.migrations] == ["error", "error"]
    assert bench.nova.usage("compute-3").vcpus == 0


def test_work_for_a_compute_without_power_waits_until_the_power_is_back(bench: NovaBench) -> None:
    server = bench.boot()
    bench.nova.power_off("compute-1")

    bench.act(server, "os-stop")

    bench.wait(60)
    assert server.task_state == "powering-off"
    bench.nova.power_on("compute-1")
    bench.wait(3)
    assert (server.status, server.guest_up) == ("SHUTOFF", False)


@pytest.mark.parametrize(
    ("prepared", "name", "value", "status"),
    [
        (None, "os-stop", None, "SHUTOFF"),
        ("os-stop", "os-start", None, "ACTIVE"),
        (None, "reboot", {"type": "SOFT"}, "ACTIVE"),
        (None, "reboot", {"type": "HARD"}, "ACTIVE"),
    ],
)
def test_what_a_compute_was_doing_when_it_lost_its_power_is_done_again(
    bench: NovaBench, prepared: str | None, name: str, value: Json, status: str
) -> None:
    """_init_instance in nova/compute/manager.py: powering-off, powering-on, and the states of _retry_reboot."""
    server = bench.boot()
    if prepared:
        bench.act(server, prepared)
        bench.wait(5)
    bench.act(server, name, value)
    bench.wait(0.2)
    task = server.task_state
    bench.nova.power_off("compute-1")
    bench.wait(20)

    bench.nova.power_on("compute-1")

    assert (task is not None, server.task_state) == (True, task)
    bench.wait(30)
    assert (server.status, server.task_state, server.guest_up) == (status, None, status == "ACTIVE")


def test_a_task_that_waits_for_the_power_is_kept(bench: NovaBench) -> None:
    server = bench.boot()
    bench.nova.power_off("compute-1")
    bench.act(server, "os-stop")
    bench.wait(20)

    bench.nova.power_on("compute-1")

    assert server.task_state == "powering-off"
    bench.act(server, "os-stop", status=409)


def test_a_migration_that_was_requested_without_power_is_carried_out(bench: NovaBench) -> None:
    server = bench.boot()
    bench.nova.power_off("compute-1")
    bench.act(server, "migrate", by="admin")
    bench.wait(3)

    bench.nova.power_on("compute-1")

    bench.wait(30)
    assert (server.status, server.host) == ("VERIFY_RESIZE", "compute-2")
    bench.act(server, "confirmResize", status=204)
    bench.wait(2)
    assert (server.status, bench.vcpus_used()) == ("ACTIVE", [0, 2, 0])


def test_a_server_on_a_compute_that_is_down_is_deleted_at_once(bench: NovaBench) -> None:
    server = bench.boot()
    bench.nova.power_off("compute-1")
    bench.wait(15)

    bench.call("DELETE", f"/servers/{server.id}", status=204)

    bench.call("GET", f"/servers/{server.id}", status=404)
    assert bench.nova.usage("compute-1").vcpus == 0


def test_a_build_is_lost_with_its_compute(bench: NovaBench) -> None:
    server = bench.boot(wait=1.0)

    bench.nova.power_off("compute-1")

    bench.wait(30)
    assert server.status == "BUILD"
    bench.nova.power_on("compute-1")
    assert server.status == "ERROR"
