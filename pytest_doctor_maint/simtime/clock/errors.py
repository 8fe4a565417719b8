"""Errors that end a simulated run. Each is a mistake of an actor or of the test bed, never a verdict."""

from __future__ import annotations


class ClockError(Exception):
    """The simulated run cannot go on; the message says which thread waits for what."""


class Deadlock(ClockError):
    """Every thread waits, and nothing is scheduled."""


class HorizonExceeded(ClockError):
    """The next deadline is beyond the horizon: the run does not end by itself."""


class Stuck(ClockError):
    """A thread is awake and makes no progress: it waits for something other than the clock."""


class RealSleep(RuntimeError):
    """A thread in simulated time called ``time.sleep``."""


class NoToken(LookupError):
    """A request was not sent by a thread of this simulated clock."""
