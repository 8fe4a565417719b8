"""The time that the reports on a run take, against the time of the run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import allure_commons
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import TestResult
from allure_commons.reporter import AllureReporter

from pytest_doctor_maint.claims import Judgement, judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import allure_failure, allure_steps, properties
from pytest_doctor_maint.report.result import judged_run
from pytest_doctor_maint.testbed.result import RunResult

#: The most that the reports on a run may take, as a part of the time of the run.
MOST_OF_A_RUN = 0.15
#: The most seconds that they may take for a run on many computes.
MOST_SECONDS = 1.0


class AllureListener:
    """Stands for the listener of Allure's plugin, which is recognized by its name."""

    def __init__(self) -> None:
        self.allure_logger: Any = AllureReporter()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class ReportTimes:
    """The time that all reports on a run take: steps, pictures, files, the result, the failure and the replay.

    Attributes:
        shares: The time of the reports as a part of the time of the run on 3 computes, in ascending order.
        computes: The number of computes of the large run.
        seconds: The wall seconds of the reports on the large run.
    """

    shares: tuple[float, ...]
    computes: int
    seconds: float

    @property
    def share(self) -> float:
        """The median of the shares."""
        return statistics.median(self.shares)

    @property
    def kept(self) -> bool:
        """True if both bounds were kept."""
        return self.share <= MOST_OF_A_RUN and self.seconds <= MOST_SECONDS


def measure(
    run: Callable[[], tuple[RunResult, float]], repetitions: int, large: RunResult, computes: int
) -> ReportTimes:
    """Report on runs, and return the times.

    Args:
        run: Carries out a run on 3 computes; returns its result, and its wall seconds.
        repetitions: The number of runs.
        large: The result of a run on many computes.
        computes: The number of its computes.
    """
    shares = []
    for _ in range(repetitions):
        result, seconds = run()
        shares.append(report_on(result) / seconds)
    return ReportTimes(tuple(sorted(shares)), computes, report_on(large))


def report_on(result: RunResult) -> float:
    """Report on a run as a failed test does, with everything that Allure shows; return the wall seconds."""
    judgement = judge(result.history)
    with TemporaryDirectory() as folder, _allure(Path(folder)):
        began = perf_counter()
        _report(result, judgement, result.history)
        return perf_counter() - began


def _report(result: RunResult, judgement: Judgement, history: History) -> None:
    summary = properties(judgement, history, result.wall_seconds, result.requests, "a test")
    judged_run(judgement, history, summary, expected=(), path=None, actors={}, settings={})
    allure_steps(history, judgement)
    allure_failure("a reason", history, judgement)


@contextmanager
def _allure(folder: Path) -> Iterator[None]:
    """Let Allure write the report of a test into `folder` as long as the block lasts."""
    listener, logger = AllureListener(), AllureFileLogger(str(folder))  # type: ignore[no-untyped-call]
    manager: Any = allure_commons.plugin_manager
    for plugin in (listener, logger):
        manager.register(plugin)
    try:
        listener.allure_logger.schedule_test("a-test", TestResult())
        yield
        listener.allure_logger.close_test("a-test")
    finally:
        for plugin in (listener, logger):
            manager.unregister(plugin)


def report(times: ReportTimes) -> str:
    """Return the figures as text."""
    shares = ", ".join(f"{share:.3f}" for share in times.shares)
    return (
        f"reports on a run of 3 computes: {times.share:.3f} of its time (runs: {shares}; at most {MOST_OF_A_RUN})\n"
        f"reports on {times.computes} computes: {times.seconds:.2f} s (at most {MOST_SECONDS:g})\n"
    )
