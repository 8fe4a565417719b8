"""The sequence diagram of a run as an SVG picture: actors, messages with their windows, and what is violated."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_doctor_maint.claims import Judgement, judge
from pytest_doctor_maint.claims.verdict import Outcome, Verdict
from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.report import sequence_diagram
from pytest_doctor_maint.report.sequence_diagram import layout, picture
from pytest_doctor_maint.report.sequence_diagram.words import fitted, length, width_of
from tests.support.changed_histories import LINES, Change, changes, renumber
from tests.support.golden import assert_golden
from tests.support.histories import SAVED, without
from tests.support.svg import Picture

SECRET = "s" * 43


@pytest.fixture(scope="module")
def vnf() -> History:
    """A run of Fenix's vnf workflow on three computes in which a lead time is broken."""
    return History.load(SAVED.with_name("vnf_lead_time.jsonl"))


def drawn(history: History, judgement: Judgement | None = None, *, collapsed: bool = False) -> Picture:
    return Picture.of(sequence_diagram(history, judgement or Judgement(()), collapsed=collapsed))


def changed(history: History, change: Callable[[Event], Event | None]) -> History:
    """Return a history with other events in place of some; None leaves an event as it is."""
    return History(events=[change(event) or event for event in history])


def replies_at(history: History, state: str, seconds: float) -> History:
    """Return a history in which the reply of this state comes so many seconds after its message."""
    (reply,) = history.of("reply", state=state)
    (message,) = history.of("notification", state=state.removeprefix("ACK_"))
    return changed(
        history, lambda each: replace(each, at=message.at + timedelta(seconds=seconds)) if each == reply else None
    )


# -- golden files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("collapsed", [False, True], ids=["whole", "collapsed"])
def test_the_picture_of_a_sample_run_with_an_outage_is_as_it_was(bad: History, collapsed: bool) -> None:
    # Named, so that a new claim changes no picture.
    judgement = judge(bad, ["messages_are_answered", "downtime_is_zero", "admin_tool_waits_for_answers"])
    text = sequence_diagram(bad, judgement, collapsed=collapsed)
    assert_golden(f"sequence_sample{'_collapsed' if collapsed else ''}.svg", text)


@pytest.mark.parametrize("collapsed", [False, True], ids=["whole", "collapsed"])
def test_the_picture_of_a_vnf_run_with_a_broken_lead_time_is_as_it_was(vnf: History, collapsed: bool) -> None:
    text = sequence_diagram(vnf, judge(vnf, ["lead_times_are_kept", "downtime_is_zero"]), collapsed=collapsed)
    assert_golden(f"sequence_vnf{'_collapsed' if collapsed else ''}.svg", text)


# -- what a reader sees ------------------------------------------------------------------------------------------------


def test_the_title_says_which_run_it_was_who_took_part_and_the_verdict(vnf: History) -> None:
    shown = drawn(vnf, judge(vnf)).texts
    assert shown[0].startswith("scenarios/test_fenix_mutants.py::")
    assert "app manager vnfm, Inspector sample, cloud embedded, 3 computes, seed 1" in shown[1]
    assert re.match("violated: 1 claim violated, .* hold", shown[2])


def test_a_message_has_its_window_beside_it_and_an_answer_after_it(good: History) -> None:
    seen = drawn(good)
    row = seen.row("DOWN_SCALE")
    assert row[0] == "00:00:50.000"
    assert row[-1] == "ACK after 3.02 s, 117 s left"
    assert "ACK_PREPARE_MAINTENANCE: 2 x MIGRATE" in seen.texts


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (119.9, "ACK after 119.9 s, 0.1 s left"),
        (120.0, "ACK after 120 s, 0 s left"),
        (120.1, "ACK 0.1 s too late, due in 120 s"),
    ],
)
def test_an_answer_is_late_after_its_deadline(good: History, seconds: float, said: str) -> None:
    seen = drawn(replies_at(good, "ACK_DOWN_SCALE", seconds))
    assert seen.row("DOWN_SCALE")[-1] == said
    hatched = [element for element in seen.elements("rect", "sq-down") if element.get("height") == "9"]
    # One is in the legend.
    assert len(hatched) == 1 + ("late" in said)


def test_a_message_without_an_answer_says_so(good: History, bad: History) -> None:
    assert drawn(bad).row("DOWN_SCALE")[-1] == "no answer, due in 120 s"
    assert not any("no answer" in text for text in drawn(good).texts)


def test_a_refusal_is_told_from_an_agreement(good: History) -> None:
    (reply,) = good.of("reply", state="ACK_DOWN_SCALE")
    refusal = {**reply.data, "state": "NACK_DOWN_SCALE"}
    seen = drawn(changed(good, lambda each: replace(each, data=refusal) if each == reply else None))
    assert seen.row("DOWN_SCALE")[-1].startswith("NACK after 3.02 s")


def test_a_message_that_was_due_before_it_was_sent_says_so(good: History) -> None:
    (sent,) = good.of("notification", state="DOWN_SCALE")
    data = {**sent.data, "reply_at": "2029-01-01 00:00:00"}
    seen = drawn(changed(good, lambda each: replace(each, data=data) if each == sent else None))
    assert seen.row("DOWN_SCALE")[-1] == "ACK after 3.02 s, due before sent"


def test_a_message_that_did_not_arrive_ends_at_aodh(good: History) -> None:
    (alarm,) = good.of("alarm", state="DOWN_SCALE")
    events = [replace(each, kind="alarm.deleted") if each == alarm else each for each in good]
    seen = drawn(History(events=events))
    assert "DOWN_SCALE (not delivered)" in seen.texts
    assert "Aodh" in seen.texts
    assert "Aodh" not in drawn(good).texts


def test_an_alarm_that_takes_long_says_so(good: History) -> None:
    (alarm,) = good.of("alarm", state="DOWN_SCALE")
    late = replace(alarm, at=alarm.at + timedelta(seconds=2))
    seen = drawn(changed(good, lambda each: late if each == alarm else None))
    assert "DOWN_SCALE (arrives after 2.02 s)" in seen.texts


def test_violated_lines_are_marked_by_a_shape_a_number_and_the_name_of_the_claim(good: History, bad: History) -> None:
    judgement = judge(bad, ["messages_are_answered", "downtime_is_zero"])
    seen = drawn(bad, judgement)
    numbers = {verdict.claim: str(number) for number, verdict in enumerate(judgement.failed(), start=1)}
    # The message that was not answered has its window where the name of the claim would be.
    assert seen.row("DOWN_SCALE")[0] == numbers["messages_are_answered"]
    outage = seen.row("service 172.24.4.3 down for 12 s")
    assert outage[0] == numbers["downtime_is_zero"]
    assert "downtime_is_zero" in outage
    listed = [text for text in seen.texts if text.startswith(tuple(f"{claim}: " for claim in numbers))]
    assert len(listed) == 2
    # In the list, in the verdict, in the legend, and in each marked row.
    marked = len(list(seen.elements("rect", "sq-band")))
    assert marked >= 3
    assert len(list(seen.elements("path", "sq-mark"))) == len(listed) + 2 + len(
        [row for row in seen.elements("g") if any(each.get("class") == "sq-mark" for each in row)]
    )
    assert not list(drawn(good, judge(good)).elements("rect", "sq-band"))


def test_a_violation_of_what_is_not_drawn_gets_a_line_of_its_own(good: History) -> None:
    (session,) = good.of("session.created")
    (quiet, *_) = good.of("alarm.created")
    breaks = Verdict("odd", Outcome.VIOLATED, "it is odd", (violation_of(quiet, session.at),))
    assert not any("alarm inspector_maintenance" in text for text in drawn(good).texts)
    row = drawn(good, Judgement((breaks,))).row("alarm inspector_maintenance for maintenance.host created")
    assert "odd" in row


def violation_of(event: Event, at: datetime) -> Any:
    from pytest_doctor_maint.claims.verdict import Violation

    return Violation("it is odd", (event.seq,), "the alarm", at)


def test_unknown_claims_are_listed_without_a_mark_of_a_violation(good: History) -> None:
    unknown = Verdict("odd", Outcome.UNKNOWN, "nobody saw it")
    seen = drawn(good, Judgement((unknown,)))
    assert "odd: nobody saw it" in seen.texts
    assert "?" in seen.texts
    assert "unknown: 1 claim unknown" in seen.texts


def test_time_without_events_is_a_break_with_its_length(good: History) -> None:
    seen = drawn(good)
    assert seen.texts.count("60 s later") == 3
    assert "0.02 s later" not in seen.texts


# -- phases ------------------------------------------------------------------------------------------------------------


def test_each_phase_has_a_heading(good: History) -> None:
    shown = drawn(good).texts
    titles = ["announce", "make room", "maintain compute-3", "maintain compute-1", "maintain compute-2", "complete"]
    assert [text for text in shown if text in titles] == titles


def test_a_collapsed_phase_is_one_row_with_counts_and_what_is_violated(bad: History) -> None:
    judgement = judge(bad, ["downtime_is_zero"])
    seen = drawn(bad, judgement, collapsed=True)
    (phase,) = (text for text in seen.texts if "2 marked (downtime_is_zero): service 172.24.4.3" in text)
    assert "; 5 messages, 1 answer, 1 trouble, 5 others; ≥ 120.6 s left; " in phase
    assert "service 172.24.4.3 up again" in seen.texts
    assert not any(text.startswith("PLANNED_MAINTENANCE") for text in seen.texts)


def test_a_run_with_too_many_lines_is_drawn_collapsed(good: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST_LINES", 20)
    assert sequence_diagram(good, Judgement(())) == sequence_diagram(good, Judgement(()), collapsed=True)


def test_too_many_phases_are_counted(bad: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_SECTIONS", 3)
    seen = drawn(bad, judge(bad, ["downtime_is_zero"]), collapsed=True)
    assert "5 more phases" in seen.texts
    titles = ["before the sessions", "announce", "make room", "maintain compute-1"]
    assert [text for text in seen.texts if text in titles] == [*titles[:2], titles[3]]


# -- any history -------------------------------------------------------------------------------------------------------


def test_a_history_without_events_and_one_without_messages_have_a_picture(good: History) -> None:
    assert "the history has no event" in drawn(History()).texts
    silent = [each for each in good if each.kind in ("run.started", "compute", "run.ended")]
    seen = drawn(History(events=[replace(each, seq=seq) for seq, each in enumerate(silent, start=1)]))
    assert "run ends" in seen.texts
    assert "No message" in "".join(element.text or "" for element in seen.elements("desc"))


@pytest.mark.parametrize("number", [3, 10, 36, 37, 40, 51, 80, 112, 150])
def test_a_run_that_breaks_off_anywhere_has_a_picture(good: History, number: int) -> None:
    events = good.events[:number]
    seen = drawn(History(events=events), judge(History(events=events)))
    assert "the history breaks off here" in seen.texts


def test_a_message_that_waits_for_its_answer_when_the_history_breaks_off_is_not_late(good: History) -> None:
    (sent,) = good.of("notification", state="DOWN_SCALE")
    seen = drawn(History(events=good.events[: sent.seq + 2]))
    assert seen.row("DOWN_SCALE")[-1] == "no answer yet, 120 s left"


def test_unknown_actors_have_columns_and_too_many_share_one(good: History) -> None:
    def strangers(count: int) -> History:
        new = [
            Event(len(good.events) + number, good.events[-1].at, f"robot-{number}", "acme.thing", {})
            for number in range(1, count + 1)
        ]
        ended = good.events[-1]
        events = [each for each in good if each != ended] + new
        return History(events=[replace(each, seq=seq) for seq, each in enumerate(events, start=1)])

    few, many = drawn(strangers(2)), drawn(strangers(30))
    assert {"robot-1", "robot-2"} <= set(few.texts)
    assert {"other", "actors"} <= set(many.texts)
    assert "robot-30" not in many.texts
    assert many.texts.count("acme.thing") == 30


def test_a_cloud_that_is_observed_has_the_columns_of_its_services(good: History) -> None:
    """Actors and clouds elsewhere: an observer records the events of the cloud, and no cause travels."""
    services = ("nova", "neutron", "aodh")
    remote = changed(
        good, lambda each: replace(each, cause=None, actor="observer" if each.actor in services else each.actor)
    )
    heads = [text for text in drawn(remote).texts if text in ("Nova", "Neutron", "observer")]
    assert heads == ["Nova", "Neutron"]


def test_messages_of_which_only_the_alarms_were_seen_are_drawn_once(good: History) -> None:
    """The notifications of an admin tool that runs elsewhere may be invisible."""
    hidden = [each for each in good.of("notification") if each.data["event_type"] == "maintenance.scheduled"]
    seen = drawn(without(good, hidden))
    assert seen.texts.count("DOWN_SCALE") == 1
    assert seen.row("DOWN_SCALE")[-1] == "ACK after 3 s, 117 s left"


def test_names_cannot_break_the_picture(good: History) -> None:
    hostile = "</text><script>alert(1)</script>\x1b[2J\u202e"
    events = changed(good, lambda each: replace(each, actor=hostile) if each.kind == "host.work" else None)
    (started,) = good.of("run.started")
    data = {**started.data, "scenario": hostile}
    text = sequence_diagram(
        changed(events, lambda each: replace(each, data=data) if each.kind == "run.started" else None), Judgement(())
    )
    assert "<script" not in text
    assert Picture.of(text).texts[0] == "</text><script>alert(1)</script>\\x1b[2J\\u202e"


def test_no_secret_is_shown_also_where_a_text_is_cut(good: History) -> None:
    url = f"http://admin_tool/replies/{SECRET}"
    for before in (0, 150, 180, 390):
        error = f"{'x' * before} {url}"
        (first, *_) = good.of("host.work")
        died = replace(first, kind="thread.died", data={"thread": "t", "error": error})
        (started,) = good.of("run.started")
        named = replace(started, data={**started.data, "scenario": error})
        swapped = {first.seq: died, started.seq: named}
        breach = Verdict("odd", Outcome.UNKNOWN, error)
        text = sequence_diagram(changed(good, lambda each: swapped.get(each.seq)), Judgement((breach,)))  # noqa: B023
        assert "sssss" not in text


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=st.lists(changes(), max_size=3), collapsed=st.booleans())
def test_a_history_that_anybody_made_has_a_picture_in_which_every_text_has_room(
    made: list[Change], collapsed: bool, tmp_path: Path
) -> None:
    lines = copy.deepcopy(LINES)
    for change in made:
        change(lines)
    renumber(lines)
    path = tmp_path / "run.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    try:
        history = History.load(path)
    except ValueError:
        return
    for element in drawn(history, collapsed=collapsed).elements("text"):
        width = width_of("".join(element.itertext()), 10 if element.get("class") in ("sq-quiet", "sq-small") else 11)
        side = {"middle": width / 2, "end": width}.get(element.get("text-anchor", ""), 0.0)
        assert float(element.get("x", "0")) - side >= 0


def test_the_same_history_gives_the_same_picture_without_scripts_or_links(good: History) -> None:
    text = sequence_diagram(good, judge(good))
    assert text == sequence_diagram(History(events=good.events), judge(good))
    assert not re.search(r"<script|<a |<image|<use|href|@import|\bon\w+=|url\((?!#)", text)


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.02, "0.02 s"),
        (99.99, "99.99 s"),
        (120.04, "120 s"),
        (599.9, "599.9 s"),
        (605, "10 min 5 s"),
        (7200, "2 h 0 min"),
        (172_799, "47 h 59 min"),
        (172_800, "2 days"),
        (-3, "-3 s"),
    ],
)
def test_a_length_of_time_is_readable(seconds: float, said: str) -> None:
    assert length(seconds) == said


@pytest.mark.parametrize("text", ["short", "W" * 300, "name-" * 900, "\u4e2d" * 80, "\x00" * 50, ""])
def test_a_text_is_cut_to_its_width(text: str) -> None:
    shown = fitted(text, 11, 200)
    assert width_of(shown, 11) <= 200
    assert shown.endswith("…") == (shown != text)
