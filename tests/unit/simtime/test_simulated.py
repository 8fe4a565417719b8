"""What only the simulated clock guarantees: exact times, repeatable runs, and an error when a run is stuck."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from pytest_doctor_maint.simtime.clock import (
    EPOCH,
    ClockStopped,
    Deadlock,
    HorizonExceeded,
    NoToken,
    RealSleep,
    SimulatedClock,
    Stuck,
)


@pytest.fixture
def make() -> Iterator[Callable[..., SimulatedClock]]:
    made: list[SimulatedClock] = []

    def clock(**options: float) -> SimulatedClock:
        made.append(SimulatedClock(**options))  # type: ignore[arg-type]
        return made[-1]

    yield clock
    for each in reversed(made):
        each.stop()


def interleaving(seed: int) -> list[tuple[int, float]]:
    clock, seen = SimulatedClock(seed), []

    def work(number: int) -> None:
        for _ in range(4):
            clock.sleep(1)
            seen.append((number, (clock.now() - EPOCH).total_seconds()))

    tasks = [clock.spawn(partial(work, number), f"worker {number}") for number in range(4)]
    for task in tasks:
        task.join()
    clock.stop()
    return seen


def test_two_hours_take_no_time_and_are_exact(make: Callable[..., SimulatedClock]) -> None:
    clock, began = make(), time.monotonic()
    clock.sleep(7200.000001)
    assert clock.now() == EPOCH + timedelta(seconds=7200, microseconds=1)
    assert time.monotonic() - began < 5


def test_one_seed_is_one_interleaving() -> None:
    assert len({tuple(interleaving(7)) for _ in range(10)}) == 1


def test_another_seed_is_another_interleaving() -> None:
    assert len({tuple(interleaving(seed)) for seed in range(6)}) > 1


def test_exactly_one_token_runs_at_a_time(make: Callable[..., SimulatedClock]) -> None:
    clock, running, most = make(), [0], [0]

    def work() -> None:
        for _ in range(50):
            running[0] += 1
            most[0] = max(most[0], running[0])
            threading.Event().wait(0.0001)
            running[0] -= 1
            clock.sleep(1)

    for task in [clock.spawn(work, f"worker {n}") for n in range(4)]:
        task.join()
    assert most == [1]


def test_a_deadlock_is_reported_with_each_thread_and_what_it_waits_for(
    make: Callable[..., SimulatedClock],
) -> None:
    clock = make()
    task = clock.spawn(lambda: clock.wait(clock.signal("an answer that never comes")), "app manager")
    with pytest.raises(Deadlock) as caught:
        task.join()
    assert "app manager: waits for an answer that never comes" in str(caught.value)
    assert "main: waits for the end of app manager" in str(caught.value)
    with pytest.raises(Deadlock):
        clock.sleep(1)


def test_a_runaway_ends_at_the_horizon(make: Callable[..., SimulatedClock]) -> None:
    clock = make(horizon=100.0)
    clock.sleep(100)
    with pytest.raises(HorizonExceeded, match=r"101 s: main sleep\(1\)"):
        clock.sleep(1)


def test_the_watchdog_reports_which_thread_is_stuck_and_where(make: Callable[..., SimulatedClock]) -> None:
    clock, never = make(watchdog=0.2), threading.Event()

    def wait_for_real() -> None:
        never.wait(20)

    task = clock.spawn(wait_for_real, "stuck actor")
    with pytest.raises(Stuck) as caught:
        task.join()
    never.set()
    assert "stuck actor is awake at:" in str(caught.value)
    assert "wait_for_real" in str(caught.value)


def test_a_real_sleep_in_simulated_time_is_refused_and_the_message_names_the_way_out(
    make: Callable[..., SimulatedClock],
) -> None:
    make()
    with pytest.raises(RealSleep, match=r"use clock.sleep\(\)"):
        time.sleep(0.01)


def test_real_sleep_works_again_when_the_clock_has_stopped() -> None:
    clock = SimulatedClock()
    clock.stop()
    time.sleep(0)


def test_a_thread_without_a_token_gets_an_error_that_says_so(make: Callable[..., SimulatedClock]) -> None:
    clock, errors = make(), []

    def foreign() -> None:
        try:
            clock.sleep(1)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=foreign, name="foreigner")
    thread.start()
    thread.join()
    assert errors == ["thread 'foreigner' has no token of this clock: start it with clock.spawn()"]


@pytest.mark.parametrize("carried", [None, "", "2", "x"])
def test_a_request_without_a_valid_token_is_refused(make: Callable[..., SimulatedClock], carried: str | None) -> None:
    clock = make()
    clock.carry()
    with pytest.raises(NoToken, match="cannot be accounted for"), clock.adopt(carried):
        raise AssertionError("adopted")


def test_a_handler_that_sleeps_lets_the_others_run(make: Callable[..., SimulatedClock]) -> None:
    clock, order = make(), []

    def other() -> None:
        clock.sleep(1)
        order.append("other")

    clock.spawn(other, "other")
    carried, done = clock.carry(), threading.Event()

    def handler() -> None:
        with clock.adopt(carried):
            clock.sleep(2)
            order.append("handler")
        done.set()

    threading.Thread(target=handler).start()
    assert done.wait(5)
    assert order == ["other", "handler"]


def test_a_client_that_gives_up_gets_a_token_of_its_own_and_the_handler_keeps_the_old_one(
    make: Callable[..., SimulatedClock],
) -> None:
    clock, adopted, go_on, order = make(), threading.Event(), threading.Event(), []
    carried = clock.carry()

    def handler() -> None:
        with clock.adopt(carried):
            adopted.set()
            go_on.wait(5)
            clock.sleep(3)
            order.append("handler")

    thread = threading.Thread(target=handler)
    thread.start()
    assert adopted.wait(5)
    threading.Timer(0.05, go_on.set).start()
    clock.abandon(carried)
    clock.sleep(2)
    order.append("client")
    clock.sleep(2)
    thread.join(5)
    assert order == ["client", "handler"]


def test_stopping_twice_is_stopping(make: Callable[..., SimulatedClock]) -> None:
    clock = make()
    clock.stop()
    clock.stop()
    with pytest.raises(ClockStopped):
        clock.sleep(1)
