"""A fault: something that breaks in a run, and is mended in the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Protocol

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.registry import Registry
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpSession

if TYPE_CHECKING:
    from openstack.connection import Connection

#: The actor of fault events in a history.
ACTOR = "nemesis"
#: What a fault needs that switches computes off and on.
POWER_SWITCHES = "power switches"


class Computes(Protocol):
    """The power switches of the computes."""

    def power_off(self, host: str) -> None:
        """Cut the power of a compute."""

    def power_on(self, host: str) -> None:
        """Give a compute its power back."""


class Target(Protocol):
    """The parts of a run that a fault may touch."""

    @property
    def clock(self) -> Clock:
        """The clock that every wait goes through."""

    @property
    def history(self) -> History:
        """The history of the run, in which faults are recorded, too."""

    @property
    def http(self) -> HttpSession:
        """A session for requests to the actors."""

    @property
    def admin(self) -> Connection:
        """A connection to the cloud with the admin role."""

    @property
    def computes(self) -> Computes:
        """The power switches of the computes, for a fault that needs them."""

    @property
    def inspector_url(self) -> str:
        """The URL of the Inspector below which monitors report. It may hold a secret."""


class Fault(ABC):
    """Something that breaks. A subclass is a frozen dataclass whose fields say what, when and for how long.

    The testbed calls :meth:`arm` before the maintenance begins. :meth:`strike` then runs in a thread of its own: it
    waits for its moment, records that the fault is injected, and breaks the thing. :meth:`heal` is always called at the
    end of the run, whether the fault struck or not. A fault that never struck makes the claim ``faults_strike``
    unknown, so that a run which was to show a fault and did not does not pass.

    Attributes:
        name: The name of the fault in registries, histories and reports.
        injects: What breaks, in one line.
        needs: What the fault needs of the cloud, such as :data:`POWER_SWITCHES`. A run on a cloud without it is refused
            before anything is maintained.
    """

    name: ClassVar[str]
    injects: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()

    def arm(self, target: Target) -> None:
        """Let the fault wait for its moment."""
        self.record(target, "armed", "")
        target.clock.spawn(lambda: self.strike(target), f"fault {self.name}")

    @abstractmethod
    def strike(self, target: Target) -> None:
        """Wait for the moment, then break the thing. Mend it, where that is a part of the fault."""

    @abstractmethod
    def heal(self, target: Target) -> None:
        """Mend what may still be broken.

        The method is called once, after the end of the run, and may be called before :meth:`strike` has begun.
        """

    def record(self, target: Target, phase: str, what: str) -> None:
        """Record that the fault is ``armed``, was ``injected`` or has ``ended``.

        Args:
            target: What the fault touches.
            phase: ``armed``, ``injected`` or ``ended``.
            what: What is broken: a host name, an instance's name; empty while the fault waits.
        """
        target.history.append(ACTOR, kinds.FAULT, {"name": self.name, "target": what, "phase": phase})


#: Every fault by its name: the class, whose fields are the fault's parameters.
FAULTS: Registry[type[Fault]] = Registry(
    "fault", "pytest_doctor_maint.faults", type, "pytest_doctor_maint.faults.catalogue", base=Fault
)


def fault(cls: type[Fault]) -> type[Fault]:
    """Register a fault of the package: a class decorator."""
    return FAULTS.add(cls.name, cls)
