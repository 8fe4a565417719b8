"""Lanes on which things are put so that none overlaps another one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

#: The least distance between two things on a lane, in pixels.
GAP = 4.0


class Lane:
    """A lane with the stretches of it that are taken. Coordinates are pixels."""

    def __init__(self) -> None:
        # They do not overlap, and are in order.
        self._begins: list[float] = []
        self._ends: list[float] = []

    def is_free(self, begin: float, end: float) -> bool:
        """Return True if nothing is on the stretch, or too near to it."""
        return bisect_right(self._ends, begin - GAP) == bisect_left(self._begins, end + GAP)

    def is_covered(self, begin: float, end: float) -> bool:
        """Return True if the whole stretch is taken."""
        place = bisect_right(self._begins, begin)
        return place > 0 and self._ends[place - 1] >= end

    def take(self, begin: float, end: float) -> None:
        """Take the stretch, whether it is free or not."""
        first, last = bisect_left(self._ends, begin), bisect_right(self._begins, end)
        if first < last:
            begin, end = min(begin, self._begins[first]), max(end, self._ends[last - 1])
        self._begins[first:last] = [begin]
        self._ends[first:last] = [end]


class Lanes:
    """A number of lanes.

    Args:
        most: The largest number of lanes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lanes: list[Lane] = []

    def __len__(self) -> int:
        return len(self._lanes)

    def place(self, begin: float, end: float) -> int | None:
        """Return the first lane on which the stretch is free, and take it there; None if all lanes are taken."""
        for number, lane in enumerate(self._lanes):
            if lane.is_free(begin, end):
                lane.take(begin, end)
                return number
        if len(self._lanes) < self._most:
            self._lanes.append(Lane())
            self._lanes[-1].take(begin, end)
            return len(self._lanes) - 1
        return None
