"""The preconditions of a run: the use case's requirements on the computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.openstack.calls import call, cloud_errors
from pytest_doctor_maint.printable import printable
from pytest_doctor_maint.refusal import Refusal
from pytest_doctor_maint.secret_keys import without_url_secrets
from pytest_doctor_maint.simtime.nesting import read_json

if TYPE_CHECKING:
    from openstack.connection import Connection

LEAST_COMPUTES = 3
LEAST_VCPUS = 2


class UnsuitableCloud(Refusal, AssertionError):
    """The test case cannot run on this cloud, or with these actors.

    This is a failure: a gate must not turn green because nothing was tested.

    Args:
        reason: Why. It may name the URL of an actor, whose secret is left out, and names that others chose, which are
            escaped.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(printable(without_url_secrets(reason)))


@dataclass(frozen=True, slots=True)
class Compute:
    """A compute as Nova shows it.

    Attributes:
        host: The host name.
        vcpus: The number of VCPUs.
        used: The number of VCPUs in use.
    """

    host: str
    vcpus: int
    used: int

    @property
    def room(self) -> int:
        """The number of instances for which there is room; an instance takes half of a compute."""
        return max(0, self.vcpus - self.used) // (self.vcpus // 2)


def alike_computes(connection: Connection) -> list[Compute]:
    """Return the computes, if they suit an application of the test case.

    Args:
        connection: A connection with the admin role.

    Raises:
        UnsuitableCloud: There are too few computes, one of them is not in use, or the numbers of their VCPUs are odd,
            too small or unequal; the message says what is needed and what there is.
    """
    hypervisors = call(connection.compute, "GET", "/os-hypervisors/detail")["hypervisors"]
    computes = [Compute(item["service"]["host"], int(item["vcpus"]), int(item["vcpus_used"])) for item in hypervisors]
    there = ", ".join(f"{compute.host} with {compute.vcpus} VCPUs" for compute in computes) or "none"
    if len(computes) < LEAST_COMPUTES:
        raise UnsuitableCloud(
            f"the test case needs at least {LEAST_COMPUTES} computes; there are {len(computes)}: {there}"
        )
    services = call(connection.compute, "GET", "/os-services", binary="nova-compute")["services"]
    hosts = {compute.host for compute in computes}
    idle = {item["host"]: why for item in services if item["host"] in hosts and (why := _why_idle(item))}
    if idle:
        raise UnsuitableCloud(
            "every compute must be enabled and up before the test; unsuitable: "
            f"{', '.join(f'{host} ({why})' for host, why in sorted(idle.items()))}"
        )
    if unsuitable := [compute.host for compute in computes if compute.vcpus % 2 or compute.vcpus < LEAST_VCPUS]:
        raise UnsuitableCloud(
            f"each compute needs an even number of VCPUs, {LEAST_VCPUS} at least, since an instance takes half of it; "
            f"unsuitable: {', '.join(unsuitable)}; there are: {there}"
        )
    if len({compute.vcpus for compute in computes}) > 1:
        raise UnsuitableCloud(f"all computes need the same number of VCPUs; there are: {there}")
    return computes


def standing_sessions(connection: Connection, url: str) -> list[str]:
    """Return the ids of the sessions that an admin tool elsewhere has before the run: what they do is nobody's fault.

    Empty for an admin tool that does not list its sessions, as the sample does not, or does not answer: the run tells
    that when it creates its own.

    Args:
        connection: A connection with the admin role.
        url: The URL below which the admin tool's API is served.
    """
    try:
        answer = connection.session.request(f"{url.rstrip('/')}/maintenance", "GET", raise_exc=False)
    except cloud_errors():
        return []
    listed = read_json(answer.content) if answer.ok else None
    # Fenix calls the list `sessions`, and Fenix's API reference `session_id`.
    found = (listed.get("sessions") or listed.get("session_id")) if isinstance(listed, dict) else None
    return [str(each) for each in found] if isinstance(found, list) else []


def _why_idle(service: Mapping[str, Any]) -> str:
    """Return why Nova starts no server on a compute; empty if it does."""
    words = [str(service["status"])] if service["status"] != "enabled" else []
    words += [str(service["state"])] if service["state"] != "up" else []
    words += ["forced down"] if service.get("forced_down") else []
    reason = f": {service['disabled_reason']}" if service.get("disabled_reason") else ""
    return f"{', '.join(words)}{reason}" if words else ""


def check_computes(connection: Connection, *, in_use: bool = False) -> dict[str, int]:
    """Return the VCPUs of each compute by host name, if the test case can run on the computes.

    Args:
        connection: A connection with the admin role.
        in_use: True if VCPUs may be in use, because the application exists.

    Raises:
        UnsuitableCloud: As for :func:`alike_computes`, or VCPUs are in use; the message says which.
    """
    computes = alike_computes(connection)
    busy = [f"{compute.host}: {compute.used} of {compute.vcpus}" for compute in computes if compute.used]
    if busy and not in_use:
        raise UnsuitableCloud(f"no VCPU may be in use before the test; in use: {', '.join(busy)}")
    return {compute.host: compute.vcpus for compute in computes}
