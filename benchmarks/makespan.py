"""The makespan of a maintenance in simulated time, compared with its lower bound."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.bound import Durations, Topology, lower_bound
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import GroupConstraintBody
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import HOST_EVENT, Step, from_wire
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

#: The most that the workflow ``vnf`` may take: as a multiple of its lower bound, and of what ``default`` takes.
MOST_OF_BOUND, MOST_OF_DEFAULT = 1.3, 0.5


@dataclass(frozen=True, slots=True)
class Makespans:
    """Simulated seconds from the start of maintenance to the last compute's MAINTENANCE_COMPLETE.

    Attributes:
        bound: The lower bound for any workflow.
        vnf: The makespan of ``vnf``.
        default: The makespan of ``default``.
    """

    bound: float
    vnf: float
    default: float

    @property
    def kept(self) -> bool:
        """True if ``vnf`` is near its bound, and fast enough against ``default``."""
        return self.vnf <= MOST_OF_BOUND * self.bound and self.vnf < MOST_OF_DEFAULT * self.default


def makespan(history: History) -> float:
    """Return the seconds from the first session's ``maintenance_at`` to the last compute's MAINTENANCE_COMPLETE.

    Raises:
        ValueError: No compute was maintained.
    """
    ends = [
        event.at
        for event in history.of(kinds.NOTIFICATION, event_type=HOST_EVENT, state=Step.MAINTENANCE_COMPLETE.value)
    ]
    if not ends:
        raise ValueError("no compute was maintained")
    start = from_wire(history.of(kinds.SESSION_CREATED)[0].data["maintenance_at"])
    return (max(ends) - start).total_seconds()


def bound_of(history: History, scenario: Scenario) -> float:
    """Return the lower bound for the computes, instances and constraints at the start of a run.

    Args:
        history: The history of a run in which VNFMs set constraints.
        scenario: The scenario of the run, with the durations of the cloud's operations.
    """
    created = history.of(kinds.SESSION_CREATED)[0]
    hosts = list(created.data["hosts"])
    starts = from_wire(created.data["maintenance_at"])
    before = [event for event in history if event.at < starts]
    servers = {event.data["server_id"]: event.data for event in before if event.kind == kinds.SERVER}
    instances = [
        Instance(key, data["project_id"], data["host"], data["vcpus"])
        for key, data in servers.items()
        if data["status"] != "DELETED" and data["host"] in hosts
    ]
    constraints = {event.data["instance_id"]: event.data for event in before if event.kind == kinds.CONSTRAINT_INSTANCE}
    groups = {event.data["group_id"]: event.data for event in before if event.kind == kinds.CONSTRAINT_GROUP}
    computes = history.of(kinds.RUN_STARTED)[0].data["computes"]
    topology = Topology(
        vcpus={item["name"]: item["vcpus"] for item in computes if item["name"] in hosts},
        instances=instances,
        groups=[
            (
                GroupConstraintBody.model_validate(dict(data)),
                frozenset(key for key, constraint in constraints.items() if constraint["group_id"] == group_id),
            )
            for group_id, data in groups.items()
            if not data["deleted"]
        ],
        lead_times={
            key: constraint["lead_time"] for key, constraint in constraints.items() if not constraint["deleted"]
        },
    )
    settings, timings = scenario.settings, scenario.settings.timings
    move = timings.cold_migrate + timings.confirm
    return lower_bound(topology, Durations(work=settings.admin_tool.work_seconds, move=move))


def measure(computes: int = 20, spare: int = 2) -> Makespans:
    """Run both workflows on computes of which `spare` are empty; ``vnf`` with the default constraints of the VNFM."""
    given = Scenario(TestbedSettings()).played_by(admin_tool="fenix").on(computes).with_empty_computes(spare)
    default = makespan(given.carry_out().history)
    given = given.played_by(admin_tool="fenix", app_manager="vnfm")
    history = given.carry_out().history
    return Makespans(bound_of(history, given), makespan(history), default)


def report(computes: int, spare: int, found: Makespans) -> str:
    """Return the measurement, in two lines."""
    of_bound, of_default = found.vnf / found.bound, found.vnf / found.default
    return (
        f"{computes} computes, {spare} spare: vnf takes {found.vnf:.1f} simulated s, {of_bound:.3f} times its lower "
        f"bound of {found.bound:.1f} s (at most {MOST_OF_BOUND})\n"
        f"default takes {found.default:.1f} s: vnf takes {of_default:.3f} of that (less than {MOST_OF_DEFAULT})\n"
    )
