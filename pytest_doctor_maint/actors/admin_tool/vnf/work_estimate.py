"""How long the work on a compute takes, and so how far ahead an instance must be told of what happens to it."""

from __future__ import annotations

import math


class WorkEstimate:
    """Learns from every compute that was maintained."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def learn(self, seconds: float) -> None:
        """The work on a compute took so long."""
        self._seconds = seconds

    def works_ahead(self, lead_time: float) -> int:
        """For how many works on computes, one after the other, a lead time lasts.

        One at least: an instance may always be told while the compute that it is to go to is in work, so a lead time no
        longer than that costs nothing. While nothing is known of the work, it is one.
        """
        return max(1, math.ceil(lead_time / self._seconds)) if self._seconds > 0 else 1
