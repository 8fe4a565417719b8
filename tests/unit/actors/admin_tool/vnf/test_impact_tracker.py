"""The times at which a further instance of a group may be impacted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pytest_doctor_maint.actors.admin_tool.vnf.constraints import GroupConstraintBody
from pytest_doctor_maint.actors.admin_tool.vnf.impact_tracker import ImpactTracker

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def group(at_once: int = 1, recovery: float = 10, name: str = "g") -> GroupConstraintBody:
    return GroupConstraintBody(group_id=name, project_id="p", max_impacted_members=at_once, recovery_time=recovery)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_no_more_at_once_than_the_group_can_do_without() -> None:
    tracker = ImpactTracker()
    for instance in ("a", "b"):
        assert tracker.delay(group(at_once=2), NOON) is None
        tracker.begin(instance, group(at_once=2))
    delay = tracker.delay(group(at_once=2), NOON)
    assert delay is not None
    assert delay.until is None
    assert tracker.delay(group(at_once=2, name="h"), NOON) is None
    # A higher limit is in force at once.
    assert tracker.delay(group(at_once=3), NOON) is None


def test_the_recovery_begins_when_an_impact_has_ended() -> None:
    tracker = ImpactTracker()
    tracker.begin("a", group())
    tracker.end("a", after(100))
    delay = tracker.delay(group(), after(109))
    assert delay is not None
    assert delay.until == after(110)
    assert tracker.delay(group(), after(110)) is None
    assert tracker.delay(group(recovery=5), after(109)) is None


def test_a_group_recovers_although_others_of_it_are_still_impacted() -> None:
    tracker = ImpactTracker()
    for instance in ("a", "b"):
        tracker.begin(instance, group(at_once=2))
    tracker.end("a", after(20))
    assert tracker.delay(group(at_once=2), after(29)) is not None
    assert tracker.delay(group(at_once=2), after(30)) is None


def test_the_last_end_counts_in_whatever_order_the_ends_are_recorded() -> None:
    tracker = ImpactTracker()
    for instance in ("a", "b"):
        tracker.begin(instance, group(at_once=2))
    tracker.end("b", after(20))
    tracker.end("a", after(15))
    assert tracker.delay(group(at_once=2), after(29)) is not None


def test_a_limit_of_none_stops_everything() -> None:
    assert ImpactTracker().delay(group(at_once=0), NOON) is not None


def test_an_instance_without_a_group_may_always_be_impacted() -> None:
    tracker = ImpactTracker()
    tracker.begin("a", None)
    tracker.end("a", NOON)
    assert tracker.delay(None, NOON) is None
