"""A compute dies, and its monitor tells the Inspector."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_doctor_maint.faults.fault import Fault, Target
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import Step

#: Clock seconds from a compute's death to its monitor's report.
DETECTION = 1.0


@dataclass(frozen=True)
class ComputeDies(Fault):
    """``host`` loses its power ``after`` seconds into a compute's maintenance, or after another message.

    Attributes:
        host: The compute that dies.
        while_maintaining: The compute whose IN_MAINTENANCE starts the time: ``host`` itself for a death in maintenance;
            the first that is maintained, whichever it is, when None.
        upon: The message that starts the time. One to a project is not about a compute: no ``while_maintaining`` then.
        after: Seconds from then on.
        for_seconds: How long it stays dead; None for ever.
    """

    host: str
    while_maintaining: str | None = None
    upon: Step = Step.IN_MAINTENANCE
    after: float = 10.0
    for_seconds: float | None = 30.0
    name = "compute_dies"

    def unleash(self, target: Target) -> None:
        # Where nobody can switch computes off, that is told before anything is maintained.
        _ = target.computes
        super().unleash(target)

    def strike(self, target: Target) -> None:
        which = {} if self.while_maintaining is None else {"host": self.while_maintaining}
        self.wait_for(target, kinds.NOTIFICATION, state=self.upon.value, **which)
        target.clock.sleep(self.after)
        self.record(target, "injected", self.host)
        target.computes.power_off(self.host)
        target.clock.sleep(DETECTION)
        report = [{"time": None, "type": "compute.host.down", "details": {"hostname": self.host, "status": "down"}}]
        target.http.put(f"{target.inspector_url}/events", json=report).raise_for_status()
        if self.for_seconds is not None:
            target.clock.sleep(max(0.0, self.for_seconds - DETECTION))
            target.computes.power_on(self.host)
            self.record(target, "ended", self.host)
