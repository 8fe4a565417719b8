"""A maintenance session: the admin's request, and the progress of the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pytest_doctor_maint.protocol import Step

START_MAINTENANCE = "START_MAINTENANCE"
MAINTENANCE_DONE = "MAINTENANCE_DONE"
MAINTENANCE_FAILED = "MAINTENANCE_FAILED"
ENDED = (MAINTENANCE_DONE, MAINTENANCE_FAILED)


class SessionFailed(Exception):
    """The maintenance cannot go on; the message becomes the session's reason."""


class Refused(Exception):
    """A request that the admin tool refuses; nothing has changed.

    Args:
        status: The HTTP status of the answer.
        message: What was wrong, and what is allowed.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """The admin's request for a session.

    Attributes:
        hosts: The computes to maintain, by host name, in the order given.
        maintenance_at: The start of maintenance (UTC, whole seconds).
        workflow: The name of the workflow that carries the session out.
        metadata: The metadata of the session, which the messages pass on to the projects.
    """

    hosts: tuple[str, ...]
    maintenance_at: datetime
    workflow: str = "default"
    metadata: Mapping[str, Any] = field(default_factory=dict)


class HostState(StrEnum):
    """The progress of a session with one host."""

    PENDING = "PENDING"
    IN_MAINTENANCE = "IN_MAINTENANCE"
    MAINTAINED = "MAINTAINED"


class MaintenanceSession:
    """One session, from the admin's POST to its DELETE.

    Attributes:
        session_id: The id of the session.
        request: The admin's request.
        state: The state of the workflow, in the words that the admin reads.
        reason: The reason why the session failed; empty as long as it has not failed.
        hosts: The progress with each host, by host name.
    """

    def __init__(self, session_id: str, request: SessionRequest) -> None:
        self.session_id = session_id
        self.request = request
        self.state: str = Step.MAINTENANCE.value
        self.reason = ""
        self.hosts: dict[str, HostState] = dict.fromkeys(request.hosts, HostState.PENDING)

    @property
    def ended(self) -> bool:
        """True if the workflow has ended."""
        return self.state in ENDED

    @property
    def percent_done(self) -> int:
        """The share of hosts that are maintained, in percent; 100 is reserved for a session that is done."""
        if self.state == MAINTENANCE_DONE:
            return 100
        done = sum(state is HostState.MAINTAINED for state in self.hosts.values())
        return min(99, 100 * done // max(1, len(self.hosts)))
