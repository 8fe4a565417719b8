"""A compute dies, and its monitor reports it to the Inspector."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.faults.fault import POWER_SWITCHES, Fault, Target, fault
from pytest_doctor_maint.faults.triggers import wait_for_event
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import Step

#: Clock seconds from the death of a compute to the report of its monitor.
DETECTION = 1.0


@fault
@dataclass(frozen=True)
class ComputeDies(Fault):
    """A compute loses its power `after` seconds into a compute's maintenance, or after another message.

    Attributes:
        host: The compute that dies.
        while_maintaining: The compute whose IN_MAINTENANCE starts the time: `host` itself for a death in maintenance.
            None: the first compute that is maintained.
        upon: The message that starts the time. A message to a project is not about a compute: then there is no
            `while_maintaining`.
        after: Clock seconds from that message.
        for_seconds: Clock seconds until the power is back; None keeps the compute dead until the end of the run.
    """

    host: str
    while_maintaining: str | None = None
    upon: Step = Step.IN_MAINTENANCE
    after: float = 10.0
    for_seconds: float | None = 30.0
    name = "compute_dies"
    injects = "a compute loses its power, and its monitor reports it to the Inspector"
    needs = frozenset({POWER_SWITCHES})

    def arm(self, target: Target) -> None:
        """Let the fault wait for its moment.

        Raises:
            UnsuitableCloud: There is no compute `host`.
        """
        computes = [each["name"] for each in target.history.of(kinds.RUN_STARTED)[0].data["computes"]]
        if self.host not in computes:
            raise UnsuitableCloud(
                f"the fault {self.name} is for a compute {self.host!r}; there are {', '.join(computes)}"
            )
        super().arm(target)

    def strike(self, target: Target) -> None:
        which = {} if self.while_maintaining is None else {"host": self.while_maintaining}
        wait_for_event(target, kinds.NOTIFICATION, state=self.upon.value, **which)
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

    def heal(self, target: Target) -> None:
        """Switch the compute on, if it is off."""
        phases = [event.data["phase"] for event in target.history.of(kinds.FAULT, name=self.name, target=self.host)]
        if phases[-1:] == ["injected"]:
            target.computes.power_on(self.host)
            self.record(target, "ended", self.host)
