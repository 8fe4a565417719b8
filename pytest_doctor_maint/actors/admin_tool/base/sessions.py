"""All sessions of an admin tool. Each session is carried out in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox
from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession, Refused, SessionRequest
from pytest_doctor_maint.openstack.calls import CLIENT_PATIENCE, patient
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.ids import Ids


class SessionRefused(Refused):
    """A session that is not created, or that does not exist."""


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A session and the mailbox in which its replies arrive."""

    session: MaintenanceSession
    mailbox: Mailbox


class Sessions:
    """The sessions by id.

    Args:
        clock: Each workflow is spawned on this clock.
        ids: The source of the sessions' ids.
        run: Carries out a session; it is called in the session's own thread.
        known_hosts: Returns the state of every compute of the cloud, by host name.
        least_notice: The least number of seconds between the request and the start of maintenance.
        make_mailbox: Makes the mailbox of a session, from the clock and the session's id.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        *,
        run: Callable[[RunningSession], None],
        known_hosts: Callable[[], Mapping[str, str]],
        least_notice: float,
        make_mailbox: Callable[[Clock, str], Mailbox] = Mailbox,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._run = run
        self._known_hosts = known_hosts
        self._least_notice = least_notice
        self._make_mailbox = make_mailbox
        self._sessions: dict[str, RunningSession] = {}
        #: The sessions that are carried out, and those of them that are removed when that ends.
        self._carried: set[str] = set()
        self._doomed: set[str] = set()
        self._lock = threading.Lock()

    def create(self, request: SessionRequest) -> MaintenanceSession:
        """Create a session and start its workflow.

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
                400, f"maintenance_at: leaves {notice:g} s to reply; at least {self._least_notice:g} s are needed"
            )
        with patient(self._clock, CLIENT_PATIENCE):
            known = self._known_hosts()
        if unknown := [host for host in request.hosts if host not in known]:
            raise SessionRefused(400, f"hosts: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        with self._lock:
            self._check_number()
            for other in self._sessions.values():
                taken = [host for host in request.hosts if host in other.session.request.hosts]
                if taken and not other.session.ended:
                    raise SessionRefused(409, f"hosts: session {other.session.session_id} has {', '.join(taken)}")
            session = MaintenanceSession(self._ids.uuid("session"), request)
            running = RunningSession(session, self._make_mailbox(self._clock, session.session_id))
            self._sessions[session.session_id] = running
            self._carried.add(session.session_id)
        self._clock.spawn(lambda: self._carry_out(running), name=f"session {session.session_id}")
        return session

    def hosts(self) -> set[str]:
        """Return the computes of all sessions that have not ended."""
        with self._lock:
            running = [each.session for each in self._sessions.values() if not each.session.ended]
        return {host for session in running for host in session.request.hosts}

    def get(self, session_id: str) -> RunningSession:
        """Return the session with this id.

        Raises:
            SessionRefused: 404, there is no such session.
        """
        running = self._sessions.get(session_id)
        if running is None:
            raise SessionRefused(404, f"there is no session {session_id}")
        return running

    def require(self, session_id: str) -> None:
        """Raise SessionRefused (404) if there is no session with this id."""
        self.get(session_id)

    def delete(self, session_id: str) -> None:
        """Remove a session, whether it has ended or not.

        A session that runs is interrupted at the next point where that does no harm: a move, and the work on a compute,
        are finished first. Then everything is put back, as for a session that fails, and the session is removed. Until
        then it can be shown, and it keeps its hosts.

        Raises:
            SessionRefused: 404, there is no such session.
        """
        with self._lock:
            running = self.get(session_id)
            if running.session.ended or session_id not in self._carried:
                del self._sessions[session_id]
                return
            self._doomed.add(session_id)
        running.mailbox.close("the admin deleted the session")

    def _carry_out(self, running: RunningSession) -> None:
        """Carry a session out, and remove it if it was deleted meanwhile."""
        try:
            self._run(running)
        finally:
            session_id = running.session.session_id
            with self._lock:
                self._carried.discard(session_id)
                if session_id in self._doomed:
                    self._doomed.discard(session_id)
                    self._sessions.pop(session_id, None)

    def _check_number(self) -> None:
        """Refuse a session when there are too many; called with the lock held."""
