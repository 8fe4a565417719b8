"""The claims: each a pure function from a history to a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pytest_doctor_maint.checkers import messages_are_answered, messages_in_order, no_thread_died
from pytest_doctor_maint.checkers.facts import Record
from pytest_doctor_maint.checkers.verdict import (
    CannotTell,
    Checker,
    Judgement,
    Outcome,
    Verdict,
    Violation,
)
from pytest_doctor_maint.history import History

__all__ = ["CLAIMS", "Checker", "Judgement", "Outcome", "Verdict", "Violation", "judge"]

#: Every claim by its name, in the order in which reports give them.
CLAIMS: Mapping[str, Checker] = MappingProxyType(
    {
        module.CLAIM: module.check
        for module in (
            messages_in_order,
            messages_are_answered,
            no_thread_died,
        )
    }
)


def judge(history: History, claims: Iterable[str] | None = None) -> Judgement:
    """Judge ``claims`` (all, when none are named) on a history, live or loaded.

    Raises:
        ValueError: There is no such claim; the message names those that there are.
    """
    names = list(CLAIMS) if claims is None else list(claims)
    if unknown := [name for name in names if name not in CLAIMS]:
        raise ValueError(f"no such claim: {', '.join(unknown)}; there are {', '.join(CLAIMS)}")
    record = Record(events=history.events)
    return Judgement(tuple(_ask(name, CLAIMS[name], record) for name in names))


def _ask(name: str, checker: Checker, record: Record) -> Verdict:
    try:
        return checker(record)
    except CannotTell as reason:
        return Verdict(name, Outcome.UNKNOWN, str(reason))
    except Exception as error:  # a checker that breaks must not look like a pass
        return Verdict(name, Outcome.UNKNOWN, f"the checker broke: {type(error).__name__}: {error}")
