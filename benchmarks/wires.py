"""The factor by which a scenario is faster on the memory wire than on sockets."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

#: The least factor by which the memory wire must be faster than sockets.
LEAST_GAIN = 2.5


@dataclass(frozen=True, slots=True)
class WireTimes:
    """The wall seconds of the same run on both wires.

    Attributes:
        requests: The number of requests of one run.
        socket: The seconds of each run on sockets.
        memory: The seconds of each run on the memory wire, which followed the run on sockets with the same index.
    """

    requests: int
    socket: tuple[float, ...]
    memory: tuple[float, ...]

    @property
    def gains(self) -> list[float]:
        """The factor by which the memory wire was faster, for each pair of runs, in ascending order."""
        return sorted(socket / memory for socket, memory in zip(self.socket, self.memory, strict=True))

    @property
    def gain(self) -> float:
        """The median of the gains."""
        return statistics.median(self.gains)

    @property
    def kept(self) -> bool:
        """True if the bound was kept."""
        return self.gain >= LEAST_GAIN


def measure(run: Callable[[str], tuple[int, float]], pairs: int) -> WireTimes:
    """Carry out a run ``pairs`` times on each wire, in turns, since the machine's speed drifts.

    Args:
        run: Carries out the run on the wire of that name; returns the number of its requests, and its wall seconds.
        pairs: The number of runs on each wire.
    """
    results = [(run("socket"), run("memory")) for _ in range(pairs)]
    ((requests, _), _) = results[0]
    return WireTimes(
        requests,
        socket=tuple(seconds for (_, seconds), _ in results),
        memory=tuple(seconds for _, (_, seconds) in results),
    )


def report(times: WireTimes) -> str:
    """Return the figures as text."""
    runs = ", ".join(f"{gain:.2f}" for gain in times.gains)
    return (
        f"memory wire: {times.requests} requests in {statistics.median(times.memory):.2f} wall s, on sockets in "
        f"{statistics.median(times.socket):.2f} wall s: {times.gain:.2f} times as fast (runs: {runs}; "
        f"at least {LEAST_GAIN})\n"
    )
