"""Histories are judged by all claims or by some."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, judge
from pytest_doctor_maint.history import History
from tests.support.claims import verdict_on
from tests.support.history_builder import HistoryBuilder, full_cloud


def test_a_claim_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown claims: all_is_well; there are .*downtime_is_zero"):
        judge(History(), ["all_is_well"])


def test_only_the_claims_that_are_asked_for_are_judged(run: HistoryBuilder) -> None:
    judgement = judge(run.history(), ["scale_is_restored", "downtime_is_zero"])
    assert [each.claim for each in judgement.verdicts] == ["scale_is_restored", "downtime_is_zero"]


def test_without_names_all_claims_are_judged_in_their_order(run: HistoryBuilder) -> None:
    assert [each.claim for each in judge(run.history()).verdicts] == list(CLAIMS)


def test_a_saved_history_is_judged_alike(run: HistoryBuilder, tmp_path: Path) -> None:
    history = run.history()
    assert judge(History.load(history.save(tmp_path / "run.jsonl"))) == judge(history)


def test_judging_changes_nothing(run: HistoryBuilder) -> None:
    history = run.history()
    before = [event.to_json() for event in history]
    judge(history)
    assert [event.to_json() for event in history] == before


# -- parameters --------------------------------------------------------------------------------------------------------


def test_a_parameter_changes_the_rule_and_is_shown_in_the_figures() -> None:
    run = full_cloud()
    assert verdict_on(run, "at_least_three_computes", least=3).outcome is Outcome.HOLDS
    verdict = verdict_on(run, "at_least_three_computes", least=4)
    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.summary.startswith("3 computes were asked for; allowed: 4 or more")
    assert verdict.figures["least"] == 4


def test_a_parameter_with_its_default_is_not_shown(run: HistoryBuilder) -> None:
    default = judge(run.history(), ["at_least_three_computes"])
    assert judge(run.history(), ["at_least_three_computes"], {"at_least_three_computes": {"least": 3}}) == default
    assert "least" not in default.verdicts[0].figures


def test_parameters_of_a_claim_that_is_not_judged_are_allowed(run: HistoryBuilder) -> None:
    judgement = judge(run.history(), ["no_thread_died"], {"at_least_three_computes": {"least": 4}})
    assert judgement.holds


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"all_is_well": {"least": 3.0}}, r"unknown claims: all_is_well; there are .*downtime_is_zero"),
        (
            {"at_least_three_computes": {"most": 3.0}},
            "unknown parameters of at_least_three_computes: most; there are least$",
        ),
        ({"no_thread_died": {"most": 3.0}}, "unknown parameters of no_thread_died: most; there are none$"),
        (
            {"downtime_is_zero": {"allowed_outage_s": -0.1}},
            r"allowed_outage_s of downtime_is_zero is -0\.1; allowed: a number of 0 or more \(s\)",
        ),
        ({"downtime_is_zero": {"allowed_outage_s": float("nan")}}, "is nan; allowed: a number of 0 or more"),
        ({"downtime_is_zero": {"allowed_outage_s": float("inf")}}, "is inf; allowed: a number of 0 or more"),
    ],
)
def test_what_is_not_a_parameter_is_refused(parameters: dict[str, dict[str, float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        judge(History(), None, parameters)
