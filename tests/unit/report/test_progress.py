"""The progress of a run: what it says of each step, and how it is shown."""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime, timedelta

import pytest

from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.report.live import Live, is_terminal
from pytest_doctor_maint.report.progress import STEPS_OF_SUBSCRIBERS, Progress

START = datetime(2030, 1, 1, tzinfo=UTC)
SECRET = "s3cr3t"


def event(seq: int, kind: str, seconds: float = 0.0, cause: int | None = None, /, **data: object) -> Event:
    return Event(seq, START + timedelta(seconds=seconds), "admin_tool", kind, data, cause)


def message(seq: int, state: str, seconds: float, due: float | None = None, **more: object) -> Event:
    reply_at = None if due is None else f"{START + timedelta(seconds=due):%Y-%m-%d %H:%M:%S}"
    traits = {"event_type": "maintenance.scheduled", "session_id": "s", "project_id": "p", "state": state}
    return event(seq, kinds.NOTIFICATION, seconds, **traits, reply_at=reply_at, **more)


def about(seq: int, host: str, state: str, seconds: float) -> Event:
    traits = {"event_type": "maintenance.host", "session_id": "s", "project_id": "admin", "state": state}
    return event(seq, kinds.NOTIFICATION, seconds, **traits, host=host)


CREATED = event(1, kinds.SESSION_CREATED, session_id="s", hosts=("compute-1", "compute-2"), maintenance_at="soon")
REPLY = {"session_id": "s", "project_id": "p", "url": "u", "body": {}}


def after(*events: Event, at: float = 0.0) -> str:
    """Return the line after these events, so many seconds after the start."""
    progress = Progress()
    for each in events:
        progress.note(each)
    return progress.line(START + timedelta(seconds=at))


def test_the_line_has_time_percentage_state_compute_and_deadline() -> None:
    assert after(at=0) == "0 s, no session yet"
    asked = message(2, "MAINTENANCE", 1, due=31)
    assert after(CREATED, asked, at=11) == "11 s, 0 %, MAINTENANCE, reply to MAINTENANCE due in 20 s"
    assert after(CREATED, asked, at=33) == "33 s, 0 %, MAINTENANCE, reply to MAINTENANCE late by 2 s"
    assert after(CREATED, asked, at=90) == "90 s, 0 %, MAINTENANCE"
    for cause in (2, None):
        replied = event(3, kinds.REPLY, 12, cause, **REPLY, state="ACK_MAINTENANCE")
        assert after(CREATED, asked, replied, at=12) == "12 s, 0 %, MAINTENANCE"
    # Without the reply, the next message shows that the window has ended.
    assert after(CREATED, asked, message(3, "ADMIN_ACTION_DONE", 12), at=12) == "12 s, 0 %, MAINTENANCE"


def test_the_next_of_several_deadlines_is_shown() -> None:
    first = message(2, "PLANNED_MAINTENANCE", 1, due=40, instance_ids=("a",))
    second = message(3, "PLANNED_MAINTENANCE", 1, due=20, instance_ids=("b",))
    assert after(CREATED, first, second, at=10).endswith("reply to PLANNED_MAINTENANCE due in 10 s")
    done = message(4, "INSTANCE_ACTION_DONE", 10, instance_ids=("b",))
    assert after(CREATED, first, second, done, at=10).endswith("reply to PLANNED_MAINTENANCE due in 30 s")


def test_the_percentage_counts_computes() -> None:
    steps = [CREATED, about(2, "compute-2", "IN_MAINTENANCE", 5)]
    assert after(*steps, at=5) == "5 s, 25 %, no session yet, compute-2"
    steps.append(about(3, "compute-2", "MAINTENANCE_COMPLETE", 6))
    assert " 50 %, " in after(*steps)
    steps += [about(4, "compute-1", "IN_MAINTENANCE", 7), about(5, "compute-1", "MAINTENANCE_COMPLETE", 8)]
    assert " 100 %, " in after(*steps)
    # An admin tool by itself does not record which computes its sessions have.
    assert "2 maintained" in after(*steps[1:])


def test_only_steps_are_said_and_no_data_breaks_it() -> None:
    progress = Progress()
    assert progress.note(CREATED).startswith("session 1: maintain compute-1, compute-2")
    assert progress.note(message(2, "MAINTENANCE", 1, due=31)) == "MAINTENANCE to p"
    assert progress.note(event(3, kinds.FLOATING_IP, address="a", server_id=None)) == ""
    alarm = event(4, kinds.ALARM, 0, 2, state="MAINTENANCE", event_type="maintenance.scheduled", project_id="p")
    assert progress.note(alarm) == ""
    assert Progress(STEPS_OF_SUBSCRIBERS).note(alarm) == "MAINTENANCE to p"
    odd = event(5, kinds.NOTIFICATION, event_type=7, state=None, project_id=None, reply_at="never", host="\x1b[2J")
    assert progress.note(odd).isprintable()
    assert progress.note(message(6, "MAINTENANCE\n", 1, due=None)).isprintable()


def test_a_history_tells_its_events_without_secrets() -> None:
    history, heard = History(), []
    history.append("harness", kinds.RUN_ENDED, {})
    history.subscribe(lambda each: heard.append((each, history.events[-1])))
    data = {"session_id": "s", "hosts": ["c"], "maintenance_at": "", "workflow": "w", "metadata": {"token": SECRET}}
    appended = history.append("admin_tool", kinds.SESSION_CREATED, data)
    # A listener may read the history, which has the event by then.
    assert heard == [(appended, appended)]
    assert SECRET not in str(heard)


def test_elsewhere_than_on_a_terminal_each_step_is_a_line() -> None:
    stream = io.StringIO()
    with Live(stream, "doctor-maint", Progress(), silence=None, now=lambda: START) as live:
        live.event(CREATED)
        live.event(event(2, kinds.FLOATING_IP, address="a", server_id=None))
        live.event(message(3, "MAINTENANCE", 0, due=30))
    (first, second) = stream.getvalue().splitlines()
    assert first.startswith("doctor-maint: 0 s, 0 %, no session yet: session 1: maintain compute-1")
    assert second == "doctor-maint: 0 s, 0 %, MAINTENANCE, reply to MAINTENANCE due in 30 s: MAINTENANCE to p"
    assert not is_terminal(stream)


class Watched(io.StringIO):
    """A stream that tells when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)


def test_on_a_terminal_one_line_changes_and_is_erased_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    stream = Watched()
    with Live(stream, "doctor-maint", Progress(), changes=True, now=lambda: START) as live:
        live.event(CREATED)
        assert stream.written.wait(5)
    shown = stream.getvalue()
    assert "\n" not in shown
    assert shown.endswith("\r\x1b[2K")
    assert all(len(line) < 60 for line in shown.split("\r\x1b[2K"))
    assert "doctor-maint: 0 s, 0 %, no session yet" in shown


def test_silence_is_broken_and_a_broken_stream_breaks_nothing() -> None:
    stream = Watched()
    with Live(stream, "doctor-maint", Progress(), silence=0.01, now=lambda: START):
        assert stream.written.wait(5)
    assert stream.getvalue().startswith("doctor-maint: 0 s, no session yet: waiting\n")
    closed = io.StringIO()
    closed.close()
    with Live(closed, "doctor-maint", Progress(), changes=False, silence=0.01) as live:
        live.event(CREATED)
