"""What an alarm's body tells, and what cannot be read out of it."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_doctor_maint.protocol import Action, parse_alarm, step_of


def told(**traits: Any) -> dict[str, Any]:
    found = [[name, 4 if name.endswith("_at") else 1, value] for name, value in traits.items()]
    event = {"event_type": "maintenance.scheduled", "traits": found}
    return parse_alarm({"alarm_id": "a", "reason_data": {"type": "event", "event": event}}).notification


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("['MIGRATE', 'OWN_ACTION']", ["MIGRATE", "OWN_ACTION"]),
        ('["MIGRATE"]', ["MIGRATE"]),
        ("{'openstack_version': '2026.1'}", {"openstack_version": "2026.1"}),
        ("[]", []),
        ("None", None),
        ("null", None),
        ("http://127.0.0.1/[x", "http://127.0.0.1/[x"),
        ("[not a list", "[not a list"),
        ("[__import__('os')]", "[__import__('os')]"),
        ("{1: 2}[1]", "{1: 2}[1]"),
        (["as", "json"], ["as", "json"]),
    ],
)
def test_lists_and_dicts_travel_as_text(written: Any, meant: Any) -> None:
    assert told(value=written)["value"] == meant


@pytest.mark.parametrize("bracket", ["[", "{", "[{"])
@pytest.mark.parametrize("closed", [True, False])
def test_what_is_nested_without_end_stays_text(bracket: str, closed: bool) -> None:
    deep = bracket * 50_000 + ("".join({"[": "]", "{": "}"}[one] for one in bracket[::-1]) * 50_000 if closed else "")
    assert told(value=deep)["value"] == deep


def test_times_are_the_protocols() -> None:
    """Aodh writes them in its own form."""
    at = "2026-11-22T07:50:00"
    times = told(actions_at="2026-11-22T08:00:00", reply_at=f"{at}.000000", other_at=at)
    assert times["actions_at"] == "2026-11-22 08:00:00"
    assert times["reply_at"] == "2026-11-22 07:50:00"
    assert times["other_at"] == at
    assert told(actions_at="None", reply_at="soon") == {
        "event_type": "maintenance.scheduled",
        "actions_at": None,
        "reply_at": "soon",
    }


@pytest.mark.parametrize(
    ("word", "action"),
    [
        *((word, Action.MIGRATE) for word in ("MIGRATE", "migrate", "MIGRATION")),
        ("live_migrate", Action.LIVE_MIGRATE),
        ("OWN_ACTION", Action.OWN_ACTION),
    ],
)
def test_actions_are_understood_as_they_are_written(word: str, action: Action) -> None:
    assert Action(word) is action


@pytest.mark.parametrize("word", ["fly", "", None, 1, [], {}, ["MIGRATION"]])
def test_what_is_no_action(word: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid Action"):
        Action(word)


def test_steps_have_two_spellings() -> None:
    assert step_of("SCALE_IN") is step_of("DOWN_SCALE") is not None
    assert step_of("INSTANCE_ACTION_DONE") is step_of("ADMIN_ACTION_DONE") is not None
    assert step_of("FLY") is None
