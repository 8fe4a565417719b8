"""The lower bound of the makespan, compared with schedules computed by hand."""

from __future__ import annotations

import pytest

from benchmarks.bound import Durations, Topology, lower_bound
from benchmarks.makespan import measure
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import GroupConstraintBody

DURATIONS = Durations(work=60, move=13)


def filled(computes: int, spare: int) -> tuple[dict[str, int], list[Instance]]:
    """Return computes of 2 VCPUs, and two instances on each but the last `spare` ones."""
    hosts = [f"compute-{number}" for number in range(computes)]
    used = hosts[: len(hosts) - spare]
    return dict.fromkeys(hosts, 2), [Instance(f"{host}/{slot}", "p", host, 1) for host in used for slot in (1, 2)]


def group(at_once: int, recovery: float) -> GroupConstraintBody:
    return GroupConstraintBody(group_id="g", project_id="p", max_impacted_members=at_once, recovery_time=recovery)


def test_one_spare_compute_is_enough_to_reach_the_bound() -> None:
    """The empty compute is maintained first; each other compute takes a move and the work on it."""
    vcpus, instances = filled(4, 1)
    assert lower_bound(Topology(vcpus, instances), DURATIONS) == 60 + 3 * (13 + 60)


def test_twenty_computes_with_two_spare() -> None:
    vcpus, instances = filled(20, 2)
    assert lower_bound(Topology(vcpus, instances), DURATIONS) == 60 + 9 * (13 + 60)


def test_a_group_whose_instances_are_impacted_one_by_one() -> None:
    vcpus, instances = filled(4, 3)
    members = frozenset(instance.instance_id for instance in instances)
    assert lower_bound(Topology(vcpus, instances, [(group(1, 100), members)]), DURATIONS) == 13 + 100 + 13 + 60
    assert lower_bound(Topology(vcpus, instances, [(group(2, 100), members)]), DURATIONS) == 60 + 13 + 60


def test_a_long_lead_time() -> None:
    vcpus, instances = filled(4, 3)
    topology = Topology(vcpus, instances, lead_times={instances[0].instance_id: 500, "gone": 900})
    assert lower_bound(topology, DURATIONS) == 500 + 13 + 60


def test_empty_computes_are_worked_on_at_once() -> None:
    vcpus, _ = filled(5, 5)
    assert lower_bound(Topology(vcpus, []), DURATIONS) == 60
    assert lower_bound(Topology({}, []), DURATIONS) == 0


def test_an_impossible_maintenance_has_no_bound() -> None:
    vcpus, instances = filled(3, 0)
    with pytest.raises(ValueError, match="taken"):
        lower_bound(Topology(vcpus, instances), DURATIONS)
    vcpus, instances = filled(3, 1)
    with pytest.raises(ValueError, match="may be impacted"):
        lower_bound(Topology(vcpus, instances, [(group(0, 0), frozenset({instances[0].instance_id}))]), DURATIONS)


def test_the_workflow_is_near_its_bound() -> None:
    found = measure(computes=8, spare=2)
    assert found.bound <= found.vnf <= 1.3 * found.bound
    assert found.kept
