"""The sequence diagram of a run, drawn in text: one column for each actor, one line for each event."""

from __future__ import annotations

from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import sequence
from tests.support.histories import event


def test_a_sequence_has_a_column_per_actor_and_a_line_per_event(good: History) -> None:
    reply = good.of("reply")[0]
    notification = good.event(reply.cause or 0)
    drawing = sequence([notification, reply], marked=[reply.seq], names={reply.data["project_id"]: "doctor"})
    head, sent, replied = drawing.splitlines()
    assert head.split() == ["admin_tool", "aodh", "app_manager"]
    assert "->" in sent
    assert sent.endswith("MAINTENANCE to doctor")
    assert replied.startswith(f"> {reply.seq}")
    assert "<-" in replied
    assert replied.endswith("ACK_MAINTENANCE from doctor")
    # Each line is below the middle of the name of its actor.
    assert sent.index("|") == head.index("admin_tool") + len("admin_tool") // 2


def test_without_events_there_is_no_drawing() -> None:
    assert sequence([]) == ""


def test_a_whole_run_has_a_line_for_each_event(good: History) -> None:
    drawing = sequence(good.events)
    assert len(drawing.splitlines()) == len(good) + 1


def test_an_event_of_one_actor_is_a_star_in_its_column() -> None:
    head, line = sequence([event("host.work", {"host": "c", "phase": "ended"}, actor="admin_tool")]).splitlines()
    assert line.index("*") == head.index("admin_tool") + len("admin_tool") // 2


def test_an_actor_that_acts_for_a_project_has_the_column_of_the_actor() -> None:
    died = event("thread.died", {"thread": "t", "error": "e"}, actor="app_manager/doctor")
    assert sequence([died]).splitlines()[0].split() == ["app_manager"]


def test_an_event_of_an_undeclared_kind_is_drawn_with_the_name_of_its_kind() -> None:
    head, line = sequence([event("power.lost", {"rack": 3}, actor="probe")]).splitlines()
    assert head.split() == ["probe"]
    assert line.endswith("power.lost")
