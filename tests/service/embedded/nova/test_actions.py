"""Actions on a server that do not move it to another compute."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench


@pytest.mark.parametrize(
    ("action", "value", "accepted", "status", "up"),
    [
        ("os-stop", None, 202, "SHUTOFF", False),
        ("pause", None, 202, "PAUSED", False),
        ("suspend", None, 202, "SUSPENDED", False),
        ("reboot", {"type": "SOFT"}, 202, "ACTIVE", True),
        ("reboot", {"type": "HARD"}, 202, "ACTIVE", True),
        ("rescue", None, 200, "RESCUE", False),
    ],
)
def test_a_change_of_state_takes_the_guest_down(
    bench: NovaBench, action: str, value: object, accepted: int, status: str, up: bool
) -> None:
    server = bench.boot()

    bench.act(server, action, value, status=accepted)
    bench.wait(0)

    assert not server.guest_up
    bench.wait(10)
    assert (server.status, server.guest_up) == (status, up)


@pytest.mark.parametrize(
    ("there", "accepted", "back"),
    [
        ("os-stop", 202, "os-start"),
        ("pause", 202, "unpause"),
        ("suspend", 202, "resume"),
        ("rescue", 200, "unrescue"),
    ],
)
def test_the_reverse_action_brings_the_guest_back(bench: NovaBench, there: str, accepted: int, back: str) -> None:
    server = bench.boot()
    bench.act(server, there, status=accepted)
    bench.wait(10)

    bench.act(server, back)
    bench.wait(10)

    assert (server.status, server.guest_up) == ("ACTIVE", True)


def test_an_action_in_the_wrong_state_is_a_conflict(bench: NovaBench) -> None:
    server = bench.boot()

    error = bench.act(server, "os-start", status=409)

    message = f"Cannot 'start' instance {server.id} while it is in vm_state active"
    assert error["conflictingRequest"] == {"code": 409, "message": message}


def test_a_second_action_is_refused_while_the_first_is_in_progress(bench: NovaBench) -> None:
    server = bench.boot()
    bench.act(server, "os-stop")

    error = bench.act(server, "pause", status=409)

    assert error["conflictingRequest"]["message"].endswith("while it is in task_state powering-off")


@pytest.mark.parametrize("body", [{}, {"dance": None}, {"os-stop": None, "pause": None}, {"reboot": {"type": "KICK"}}])
def test_a_body_that_is_not_an_action_is_a_bad_request(bench: NovaBench, body: dict[str, object]) -> None:
    server = bench.boot()

    bench.call("POST", f"/servers/{server.id}/action", body, status=400)


def test_a_lock_keeps_the_project_out_and_admins_not(bench: NovaBench) -> None:
    server = bench.boot()

    bench.act(server, "lock", by="admin")

    bench.act(server, "os-stop", status=409)
    bench.call("DELETE", f"/servers/{server.id}", status=409)
    bench.act(server, "unlock", status=403)
    bench.act(server, "os-stop", by="admin")


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("createImage", {"name": "snap"}),
        ("createBackup", {"name": "daily", "backup_type": "daily", "rotation": 1}),
        ("os-getConsoleOutput", {}),
        ("os-getVNCConsole", {"type": "novnc"}),
        ("addSecurityGroup", {"name": "default"}),
    ],
)
def test_a_lock_does_not_stop_what_neither_changes_nor_deletes_the_guest(
    bench: NovaBench, action: str, value: dict[str, object]
) -> None:
    """As in Nova, whose compute API checks the lock of an instance in each method of its own."""
    unlocked, locked = bench.boot(), bench.boot()
    bench.act(locked, "lock", by="admin")

    answers = [
        bench.ask("POST", f"/servers/{server.id}/action", {action: value}).status_code for server in (unlocked, locked)
    ]

    assert answers[0] == answers[1]
    assert answers[1] != 409


def test_the_reason_of_a_lock_is_shown_from_2_73_on(bench: NovaBench) -> None:
    server = bench.boot()

    bench.act(server, "lock", {"locked_reason": "inspection"}, by="admin", version="2.73")

    shown = bench.call("GET", f"/servers/{server.id}", version="2.73")["server"]
    assert (shown["locked"], shown["locked_reason"]) == (True, "inspection")
    assert "locked_reason" not in bench.call("GET", f"/servers/{server.id}", version="2.72")["server"]


def test_a_rebuild_keeps_the_compute(bench: NovaBench) -> None:
    server = bench.boot()

    answer = bench.act(server, "rebuild", {"imageRef": bench.image, "name": "new"})

    assert answer["server"]["status"] == "REBUILD"
    bench.wait(8)
    assert (server.status, server.name, server.host) == ("ACTIVE", "new", "compute-1")
    assert bench.guest(server) == [(6.0, True), (10.0, False), (18.0, True)]


@pytest.mark.parametrize("action", ["migrate", "os-resetState", "evacuate", "os-migrateLive"])
def test_some_actions_are_for_admins_only(bench: NovaBench, action: str) -> None:
    server = bench.boot()

    bench.act(server, action, {}, status=403)


def test_an_image_of_a_server_becomes_active_while_the_guest_runs_on(bench: NovaBench) -> None:
    server = bench.boot()

    image_id = bench.act(server, "createImage", {"name": "snap"}, version="2.45")["image_id"]

    image = bench.cloud.glance.images[image_id]
    assert image.status != "active"
    bench.wait(4)
    assert (image.status, server.guest_up, server.task_state) == ("active", True, None)


def test_the_metadata_of_an_image_request_replaces_what_nova_sets(bench: NovaBench) -> None:
    value = {"name": "s", "metadata": {"image_type": "golden", "min_disk": "much"}}

    image_id = bench.act(bench.boot(), "createImage", value, version="2.45")["image_id"]

    image = bench.cloud.glance.images[image_id]
    assert image.properties["image_type"] == "golden"
    assert image.min_disk == 40


def test_only_the_newest_backups_are_kept(bench: NovaBench) -> None:
    server = bench.boot()

    ids = []
    for number in range(3):
        value = {"name": f"backup-{number}", "backup_type": "daily", "rotation": 2}
        ids.append(bench.act(server, "createBackup", value, version="2.45")["image_id"])
        bench.wait(4)

    assert [image_id in bench.cloud.glance.images for image_id in ids] == [False, True, True]


def test_console_output_is_cut_to_the_requested_length(bench: NovaBench) -> None:
    server = bench.boot()

    assert bench.act(server, "os-getConsoleOutput", {"length": 2}, status=200)["output"].count("\n") == 1
    assert bench.act(server, "os-getConsoleOutput", {"length": "-1"}, status=200)["output"].count("\n") == 31
    bench.act(server, "os-getConsoleOutput", {"length": -2}, status=400)


@pytest.mark.parametrize(
    ("protocol", "kind", "version", "status"),
    [
        ("vnc", "novnc", "2.6", 200),
        ("mks", "webmks", "2.7", 400),
        ("mks", "webmks", "2.8", 200),
        ("vnc", "serial", "2.6", 400),
        ("rdp", "rdp-html5", "2.6", 400),
        ("vnc", "novnc", "2.5", 404),
    ],
)
def test_remote_consoles(bench: NovaBench, protocol: str, kind: str, version: str, status: int) -> None:
    server = bench.boot()
    body = {"remote_console": {"protocol": protocol, "type": kind}}

    bench.call("POST", f"/servers/{server.id}/remote-consoles", body, version=version, status=status)
