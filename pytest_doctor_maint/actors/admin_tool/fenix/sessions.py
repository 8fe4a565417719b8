"""Fenix's sessions: their number is limited, and Fenix may find the hosts itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox
from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession, SessionRequest
from pytest_doctor_maint.actors.admin_tool.base.sessions import RunningSession, SessionRefused, Sessions
from pytest_doctor_maint.actors.admin_tool.fenix.actions import WantedAction
from pytest_doctor_maint.openstack.calls import CLIENT_PATIENCE, patient
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.ids import Ids


@dataclass(frozen=True, slots=True)
class FenixRequest(SessionRequest):
    """The admin's request for a session of Fenix.

    Attributes:
        controllers: The hosts to maintain that are not computes.
        actions: The action plug-ins to run.
    """

    controllers: tuple[str, ...] = ()
    actions: tuple[WantedAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts of the cloud by their role, in Nova's order.

    Attributes:
        computes: The state of every compute (``up`` or ``down``) by host name.
        controllers: The hosts of Nova's other services that are not computes.
    """

    computes: Mapping[str, str]
    controllers: Sequence[str]


class FenixSessions(Sessions):
    """The sessions of Fenix.

    Args:
        clock: Each workflow is spawned on this clock.
        ids: The source of the sessions' ids.
        run: Carries out a session; it is called in the session's own thread.
        known_hosts: Returns the state of every compute of the cloud, by host name.
        hosts: Returns the hosts of the cloud.
        least_notice: The least number of seconds between the request and the start of maintenance.
        make_mailbox: Makes the mailbox of a session, from the clock and the session's id.
        max_sessions: The number of sessions that there may be at a time; a session counts until it is deleted.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        *,
        run: Callable[[RunningSession], None],
        known_hosts: Callable[[], Mapping[str, str]],
        hosts: Callable[[], Hosts],
        least_notice: float,
        make_mailbox: Callable[[Clock, str], Mailbox],
        max_sessions: int,
    ) -> None:
        super().__init__(
            clock,
            ids,
            run=run,
            known_hosts=known_hosts,
            least_notice=least_notice,
            make_mailbox=make_mailbox,
        )
        self._hosts = hosts
        self._max_sessions = max_sessions

    def begin(
        self,
        hosts: Sequence[str],
        maintenance_at: datetime,
        workflow: str,
        metadata: Mapping[str, Any],
        actions: tuple[WantedAction, ...],
    ) -> MaintenanceSession:
        """Create a session on `hosts`, or on every host of the cloud when `hosts` is empty, and start its workflow.

        Raises:
            SessionRefused: 509, there are too many sessions; 400 and 409, see :meth:`Sessions.create`.
        """
        with self._lock:
            self._check_number()
        with patient(self._clock, CLIENT_PATIENCE):
            present = self._hosts()
        # A compute that is down would not come back from its maintenance.
        wanted = hosts or [
            *(host for host, state in present.computes.items() if state == "up"),
            *present.controllers,
        ]
        computes = tuple(host for host in wanted if host not in present.controllers)
        if not computes:
            raise SessionRefused(400, "hosts: there is no compute among them")
        controllers = tuple(host for host in wanted if host in present.controllers)
        return self.create(FenixRequest(computes, maintenance_at, workflow, metadata, controllers, actions))

    def ids(self) -> list[str]:
        """Return the ids of all sessions, the oldest first."""
        with self._lock:
            return list(self._sessions)

    def get(self, session_id: str) -> RunningSession:
        running = self._sessions.get(session_id)
        if running is None:
            raise SessionRefused(404, "Invalid session")
        return running

    def _check_number(self) -> None:
        if len(self._sessions) >= self._max_sessions:
            raise SessionRefused(509, "Too many sessions")
