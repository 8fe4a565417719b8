from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import failure_text, sequence


def test_nothing_is_said_when_all_claims_hold(good: History, saved: Path) -> None:
    assert failure_text(judge(good), good, saved) == ""


def test_a_failure_tells_all_that_is_needed(bad: History) -> None:
    text = failure_text(judge(bad, ["downtime_is_zero", "messages_are_answered"]), bad, Path("out/run.jsonl"))
    started = bad.of("run.started")[0].data
    assert "2 of 2 claims fail" in text
    assert "VIOLATED: downtime_is_zero" in text
    assert "doctor_ha_app_0 is down (cold migration); allowed: 0 s" in text
    assert "total_outage_s = 12.0" in text
    assert "doctor did not answer DOWN_SCALE by " in text
    assert "about doctor, at 20" in text
    assert "on the wall" in text
    assert f"seed:    {started['seed']}" in text
    assert f"repeat:  {started['repeat']}" in text
    assert "history: out/run.jsonl" in text
    assert "admin_tool" in text
    assert not any(event.data["server_id"] in text for event in bad.of("server"))


def test_what_is_unknown_is_told_too(good: History) -> None:
    cut = History(events=good.events[:-1])
    text = failure_text(judge(cut, ["downtime_is_zero"]), cut, None)
    assert "UNKNOWN: downtime_is_zero" in text
    assert "no run.ended (unknown is no pass)" in text
    assert "history: not saved" in text


def test_many_violations_are_cut_short(bad: History) -> None:
    silent = History(
        events=[
            replace(event, kind="alarm.deleted", data={"alarm_id": "", "project_id": ""})
            if event.kind == "reply"
            else event
            for event in bad
        ]
    )
    text = failure_text(judge(silent, ["messages_are_answered"]), silent, None)
    assert text.count("did not answer") == 3
    assert "  and 3 more" in text


def test_a_sequence_has_a_column_per_actor_and_a_line_per_event(good: History) -> None:
    reply = good.of("reply")[0]
    notice = good.event(reply.cause or 0)
    drawing = sequence([notice, reply], marked=[reply.seq], names={reply.data["project_id"]: "doctor"})
    head, told, answered = drawing.splitlines()
    assert head.split() == ["admin_tool", "aodh", "app_manager"]
    assert "->" in told
    assert told.endswith("MAINTENANCE to doctor")
    assert answered.startswith(f"> {reply.seq}")
    assert "<-" in answered
    assert answered.endswith("ACK_MAINTENANCE of doctor")
    # Everything stands below its own column.
    assert told.index("|") == head.index("admin_tool") + len("admin_tool") // 2


def test_no_events_are_no_drawing() -> None:
    assert sequence([]) == ""


def test_every_kind_of_event_has_words(good: History) -> None:
    drawing = sequence(good.events)
    assert len(drawing.splitlines()) == len(good) + 1
