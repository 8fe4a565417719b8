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
        ("nhn", Outcome.HOLDS),
        ("nnu", Outcome.UNKNOWN),
        ("nvu", Outcome.VIOLATED),
        ("nn", Outcome.NOT_APPLICABLE),
        ("", Outcome.UNKNOWN),
    ],
)
def test_merging(outcomes: str, merged: Outcome) -> None:
    words = {"h": Outcome.HOLDS, "u": Outcome.UNKNOWN, "v": Outcome.VIOLATED, "n": Outcome.NOT_APPLICABLE}
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


def test_a_claim_that_is_not_applicable_fails_if_it_was_asked_for_by_name() -> None:
    verdicts = [verdict(Outcome.HOLDS), verdict(Outcome.NOT_APPLICABLE)]
    by_default, by_name = Judgement(verdicts), Judgement(verdicts, frozenset({"claim_not applicable"}))
    assert by_default.holds
    assert by_default.failed() == ()
    assert not by_name.holds
    assert by_name.failed() == by_default.not_applicable()
    assert not by_name.holds_as_far_as_seen
