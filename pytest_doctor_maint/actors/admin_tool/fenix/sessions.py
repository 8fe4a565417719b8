"""Fenix's sessions: a limited number of them, on hosts that may be discovered, and to be ended at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession, SessionRequest
from pytest_doctor_maint.actors.admin_tool.base.sessions import Running, SessionRefused, Sessions
from pytest_doctor_maint.actors.admin_tool.fenix.actions import WantedAction
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.ids import Ids

MAX_SESSIONS = 3
"""How many sessions Fenix allows at once."""


@dataclass(frozen=True, slots=True)
class FenixRequest(SessionRequest):
    """What the admin asks of Fenix.

    Attributes:
        controllers: Hosts to maintain that are no computes.
        actions: The plug-ins to run.
    """

    controllers: tuple[str, ...] = ()
    actions: tuple[WantedAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts of the cloud by what they are, in Nova's order.

    Attributes:
        computes: Every compute's state (``up`` or ``down``) by host name.
        controllers: The hosts of Nova's other services that are no computes.
    """

    computes: Mapping[str, str]
    controllers: Sequence[str]


class FenixSessions(Sessions):
    """The sessions of Fenix.

    Args:
        clock: Each workflow is spawned on it.
        ids: Where session ids come from.
        run: Carries out a session; called in its own thread.
        known_hosts: Every compute of the cloud, by host name, with its state.
        hosts: The hosts of the cloud.
        least_notice: Seconds between POST and start that the projects must have at least.
        max_sessions: How many there may be at once; one counts until it is deleted.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        *,
        run: Callable[[Running], None],
        known_hosts: Callable[[], Mapping[str, str]],
        hosts: Callable[[], Hosts],
        least_notice: float,
        max_sessions: int = MAX_SESSIONS,
    ) -> None:
        super().__init__(
            clock, ids, run=self._carry_out, known_hosts=known_hosts, least_notice=least_notice, tolerant=True
        )
        self._carry = run
        self._hosts = hosts
        self._max_sessions = max_sessions
        self._doomed: set[str] = set()

    def begin(
        self,
        hosts: Sequence[str],
        maintenance_at: datetime,
        workflow: str,
        metadata: Mapping[str, Any],
        actions: tuple[WantedAction, ...],
    ) -> MaintenanceSession:
        """Make a session on ``hosts``, or on every host there is when they are none, and start its workflow.

        Raises:
            SessionRefused: 509, there are too many; 400 and 409, see :meth:`Sessions.create`.
        """
        with self._lock:
            self._admit()
        there = self._hosts()
        # A compute that is down would not come back from its maintenance.
        wanted = hosts or [*(host for host, state in there.computes.items() if state == "up"), *there.controllers]
        computes = tuple(host for host in wanted if host not in there.controllers)
        if not computes:
            raise SessionRefused(400, "hosts: there is no compute among them")
        controllers = tuple(host for host in wanted if host in there.controllers)
        return self.create(FenixRequest(computes, maintenance_at, workflow, metadata, controllers, actions))

    def ids(self) -> list[str]:
        """The ids of all sessions, the oldest first."""
        with self._lock:
            return list(self._sessions)

    def get(self, session_id: str) -> Running:
        running = self._sessions.get(session_id)
        if running is None:
            raise SessionRefused(404, "Invalid session")
        return running

    def delete(self, session_id: str) -> None:
        """Forget a session, whether it has ended or not.

        One that runs is broken off at the next point where that does no harm: a move and the work on a compute are
        finished first. Then everything is put back, as for one that fails, and the session is gone. Until then it can
        be seen, and it keeps its hosts.

        Raises:
            SessionRefused: 404, there is none.
        """
        with self._lock:
            running = self.get(session_id)
            if running.session.ended:
                del self._sessions[session_id]
                return
            self._doomed.add(session_id)
        running.mailbox.close("the admin deleted the session")

    def _admit(self) -> None:
        if len(self._sessions) >= self._max_sessions:
            raise SessionRefused(509, "Too many sessions")

    def _carry_out(self, running: Running) -> None:
        try:
            self._carry(running)
        finally:
            with self._lock:
                if running.session.session_id in self._doomed:
                    self._doomed.discard(running.session.session_id)
                    self._sessions.pop(running.session.session_id, None)
