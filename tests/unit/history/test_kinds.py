"""The kinds of events: their names, their fields, and how a new kind is declared."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.history.kinds import Kind, declare
from tests.support.histories import SAVED, declared


def test_the_constants_are_the_names_of_the_kinds() -> None:
    names = {kind.name for kind in kinds.all_kinds()}
    constants = {value for name, value in vars(kinds).items() if name.isupper() and isinstance(value, str)}
    assert constants - {kinds.ACTOR} == names
    assert (kinds.NOTIFICATION, kinds.SESSION_CREATED) == ("notification", "session.created")


def test_the_format_has_these_kinds() -> None:
    """Saved histories have these names: none may change."""
    assert sorted(kind.name for kind in kinds.all_kinds()) == [
        "action",
        "alarm",
        "alarm.created",
        "alarm.deleted",
        "alarm.refused",
        "answer.unreadable",
        "compute",
        "constraint.group",
        "constraint.instance",
        "fault",
        "fault_management",
        "floating_ip",
        "guest",
        "host.failure",
        "host.work",
        "notification",
        "reply",
        "reply.refused",
        "run.ended",
        "run.started",
        "server",
        "server_group",
        "session.created",
        "session.deleted",
        "session.refused",
        "session.state",
        "thread.died",
    ]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (kinds.RUN_ENDED, set()),
        (kinds.NOTIFICATION, {"event_type", "session_id", "project_id", "state"}),
        (kinds.ALARM, {"event_type", "session_id", "project_id", "state", "subscriber_id"}),
        (kinds.GUEST, {"server_id", "up", "reason"}),
        (kinds.FAULT, {"name", "target", "phase"}),
    ],
)
def test_a_kind_has_required_fields(kind: str, fields: set[str]) -> None:
    assert kinds.kind(kind).required == fields


@pytest.mark.parametrize("kind", kinds.all_kinds(), ids=lambda kind: kind.name)
def test_the_reference_describes_each_kind_and_each_field(kind: Kind) -> None:
    assert kind.meaning.endswith(".")
    for meaning in (*kind.fields.values(), *kind.optional.values()):
        assert meaning
        assert "\n" not in meaning
    assert not kind.fields.keys() & kind.optional.keys()


def test_a_run_has_the_fields_and_the_actors_that_the_reference_says() -> None:
    for event in History.load(SAVED):
        kind = kinds.kind(event.kind)
        assert event.actor in kind.actors
        assert kind.missing(event.data) == ()
        assert event.data.keys() <= kind.fields.keys() | kind.optional.keys()


def test_an_unknown_kind_is_refused_with_the_kinds_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"unknown kind of event 'nonsense'; allowed: action, alarm, .*thread\.died"):
        kinds.kind("nonsense")


def test_two_kinds_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="there are two kinds of event named 'reply'"):
        declare(Kind("reply", "Another reply."))


def test_a_declared_kind_can_be_recorded_and_is_last_in_the_reference() -> None:
    with declared(Kind("power.lost", "A rack lost its power.", fields={"rack": "the rack"})) as power_lost:
        assert kinds.kind("power.lost") is kinds.all_kinds()[-1] is power_lost
        assert power_lost.missing({"room": 1}) == ("rack",)
    with pytest.raises(ValueError, match="unknown kind"):
        kinds.kind("power.lost")


def test_an_undeclared_kind_can_be_read() -> None:
    kind = kinds.for_reading("power.lost")
    assert (kind.name, kind.required, kind.is_step, kind.is_quiet) == ("power.lost", frozenset(), False, False)
    assert kind.describe({"rack": 3}, str) == "power.lost"
    assert kinds.for_reading("reply") is kinds.kind("reply")
