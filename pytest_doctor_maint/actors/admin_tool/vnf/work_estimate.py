"""An estimate of the time that the work on a compute takes, and so of when a project must be notified."""

from __future__ import annotations

import math


class WorkEstimate:
    """Estimates from the work on the compute that was maintained last."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def learn(self, seconds: float) -> None:
        """Record that the work on a compute took this number of seconds."""
        self._seconds = seconds

    def works_ahead(self, lead_time: float) -> int:
        """Return on how many computes, one after the other, work can be done within a lead time.

        At least one: a project may always be notified while the target of its instance is in work, so a lead time that
        is not longer than the work costs nothing. The number is one until the first work has been measured.
        """
        return max(1, math.ceil(lead_time / self._seconds)) if self._seconds > 0 else 1
