"""Moves of instances in states that the embedded cloud does not keep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import requests
from keystoneauth1.adapter import Adapter
from openstack.connection import Connection

from pytest_doctor_maint.actors.admin_tool.base.moves import Moves
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.protocol import Action
from pytest_doctor_maint.simtime.clock import SimulatedClock

if TYPE_CHECKING:
    from keystoneauth1.session import Session

INSTANCE = Instance("i", "p", "compute-1", 1)


class Nova(Adapter):
    """The session behind ``connection.compute``: one server, whose states follow the looks at it and the actions.

    Attributes:
        states: The status and the host of the server at each look; the last one remains.
        after: The status and the host of the server after an action.
        actions: The actions, in order.
    """

    def __init__(self, *states: tuple[str, str | None], **after: tuple[str, str | None]) -> None:
        super().__init__(cast("Session", None))
        self.states = list(states)
        self.after = after
        self.actions: list[str] = []

    def request(self, url: str, method: str, **options: Any) -> requests.Response:
        body: dict[str, object] = {}
        if method == "POST":
            (action,) = options["json"]
            self.actions.append(action)
            self.states = [self.after[action]]
        elif url == "/servers/i":
            status, host = self.states[0]
            self.states = self.states[1:] or self.states
            body = {"server": {"id": "i", "name": "web", "status": status, "OS-EXT-SRV-ATTR:host": host}}
        answer = requests.Response()
        answer.status_code, answer._content = 202, json.dumps(body).encode()
        return answer


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    made = SimulatedClock(1)
    yield made
    made.stop()


def moves(clock: SimulatedClock, nova: Nova) -> Moves:
    compute = Adapter(cast("Session", nova), endpoint_override="http://nova")
    return Moves(cast("Connection", SimpleNamespace(compute=compute)), clock, 2.0)


def test_a_shelved_instance_that_is_still_on_its_compute_leaves_it(clock: SimulatedClock) -> None:
    nova = Nova(("SHELVED", "compute-1"), shelveOffload=("SHELVED_OFFLOADED", None))
    made = moves(clock, nova)
    made.move(INSTANCE, Action.MIGRATE, "compute-2")
    assert (nova.actions, made.not_needed) == (["shelveOffload"], {"i"})


def test_an_action_of_its_project_is_waited_for(clock: SimulatedClock) -> None:
    nova = Nova(
        ("VERIFY_RESIZE", "compute-1"), ("REBOOT", "compute-1"), ("SOFT_DELETED", "compute-1"), ("ACTIVE", "compute-1")
    )
    made = moves(clock, nova)
    made.move(INSTANCE, Action.MIGRATE, "compute-2")
    assert (nova.actions, made.not_needed) == ([], {"i"})


@pytest.mark.parametrize("status", ["ERROR", "RESCUE", "UNKNOWN"])
def test_an_instance_that_nova_does_not_move_is_named(clock: SimulatedClock, status: str) -> None:
    nova = Nova((status, "compute-1"))
    with pytest.raises(SessionFailed, match=f"Nova moves no instance in {status}: i on compute-1"):
        moves(clock, nova).move(INSTANCE, Action.MIGRATE, "compute-2")
    assert nova.actions == []
