"""Lanes on which things are put so that none overlaps another one."""

from __future__ import annotations

from bisect import bisect_left, insort

#: The least distance between two things on a lane, in pixels.
GAP = 4.0


class Lanes:
    """A number of lanes, each with the stretches that are taken. Coordinates are pixels.

    Args:
        most: The largest number of lanes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: list[list[tuple[float, float]]] = []

    def __len__(self) -> int:
        return len(self._taken)

    def place(self, begin: float, end: float) -> int | None:
        """Return the first lane on which the stretch is free, and take it there; None if all lanes are taken."""
        for number, lane in enumerate(self._taken):
            if _is_free(lane, begin, end):
                insort(lane, (begin, end))
                return number
        if len(self._taken) < self._most:
            self._taken.append([(begin, end)])
            return len(self._taken) - 1
        return None


def _is_free(lane: list[tuple[float, float]], begin: float, end: float) -> bool:
    place = bisect_left(lane, (begin, end))
    is_free_before = place == 0 or lane[place - 1][1] + GAP <= begin
    is_free_after = place == len(lane) or end + GAP <= lane[place][0]
    return is_free_before and is_free_after
