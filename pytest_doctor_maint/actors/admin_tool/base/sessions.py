"""All sessions of the admin tool: made, found, deleted; each runs in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox
from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession, SessionRequest
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.ids import Ids


class SessionRefused(Exception):
    """A session that is not made, or not deleted.

    Attributes:
        status: The HTTP status that says so.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Running:
    """A session and where its answers arrive."""

    session: MaintenanceSession
    mailbox: Mailbox


class Sessions:
    """The sessions by id.

    Args:
        clock: Each workflow is spawned on it.
        ids: Where session ids come from.
        run: Carries out a session; called in its own thread.
        known_hosts: Every compute of the cloud, by host name, with its state.
        least_notice: Seconds between POST and start that the projects must have at least.
        tolerant: See :class:`Mailbox`.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        *,
        run: Callable[[Running], None],
        known_hosts: Callable[[], Mapping[str, str]],
        least_notice: float,
        tolerant: bool = False,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._run = run
        self._known_hosts = known_hosts
        self._least_notice = least_notice
        self._tolerant = tolerant
        self._sessions: dict[str, Running] = {}
        self._lock = threading.Lock()

    def create(self, request: SessionRequest) -> MaintenanceSession:
        """Make a session and start its workflow.

        Raises:
            SessionRefused: 400, the start or the hosts are not possible; 409, another session has one of the hosts.
                Nothing has changed then.
        """
        notice = self._clock.until(request.maintenance_at)
        if notice <= 0:
            raise SessionRefused(
                400, f"maintenance_at: {request.maintenance_at:%Y-%m-%d %H:%M:%S} (UTC) is in the past"
            )
        if notice < self._least_notice:
            raise SessionRefused(
                400, f"maintenance_at: leaves {notice:g} s to answer; at least {self._least_notice:g} s are needed"
            )
        known = self._known_hosts()
        if unknown := [host for host in request.hosts if host not in known]:
            raise SessionRefused(400, f"hosts: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        with self._lock:
            self._admit()
            for other in self._sessions.values():
                taken = [host for host in request.hosts if host in other.session.request.hosts]
                if taken and not other.session.ended:
                    raise SessionRefused(409, f"hosts: session {other.session.session_id} has {', '.join(taken)}")
            session = MaintenanceSession(self._ids.uuid("session"), request)
            running = Running(session, Mailbox(self._clock, session.session_id, tolerant=self._tolerant))
            self._sessions[session.session_id] = running
        self._clock.spawn(lambda: self._run(running), name=f"session {session.session_id}")
        return session

    def hosts(self) -> set[str]:
        """The computes of all sessions that have not ended."""
        with self._lock:
            running = [each.session for each in self._sessions.values() if not each.session.ended]
        return {host for session in running for host in session.request.hosts}

    def _admit(self) -> None:
        """Refuse a session that would be one too many; called with the lock held."""

    def get(self, session_id: str) -> Running:
        """The session with this id.

        Raises:
            SessionRefused: 404, there is none.
        """
        running = self._sessions.get(session_id)
        if running is None:
            raise SessionRefused(404, f"there is no session {session_id}")
        return running

    def delete(self, session_id: str) -> None:
        """Forget an ended session.

        Raises:
            SessionRefused: 404, there is none; 409, its workflow still runs.
        """
        with self._lock:
            session = self.get(session_id).session
            if not session.ended:
                raise SessionRefused(409, f"session {session_id} is in {session.state}; delete it when it has ended")
            del self._sessions[session_id]
