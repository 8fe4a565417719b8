"""How an observer from outside records servers: their state, the room that they hold, and who changed them."""

import pytest

from pytest_doctor_maint.embedded.nova import listing
from pytest_doctor_maint.history import kinds
from tests.support.observed_cloud import ObservedCloud


def test_a_server_that_is_made(lab: ObservedCloud) -> None:
    lab.observer.start()
    server_id = lab.boot()
    rows = lab.column(kinds.SERVER, "status", "action", "by")
    assert rows[0] == ("BUILD", "create", lab.project("doctor"))
    assert rows[-1] == ("ACTIVE", "create", lab.project("doctor"))
    (last,) = lab.of(kinds.SERVER, status="ACTIVE")
    assert last == {
        "server_id": server_id,
        "name": "one",
        "project_id": lab.project("doctor"),
        "status": "ACTIVE",
        "host": lab.host_of(server_id),
        "held_on": (lab.host_of(server_id),),
        "vcpus": 1,
        "task_state": None,
        "action": "create",
        "by": lab.project("doctor"),
    }
    assert lab.agrees(kinds.SERVER) == len(rows)
    lab.clock.sleep(30)
    assert len(lab.of(kinds.SERVER)) == len(rows)


def test_a_cold_migration_holds_room_on_two_computes_until_it_is_confirmed(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    source = lab.host_of(server_id)
    lab.observer.start()
    lab.act(server_id, "migrate")
    lab.clock.sleep(20)
    there = lab.host_of(server_id)
    lab.act(server_id, "confirmResize", by="doctor")
    lab.clock.sleep(5)
    admin, doctor = lab.project("admin"), lab.project("doctor")
    assert lab.column(kinds.SERVER, "status", "host", "held_on", "action", "by") == [
        ("ACTIVE", source, (source,), "create", doctor),
        ("RESIZE", source, (source, there), "migrate", admin),
        ("VERIFY_RESIZE", there, (there, source), "migrate", admin),
        ("ACTIVE", there, (there,), "confirmResize", doctor),
    ]
    # The order of the two computes cannot be observed.
    assert lab.agrees(kinds.SERVER, without=("held_on",)) == 4


def test_a_migration_that_is_reverted(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    source = lab.host_of(server_id)
    lab.observer.start()
    lab.act(server_id, "migrate")
    lab.clock.sleep(20)
    there = lab.host_of(server_id)
    lab.act(server_id, "revertResize")
    lab.clock.sleep(10)
    rows = lab.column(kinds.SERVER, "status", "host", "held_on", "action")
    assert rows[-2:] == [
        ("REVERT_RESIZE", there, (there, source), "revertResize"),
        ("ACTIVE", source, (source,), "revertResize"),
    ]


def test_a_live_migration_holds_room_on_two_computes_while_it_goes_on(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    source = lab.host_of(server_id)
    lab.observer.start()
    lab.live_migrate(server_id)
    lab.clock.sleep(20)
    there = lab.host_of(server_id)
    admin = lab.project("admin")
    assert lab.column(kinds.SERVER, "status", "host", "held_on", "action", "by")[1:] == [
        ("MIGRATING", source, (source, there), "os-migrateLive", admin),
        ("ACTIVE", there, (there,), "os-migrateLive", admin),
    ]
    assert lab.agrees(kinds.SERVER, without=("held_on",)) == 3


@pytest.mark.parametrize("by", ["doctor", "admin"])
def test_a_server_that_is_deleted(lab: ObservedCloud, by: str) -> None:
    server_id = lab.boot()
    lab.observer.start()
    lab.delete(server_id, by=by)
    lab.clock.sleep(10)
    last = lab.of(kinds.SERVER)[-1]
    assert (last["status"], last["held_on"], last["task_state"]) == ("DELETED", (), None)
    assert (last["action"], last["by"]) == ("delete", lab.project(by))
    assert lab.reported.of(kinds.SERVER)[-1].data["by"] == lab.project(by)
    assert len(lab.of(kinds.SERVER, status="DELETED")) == 1


def test_a_server_that_came_and_went_between_two_looks_is_not_seen(lab: ObservedCloud) -> None:
    lab.observer.every = 60.0
    lab.observer.start()
    lab.delete(lab.boot())
    lab.clock.sleep(61)
    assert lab.of(kinds.SERVER) == []


def test_a_cold_migration_between_two_looks_is_recorded_as_one(lab: ObservedCloud) -> None:
    """The last action is the confirmation, but the server is on another compute because of the migration."""
    server_id = lab.boot()
    lab.observer.every = 60.0
    lab.observer.start()
    lab.act(server_id, "migrate")
    lab.clock.sleep(20)
    lab.act(server_id, "confirmResize", by="doctor")
    lab.clock.sleep(61)
    there = lab.host_of(server_id)
    assert lab.column(kinds.SERVER, "status", "host", "held_on", "action", "by")[1:] == [
        ("ACTIVE", there, (there,), "migrate", lab.project("admin"))
    ]


def test_a_live_migration_between_two_looks_is_recorded_as_one(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    lab.observer.every = 60.0
    lab.observer.start()
    lab.live_migrate(server_id)
    lab.clock.sleep(20)
    lab.act(server_id, "reboot", {"type": "SOFT"}, by="doctor")
    lab.clock.sleep(61)
    assert lab.column(kinds.SERVER, "status", "action", "by")[1:] == [
        ("ACTIVE", "os-migrateLive", lab.project("admin"))
    ]


def test_an_old_migration_is_not_recorded_again(lab: ObservedCloud) -> None:
    """A migration that is already recorded does not explain a later move: the server is back after an evacuation."""
    server_id = lab.boot()
    lab.observer.every = 60.0
    lab.observer.start()
    lab.live_migrate(server_id)
    lab.clock.sleep(61)
    assert lab.column(kinds.SERVER, "action")[-1] == "os-migrateLive"
    host = lab.host_of(server_id)
    lab.cloud.nova.power_off(host)
    lab.clock.sleep(20)
    lab.act(server_id, "evacuate", {})
    lab.clock.sleep(61)
    assert lab.host_of(server_id) != host
    assert lab.column(kinds.SERVER, "host", "action")[-1] == (lab.host_of(server_id), "evacuate")


def test_a_server_that_stays_in_its_place_is_recorded_with_its_latest_action(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    lab.observer.start()
    lab.live_migrate(server_id)
    lab.clock.sleep(20)
    lab.act(server_id, "os-stop", by="doctor")
    lab.clock.sleep(10)
    assert lab.column(kinds.SERVER, "status", "action", "by")[-1] == ("SHUTOFF", "stop", lab.project("doctor"))


def test_all_pages_of_servers_are_read(lab: ObservedCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST", 2)
    made = [lab.boot(f"server-{number}", wait=0.0) for number in range(5)]
    lab.clock.sleep(10)
    lab.tap.asked.clear()
    lab.observer.start()
    # Three pages, and all of them again to see whether anything has changed.
    assert lab.tap.asked.count("/compute/v2.1/servers/detail") == 6
    assert {*lab.column(kinds.SERVER, "server_id")} == {*made}


def test_only_watched_projects_are_looked_at(lab: ObservedCloud) -> None:
    ours, theirs = lab.boot(), lab.boot(by="other")
    lab.observer.start()
    lab.clock.sleep(1)
    assert lab.column(kinds.SERVER, "server_id") == [ours]
    lab.observer.watch([lab.project("other")])
    lab.clock.sleep(1)
    assert lab.column(kinds.SERVER, "server_id") == [ours, theirs]


def test_a_server_that_came_back_between_two_looks_is_recorded_with_its_latest_action(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    host = lab.host_of(server_id)
    lab.observer.every = 100.0
    lab.observer.start()
    lab.act(server_id, "migrate")
    lab.clock.sleep(20)
    lab.act(server_id, "revertResize")
    lab.clock.sleep(20)
    lab.act(server_id, "os-stop", by="doctor")
    lab.clock.sleep(61)
    assert lab.column(kinds.SERVER, "status", "host", "action")[1:] == [("SHUTOFF", host, "stop")]


def test_a_server_that_is_gone_at_the_next_look(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    lab.observer.every = 60.0
    lab.observer.start()
    lab.delete(server_id, by="admin")
    lab.clock.sleep(61)
    assert lab.column(kinds.SERVER, "status", "action", "by")[1:] == [("DELETED", "delete", lab.project("admin"))]
    # No more requests are sent about it.
    lab.tap.asked.clear()
    lab.clock.sleep(60)
    assert lab.tap.asked
    assert [path for path in lab.tap.asked if server_id in path] == []


def test_a_server_that_nova_has_forgotten_was_deleted_by_its_project(lab: ObservedCloud) -> None:
    """Nova no longer shows who deleted it, so the project is assumed."""
    server_id = lab.boot()
    lab.observer.every = 60.0
    lab.observer.start()
    lab.delete(server_id, by="admin")
    lab.clock.sleep(10)
    del lab.cloud.nova.gone[server_id]
    lab.clock.sleep(60)
    assert lab.column(kinds.SERVER, "status", "action", "by")[1:] == [("DELETED", "delete", lab.project("doctor"))]
