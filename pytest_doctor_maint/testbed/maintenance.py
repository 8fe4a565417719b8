"""The infrastructure admin's part of a run: create the sessions, wait for their ends, delete them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.faults import Fault
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.testbed.errors import ADMIN_TOOL, NoAnswer, SessionHangs, silence_of
from pytest_doctor_maint.testbed.progress import Progress, patience_of
from pytest_doctor_maint.testbed.removal import ENDED

if TYPE_CHECKING:
    from pytest_doctor_maint.testbed.testbed import Testbed

#: Clock seconds between two looks at a session, if the patience is not shorter.
INTERVAL = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The sessions and faults of a run.

    Attributes:
        sessions: The computes of each session; one session with all computes when empty.
        metadata: What the maintenance brings, for the messages.
        notice: Clock seconds between the admin's request and the start of maintenance; those of the admin tool's
            dialect when None.
        faults: The faults that are armed.
        actions: The action plug-ins that the admin asks for, where the admin tool has such.
    """

    sessions: Sequence[Sequence[str]] = ()
    metadata: Mapping[str, Any] = field(default_factory=lambda: {"openstack_version": "2026.1"})
    notice: float | None = None
    faults: Sequence[Fault] = ()
    actions: Sequence[Mapping[str, Any]] = ()


def maintain(testbed: Testbed, plan: Plan) -> None:
    """Create the sessions, wait for their ends, and delete them.

    Raises:
        SessionHangs: A session did not end.
        NoAnswer: The admin tool or the cloud does not answer any more.
        RequestRefused: The admin tool refused a request.
    """
    notice = testbed.dialect.notice if plan.notice is None else plan.notice
    starts = testbed.clock.now() + timedelta(seconds=notice)
    if starts.microsecond:
        # Times on the wire have whole seconds.
        starts = starts.replace(microsecond=0) + timedelta(seconds=1)
    paths = []
    for hosts in testbed.sessions(plan.sessions):
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(starts),
            "hosts": list(hosts),
            "metadata": dict(plan.metadata),
            "workflow": testbed.settings.workflow,
            **({"actions": [dict(action) for action in plan.actions]} if plan.actions else {}),
        }
        paths.append(testbed.begin_session(hosts, body))
    for path in paths:
        _Wait(testbed, path, starts).for_end()
    for path in paths:
        testbed.end_session(path)


class _Wait:
    """The wait for the end of a session, as long as something new happens."""

    def __init__(self, testbed: Testbed, path: str, starts: datetime) -> None:
        self._testbed = testbed
        self._path = path
        self._state = "no state"
        self._progress = Progress(testbed.history, starts)
        self._patience = patience_of(testbed)
        self._answered = testbed.clock.now()

    def for_end(self) -> None:
        clock = self._testbed.clock
        while self._look() not in ENDED:
            self._testbed.require_cloud()
            self._progress.look()
            if -clock.until(self._progress.latest) > self._patience:
                raise SessionHangs(
                    f"the session {self._path.rpartition('/')[2]} of {self._testbed.title_of(ADMIN_TOOL)} hangs in "
                    f"{self._state}: nothing new on the wire or in the cloud since {self._progress.latest:%H:%M:%S}Z, "
                    f"for more than {self._patience:g} s; {self._progress.last_message}"
                )
            clock.sleep(min(INTERVAL, self._patience))

    def _look(self) -> str:
        """Return the state of the session; the last one that could be read, where the answer has none."""
        try:
            answer = self._testbed.ask_admin_tool("GET", self._path)
        except NoAnswer:
            if -self._testbed.clock.until(self._answered) > silence_of(self._testbed.settings):
                raise
            return self._state
        self._answered = self._testbed.clock.now()
        if isinstance(answer, Mapping) and "state" in answer:
            self._state = str(answer["state"])
        return self._state
