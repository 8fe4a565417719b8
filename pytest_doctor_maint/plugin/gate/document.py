"""The result document, made of what the collector has seen."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from pytest_doctor_maint.history import timestamp
from pytest_doctor_maint.plugin.gate.cases import Case, Cases
from pytest_doctor_maint.plugin.gate.records import runs_of
from pytest_doctor_maint.plugin.gate.seen import Seen
from pytest_doctor_maint.plugin.gate.versions import versions
from pytest_doctor_maint.plugin.parametrize import is_maintenance_test
from pytest_doctor_maint.plugin.settings import SESSION_SETTINGS, SettingsError, as_plain
from pytest_doctor_maint.report.gate import CaseOutcome, Conclusion, Ended, conclude_run
from pytest_doctor_maint.report.result import Attempt, CaseResult, EffectiveSetting, Push, ResultDocument, is_judged


class Outlook:
    """The tests of a run of pytest that ends, and what follows from them.

    Args:
        config: The configuration of pytest.
        seen: What happened.

    Attributes:
        cases: The tests, in the order in which they began.
    """

    def __init__(self, config: pytest.Config, seen: Seen) -> None:
        self._config = config
        self._seen = seen
        self.cases = _cases(seen)

    def conclude(self, exit_code: int) -> Conclusion:
        """Return the verdict of the run of pytest.

        Args:
            exit_code: The exit code that pytest would end with.
        """
        return conclude_run(
            Ended(
                exit_code,
                ran=bool(self.cases) or exit_code != pytest.ExitCode.OK,
                outcomes=[case.last.outcome for case in self.cases],
                judged=sum(is_judged(run) for case in self.cases for run in case.last.runs),
                interruption=self._seen.interruption,
                errors=self._seen.errors,
            )
        )

    def document(self, conclusion: Conclusion, push: Push | None = None) -> ResultDocument:
        """Return the result document."""
        ended = datetime.now(UTC)
        runs = [run for case in self.cases for run in case.last.runs]
        outcomes = Counter(case.last.outcome for case in self.cases)
        counts = {outcome.value: outcomes[outcome] for outcome in CaseOutcome}
        counts |= {"tests": len(self.cases), "deselected": len(self._seen.deselected)}
        counts |= {"runs": len(runs), "judged": sum(is_judged(run) for run in runs)}
        try:
            settings = as_plain(self._config.stash[SESSION_SETTINGS].resolve())
        except SettingsError as error:
            # Tests with values of their own need not have those of the session.
            settings = {"": {"value": "unresolved", "source": str(error)}}
        return ResultDocument(
            verdict=conclusion.verdict,
            reason=conclusion.reason,
            exit_code=conclusion.exit_code,
            began=timestamp(self._seen.began),
            ended=timestamp(ended),
            wall_seconds=(ended - self._seen.began).total_seconds(),
            versions=versions(),
            settings={keyword: EffectiveSetting.model_validate(each) for keyword, each in settings.items()},
            counts=counts,
            errors=self._seen.errors,
            notes=self._seen.notes,
            testapi=push,
            tests=[_case_result(case) for case in self.cases],
        )


def _cases(seen: Seen) -> list[Case]:
    cases = Cases(seen.begun)
    for report in seen.reports:
        cases.add(report)
    item = seen.item
    if isinstance(item, pytest.Function) and (case := cases.unfinished(item.nodeid)) is not None:
        case.is_maintenance = is_maintenance_test(item)
        case.last.runs = runs_of(item)
    return list(cases)


def _case_result(case: Case) -> CaseResult:
    return CaseResult(
        nodeid=case.nodeid,
        maintenance=case.is_maintenance,
        outcome=case.last.outcome,
        reason=case.last.reason,
        attempts=[
            Attempt.model_validate(
                {
                    "outcome": attempt.outcome,
                    "reason": attempt.reason,
                    "wall_seconds": attempt.seconds,
                    "worker": attempt.worker,
                    "runs": attempt.runs,
                }
            )
            for attempt in case.attempts
        ],
    )
