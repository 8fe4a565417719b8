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

    @staticmethod
    def merge(outcomes: Iterable[Outcome]) -> Outcome:
        """Return the outcome of all together: violated, else unknown, else holds. Without any outcome: unknown."""
        found = set(outcomes)
        for worst in (Outcome.VIOLATED, Outcome.UNKNOWN):
            if worst in found:
                return worst
        return Outcome.HOLDS if found else Outcome.UNKNOWN


class CannotTell(Exception):
    """The history lacks what the claim is about; the message says what is missing."""


class NotObserved(CannotTell):
    """The history lacks what the claim is about, because it cannot be observed from outside; the message says what."""


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
    """

    claim: str
    outcome: Outcome
    summary: str
    violations: tuple[Violation, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=lambda: MappingProxyType({}))
    unobserved: bool = False


def conclude(
    claim: str,
    violations: Iterable[Violation],
    holds: str,
    figures: Mapping[str, Figure] | None = None,
) -> Verdict:
    """Return the verdict that follows from ``violations``: without any, the claim holds, with ``holds`` as summary."""
    found = tuple(sorted(violations, key=lambda violation: violation.events[-1:] or (0,)))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Verdict(
        claim=claim,
        outcome=Outcome.VIOLATED if found else Outcome.HOLDS,
        summary=f"{found[0].message}{more}" if found else holds,
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
        verdicts: One for each claim that was judged, in the order in which the claims were judged.
    """

    verdicts: Sequence[Verdict]

    @property
    def outcome(self) -> Outcome:
        """The outcome of all claims together."""
        return Outcome.merge(verdict.outcome for verdict in self.verdicts)

    @property
    def holds(self) -> bool:
        """True if every claim holds."""
        return self.outcome is Outcome.HOLDS

    @property
    def holds_as_far_as_seen(self) -> bool:
        """True if every claim that could be observed holds, and at least one could be observed.

        This is for runs of which parts are elsewhere. A claim that could not be observed is not a pass and must be
        reported too, see :meth:`unobserved`.
        """
        seen = [verdict for verdict in self.verdicts if not verdict.unobserved]
        return Outcome.merge(verdict.outcome for verdict in seen) is Outcome.HOLDS

    def unobserved(self) -> tuple[Verdict, ...]:
        """Return the verdicts on the claims that could not be observed."""
        return tuple(verdict for verdict in self.verdicts if verdict.unobserved)

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
        """Return the verdicts of claims that do not hold: first the violated ones, then the unknown ones."""
        return tuple(
            verdict
            for outcome in (Outcome.VIOLATED, Outcome.UNKNOWN)
            for verdict in self.verdicts
            if verdict.outcome is outcome
        )
