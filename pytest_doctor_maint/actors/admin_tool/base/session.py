"""A maintenance session: what the admin asked for, and how far it is."""

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


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What the admin asks for.

    Attributes:
        hosts: The computes to maintain, by host name, in the order given.
        maintenance_at: When maintenance starts (UTC, whole seconds).
        workflow: Which workflow to run.
        metadata: What the maintenance brings; passed on to the projects.
    """

    hosts: tuple[str, ...]
    maintenance_at: datetime
    workflow: str = "default"
    metadata: Mapping[str, Any] = field(default_factory=dict)


class HostState(StrEnum):
    """How far a session is with one compute."""

    PENDING = "PENDING"
    IN_MAINTENANCE = "IN_MAINTENANCE"
    MAINTAINED = "MAINTAINED"


class MaintenanceSession:
    """One session, from the admin's POST to its DELETE.

    Attributes:
        session_id: Its id.
        request: What the admin asked for.
        state: Where its workflow is, as the admin reads it.
        reason: Why it failed; empty while it did not.
        hosts: How far it is with each compute, by host name.
    """

    def __init__(self, session_id: str, request: SessionRequest) -> None:
        self.session_id = session_id
        self.request = request
        self.state: str = Step.MAINTENANCE.value
        self.reason = ""
        self.hosts: dict[str, HostState] = dict.fromkeys(request.hosts, HostState.PENDING)

    @property
    def ended(self) -> bool:
        """Whether its workflow is over."""
        return self.state in ENDED

    @property
    def percent_done(self) -> int:
        """The share of computes that are maintained; 100 is kept for a session that is done."""
        if self.state == MAINTENANCE_DONE:
            return 100
        done = sum(state is HostState.MAINTAINED for state in self.hosts.values())
        return min(99, 100 * done // max(1, len(self.hosts)))


class SessionFailed(Exception):
    """The maintenance cannot go on; the message is the session's reason."""
