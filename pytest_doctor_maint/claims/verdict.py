"""What a checker says about a history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pytest_doctor_maint.history import Event, History


class Outcome(StrEnum):
    """How a claim stands."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    """The history does not tell. That is no pass."""

    @staticmethod
    def merge(outcomes: Iterable[Outcome]) -> Outcome:
        """The outcome of all together: violated before unknown before holds. Of nothing at all: unknown."""
        found = set(outcomes)
        return next((worst for worst in (Outcome.VIOLATED, Outcome.UNKNOWN) if worst in found), _best(found))


def _best(found: set[Outcome]) -> Outcome:
    return Outcome.HOLDS if found else Outcome.UNKNOWN


class CannotTell(Exception):
    """A checker finds that the history lacks what its claim is about; the message says what."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of a claim.

    Attributes:
        message: What was allowed and what was seen, in one sentence.
        events: ``seq`` of the events that show it.
        subject: The host, instance, project or session it is about, by name where it has one.
        at: When, in the clock's time (UTC).
    """

    message: str
    events: tuple[int, ...]
    subject: str
    at: datetime


Figure = float | int | str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one checker found.

    Attributes:
        claim: The claim's name.
        outcome: How it stands.
        summary: The finding in one sentence.
        violations: Every breach, in the order of time.
        figures: What was counted or measured; seconds have names that end in ``_s``.
        unobserved: It is unknown because nobody could see it: an actor or the cloud is elsewhere.
    """

    claim: str
    outcome: Outcome
    summary: str
    violations: tuple[Violation, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=lambda: MappingProxyType({}))
    unobserved: bool = False


Checker = Callable[[History], Verdict]


def conclude(
    claim: str,
    violations: Iterable[Violation],
    holds: str,
    figures: Mapping[str, Figure] | None = None,
) -> Verdict:
    """The verdict that follows from ``violations``: none means that the claim holds, which ``holds`` puts in words."""
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
    """A breach that shows in ``events``; it happened at the time of the last of them."""
    ordered = sorted(events, key=lambda event: event.seq)
    return Violation(message, tuple(event.seq for event in ordered), subject, ordered[-1].at)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on one history.

    Attributes:
        verdicts: One per claim, in the order in which the claims were asked for.
    """

    verdicts: Sequence[Verdict]

    @property
    def outcome(self) -> Outcome:
        """How all claims together stand."""
        return Outcome.merge(verdict.outcome for verdict in self.verdicts)

    @property
    def holds(self) -> bool:
        """Whether every claim holds."""
        return self.outcome is Outcome.HOLDS

    @property
    def holds_as_far_as_seen(self) -> bool:
        """Whether every claim holds that could be observed, and at least one could. For runs whose parts are elsewhere;
        what could not be observed is no pass, and is to be told with this: see :meth:`unobserved`.
        """
        seen = [verdict for verdict in self.verdicts if not verdict.unobserved]
        return Outcome.merge(verdict.outcome for verdict in seen) is Outcome.HOLDS

    def unobserved(self) -> tuple[Verdict, ...]:
        """The verdicts on what could not be observed."""
        return tuple(verdict for verdict in self.verdicts if verdict.unobserved)

    def of(self, claim: str) -> Verdict:
        """The verdict on ``claim``.

        Raises:
            KeyError: The claim was not judged.
        """
        for verdict in self.verdicts:
            if verdict.claim == claim:
                return verdict
        raise KeyError(f"{claim!r} was not judged; judged were {', '.join(each.claim for each in self.verdicts)}")

    def failed(self) -> tuple[Verdict, ...]:
        """The verdicts that are no pass: violated first, then unknown."""
        return tuple(
            verdict
            for outcome in (Outcome.VIOLATED, Outcome.UNKNOWN)
            for verdict in self.verdicts
            if verdict.outcome is outcome
        )
