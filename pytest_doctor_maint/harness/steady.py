"""What must be true before anything starts: the test case's demands on the computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.cloud.calls import call

if TYPE_CHECKING:
    from openstack.connection import Connection

LEAST_COMPUTES = 3
LEAST_VCPUS = 2


class UnfitCloud(AssertionError):
    """The test case cannot run on these computes. It is a failure: a gate must not turn green because nothing ran."""


def check_computes(connection: Connection, *, in_use: bool = False) -> dict[str, int]:
    """The VCPUs of each compute by host name, if the test case can run on them.

    Args:
        connection: An admin's.
        in_use: Whether VCPUs may be in use: the application is there already.

    Raises:
        UnfitCloud: There are too few computes, their VCPUs are odd, too few or unequal, or some are in use; the message
            says what is needed and what is there.
    """
    hypervisors = call(connection.compute, "GET", "/os-hypervisors/detail")["hypervisors"]
    vcpus = {item["service"]["host"]: int(item["vcpus"]) for item in hypervisors}
    used = {item["service"]["host"]: int(item["vcpus_used"]) for item in hypervisors}
    there = ", ".join(f"{host} with {count} VCPUs" for host, count in vcpus.items()) or "none"
    if len(vcpus) < LEAST_COMPUTES:
        raise UnfitCloud(f"the test case needs at least {LEAST_COMPUTES} computes; there are {len(vcpus)}: {there}")
    if unfit := [host for host, count in vcpus.items() if count % 2 or count < LEAST_VCPUS]:
        raise UnfitCloud(
            f"each compute needs an even number of VCPUs, {LEAST_VCPUS} at least, since an instance takes half of it; "
            f"unfit: {', '.join(unfit)}; there are: {there}"
        )
    if len(set(vcpus.values())) > 1:
        raise UnfitCloud(f"all computes need the same number of VCPUs; there are: {there}")
    busy = [f"{host}: {count} of {vcpus[host]}" for host, count in used.items() if count]
    if busy and not in_use:
        raise UnfitCloud(f"no VCPU may be in use before the test; in use: {', '.join(busy)}")
    return vcpus
