"""Time as an argument: one contract, a wall clock and a simulated clock."""

from pytest_doctor_maint.simtime.clock.base import Clock, ClockStopped, Failure, Signal, Task
from pytest_doctor_maint.simtime.clock.errors import ClockError, Deadlock, HorizonExceeded, NoToken, RealSleep, Stuck
from pytest_doctor_maint.simtime.clock.simulated import EPOCH, SimulatedClock
from pytest_doctor_maint.simtime.clock.wall import WallClock

__all__ = [
    "EPOCH",
    "Clock",
    "ClockError",
    "ClockStopped",
    "Deadlock",
    "Failure",
    "HorizonExceeded",
    "NoToken",
    "RealSleep",
    "Signal",
    "SimulatedClock",
    "Stuck",
    "Task",
    "WallClock",
]
