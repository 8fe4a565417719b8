"""The topology of a run: computes, applications, and the computes on which instances start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class ApplicationSpec:
    """One project's application.

    Attributes:
        name: The project's name.
        instances: The number of its instances, the ACT-STBY pair included.
        placement: The compute on which an instance starts, by the instance's name; the scheduler chooses for the
            others.
        any: True if the scenario works with any application, such as that of an app manager elsewhere.
    """

    name: str = "doctor"
    instances: int = 6
    placement: Mapping[str, str] = field(default_factory=dict)
    any: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the instances, the ACT-STBY pair first."""
        return [*PAIR, *(f"doctor_nonha_app_{number}" for number in range(self.instances - len(PAIR)))]


PAIR = ("doctor_ha_app_0", "doctor_ha_app_1")
"""ACT and STBY at the start of a run."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The computes and what runs on them. An instance takes half of a compute.

    Attributes:
        vcpus: The VCPUs of each compute, in order.
        applications: The applications, in the order in which they are deployed.
        names: The computes' host names; compute-1, compute-2, … where none are given.
    """

    vcpus: Sequence[int]
    applications: Sequence[ApplicationSpec] = ()
    names: Sequence[str] = ()

    @property
    def hosts(self) -> list[str]:
        """The computes' host names."""
        return list(self.names) or [f"compute-{number}" for number, _ in enumerate(self.vcpus, start=1)]


def rename(topology: Topology, names: Mapping[str, str]) -> Topology:
    """Return the same topology on computes with other names.

    Args:
        topology: The topology.
        names: The new name of each compute by its old one.
    """
    applications = tuple(
        replace(each, placement={name: names[host] for name, host in each.placement.items()})
        for each in topology.applications
    )
    return replace(topology, applications=applications, names=tuple(names[host] for host in topology.hosts))


def lay_out(names: Sequence[str], hosts: Sequence[str], act_on: int = 0, single: int = 0) -> dict[str, str]:
    """Return the compute on which each instance starts: two instances on each, from the first compute on.

    Args:
        names: The instances, the ACT-STBY pair first.
        hosts: The computes to use, in order.
        act_on: The index of the compute of ACT. STBY starts on the next one; after the last comes the first.
        single: The number of computes, from the last one backwards, with one instance instead of two.

    Raises:
        ValueError: The instances do not fit.
    """
    room = {host: 1 if index >= len(hosts) - single else 2 for index, host in enumerate(hosts)}
    placement: dict[str, str] = {}
    pair = {name: hosts[(act_on + offset) % len(hosts)] for offset, name in enumerate(names[: len(PAIR)])}
    for name in names:
        host = pair.get(name) or next((host for host in hosts if room[host] > _kept(pair, placement, host)), None)
        if host is None or not room[host]:
            raise ValueError(f"{len(names)} instances do not fit on {len(hosts)} computes, {single} of them with one")
        room[host] -= 1
        placement[name] = host
    return placement


def _kept(pair: Mapping[str, str], placement: Mapping[str, str], host: str) -> int:
    """Return the room on a compute that is reserved for members of the pair that have no compute yet."""
    return sum(home == host and name not in placement for name, home in pair.items())
