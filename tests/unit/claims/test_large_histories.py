"""Judging takes time in proportion to the length of a history: also with many servers, sessions and computes."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from time import process_time

import pytest

from pytest_doctor_maint.claims import CLAIMS, Judgement, Outcome
from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import timeline
from pytest_doctor_maint.report.allure import steps_of
from tests.support.fenix_runs import vnf_workflow
from tests.support.history_builder import HistoryBuilder, full_cloud
from tests.support.large_histories import copies, sessions

#: The lengths of two histories, and the most that the longer one may take: 8 times as much, with a margin. What takes
#: time for each pair of things takes up to 64 times as much.
SHORT, LONG, MOST = 4, 32, 24
#: Less is not measured, in seconds.
LEAST = 0.01


def seconds_of(history: History, *, repeat: int) -> dict[str, float]:
    """Return how long each claim, the picture and the steps of Allure take, the least of some measurements."""
    least: dict[str, float] = {}
    for _ in range(repeat):
        index = index_of(history)
        for name in [*CLAIMS, "timeline", "steps"]:
            began = process_time()
            if name == "timeline":
                timeline(history, Judgement(()))
            elif name == "steps":
                steps_of(history, Judgement(()))
            else:
                verdict = CLAIMS[name].judge(index)
                assert verdict.outcome in (Outcome.HOLDS, Outcome.NOT_APPLICABLE), verdict.summary
            least[name] = min(least.get(name, 1e9), process_time() - began)
    return least


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(partial(copies, full_cloud), id="runs side by side"),
        pytest.param(partial(copies, vnf_workflow), id="constrained runs side by side"),
        pytest.param(sessions, id="sessions on the same computes"),
        pytest.param(lambda size: sessions(1, 3 * size), id="one session on many computes"),
    ],
)
def test_no_claim_takes_time_for_each_pair_of_things(make: Callable[[int], HistoryBuilder]) -> None:
    # given a history, and one of 8 times its length
    short, long = make(SHORT).history(), make(LONG).history()
    gc.disable()
    try:
        # when both are judged
        first, second = seconds_of(short, repeat=3), seconds_of(long, repeat=1)
    finally:
        gc.enable()
    # then the second takes some 8 times as long
    slow = {name: f"{second[name] / first[name]:.0f} times" for name in second if second[name] > LEAST}
    assert {name: times for name, times in slow.items() if second[name] > MOST * first[name]} == {}
