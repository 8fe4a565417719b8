"""Cases of claims, and checks of the verdict on a run.

A case is a run in which everything goes right, but for one change, and a claim that the change violates or keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pytest_doctor_maint.claims import Outcome, Verdict, judge
from tests.support.history_builder import HistoryBuilder, full_cloud

#: Changes a run; its name is a sentence about the change.
Change = Callable[[HistoryBuilder], object]
#: Makes a run.
Base = Callable[[], HistoryBuilder]


@dataclass(frozen=True)
class Case:
    """A claim, and a run that is like ``base`` but for a ``change``; ``says`` is the message of a violation."""

    claim: str
    base: Base
    change: Change
    says: str | None = None

    def __str__(self) -> str:
        return f"{self.claim}-{case_name(self.change)}"

    def run(self) -> HistoryBuilder:
        """Return the changed run."""
        run = self.base()
        self.change(run)
        return run


class ClaimCases:
    """Changes of a right run, each with the claims that the changed run violates, or keeps all the same.

    Args:
        base: Makes the right run, unless a case has one of its own.

    Attributes:
        violated: The cases in which a claim is violated.
        kept: The cases in which it holds.
        open: The cases in which it is unknown.
        idle: The cases in which it is not applicable.
    """

    def __init__(self, base: Base = full_cloud) -> None:
        self._base = base
        self.violated: list[Case] = []
        self.kept: list[Case] = []
        self.open: list[Case] = []
        self.idle: list[Case] = []

    def violates(self, claim: str, *, base: Base | None = None, says: str | None = None) -> Callable[[Change], Change]:
        """Register a change that violates ``claim``; ``says`` is the message of one of the violations."""
        return self._register(self.violated, (claim,), base, says)

    def keeps(self, *claims: str, base: Base | None = None) -> Callable[[Change], Change]:
        """Register a change after which ``claims`` still hold."""
        return self._register(self.kept, claims, base)

    def leaves_open(
        self, claim: str, *, base: Base | None = None, says: str | None = None
    ) -> Callable[[Change], Change]:
        """Register a change that makes ``claim`` unknown; ``says`` is the summary."""
        return self._register(self.open, (claim,), base, says)

    def leaves_nothing(self, claim: str, *, says: str | None = None) -> Callable[[Change], Change]:
        """Register a change that leaves ``claim`` nothing to judge; ``says`` is the summary."""
        return self._register(self.idle, (claim,), None, says)

    def _register(
        self, cases: list[Case], claims: Sequence[str], base: Base | None, says: str | None = None
    ) -> Callable[[Change], Change]:
        def register(change: Change) -> Change:
            cases.extend(Case(claim, base or self._base, change, says) for claim in claims)
            return change

        return register


def case_name(value: object) -> str:
    """Return the id of a parameter: its name if it is a function."""
    return str(getattr(value, "__name__", value))


def verdict_on(run: HistoryBuilder, claim: str, **parameters: float) -> Verdict:
    """Judge one claim on a run."""
    return judge(run.history(), [claim], {claim: parameters}).of(claim)


def assert_holds(run: HistoryBuilder, claim: str, **parameters: float) -> None:
    """The claim holds on the run, and says something about it."""
    verdict = verdict_on(run, claim, **parameters)
    messages = [violation.message for violation in verdict.violations]
    assert verdict.outcome is Outcome.HOLDS, messages or verdict.summary
    assert verdict.summary
    assert verdict.figures


def assert_violated(run: HistoryBuilder, claim: str, says: str | None = None, **parameters: float) -> None:
    """The claim is violated on the run; each violation has events and a subject, and names things by their names."""
    verdict = verdict_on(run, claim, **parameters)
    assert verdict.outcome is Outcome.VIOLATED, verdict.summary
    assert says is None or says in [violation.message for violation in verdict.violations]
    for violation in verdict.violations:
        assert violation.events
        assert violation.subject
        assert "id-" not in violation.message
        assert "allowed: " in violation.message or "due: " in violation.message, violation.message


def assert_unknown(run: HistoryBuilder, claim: str, says: str | None = None, **parameters: float) -> None:
    """The claim is unknown on the run, and not because something could not be observed."""
    verdict = verdict_on(run, claim, **parameters)
    assert verdict.outcome is Outcome.UNKNOWN, verdict.summary
    assert says is None or verdict.summary == says
    assert not verdict.unobserved


def assert_not_applicable(run: HistoryBuilder, claim: str, says: str | None = None) -> None:
    """The claim had nothing to judge in the run."""
    verdict = verdict_on(run, claim)
    assert verdict.outcome is Outcome.NOT_APPLICABLE, verdict.summary
    assert says is None or verdict.summary == says
    assert not verdict.violations


def failing(run: HistoryBuilder, claims: Iterable[str] | None = None) -> dict[str, str]:
    """Return the claims that are violated or unknown on a run, with their summaries."""
    failed = judge(run.history(), claims).with_outcome(Outcome.VIOLATED, Outcome.UNKNOWN)
    return {verdict.claim: verdict.summary for verdict in failed}
