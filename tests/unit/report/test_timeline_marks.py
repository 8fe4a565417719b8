"""Each violation of each claim has a mark in the timeline, at its time, on the row of its subject."""

from __future__ import annotations

from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import CLAIMS, judge
from pytest_doctor_maint.report import timeline
from tests.support.claims import Case, ClaimCases
from tests.support.fenix_runs import change_constraint, vnf_workflow
from tests.support.history_builder import HistoryBuilder, full_cloud
from tests.support.pictures import Mark, labels, marked, marks

#: So many of the runs that violate a claim are drawn.
EACH = 1
#: No history of the tests of claims violates it; tests/unit/claims/test_faults_strike.py tells why.
NEVER_VIOLATED = {"faults_strike"}


def violating_runs() -> dict[str, list[Case]]:
    """Return some runs that violate each claim, from the tests of the claims."""
    found: dict[str, list[Case]] = {}
    for path in sorted((Path(__file__).parents[1] / "claims").glob("test_*.py")):
        values = vars(import_module(f"tests.unit.claims.{path.stem}")).values()
        for case in chain.from_iterable(value.violated for value in values if isinstance(value, ClaimCases)):
            found.setdefault(case.claim, []).append(case)
    return {claim: cases[:EACH] for claim, cases in found.items()}


def test_no_violation_of_any_claim_is_without_a_mark() -> None:
    runs = violating_runs()
    assert runs.keys() == set(CLAIMS) - NEVER_VIOLATED
    for case in chain.from_iterable(runs.values()):
        history = case.run().history()
        judgement = judge(history, [case.claim])
        picture = timeline(history, judgement)
        assert marked(picture) == {case.claim: len(judgement.of(case.claim).violations)}, str(case)
        # The claim is named above the rows.
        assert case.claim in labels(picture)


def only_mark(run: HistoryBuilder, claim: str) -> Mark:
    """Return the only mark in the picture of a run that is judged by one claim."""
    history = run.history()
    (mark,) = marks(timeline(history, judge(history, [claim])))
    return mark


def test_a_broken_lead_time_is_marked_on_the_compute_of_the_instance() -> None:
    run = vnf_workflow()
    change_constraint(run, "constraint.instance", 0, which="id-ha_0", lead_time=500)
    mark = only_mark(run, "lead_times_are_kept")
    assert (mark.row, mark.numbers) == ("compute-1", "1")


def test_a_broken_limit_of_a_group_is_marked_where_the_instance_is_that_was_too_many() -> None:
    run = vnf_workflow()
    change_constraint(run, "constraint.group", 0, which="others", max_impacted_members=0)
    history = run.history()
    judgement = judge(history, ["impacts_stay_within_the_limit"])
    found = marks(timeline(history, judgement))
    assert judgement.of("impacts_stay_within_the_limit").violations
    assert found
    assert all(mark.row.startswith("compute-") for mark in found)


def test_downtime_is_marked_on_the_service() -> None:
    run = full_cloud()
    run.drop(run.one("floating_ip", 1))
    assert only_mark(run, "downtime_is_zero").row == "service 10.0.0.9"


def test_a_session_that_ends_badly_is_marked_on_the_session() -> None:
    run = full_cloud()
    run.one("session.state", state="MAINTENANCE_DONE").data["state"] = "MAINTENANCE_FAILED"
    assert only_mark(run, "sessions_end_well").row == "session 1"


def test_a_violation_about_nothing_that_has_a_row_is_marked_on_a_row_of_its_own() -> None:
    run = full_cloud()
    run.after(run.one("session.created")).log("admin_tool", "thread.died", thread="t", error="KeyError")
    assert only_mark(run, "no_thread_died").row == "violations"


def test_a_mark_is_at_the_time_of_its_violation() -> None:
    # given two violations, one at a quarter and one at three quarters of the time
    run = HistoryBuilder()
    run.run_started(["compute-1"], {})
    run.session(["compute-1"])
    for seconds in (100, 200, 100):
        run.wait(seconds)
        run.log("admin_tool", "thread.died", thread="t", error="KeyError")
    history = run.history()
    found = marks(timeline(history, judge(history, ["no_thread_died"])))
    # then their marks have the same distances
    first, second, third = ((mark.left + mark.right) / 2 for mark in found)
    assert second - first == pytest.approx(2 * (third - second), rel=0.05)


@pytest.mark.parametrize("times", [2, 40])
def test_violations_at_one_time_share_a_mark_that_says_how_many_they_are(times: int) -> None:
    run = full_cloud()
    run.after(run.one("session.created"))
    for _ in range(times):
        run.log("admin_tool", "thread.died", thread="t", error="KeyError")
    mark = only_mark(run, "no_thread_died")
    assert mark.claims == {"no_thread_died": times}
    assert mark.numbers == f"1 x{times}"
