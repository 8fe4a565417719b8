"""How the notification in the body of an alarm is read, and the spellings of steps and actions."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_doctor_maint.protocol import Action, parse_alarm, step_of


# Any: the values of a notification are JSON of any kind.
def notification(**traits: object) -> dict[str, Any]:
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
def test_lists_and_dicts_are_sent_as_text(written: object, meant: object) -> None:
    assert notification(value=written)["value"] == meant


@pytest.mark.parametrize("bracket", ["[", "{", "[{"])
@pytest.mark.parametrize("closed", [True, False])
def test_a_literal_with_too_many_brackets_stays_text(bracket: str, closed: bool) -> None:
    deep = bracket * 50_000 + ("".join({"[": "]", "{": "}"}[one] for one in bracket[::-1]) * 50_000 if closed else "")
    assert notification(value=deep)["value"] == deep


def test_times_have_the_protocols_form() -> None:
    """Aodh writes times in its own format."""
    at = "2026-11-22T07:50:00"
    times = notification(actions_at="2026-11-22T08:00:00", reply_at=f"{at}.000000", other_at=at)
    assert times["actions_at"] == "2026-11-22 08:00:00"
    assert times["reply_at"] == "2026-11-22 07:50:00"
    assert times["other_at"] == at
    assert notification(actions_at="None", reply_at="soon") == {
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
def test_actions_have_several_spellings(word: str, action: Action) -> None:
    assert Action(word) is action


@pytest.mark.parametrize("word", ["fly", "", None, 1, [], {}, ["MIGRATION"]])
def test_any_other_word_is_not_an_action(word: object) -> None:
    with pytest.raises(ValueError, match="is not a valid Action"):
        Action(word)  # type: ignore[arg-type]  # as from a client


def test_steps_have_two_spellings() -> None:
    assert step_of("SCALE_IN") is step_of("DOWN_SCALE") is not None
    assert step_of("INSTANCE_ACTION_DONE") is step_of("ADMIN_ACTION_DONE") is not None
    assert step_of("FLY") is None
