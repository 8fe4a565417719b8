"""The claims: each a pure function from the index of a history to a verdict."""

from pytest_doctor_maint.claims.claim import CLAIMS, HOST_MESSAGES, WINDOWS, Claim, Parameter, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.judging import judge
from pytest_doctor_maint.claims.verdict import (
    CannotTell,
    Judgement,
    NothingToJudge,
    NotObserved,
    Outcome,
    Verdict,
    Violation,
    violation,
)

__all__ = [
    "CLAIMS",
    "HOST_MESSAGES",
    "WINDOWS",
    "CannotTell",
    "Claim",
    "HistoryIndex",
    "Judgement",
    "NotObserved",
    "NothingToJudge",
    "Outcome",
    "Parameter",
    "Topic",
    "Verdict",
    "Violation",
    "claim",
    "index_of",
    "judge",
    "violation",
]
