"""A run that breaks off has a history up to then, and says what broke first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_doctor_maint.actors.admin_tool.base.sessions import RunningSession
from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool
from pytest_doctor_maint.actors.app_manager.sample import AppManager
from pytest_doctor_maint.actors.contract import AdminToolContext, AppManagerContext
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT
from pytest_doctor_maint.testbed.errors import NoAnswer, SessionHangs
from pytest_doctor_maint.testbed.progress import SIMULATED_MARGIN
from pytest_doctor_maint.testbed.result import RunBroken, RunInterrupted
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

GIVEN = Scenario(TestbedSettings(wire="memory")).on(3).full()


def broken(scenario: Scenario) -> RunBroken:
    with pytest.raises(RunBroken) as raised:
        scenario.carry_out()
    return raised.value


class Clumsy(AppManager):
    """Its application is created, and then it has an error of its own."""

    error: BaseException = ZeroDivisionError("a bug")

    def deploy(self, **arguments: Any) -> None:
        super().deploy(**arguments)
        raise self.error


def test_an_actor_that_raises_is_named_with_its_exception_and_the_history_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history.jsonl"
    run = broken(GIVEN.where(make_app_manager=Clumsy, history_file=path))
    assert run.lines[0] == "the run broke off: the app manager Clumsy: ZeroDivisionError: a bug"
    assert any("in deploy" in line for line in run.lines[1:4])
    assert run.history.of(kinds.SERVER, status="ACTIVE")
    assert not run.history.of(kinds.RUN_ENDED)
    assert History.load(path) == run.history


def test_what_broke_first_comes_before_what_ended_the_run() -> None:
    """A thread of the admin tool dies; nobody hears of it until the session hangs."""

    class Forgetful(SampleAdminTool):
        def __init__(self, context: AdminToolContext[Any]) -> None:
            super().__init__(context)
            self._clock = context.clock

        def carry_out(self, running: RunningSession) -> None:
            self._clock.spawn(self.forget, "a thread of its own")

        def forget(self) -> None:
            raise ZeroDivisionError("forgot how")

    run = broken(GIVEN.where(make_admin_tool=Forgetful))
    first, *others = run.lines
    assert first.startswith("the run broke off: the admin tool")
    assert "ZeroDivisionError: forgot how in the thread a thread of its own" in first
    assert any(line.startswith("the run ended with: the session ") for line in others)
    assert isinstance(run.cause.error, SessionHangs)


class Silent(SampleAdminTool):
    """Its session stays in its first state."""

    def carry_out(self, running: RunningSession) -> None:
        return


class Vanishing(SampleAdminTool):
    """Its server ends when a session begins."""

    def carry_out(self, running: RunningSession) -> None:
        self.stop()


def test_an_admin_tool_that_vanishes_is_named_and_not_the_cloud() -> None:
    run = broken(GIVEN.where(make_admin_tool=Vanishing))
    assert run.lines[0].startswith("the run broke off: the admin tool Vanishing does not answer: GET /maintenance/")


class Repeating(SampleAdminTool):
    """It sends one message again and again, each time with another due time."""

    def __init__(self, context: AdminToolContext[Any]) -> None:
        super().__init__(context)
        self._given = context

    def carry_out(self, running: RunningSession) -> None:
        given = self._given
        (project,) = {event.data["project_id"] for event in given.history.of(kinds.SERVER)}
        while True:
            payload = {
                "session_id": running.session.session_id,
                "project_id": project,
                "state": "SCALE_IN",
                "instance_ids": "http://nowhere.invalid",
                "reply_url": "http://nowhere.invalid",
                "allowed_actions": [],
                "metadata": {},
                "actions_at": f"{given.clock.now():%Y-%m-%d %H:%M:%S}",
                "reply_at": f"{given.clock.now():%Y-%m-%d %H:%M:%S}",
                "service": "admin",
            }
            given.notifier.emit(SCHEDULED_EVENT, payload)
            given.clock.sleep(60)


@pytest.mark.parametrize(
    ("tool", "words"),
    [(Silent, "the admin tool has sent no message"), (Repeating, "the last message is SCALE_IN to the project")],
)
def test_a_session_without_anything_new_hangs(tool: type[SampleAdminTool], words: str) -> None:
    run = broken(GIVEN.where(make_admin_tool=tool))
    assert isinstance(run.cause.error, SessionHangs)
    assert words in run.cause.text
    (created,) = run.history.of(kinds.SESSION_CREATED)
    waited = (run.history.events[-1].at - created.at).total_seconds()
    assert waited < 2 * SIMULATED_MARGIN
    if tool is Repeating:
        assert ", sent 1" in run.cause.text
        assert len(run.history.of(kinds.NOTIFICATION)) > SIMULATED_MARGIN / 60


def test_names_that_others_chose_are_escaped_in_what_is_read() -> None:
    hostile = "compute-9\x1b[2J\nVIOLATED: nothing"

    class Speaking(Silent):
        """It says one thing about a compute whose name is hostile."""

        def __init__(self, context: AdminToolContext[Any]) -> None:
            super().__init__(context)
            self._given = context

        def carry_out(self, running: RunningSession) -> None:
            message = {"session_id": "s", "project_id": self._given.admin_project_id, "host": hostile}
            self._given.notifier.emit(HOST_EVENT, {**message, "state": "IN_MAINTENANCE", "service": "admin"})

    run = broken(GIVEN.where(make_admin_tool=Speaking))
    assert r"IN_MAINTENANCE about compute-9\x1b[2J\nVIOLATED: nothing" in run.lines[0]
    assert all(line.isprintable() for line in run.lines)
    assert str(run).splitlines() == run.lines
    assert str(UnsuitableCloud(f"unsuitable: {hostile}")).isprintable()


def test_the_patience_can_be_given() -> None:
    run = broken(GIVEN.where(make_admin_tool=Silent, patience=40.0))
    assert "for more than 40 s" in run.lines[0]


def test_an_interrupt_is_an_interrupt_and_has_the_history() -> None:
    class Interrupted(Clumsy):
        error = KeyboardInterrupt()

    with pytest.raises(KeyboardInterrupt) as raised:
        GIVEN.where(make_app_manager=Interrupted).carry_out()
    assert isinstance(raised.value, RunInterrupted)
    assert raised.value.lines[0] == "the run broke off: it was interrupted"
    assert raised.value.history.of(kinds.SERVER)


def test_an_admin_tool_that_answers_500_for_a_moment_is_asked_again() -> None:
    class Moody(SampleAdminTool):
        """Its API fails at three looks at the session in a row, or at all of them."""

        fails = 3

        def __init__(self, context: AdminToolContext[Any]) -> None:
            super().__init__(context)
            get, left = self.sessions.get, [self.fails]

            def moody(session_id: str) -> RunningSession:
                if left[0]:
                    left[0] -= 1
                    raise ZeroDivisionError("a bad moment")
                return get(session_id)

            self.sessions.get = moody  # type: ignore[method-assign]

    class Broken(Moody):
        fails = 1000

    assert GIVEN.where(make_admin_tool=Moody).carry_out().history.of(kinds.RUN_ENDED)
    run = broken(GIVEN.where(make_admin_tool=Broken))
    assert isinstance(run.cause.error, NoAnswer)
    assert str(run.cause).startswith("the admin tool Broken does not answer: GET /maintenance/")
    assert " is answered with 500: " in str(run.cause)
    assert "ZeroDivisionError: a bad moment" in run.lines[0]


def test_the_file_has_each_event_at_once(tmp_path: Path) -> None:
    """A process that is killed at any time leaves all that happened."""
    path, seen = tmp_path / "history.jsonl", []

    given: list[AppManagerContext] = []

    class Reading(AppManager):
        def deploy(self, **arguments: Any) -> None:
            super().deploy(**arguments)
            seen.append((len(History.load(path)), len(given[0].history)))

    def make(context: AppManagerContext) -> AppManager:
        given.append(context)
        return Reading(context)

    history = GIVEN.where(make_app_manager=make, history_file=path).carry_out().history
    ((written, happened),) = seen
    assert written == happened > 10
    assert History.load(path) == history
    assert history.events[-1].kind == kinds.RUN_ENDED


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_does_not_end_the_run() -> None:
    result = GIVEN.where(history_file=Path("/dev/full")).carry_out()
    assert result.history.of(kinds.RUN_ENDED)
    assert "No space left" in str(result.write_error)
    assert replace(result, write_error=None) != result
