"""Threads that run one job after another."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.clock.workers import Workers


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    for thread in workers.stop():
        thread.join(5)
        assert not thread.is_alive()


def test_a_job_has_a_thread_with_its_name(workers: Workers) -> None:
    names, has_run = [], threading.Event()

    def job() -> None:
        names.append(threading.current_thread().name)
        has_run.set()

    workers.run(job, "begin of a move")

    assert has_run.wait(5)
    assert names == ["begin of a move"]


def test_jobs_at_one_time_have_a_thread_each(workers: Workers) -> None:
    both = threading.Barrier(3)
    for name in ("one", "two"):
        workers.run(lambda: both.wait(5), name)
    both.wait(5)


def test_stop_lets_a_job_end(workers: Workers) -> None:
    may_end, has_ended = threading.Event(), threading.Event()

    def job() -> None:
        may_end.wait(5)
        has_ended.set()

    workers.run(job, "long")
    threads = workers.stop()
    may_end.set()
    for thread in threads:
        thread.join(5)
    assert has_ended.is_set()


def test_threads_of_a_clock_are_used_again() -> None:
    clock = SimulatedClock()
    seen: list[threading.Thread] = []
    for _ in range(20):
        clock.spawn(lambda: seen.append(threading.current_thread()), "short").join()
        clock.sleep(1)
    clock.stop()
    # A thread may not have come back yet when the next one is needed.
    assert len(set(seen)) < len(seen) == 20
    assert not any(thread.is_alive() for thread in seen)
