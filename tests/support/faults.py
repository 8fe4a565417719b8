"""A fault that records the calls of its methods."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_doctor_maint.faults import Fault, Target
from pytest_doctor_maint.faults.triggers import wait_for_event


@dataclass(frozen=True)
class Noted(Fault):
    """Breaks nothing, and records when it would.

    Attributes:
        upon: The state of the message upon which it strikes; it never strikes if that message is not sent.
        raises: True if it raises an error when it strikes.
        calls: The names of the methods that were called, in order.
    """

    upon: str = "IN_MAINTENANCE"
    raises: bool = False
    calls: list[str] = field(default_factory=list, compare=False)
    name = "noted"
    injects = "nothing; the fault notes its moments"

    def strike(self, target: Target) -> None:
        wait_for_event(target, "notification", state=self.upon)
        self.calls.append("strike")
        self.record(target, "injected", "nothing")
        if self.raises:
            raise ZeroDivisionError("the fault has an error")
        target.clock.sleep(5.0)
        self.record(target, "ended", "nothing")

    def heal(self, target: Target) -> None:
        self.calls.append("heal")
