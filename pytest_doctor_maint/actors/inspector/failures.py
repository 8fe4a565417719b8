"""What the Inspector knows of each compute."""

from __future__ import annotations

import threading
from typing import Any


class FailureRegistry:
    """Which computes are in maintenance, and which failures were managed. It may be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: set[str] = set()
        self._sessions: dict[str, list[str]] = {}
        self._suppressed: set[str] = set()
        self._managed: set[str] = set()

    def is_new(self, message_id: str) -> bool:
        """Whether a notification comes for the first time; it is delivered once or more often."""
        with self._lock:
            if message_id in self._messages:
                return False
            if message_id:
                self._messages.add(message_id)
            return True

    def begin_maintenance(self, host: str, session_id: str) -> None:
        """From now on ``session_id`` has ``host`` in maintenance."""
        with self._lock:
            sessions = self._sessions.setdefault(host, [])
            if session_id not in sessions:
                sessions.append(session_id)

    def end_maintenance(self, host: str, session_id: str) -> bool:
        """``session_id`` is done with ``host``; says whether a failure was suppressed and may be managed now."""
        with self._lock:
            sessions = self._sessions.get(host, [])
            if session_id in sessions:
                sessions.remove(session_id)
            if sessions or host not in self._suppressed:
                return False
            self._suppressed.discard(host)
            return True

    def suppress(self, host: str) -> bool:
        """If ``host`` is in maintenance, remember that a failure was reported meanwhile; says whether it is."""
        with self._lock:
            if self._sessions.get(host):
                self._suppressed.add(host)
                return True
            return False

    def manage(self, host: str) -> bool:
        """Begin to manage a failure of ``host``; False if that was begun already."""
        with self._lock:
            if host in self._managed:
                return False
            self._managed.add(host)
            return True

    def recovered(self, host: str) -> None:
        """``host`` was in use again after its failure: the next failure is a new one."""
        with self._lock:
            self._managed.discard(host)

    def managed(self, host: str) -> bool:
        """Whether a failure of ``host`` was managed."""
        with self._lock:
            return host in self._managed

    def show(self) -> list[dict[str, Any]]:
        """All computes that anything is known of, by name."""
        with self._lock:
            hosts = sorted({host for host, sessions in self._sessions.items() if sessions} | self._managed)
            return [
                {
                    "hostname": host,
                    "maintenance_sessions": list(self._sessions.get(host, [])),
                    "failure_reported": host in self._suppressed or host in self._managed,
                    "failure_managed": host in self._managed,
                }
                for host in hosts
            ]
