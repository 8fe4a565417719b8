from typing import Any

import pytest


@pytest.mark.parametrize(
    ("action", "value", "status", "up"),
    [
        ("os-stop", None, "SHUTOFF", False),
        ("pause", None, "PAUSED", False),
        ("suspend", None, "SUSPENDED", False),
        ("reboot", {"type": "SOFT"}, "ACTIVE", True),
        ("reboot", {"type": "HARD"}, "ACTIVE", True),
        ("rescue", None, "RESCUE", False),
    ],
)
def test_a_change_takes_the_guest_down(cloud: Any, action: Any, value: Any, status: Any, up: Any) -> None:
    server = cloud.boot()
    assert cloud.act(server, action, value, by="demo").status_code in (200, 202)
    cloud.wait(0)
    assert not server.guest_up
    cloud.wait(10)
    assert (server.status, server.guest_up) == (status, up)


@pytest.mark.parametrize(
    ("there", "back"), [("os-stop", "os-start"), ("pause", "unpause"), ("suspend", "resume"), ("rescue", "unrescue")]
)
def test_and_back(cloud: Any, there: Any, back: Any) -> None:
    server = cloud.boot()
    cloud.act(server, there, by="demo")
    cloud.wait(10)
    assert cloud.act(server, back, by="demo").status_code == 202
    cloud.wait(10)
    assert (server.status, server.guest_up) == ("ACTIVE", True)


def test_the_wrong_state_is_a_conflict(cloud: Any) -> None:
    server = cloud.boot()
    answer = cloud.act(server, "os-start", by="demo")
    assert answer.status_code == 409
    assert answer.json["conflictingRequest"] == {
        "code": 409,
        "message": f"Cannot 'start' instance {server.id} while it is in vm_state active",
    }


def test_one_thing_at_a_time(cloud: Any) -> None:
    server = cloud.boot()
    cloud.act(server, "os-stop", by="demo")
    answer = cloud.act(server, "pause", by="demo")
    assert answer.json["conflictingRequest"]["message"].endswith("while it is in task_state powering-off")


@pytest.mark.parametrize("body", [{}, {"dance": None}, {"os-stop": None, "pause": None}, {"reboot": {"type": "KICK"}}])
def test_what_is_no_action(cloud: Any, body: Any) -> None:
    server = cloud.boot()
    assert cloud.call("POST", f"/servers/{server.id}/action", body).status_code == 400


def test_a_lock_keeps_users_away_but_no_admin(cloud: Any) -> None:
    server = cloud.boot()
    cloud.act(server, "lock", by="admin")
    assert cloud.act(server, "os-stop", by="demo").status_code == 409
    assert cloud.call("DELETE", f"/servers/{server.id}", by="demo").status_code == 409
    assert cloud.act(server, "unlock", by="demo").status_code == 403
    assert cloud.act(server, "os-stop", by="admin").status_code == 202


def test_a_rebuild_keeps_the_compute(cloud: Any) -> None:
    server = cloud.boot()
    answer = cloud.act(server, "rebuild", {"imageRef": cloud.image, "name": "new"}, by="demo")
    assert (answer.status_code, answer.json["server"]["status"]) == (202, "REBUILD")
    cloud.wait(8)
    assert (server.status, server.name, server.host) == ("ACTIVE", "new", "compute-1")
    assert cloud.guest(server) == [(6.0, True), (10.0, False), (18.0, True)]


@pytest.mark.parametrize("action", ["migrate", "os-resetState", "evacuate", "os-migrateLive"])
def test_what_only_admins_may(cloud: Any, action: Any) -> None:
    server = cloud.boot()
    assert cloud.act(server, action, {}, by="demo").status_code == 403


def test_an_image_of_a_server(cloud: Any) -> None:
    server = cloud.boot()
    answer = cloud.act(server, "createImage", {"name": "snap"}, by="demo", version="2.45")
    image = cloud.world.glance.images[answer.json["image_id"]]
    assert image.status != "active"
    cloud.wait(4)
    assert (image.status, server.guest_up, server.task_state) == ("active", True, None)


def test_what_a_request_says_of_an_image_comes_first(cloud: Any) -> None:
    metadata = {"image_type": "golden", "min_disk": "much"}
    answer = cloud.act(cloud.boot(), "createImage", {"name": "s", "metadata": metadata}, by="demo", version="2.45")
    image = cloud.world.glance.images[answer.json["image_id"]]
    assert image.properties["image_type"] == "golden"
    assert image.min_disk == 40
