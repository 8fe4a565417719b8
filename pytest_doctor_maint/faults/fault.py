"""What every fault has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpSession

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Clock seconds between two looks at whether the moment has come.
POLL = 1.0


class Computes(Protocol):
    """Power switches."""

    def power_off(self, host: str) -> None:
        """Let the compute die."""

    def power_on(self, host: str) -> None:
        """Let the compute come back."""


class Target(Protocol):
    """What a fault may touch."""

    @property
    def clock(self) -> Clock:
        """Waits go through it."""

    @property
    def history(self) -> History:
        """What has happened so far; faults are recorded here."""

    @property
    def http(self) -> HttpSession:
        """For requests to the actors."""

    @property
    def admin(self) -> Connection:
        """For requests to the cloud, with the admin role."""

    @property
    def computes(self) -> Computes:
        """The computes' power."""

    @property
    def inspector_url(self) -> str:
        """Where monitors report."""


class Fault(ABC):
    """Breaks one thing, once, in a thread of its own.

    Attributes:
        name: What the fault is called in histories and reports.
    """

    name: str

    def unleash(self, target: Target) -> None:
        """Let it begin; it waits for its moment by itself."""
        target.clock.spawn(lambda: self.strike(target), f"nemesis {self.name}")

    @abstractmethod
    def strike(self, target: Target) -> None:
        """Wait for the moment, break the thing, mend it if that is part of the fault."""

    def record(self, target: Target, phase: str, what: str) -> None:
        """Note in the history that the fault was ``injected`` or has ``ended``."""
        target.history.append("nemesis", kinds.FAULT, {"name": self.name, "target": what, "phase": phase})

    @staticmethod
    def wait_for(target: Target, kind: str, **data: Any) -> None:
        """Wait until the history has an event of ``kind`` with these values."""
        while not target.history.of(kind, **data):
            target.clock.sleep(POLL)
