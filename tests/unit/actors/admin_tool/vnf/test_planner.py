"""The search for targets within the limits of groups."""

from __future__ import annotations

import random
from itertools import product

import pytest

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.vnf.planner import Limit, Room, plan


def instance(name: str, vcpus: int = 1) -> Instance:
    return Instance(name, "p", "from", vcpus)


def test_everything_fits_or_nothing_is_planned() -> None:
    rooms = [Room("x", 2), Room("y", 2, {"other": 1})]
    assert plan([instance("a", 2), instance("b")], rooms) == {"a": "x", "b": "y"}
    assert plan([instance("a", 2), instance("b", 2)], rooms) is None
    assert rooms[0].taken == {}
    assert plan([], []) == {}


def test_the_best_compute_comes_first() -> None:
    assert plan([instance("a")], [Room("y", 2), Room("x", 2)]) == {"a": "y"}


def test_the_limit_counts_instances_that_are_there_and_that_are_to_come() -> None:
    limit = Limit(frozenset({"a", "b", "c"}), 2)
    rooms = [Room("x", 4, {"c": 1}), Room("y", 4)]
    found = plan([instance("a"), instance("b")], rooms, [limit])
    assert found is not None
    assert sorted(found.values()) == ["x", "y"]
    assert plan([instance("a"), instance("b")], rooms[:1], [limit]) is None


def test_an_instance_makes_way_for_one_with_a_limit() -> None:
    """Only x has room for b, because y has another member of its group; so a must not take the room on x."""
    limit = Limit(frozenset({"b", "mate"}), 1)
    rooms = [Room("x", 1), Room("y", 2, {"mate": 1})]
    assert plan([instance("a"), instance("b")], rooms, [limit]) == {"a": "y", "b": "x"}


@pytest.mark.parametrize("seed", range(60))
def test_a_plan_is_found_if_and_only_if_there_is_one(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  (repeatable is what it must be)
    rooms = [
        Room(f"h{number}", draw.randint(1, 4), {f"old{number}": 1} if draw.random() < 0.5 else {})
        for number in range(3)
    ]
    moving = [instance(f"i{number}", draw.randint(1, 2)) for number in range(draw.randint(1, 4))]
    everybody = [item.instance_id for item in moving] + [key for room in rooms for key in room.taken]
    limits = [Limit(frozenset(draw.sample(everybody, min(len(everybody), 3))), draw.randint(1, 2)) for _ in range(2)]

    def stands(hosts: tuple[str, ...]) -> bool:
        filled = {room.host: Room(room.host, room.vcpus, dict(room.taken)) for room in rooms}
        for item, host in zip(moving, hosts, strict=True):
            filled[host].taken[item.instance_id] = item.vcpus
        return all(
            room.free >= 0
            and all(
                len(limit.members & room.taken.keys()) <= limit.per_host
                for limit in limits
                if any(item.instance_id in limit.members & room.taken.keys() for item in moving)
            )
            for room in filled.values()
        )

    possible = any(stands(hosts) for hosts in product([room.host for room in rooms], repeat=len(moving)))
    found = plan(moving, rooms, limits)
    assert (found is not None) == possible
    assert found is None or stands(tuple(found[item.instance_id] for item in moving))
