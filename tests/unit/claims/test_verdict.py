"""How the outcomes of claims are merged, and how a judgement lists its verdicts."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import Judgement, Outcome, Verdict


def verdict(outcome: Outcome) -> Verdict:
    return Verdict(f"claim_{outcome}", outcome, "summary")


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
    assert judgement.of("claim_holds").summary == "summary"
    with pytest.raises(KeyError, match="the claim 'claim_lost' was not judged; judged: claim_holds"):
        judgement.of("claim_lost")


def test_violated_claims_fail_before_unknown_ones() -> None:
    judgement = Judgement([verdict(outcome) for outcome in (Outcome.UNKNOWN, Outcome.HOLDS, Outcome.VIOLATED)])
    assert [each.outcome for each in judgement.failed()] == [Outcome.VIOLATED, Outcome.UNKNOWN]
