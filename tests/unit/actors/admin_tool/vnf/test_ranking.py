"""The order in which computes are emptied."""

from __future__ import annotations

from pytest_doctor_maint.actors.admin_tool.vnf.ranking import Load, rank


def test_the_next_compute_is_one_that_does_not_wait_for_its_group() -> None:
    groups = {"one": {"pair": 1}, "two": {"rest": 1}, "three": {}}
    loads = {"pair": Load(1, 20), "rest": Load(2, 20)}
    assert rank(["one", "two", "three"], groups, {"pair": 1}, loads) == ["two", "three", "one"]


def test_the_group_with_the_most_to_do_goes_first() -> None:
    groups = {"one": {"large": 1}, "two": {"pair": 1}, "three": {"pair": 1}, "four": {"pair": 1}}
    loads = {"pair": Load(1, 20), "large": Load(8, 20)}
    assert rank(list(groups), groups, {}, loads) == ["two", "three", "four", "one"]


def test_a_compute_whose_group_may_not_be_impacted_at_all_comes_last() -> None:
    groups = {"one": {"held": 1}, "two": {"pair": 1}, "three": {}}
    loads = {"pair": Load(1, 20), "held": Load(0, 20)}
    assert rank(list(groups), groups, {"pair": 1}, loads) == ["three", "two", "one"]


def test_without_groups_the_order_is_kept() -> None:
    assert rank(["b", "a"], {"a": {}, "b": {}}, {}, {}) == ["b", "a"]
