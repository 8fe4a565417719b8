"""Ways in which a simulated run cannot go on. Each is the harness's or an actor's mistake, never a verdict."""

from __future__ import annotations


class ClockError(Exception):
    """The simulated run is over; the message says who waits for what."""


class Deadlock(ClockError):
    """Everyone waits, and nothing is scheduled."""


class HorizonExceeded(ClockError):
    """The next thing to happen lies beyond the horizon: a runaway."""


class Stuck(ClockError):
    """Somebody is awake and does nothing: it waits for something that is not the clock."""


class RealSleep(RuntimeError):
    """``time.sleep`` in a thread that lives in simulated time."""


class NoToken(LookupError):
    """A request that no thread of this simulated clock sent."""
