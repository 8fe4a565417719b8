"""When one more instance of a group may be hit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pytest_doctor_maint.actors.admin_tool.vnf.constraints import GroupConstraint
from pytest_doctor_maint.actors.admin_tool.vnf.impact_tracker import ImpactTracker

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def group(at_once: int = 1, recovery: float = 10, name: str = "g") -> GroupConstraint:
    return GroupConstraint(group_id=name, project_id="p", max_impacted_members=at_once, recovery_time=recovery)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_no_more_at_once_than_the_group_can_do_without() -> None:
    ledger = ImpactTracker()
    for instance in ("a", "b"):
        assert ledger.refusal(group(at_once=2), NOON) is None
        ledger.begin(instance, group(at_once=2))
    refusal = ledger.refusal(group(at_once=2), NOON)
    assert refusal is not None
    assert refusal.until is None
    assert ledger.refusal(group(at_once=2, name="h"), NOON) is None
    # A VNFM that allows more is heard at once.
    assert ledger.refusal(group(at_once=3), NOON) is None


def test_the_recovery_begins_when_a_hit_has_ended() -> None:
    ledger = ImpactTracker()
    ledger.begin("a", group())
    ledger.end("a", after(100))
    refusal = ledger.refusal(group(), after(109))
    assert refusal is not None
    assert refusal.until == after(110)
    assert ledger.refusal(group(), after(110)) is None
    assert ledger.refusal(group(recovery=5), after(109)) is None


def test_a_group_recovers_although_others_of_it_are_still_hit() -> None:
    ledger = ImpactTracker()
    for instance in ("a", "b"):
        ledger.begin(instance, group(at_once=2))
    ledger.end("a", after(20))
    assert ledger.refusal(group(at_once=2), after(29)) is not None
    assert ledger.refusal(group(at_once=2), after(30)) is None


def test_the_last_end_counts_in_whatever_order_the_ends_are_told() -> None:
    ledger = ImpactTracker()
    for instance in ("a", "b"):
        ledger.begin(instance, group(at_once=2))
    ledger.end("b", after(20))
    ledger.end("a", after(15))
    assert ledger.refusal(group(at_once=2), after(29)) is not None


def test_none_at_all_holds_everything_off() -> None:
    assert ImpactTracker().refusal(group(at_once=0), NOON) is not None


def test_an_instance_without_a_group_may_always_be_hit() -> None:
    ledger = ImpactTracker()
    ledger.begin("a", None)
    ledger.end("a", NOON)
    assert ledger.refusal(None, NOON) is None
