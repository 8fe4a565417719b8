"""A move is attributed to an administrator by the caller's role, where the caller acts in another project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openstack.exceptions import ForbiddenException

from pytest_doctor_maint.attach import observer
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.calls import call
from tests.support.observed_cloud import ObservedCloud

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter


def grant(lab: ObservedCloud, role: str, *, user: str = "doctor", project: str = "doctor") -> None:
    """Give a user a role in a project; the user gets a new token."""
    identity = lab.admin.identity
    user_id = call(identity, "GET", "/users", name=user)["users"][0]["id"]
    role_id = call(identity, "GET", "/roles", name=role)["roles"][0]["id"]
    call(identity, "PUT", f"/projects/{lab.project(project)}/users/{user_id}/roles/{role_id}")
    lab.users[user].session.invalidate()


def moves(history: History) -> list[tuple[object, object]]:
    """Return the project and the role of the caller, as recorded with each state of a move; without a role: ``-``."""
    found = [event.data for event in history.of(kinds.SERVER) if event.data["action"] in ("migrate", "os-migrateLive")]
    return [(data["by"], data.get("by_admin", "-")) for data in found]


@pytest.mark.parametrize("action", ["migrate", "os-migrateLive"])
def test_an_admin_in_the_project_of_the_server(lab: ObservedCloud, action: str) -> None:
    """Doctor's admin tool acts in the project of the application."""
    grant(lab, "admin")
    server_id = lab.boot()
    lab.observer.start()
    value = {"host": None, "block_migration": "auto"} if action == "os-migrateLive" else None
    lab.act(server_id, action, value, by="doctor")
    lab.clock.sleep(20)
    assert set(moves(lab.seen)) == {(lab.project("doctor"), True)}
    assert set(moves(lab.reported)) == {(lab.project("doctor"), True)}
    assert len([path for path in lab.tap.asked if path.endswith("/role_assignments")]) == 1


def test_an_admin_in_a_third_project(lab: ObservedCloud) -> None:
    grant(lab, "admin", user="other", project="other")
    server_id = lab.boot()
    lab.observer.start()
    lab.act(server_id, "migrate", by="other")
    lab.clock.sleep(20)
    assert set(moves(lab.seen)) == set(moves(lab.reported)) == {(lab.project("other"), True)}


def test_nothing_more_is_recorded_of_the_administrators_project(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    lab.observer.start()
    lab.act(server_id, "migrate")
    lab.clock.sleep(20)
    assert set(moves(lab.seen)) == set(moves(lab.reported)) == {(lab.project("admin"), "-")}
    assert not [path for path in lab.tap.asked if path.endswith("/role_assignments")]


def test_a_role_that_was_taken_back_before_the_move_was_seen_is_no_longer_there(lab: ObservedCloud) -> None:
    """The observer asks for the present roles; an administrator who is none by then is not taken for one."""
    grant(lab, "admin")
    server_id = lab.boot()
    lab.observer.every = 100.0
    lab.observer.start()
    lab.act(server_id, "migrate", by="doctor")
    identity = lab.admin.identity
    user_id = call(identity, "GET", "/users", name="doctor")["users"][0]["id"]
    role_id = call(identity, "GET", "/roles", name="admin")["roles"][0]["id"]
    call(identity, "DELETE", f"/projects/{lab.project('doctor')}/users/{user_id}/roles/{role_id}")
    lab.observer.look()
    assert set(moves(lab.seen)) == {(lab.project("doctor"), False)}


def test_a_keystone_that_does_not_tell(lab: ObservedCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(adapter: Adapter, method: str, path: str, *args: object, **query: object) -> object:
        if path == "/role_assignments":
            raise ForbiddenException(f"{method} {path} is forbidden")
        return call(adapter, method, path, *args, **query)  # type: ignore[arg-type]

    monkeypatch.setattr(observer, "call", refuse)
    grant(lab, "admin")
    server_id = lab.boot()
    lab.observer.start()
    lab.act(server_id, "migrate", by="doctor")
    lab.clock.sleep(20)
    assert set(moves(lab.seen)) == {(lab.project("doctor"), None)}


def test_a_deletion_after_the_move_is_no_move(lab: ObservedCloud) -> None:
    grant(lab, "admin")
    server_id = lab.boot()
    lab.observer.start()
    lab.act(server_id, "migrate", by="doctor")
    lab.clock.sleep(20)
    lab.delete(server_id)
    lab.clock.sleep(10)
    last = lab.of(kinds.SERVER)[-1]
    assert (last["action"], last["by"]) == ("delete", lab.project("doctor"))
    assert "by_admin" not in last
