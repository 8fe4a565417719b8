"""An action that several threads call at the same time runs once for all of them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_doctor_maint.attach.shared_action import SharedAction

#: Real seconds after which a thread that should continue counts as stuck.
PATIENCE = 30.0


def test_calls_one_after_the_other_run_it_each_time() -> None:
    runs: list[int] = []
    action = SharedAction(lambda: runs.append(1))
    for _ in range(3):
        action.run()
    assert len(runs) == 3


class Gate:
    """An action whose runs start and end when the test lets them.

    Attributes:
        began: How many runs have begun.
    """

    def __init__(self) -> None:
        self.began = 0
        self.is_running = threading.Event()
        self.may_end = threading.Event()

    def __call__(self) -> None:
        self.began += 1
        self.is_running.set()
        assert self.may_end.wait(PATIENCE)


def wait_for_calls(action: SharedAction, count: int) -> None:
    """Wait until so many calls were made; a waiting call cannot be observed otherwise."""
    for _ in range(int(PATIENCE * 1000)):
        if action._calls == count:
            return
        threading.Event().wait(0.001)
    pytest.fail(f"{action._calls} calls instead of {count}")


def test_calls_during_a_run_share_the_next_one() -> None:
    gate = Gate()
    action = SharedAction(gate)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(action.run)
        assert gate.is_running.wait(PATIENCE)
        others = [pool.submit(action.run) for _ in range(6)]
        wait_for_calls(action, 7)
        assert not any(other.done() for other in others), "a run that began before the call does not count"
        gate.may_end.set()
        for call in (first, *others):
            call.result(PATIENCE)
    assert gate.began == 2


def test_a_failed_run_counts_for_no_caller() -> None:
    outcomes = iter([ZeroDivisionError("first"), None])

    def fail_once() -> None:
        if (error := next(outcomes)) is not None:
            raise error

    action = SharedAction(fail_once)
    with pytest.raises(ZeroDivisionError):
        action.run()
    action.run()
    assert next(outcomes, "none left") == "none left"
