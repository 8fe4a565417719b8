"""Judge a history by claims."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from pytest_doctor_maint.claims.claim import CLAIMS, Claim
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.observability import LONGEST_DELAY, Observability
from pytest_doctor_maint.claims.verdict import (
    CannotTell,
    Judgement,
    NothingToJudge,
    NotObserved,
    Outcome,
    Verdict,
    Violation,
    conclude,
)
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.refusal import Refusal, listed
from pytest_doctor_maint.tracebacks import their_traceback

#: How the summary of a verdict begins if the claim has raised an exception.
ITSELF = "the claim itself failed: "


class UnknownClaim(Refusal, ValueError):
    """There is no such claim, or it has no such parameter, or the parameter cannot have such a value."""


def require_claims(names: Iterable[str]) -> None:
    """Do nothing if there are claims of these names.

    Raises:
        UnknownClaim: There are not; the message has the nearest names and all that there are.
    """
    if unknown := [name for name in names if name not in CLAIMS]:
        raise UnknownClaim(f"unknown claims: {listed(unknown, CLAIMS)}; there are {', '.join(CLAIMS)}")


def judge(
    history: History,
    claims: Iterable[str] | None = None,
    parameters: Mapping[str, Mapping[str, float]] | None = None,
) -> Judgement:
    """Judge a history, live or loaded.

    A loaded history may have events of kinds that are not declared here: those of a plug-in that is not installed, or
    of a misspelt kind. What they say could change each verdict, so all claims are unknown then.

    Args:
        history: The history.
        claims: The names of the claims; None for all, those of other distributions included. A claim that is named
            and not applicable fails.
        parameters: Values for claims' parameters: by the claim's name, then by the parameter's name.

    Raises:
        UnknownClaim: There is no such claim or no such parameter, or a value is not a number of 0 or more; the message
            lists what there is.
        ValueError: A claim of another distribution has another name than its entry point.
        BrokenEntry: A claim of another distribution cannot be loaded.
    """
    names = list(CLAIMS if claims is None else claims)
    named = frozenset(() if claims is None else names)
    given = parameters or {}
    require_claims((*names, *given))
    for name, values in given.items():
        _check_parameters(_claim(name), values)
    if reason := _undeclared(history):
        return Judgement(tuple(Verdict(name, Outcome.UNKNOWN, reason) for name in names), named)
    index = index_of(history)
    observability = Observability(index)
    verdicts = tuple(_verdict(observability, _claim(name), given.get(name, {})) for name in names)
    return Judgement(verdicts, named, bool(index.sessions or index.messages.to_projects or index.messages.about_hosts))


def _claim(name: str) -> Claim:
    claim = CLAIMS[name]
    if claim.name != name:
        raise ValueError(f"the entry point {name!r} is the claim {claim.name!r}; allowed: the same name for both")
    return claim


def _undeclared(history: History) -> str:
    """Return which kinds of events in ``history`` are not declared; empty if there are none."""
    first: dict[str, int] = {}
    for event in history.events:
        if not kinds.is_declared(event.kind):
            first.setdefault(event.kind, event.seq)
    if not first:
        return ""
    shown = ", ".join(f"{kind!r} (event {seq})" for kind, seq in list(first.items())[:3])
    more = f" and {len(first) - 3} more" if len(first) > 3 else ""
    return (
        f"the history has events of undeclared kinds: {shown}{more}; the plug-in that declares them must be installed"
    )


def _check_parameters(claim: Claim, values: Mapping[str, float]) -> None:
    if unknown := [name for name in values if name not in claim.parameters]:
        known = ", ".join(claim.parameters) or "none"
        raise UnknownClaim(
            f"unknown parameters of {claim.name}: {listed(unknown, claim.parameters)}; there are {known}"
        )
    for name, value in values.items():
        if not (math.isfinite(value) and value >= 0):
            unit = claim.parameters[name].unit
            raise UnknownClaim(f"{name} of {claim.name} is {value!r}; allowed: a number of 0 or more ({unit})")


def _verdict(observability: Observability, claim: Claim, values: Mapping[str, float]) -> Verdict:
    def judge_index(index: HistoryIndex) -> Verdict:
        try:
            return _settled(claim.judge(index, values), index)
        except NothingToJudge as reason:
            return _settled(Verdict(claim.name, Outcome.NOT_APPLICABLE, str(reason)), index)
        except CannotTell as reason:
            return Verdict(claim.name, Outcome.UNKNOWN, str(reason), unobserved=isinstance(reason, NotObserved))
        except Exception as error:  # a claim with a bug must not look like a pass
            text = f"{ITSELF}{type(error).__name__}: {error}"
            return Verdict(claim.name, Outcome.UNKNOWN, text, traceback=tuple(their_traceback(error)))

    return observability.judge(claim, judge_index)


def _settled(verdict: Verdict, index: HistoryIndex) -> Verdict:
    """Return ``verdict`` without what the history ends too early to show, which may leave it unknown.

    That is an omission of something that was not due yet. If the run is observed from outside, and the recording broke
    off, it is everything at the end: a message that explains it may have been on its way. What a claim that is not
    applicable is about may be in the part of the run that the history does not show.
    """
    if verdict.outcome is Outcome.NOT_APPLICABLE and not (index.of(kinds.RUN_STARTED) and index.of(kinds.RUN_ENDED)):
        text = f"{verdict.summary}, in a history that does not show the whole run"
        return replace(verdict, outcome=Outcome.UNKNOWN, summary=text)
    if not verdict.violations:
        return verdict
    until = max(event.at for event in index.events)
    has_ended = bool(index.of(kinds.RUN_ENDED))
    settled_at = until - LONGEST_DELAY if index.is_observed and not has_ended else until

    def is_certain(found: Violation) -> bool:
        if found.is_omission:
            return has_ended if found.due is None else found.due <= settled_at
        return found.at <= settled_at

    certain = tuple(found for found in verdict.violations if is_certain(found))
    if len(certain) == len(verdict.violations):
        return verdict
    if certain:
        return replace(conclude(verdict.claim, certain, "", verdict.figures), unobserved=verdict.unobserved)
    first = verdict.violations[0]
    count = len(verdict.violations)
    text = (
        f"the history ends at {until:%H:%M:%S}, when what is missing may still have followed: {count} time"
        f"{'' if count == 1 else 's'}, first about {first.subject} (event {first.events[-1]})"
    )
    return replace(verdict, outcome=Outcome.UNKNOWN, summary=text, violations=())
