"""What every clock does, simulated or real: one suite for both."""

import threading
from datetime import UTC, timedelta

import pytest

from pytest_doctor_maint.simtime.cause import caused_by, current_cause
from pytest_doctor_maint.simtime.clock import Clock, ClockStopped, Failure


def test_time_is_utc_and_goes_on_while_one_sleeps(clock: Clock) -> None:
    before = clock.now()
    clock.sleep(0.02)
    assert before.tzinfo is UTC
    assert clock.now() - before >= timedelta(seconds=0.02)


def test_a_sleep_of_nothing_or_less_returns(clock: Clock) -> None:
    clock.sleep(0)
    clock.sleep(-1)


def test_a_wait_ends_when_the_signal_is_set(clock: Clock) -> None:
    signal = clock.signal("bell")
    clock.spawn(lambda: (clock.sleep(0.01), signal.set()), "ringer")
    assert clock.wait(signal, 5) is True
    assert signal.is_set()


def test_a_wait_ends_at_its_timeout(clock: Clock) -> None:
    before = clock.now()
    assert clock.wait(clock.signal(), 0.02) is False
    assert clock.now() - before >= timedelta(seconds=0.02)


def test_a_wait_for_a_signal_returns_at_once_while_the_signal_is_set(clock: Clock) -> None:
    signal = clock.signal()
    signal.set()
    assert clock.wait(signal, 0) is True
    signal.clear()
    assert clock.wait(signal, 0) is False


def test_one_signal_ends_the_waits_of_all_threads(clock: Clock) -> None:
    signal, through = clock.signal(), []
    tasks = [clock.spawn(lambda: through.append(clock.wait(signal, 5)), f"waiter {n}") for n in range(3)]
    clock.sleep(0.01)
    signal.set()
    assert all(task.join(5) for task in tasks)
    assert through == [True, True, True]


def test_a_signal_that_was_set_and_cleared_has_ended_the_waits_before(clock: Clock) -> None:
    signal, through = clock.signal(), []
    task = clock.spawn(lambda: through.append(clock.wait(signal, 1)), "waiter")
    clock.sleep(0.05)
    signal.set()
    task.join(5)
    signal.clear()
    assert through == [True]


def test_a_task_ends_and_can_be_joined(clock: Clock) -> None:
    task = clock.spawn(lambda: clock.sleep(0.01), "sleeper")
    assert not task.done
    assert task.join(5)
    assert task.done
    assert task.error is None


def test_an_exception_in_a_task_is_a_failure_that_is_reported_at_once(clock: Clock) -> None:
    reported: list[Failure] = []
    clock.on_failure = reported.append
    task = clock.spawn(lambda: 1 / 0, "divider")
    assert task.join(5)
    assert isinstance(task.error, ZeroDivisionError)
    assert [(failure.name, type(failure.error)) for failure in clock.failures] == [("divider", ZeroDivisionError)]
    assert reported == clock.failures


def test_a_task_inherits_the_cause(clock: Clock) -> None:
    seen = []
    with caused_by(42):
        task = clock.spawn(lambda: seen.append(current_cause()), "heir")
    task.join(5)
    assert seen == [42]


def test_stopping_ends_every_wait_and_every_thread(clock: Clock) -> None:
    tasks = [
        clock.spawn(lambda: clock.sleep(1000), "sleeper"),
        clock.spawn(lambda: clock.wait(clock.signal()), "waiter"),
    ]
    clock.sleep(0.01)
    clock.stop()
    assert all(isinstance(task.error, ClockStopped | None) for task in tasks)
    assert clock.failures == []
    assert [thread.name for thread in threading.enumerate() if thread.name in ("sleeper", "waiter")] == []
    with pytest.raises(ClockStopped):
        clock.sleep(1)
    with pytest.raises(ClockStopped):
        clock.spawn(lambda: None, "late")


def test_until_returns_the_seconds_to_a_moment(clock: Clock) -> None:
    assert 9 < clock.until(clock.now() + timedelta(seconds=10)) <= 10
    assert clock.until(clock.now() - timedelta(seconds=10)) <= -10
