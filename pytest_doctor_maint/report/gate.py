"""The verdict of a whole run of pytest: the one rule that its exit code and all its reports follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

#: The exit codes of pytest that the rule reads.
OK, FAILED, INTERRUPTED, INTERNAL_ERROR, USAGE_ERROR, NOTHING_COLLECTED = range(6)


class GateVerdict(StrEnum):
    """What a gate may conclude from a run of pytest. Only ``pass`` is green."""

    PASS = "pass"
    """At least one maintenance run was judged, and no test failed."""
    FAIL = "fail"
    """A test failed, could not be set up or torn down, or its worker crashed."""
    NO_TESTS = "no tests"
    """No test failed, but no maintenance run was judged: all were skipped, deselected or missing."""
    INTERRUPTED = "interrupted"
    """The run ended before all tests had run: Ctrl-C, a signal, ``pytest.exit``, or pytest was killed."""
    ERROR = "error"
    """Tests could not be collected, the command line was refused, or pytest itself failed."""


class CaseOutcome(StrEnum):
    """The outcome of a test, or of one attempt at it."""

    PASSED = "passed"
    FAILED = "failed"
    """The test itself failed: a claim that is violated or unknown, an assertion, a time-out."""
    ERROR = "error"
    """The test could not be set up or torn down, or the process that ran it died."""
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    """The test failed, and is marked to fail."""
    XPASSED = "xpassed"
    """The test passed, although it is marked to fail."""
    INTERRUPTED = "interrupted"
    """The test began, and did not end."""

    @property
    def is_red(self) -> bool:
        """True if a run with such a test is not a pass."""
        return self in (CaseOutcome.FAILED, CaseOutcome.ERROR, CaseOutcome.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of pytest ended.

    Attributes:
        exit_code: The exit code of pytest.
        ran: False if pytest was not to run any test, as with ``--collect-only``.
        outcomes: The outcome of the last attempt at each test.
        judged: The number of maintenance runs in the last attempts that were judged, with at least one claim judged.
        interruption: What interrupted the run; empty if nothing did.
        stop: Why a plugin stopped the run early, such as after so many failures; empty if none did.
        errors: What went wrong outside of tests: collection, the command line, pytest itself.
    """

    exit_code: int
    ran: bool = True
    outcomes: Sequence[CaseOutcome] = ()
    judged: int = 0
    interruption: str = ""
    stop: str = ""
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict of a run of pytest.

    Attributes:
        verdict: The verdict.
        reason: Why, in one sentence.
        exit_code: The exit code that agrees with the verdict.
    """

    verdict: GateVerdict
    reason: str
    exit_code: int

    @property
    def is_green(self) -> bool:
        """True if a gate may pass."""
        return self.verdict is GateVerdict.PASS


def conclude_run(ended: Ended) -> Conclusion:
    """Return the verdict of a run of pytest, and the exit code that agrees with it.

    The first that applies: error, interrupted, fail, no tests, pass. An exit code of pytest that is not 0 is kept. If
    nothing is wrong but that no run was judged, it is 5, as for pytest itself when it finds no test.
    """
    code, red = ended.exit_code, sum(outcome.is_red for outcome in ended.outcomes)
    if ended.errors:
        return Conclusion(GateVerdict.ERROR, ended.errors[0], code or INTERNAL_ERROR)
    if code in (INTERNAL_ERROR, USAGE_ERROR):
        what = "pytest itself failed" if code == INTERNAL_ERROR else "pytest refused the command line"
        return Conclusion(GateVerdict.ERROR, what, code)
    if ended.interruption:
        return Conclusion(GateVerdict.INTERRUPTED, ended.interruption, code or INTERRUPTED)
    if red or code == FAILED:
        return Conclusion(GateVerdict.FAIL, _failed(red, len(ended.outcomes)), code or FAILED)
    if ended.stop or code == INTERRUPTED:
        return Conclusion(GateVerdict.INTERRUPTED, ended.stop or "pytest was interrupted", code or INTERRUPTED)
    if code not in (OK, NOTHING_COLLECTED):
        return Conclusion(GateVerdict.ERROR, f"a plugin of pytest ended the run with exit code {code}", code)
    if not ended.ran:
        return Conclusion(GateVerdict.NO_TESTS, "pytest was not to run any test", code)
    if not ended.judged:
        return Conclusion(GateVerdict.NO_TESTS, "no maintenance run was judged", NOTHING_COLLECTED)
    if code == NOTHING_COLLECTED:
        return Conclusion(GateVerdict.ERROR, "a plugin of pytest says that there were no tests", code)
    runs = "a maintenance run was" if ended.judged == 1 else f"{ended.judged} maintenance runs were"
    return Conclusion(GateVerdict.PASS, f"{runs} judged, and no test failed", OK)


def _failed(red: int, total: int) -> str:
    return f"{red} of {total} tests failed" if red else "pytest reports a failure outside of the tests"
