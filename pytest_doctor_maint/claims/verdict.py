"""The verdict of a claim on a history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pytest_doctor_maint.history import Event


class Outcome(StrEnum):
    """The outcome of a claim."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    """The history does not show whether the claim holds. Unknown is not a pass."""
    NOT_APPLICABLE = "not applicable"
    """The claim had nothing to judge: the history shows that nothing the claim is about was there. That is no pass."""

    @staticmethod
    def merge(outcomes: Iterable[Outcome]) -> Outcome:
        """Return the outcome of all together: violated, else unknown, else holds, else not applicable.

        Without any outcome: unknown.
        """
        found = set(outcomes)
        ranks = (Outcome.VIOLATED, Outcome.UNKNOWN, Outcome.HOLDS, Outcome.NOT_APPLICABLE)
        return next((outcome for outcome in ranks if outcome in found), Outcome.UNKNOWN)


class CannotTell(Exception):
    """The history lacks what the claim is about; the message says what is missing."""


class NotObserved(CannotTell):
    """The history lacks what the claim is about, because it cannot be observed from outside; the message says what."""


class NothingToJudge(Exception):
    """The claim is not applicable: nothing that it is about was there in the whole run; the message says what.

    If the history breaks off, the claim is unknown, because what it is about may have followed.
    """


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of a claim.

    Attributes:
        message: What was seen and what is allowed, in one sentence.
        events: The numbers (``seq``) of the events that show the breach.
        subject: The host, instance, project or session that the breach is about, by name if it has one.
        at: When it happened, in the clock's time (UTC).
        is_omission: True if it is that something did not happen. It may have happened after the end of a history that
            breaks off, or before ``due``.
        due: Until when it had to happen (UTC); None: until the end of the run.
    """

    message: str
    events: tuple[int, ...]
    subject: str
    at: datetime
    is_omission: bool = False
    due: datetime | None = None


Figure = float | int | str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict of one claim on a history.

    Attributes:
        claim: The claim's name.
        outcome: The outcome of the claim.
        summary: The finding in one sentence.
        violations: All breaches, in order.
        figures: What was counted or measured, and the parameters that differ from their defaults; the names of figures
            in seconds end in ``_s``.
        unobserved: True if the outcome is unknown because a part of the run could not be observed: it is elsewhere.
        traceback: Where the claim itself failed, line by line; empty if it did not.
    """

    claim: str
    outcome: Outcome
    summary: str
    violations: tuple[Violation, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=lambda: MappingProxyType({}))
    unobserved: bool = False
    traceback: tuple[str, ...] = ()


def conclude(
    claim: str,
    violations: Iterable[Violation],
    holds: str,
    figures: Mapping[str, Figure] | None = None,
    nothing: str = "",
) -> Verdict:
    """Return the verdict that follows from ``violations``.

    Without any, the claim is not applicable if ``nothing`` says what was not there, else it holds; the two are the
    summaries.
    """
    found = tuple(sorted(violations, key=lambda violation: violation.events[-1:] or (0,)))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    passed = Outcome.NOT_APPLICABLE if nothing else Outcome.HOLDS
    return Verdict(
        claim=claim,
        outcome=Outcome.VIOLATED if found else passed,
        summary=f"{found[0].message}{more}" if found else nothing or holds,
        violations=found,
        figures=MappingProxyType(dict(figures or {})),
    )


def violation(message: str, subject: str, *events: Event) -> Violation:
    """Return the breach that ``events`` show; its time is the latest of theirs.

    Args:
        message: What was seen and what is allowed, in one sentence.
        subject: The host, instance, project or session that it is about, by name if it has one.
        events: At least one.
    """
    seqs = tuple(sorted(event.seq for event in events))
    return Violation(message, seqs, subject, max(event.at for event in events))


def omission(message: str, subject: str, *events: Event, due: datetime | None = None) -> Violation:
    """Return the breach that something did not happen, as :func:`violation` does for what happened.

    If the history ends too early to show it, the claim is unknown.

    Args:
        message: What was seen and what is due, in one sentence.
        subject: The host, instance, project or session that it is about, by name if it has one.
        events: The events after which it was due; at least one.
        due: Until when it had to happen (UTC); None: until the end of the run.
    """
    return replace(violation(message, subject, *events), is_omission=True, due=due)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on one history.

    Attributes:
        verdicts: One for each claim, in the order in which the claims were judged.
        named: The claims that were asked for by name. One of them that is not applicable fails: somebody expected that
            there is something to judge.
        began: False if the history shows no maintenance: no session was created, and no message was sent. What holds
            then holds of a cloud at rest.
    """

    verdicts: Sequence[Verdict]
    named: frozenset[str] = frozenset()
    began: bool = True

    @property
    def outcome(self) -> Outcome:
        """The outcome of all claims together. It is not applicable, in place of holds, if something asked for was not
        there: what a named claim is about, or the maintenance itself.
        """
        return self._merged(self.verdicts)

    @property
    def holds(self) -> bool:
        """True if the outcome is that the claims hold."""
        return self.outcome is Outcome.HOLDS

    @property
    def holds_as_far_as_seen(self) -> bool:
        """The same as :attr:`holds` for the claims that could be observed.

        This is for runs of which parts are elsewhere. A claim that could not be observed is not a pass and must be
        reported too, see :meth:`unobserved`.
        """
        return self._merged(verdict for verdict in self.verdicts if not verdict.unobserved) is Outcome.HOLDS

    def _merged(self, verdicts: Iterable[Verdict]) -> Outcome:
        merged = Outcome.merge(verdict.outcome for verdict in verdicts)
        lacks = not self.began or any(verdict.claim in self.named for verdict in self.not_applicable())
        return Outcome.NOT_APPLICABLE if lacks and merged is Outcome.HOLDS else merged

    def unobserved(self) -> tuple[Verdict, ...]:
        """Return the verdicts on the claims that could not be observed."""
        return tuple(verdict for verdict in self.verdicts if verdict.unobserved)

    def judged(self) -> tuple[Verdict, ...]:
        """Return the verdicts on the claims that hold or are violated."""
        return self.with_outcome(Outcome.HOLDS, Outcome.VIOLATED)

    def not_applicable(self) -> tuple[Verdict, ...]:
        """Return the verdicts on the claims that had nothing to judge."""
        return self.with_outcome(Outcome.NOT_APPLICABLE)

    def with_outcome(self, *outcomes: Outcome) -> tuple[Verdict, ...]:
        """Return the verdicts with one of these outcomes."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome in outcomes)

    def of(self, claim: str) -> Verdict:
        """Return the verdict on ``claim``.

        Raises:
            KeyError: The claim was not judged.
        """
        for verdict in self.verdicts:
            if verdict.claim == claim:
                return verdict
        judged = ", ".join(verdict.claim for verdict in self.verdicts)
        raise KeyError(f"the claim {claim!r} was not judged; judged: {judged or 'none'}")

    def failed(self) -> tuple[Verdict, ...]:
        """Return the verdicts of claims that fail: violated, then unknown, then named and not applicable."""
        return (
            *self.with_outcome(Outcome.VIOLATED),
            *self.with_outcome(Outcome.UNKNOWN),
            *(verdict for verdict in self.not_applicable() if verdict.claim in self.named),
        )
