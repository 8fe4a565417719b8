"""Which messages have arrived, so that a message that is delivered twice is handled once."""

from __future__ import annotations

import threading

from pytest_doctor_maint.protocol import ProjectMessage


class Deliveries:
    """The messages that have arrived. Several threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str, str]] = set()

    def is_new(self, message: ProjectMessage, message_id: str) -> bool:
        """Note a delivery, and return True if it is the first one of the message."""
        key = (message.session_id, message.state, message_id)
        with self._lock:
            if message_id and key in self._seen:
                return False
            self._seen.add(key)
            return True
