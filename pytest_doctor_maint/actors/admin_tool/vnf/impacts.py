"""The impacts of one session: the instances on their way from computes that are to be maintained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.protocol import Step
from pytest_doctor_maint.simtime.clock import Signal


class Stage(Enum):
    """The progress of an impact."""

    PLANNED = "planned"
    """The instance has a target, and its project has not been notified."""
    NOTIFIED = "notified"
    """The project has been notified; its reply or the end of the lead time is awaited."""
    READY = "ready"
    """The project has agreed and the lead time is over; the constraints and the room on the target decide."""
    MOVING = "moving"
    """The instance is being moved."""
    GONE = "gone"
    """The instance has left its compute, and its project has been notified of that."""


@dataclass(slots=True)
class Impact:
    """The impact on one instance.

    The thread of the impact changes the stage from NOTIFIED to READY, and from MOVING to GONE; the scheduling thread
    does everything else.

    Attributes:
        instance: The instance.
        step: PREPARE_MAINTENANCE or PLANNED_MAINTENANCE.
        target: The compute on which room is reserved for the instance; None if no room is reserved at present.
        may_go: The signal on which the impact's thread waits for its turn.
        stage: The progress.
        gone_at: The time at which the impact became GONE (UTC).
        recorded: True if the impact tracker knows that the impact is GONE.
    """

    instance: Instance
    step: Step
    target: str | None
    may_go: Signal
    stage: Stage = Stage.PLANNED
    gone_at: datetime | None = None
    recorded: bool = False


@dataclass(slots=True)
class Progress:
    """The impacts and the work that go on in a session.

    Attributes:
        impacts: The impacts on the instances of each compute that is being emptied, by host name, in the order in which
            this began.
        at_work: The computes on which work goes on.
        waiting: The instances of each compute that is still to be emptied, by host name.
    """

    impacts: dict[str, list[Impact]] = field(default_factory=dict)
    at_work: list[str] = field(default_factory=list)
    waiting: dict[str, list[Instance]] = field(default_factory=dict)

    def all_impacts(self) -> Iterator[Impact]:
        """Return all impacts, compute by compute, in the order in which they were planned."""
        return (impact for impacts in list(self.impacts.values()) for impact in impacts)

    def unmoved(self) -> list[Instance]:
        """Return the instances that have not left their compute."""
        return [impact.instance for impact in self.all_impacts() if impact.stage is not Stage.GONE]
