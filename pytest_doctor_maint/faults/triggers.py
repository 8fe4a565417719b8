"""The moments at which faults strike."""

from __future__ import annotations

import math
from typing import Any

from pytest_doctor_maint.faults.fault import Target
from pytest_doctor_maint.openstack.waiters import wait_for

#: Clock seconds between two checks of the history.
INTERVAL = 1.0


def wait_for_event(target: Target, kind: str, **data: Any) -> None:
    """Wait until the history has an event of `kind` with these values, or the run ends.

    Args:
        target: What the fault touches.
        kind: A kind of event.
        data: Values of the event's data.

    Raises:
        ClockStopped: The run has ended.
    """
    wait_for(
        target.clock,
        lambda: target.history.of(kind, **data) or None,
        lambda: f"there is no event {kind} with {data}",
        timeout=math.inf,
        interval=INTERVAL,
    )
