"""The search for targets: which instances fit where."""

import pytest

from pytest_doctor_maint.actors.admin_tool.base.placement import Instance, plan_moves


def instance(name: str, vcpus: int = 1, host: str = "old") -> Instance:
    return Instance(name, "project", host, vcpus)


def test_nothing_to_move_needs_no_room() -> None:
    assert plan_moves([], {}) == {}


def test_targets_are_filled_in_their_order() -> None:
    moves = plan_moves([instance("a"), instance("b"), instance("c")], {"x": 2, "y": 2})
    assert moves == {"a": "x", "b": "x", "c": "y"}


@pytest.mark.parametrize("free", [{}, {"x": 0}, {"x": 1, "y": 0}])
def test_without_room_no_move_is_planned(free: dict[str, int]) -> None:
    assert plan_moves([instance("a"), instance("b")], free) is None


def test_room_that_is_scattered_does_not_fit_a_large_instance() -> None:
    assert plan_moves([instance("large", 2)], {"x": 1, "y": 1}) is None


def test_large_instances_come_first_so_that_small_ones_do_not_take_their_room() -> None:
    assert plan_moves([instance("small", 1), instance("large", 2)], {"x": 2, "y": 1}) == {"small": "y", "large": "x"}


def test_the_search_goes_back_from_a_choice_that_leads_nowhere() -> None:
    apart = [{"a", "b"}]
    moves = plan_moves([instance("a"), instance("b")], {"x": 1, "y": 1}, apart, {"c": "x"})
    assert moves is not None
    assert sorted(moves.values()) == ["x", "y"]
    moves = plan_moves([instance("a"), instance("b")], {"x": 1, "y": 1}, [{"b", "mate"}], {"mate": "y"})
    assert moves == {"a": "y", "b": "x"}


def test_members_of_a_group_stay_apart_from_each_other_and_from_members_that_are_there() -> None:
    assert plan_moves([instance("a"), instance("b")], {"x": 2}, [{"a", "b"}]) is None
    assert plan_moves([instance("a")], {"x": 2}, [{"a", "mate"}], {"mate": "x"}) is None
    assert plan_moves([instance("a")], {"x": 2, "y": 1}, [{"a", "mate"}], {"mate": "x"}) == {"a": "y"}


def test_where_an_instance_comes_from_does_not_matter() -> None:
    assert plan_moves([instance("a", host="x")], {"x": 1}, [{"a", "b"}], {"a": "x", "b": "z"}) == {"a": "x"}
