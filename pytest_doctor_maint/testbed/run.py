"""One run of the test case: deploy, maintain, withdraw. It gives the history, and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any

from pytest_doctor_maint.faults.fault import Fault
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.testbed.testbed import Testbed, TestbedSettings
from pytest_doctor_maint.testbed.topology import Topology

#: Clock seconds between two looks at a session, and after which one counts as hanging.
POLL, PATIENCE = 5.0, 7 * 86400.0
#: Clock seconds in which a message that was sent has reached whoever has an alarm for it.
DELIVERY = 1.0
ENDED = ("MAINTENANCE_DONE", "MAINTENANCE_FAILED")


class SessionHangs(AssertionError):
    """A session neither ended nor failed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do in a run.

    Attributes:
        sessions: The computes of each session; one session with all computes when empty.
        metadata: What the maintenance brings.
        notice: Clock seconds between the admin's request and the start of maintenance; the dialect's when None.
        nemeses: What breaks meanwhile.
        actions: Action plug-ins that the admin asks for, where the admin tool has such.
    """

    sessions: Sequence[Sequence[str]] = ()
    metadata: Mapping[str, Any] = field(default_factory=lambda: {"openstack_version": "2026.1"})
    notice: float | None = None
    nemeses: Sequence[Fault] = ()
    actions: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run leaves.

    Attributes:
        history: Everything that happened.
        requests: How many HTTP requests were made.
        wall_seconds: How long it took on the machine's clock.
    """

    history: History
    requests: int
    wall_seconds: float


def carry_out(topology: Topology, settings: TestbedSettings, plan: Plan | None = None) -> RunResult:
    """Run the test case once.

    Raises:
        UnfitCloud: It cannot run on these computes; nothing was started.
        SessionHangs: A session did not end.
        ClockError: The run cannot go on (a deadlock, a runaway, a thread that is stuck).
    """
    plan = plan or Plan()
    began = perf_counter()
    with Testbed(topology, settings) as world:
        world.deploy()
        for nemesis in plan.nemeses:
            nemesis.unleash(world)
        _maintain(world, plan)
        # What the last session sent is on its way to the alarms that are taken back now.
        world.clock.sleep(DELIVERY)
        world.withdraw()
        world.history.append("harness", kinds.RUN_ENDED, {})
        history = world.history.snapshot()
        requests = world.clock.requests
    return RunResult(history, requests, perf_counter() - began)


def _maintain(world: Testbed, plan: Plan) -> None:
    """Ask for the sessions as the infrastructure admin does, watch them to their end, and delete them."""
    notice = world.settings.admin_tool.dialect.notice if plan.notice is None else plan.notice
    starts = world.clock.now() + timedelta(seconds=notice)
    if starts.microsecond:
        # Times on the wire have whole seconds.
        starts = starts.replace(microsecond=0) + timedelta(seconds=1)
    paths = []
    for hosts in world.sessions(plan.sessions):
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(starts),
            "hosts": list(hosts),
            "metadata": dict(plan.metadata),
            "workflow": world.settings.workflow,
            **({"actions": [dict(action) for action in plan.actions]} if plan.actions else {}),
        }
        paths.append(f"/maintenance/{world.ask_admin_tool('POST', '/maintenance', body)['session_id']}")
    for path in paths:
        _watch(world, path)
    for path in paths:
        world.ask_admin_tool("DELETE", path)


def _watch(world: Testbed, path: str) -> None:
    waited = 0.0
    while (state := world.ask_admin_tool("GET", path)["state"]) not in ENDED:
        if waited >= PATIENCE:
            raise SessionHangs(f"the session is still in {state} after {PATIENCE:g} s")
        world.clock.sleep(POLL)
        waited += POLL
