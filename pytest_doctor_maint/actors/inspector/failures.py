"""The Inspector's record of maintenance and failures of each compute."""

from __future__ import annotations

import threading

from pydantic import BaseModel


class HostRecord(BaseModel):
    """The record of a compute."""

    hostname: str
    maintenance_sessions: list[str]
    failure_reported: bool
    failure_managed: bool


class HostRecords(BaseModel):
    """The records of all computes that have one, in the order of their names."""

    hosts: list[HostRecord]


class FailureRegistry:
    """Which computes are in maintenance, and which failures were managed. Several threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: set[str] = set()
        self._sessions: dict[str, list[str]] = {}
        self._suppressed: set[str] = set()
        self._managed: set[str] = set()

    def is_new(self, message_id: str) -> bool:
        """Note a delivery of a notification, and return True if it is the first one."""
        with self._lock:
            if message_id in self._messages:
                return False
            if message_id:
                self._messages.add(message_id)
            return True

    def begin_maintenance(self, host: str, session_id: str) -> None:
        """Note that ``session_id`` has ``host`` in maintenance from now on."""
        with self._lock:
            sessions = self._sessions.setdefault(host, [])
            if session_id not in sessions:
                sessions.append(session_id)

    def end_maintenance(self, host: str, session_id: str) -> bool:
        """Note that ``session_id`` has completed the maintenance of ``host``.

        Returns:
            True if no other session has the compute in maintenance and a failure of it was suppressed, which may be
            managed now.
        """
        with self._lock:
            sessions = self._sessions.get(host, [])
            if session_id in sessions:
                sessions.remove(session_id)
            if sessions or host not in self._suppressed:
                return False
            self._suppressed.discard(host)
            return True

    def suppress(self, host: str) -> bool:
        """Note a failure of ``host`` and return True if the compute is in maintenance; otherwise return False."""
        with self._lock:
            if self._sessions.get(host):
                self._suppressed.add(host)
                return True
            return False

    def begin_failure(self, host: str) -> bool:
        """Note that a failure of ``host`` is managed from now on; return False if that was noted before."""
        with self._lock:
            if host in self._managed:
                return False
            self._managed.add(host)
            return True

    def end_failure(self, host: str) -> None:
        """Note that ``host`` was in use again after its failure: the next failure is a new one."""
        with self._lock:
            self._managed.discard(host)

    def is_managed(self, host: str) -> bool:
        """Return True if a failure of ``host`` was managed and has not ended."""
        with self._lock:
            return host in self._managed

    def records(self) -> list[HostRecord]:
        """Return the record of each compute that has one, in the order of the computes' names."""
        with self._lock:
            hosts = sorted({host for host, sessions in self._sessions.items() if sessions} | self._managed)
            return [
                HostRecord(
                    hostname=host,
                    maintenance_sessions=list(self._sessions.get(host, [])),
                    failure_reported=host in self._suppressed or host in self._managed,
                    failure_managed=host in self._managed,
                )
                for host in hosts
            ]
