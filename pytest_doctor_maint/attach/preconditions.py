"""What must be true before anything starts: the test case's demands on the computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_doctor_maint.openstack.calls import call

if TYPE_CHECKING:
    from openstack.connection import Connection

LEAST_COMPUTES = 3
LEAST_VCPUS = 2


class UnsuitableCloud(AssertionError):
    """The test case cannot run on these computes. It is a failure: a gate must not turn green because nothing ran."""


@dataclass(frozen=True, slots=True)
class Compute:
    """A compute as Nova shows it.

    Attributes:
        host: Its host name.
        vcpus: Its VCPUs.
        used: How many of them are in use.
    """

    host: str
    vcpus: int
    used: int

    @property
    def room(self) -> int:
        """How many more instances fit on it, each of which takes half of it."""
        return max(0, self.vcpus - self.used) // (self.vcpus // 2)


def alike_computes(connection: Connection) -> list[Compute]:
    """The computes, if an application of the test case can be on them.

    Args:
        connection: An admin's.

    Raises:
        UnsuitableCloud: There are too few computes, or their VCPUs are odd, too few or unequal; the message says what
            is needed and what is there.
    """
    hypervisors = call(connection.compute, "GET", "/os-hypervisors/detail")["hypervisors"]
    computes = [Compute(item["service"]["host"], int(item["vcpus"]), int(item["vcpus_used"])) for item in hypervisors]
    there = ", ".join(f"{compute.host} with {compute.vcpus} VCPUs" for compute in computes) or "none"
    if len(computes) < LEAST_COMPUTES:
        raise UnsuitableCloud(
            f"the test case needs at least {LEAST_COMPUTES} computes; there are {len(computes)}: {there}"
        )
    if unfit := [compute.host for compute in computes if compute.vcpus % 2 or compute.vcpus < LEAST_VCPUS]:
        raise UnsuitableCloud(
            f"each compute needs an even number of VCPUs, {LEAST_VCPUS} at least, since an instance takes half of it; "
            f"unfit: {', '.join(unfit)}; there are: {there}"
        )
    if len({compute.vcpus for compute in computes}) > 1:
        raise UnsuitableCloud(f"all computes need the same number of VCPUs; there are: {there}")
    return computes


def check_computes(connection: Connection, *, in_use: bool = False) -> dict[str, int]:
    """The VCPUs of each compute by host name, if the test case can run on them.

    Args:
        connection: An admin's.
        in_use: Whether VCPUs may be in use: the application is there already.

    Raises:
        UnsuitableCloud: As for :func:`alike_computes`, or some VCPUs are in use; the message says which.
    """
    computes = alike_computes(connection)
    busy = [f"{compute.host}: {compute.used} of {compute.vcpus}" for compute in computes if compute.used]
    if busy and not in_use:
        raise UnsuitableCloud(f"no VCPU may be in use before the test; in use: {', '.join(busy)}")
    return {compute.host: compute.vcpus for compute in computes}
