"""One instance on its way from a compute that is to be maintained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.protocol import Step
from pytest_doctor_maint.simtime.clock import Signal


class Stage(Enum):
    """How far it is."""

    PLANNED = "planned"
    """It has a compute to go to, and its project was not told yet."""
    TOLD = "told"
    """Its project was told; its answer or the lead time is waited for."""
    READY = "ready"
    """The project agreed and the lead time is over; the constraints and the room on the target decide."""
    MOVING = "moving"
    """It is being moved."""
    GONE = "gone"
    """It has left its compute, and its project knows."""


@dataclass(slots=True)
class Impact:
    """What happens to one instance. Its own thread brings it from TOLD to READY and from MOVING to GONE, the workflow's
    decides everything else.

    Attributes:
        instance: The instance.
        step: PREPARE_MAINTENANCE or PLANNED_MAINTENANCE.
        target: The compute whose room is kept for it; None: there is none at present.
        go: Lets its thread go on.
        stage: How far it is.
        gone_at: When it became GONE (UTC).
        booked: Whether the ledger knows that it is GONE.
    """

    instance: Instance
    step: Step
    target: str | None
    go: Signal
    stage: Stage = Stage.PLANNED
    gone_at: datetime | None = None
    booked: bool = False
