from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from pytest_doctor_maint import claims as checkers
from pytest_doctor_maint.claims import CLAIMS, Judgement, Outcome, Verdict, judge
from pytest_doctor_maint.history import History

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def verdict(outcome: Outcome) -> Verdict:
    return Verdict(f"claim_{outcome}", outcome, "said")


@pytest.mark.parametrize(
    ("outcomes", "merged"),
    [
        ("hhh", Outcome.HOLDS),
        ("huh", Outcome.UNKNOWN),
        ("uvh", Outcome.VIOLATED),
        ("", Outcome.UNKNOWN),
    ],
)
def test_merging(outcomes: str, merged: Outcome) -> None:
    words = {"h": Outcome.HOLDS, "u": Outcome.UNKNOWN, "v": Outcome.VIOLATED}
    judgement = Judgement([verdict(words[letter]) for letter in outcomes])
    assert judgement.outcome is merged
    assert judgement.holds is (merged is Outcome.HOLDS)


def test_the_verdict_on_a_claim_is_found_by_name() -> None:
    judgement = Judgement([verdict(Outcome.HOLDS)])
    assert judgement.of("claim_holds").summary == "said"
    with pytest.raises(KeyError, match="claim_holds"):
        judgement.of("claim_lost")


def test_a_checker_that_breaks_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(history: History) -> Verdict:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(checkers, "CLAIMS", MappingProxyType({**CLAIMS, "no_thread_died": broken}))
    found = judge(History(), ["no_thread_died"]).of("no_thread_died")
    assert found.outcome is Outcome.UNKNOWN
    assert "ZeroDivisionError: a bug" in found.summary


def test_a_claim_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no such claim: all_is_well; there are .*downtime_is_zero"):
        judge(History(), ["all_is_well"])


def test_only_the_claims_that_are_asked_for_are_judged(story: Any) -> None:
    judgement = judge(story.history(), ["scale_is_restored", "downtime_is_zero"])
    assert [each.claim for each in judgement.verdicts] == ["scale_is_restored", "downtime_is_zero"]


def test_a_saved_history_is_judged_alike(story: Any, tmp_path: Path) -> None:
    history = story.history()
    assert judge(History.load(history.save(tmp_path / "run.jsonl"))) == judge(history)


def test_judging_changes_nothing(story: Any) -> None:
    history = story.history()
    before = [event.to_json() for event in history]
    judge(history)
    assert [event.to_json() for event in history] == before


def test_claims_are_named_as_their_modules() -> None:
    assert all(checker.__module__.endswith(f".{name}") for name, checker in CLAIMS.items())
