"""A run in an Allure report.

:mod:`~pytest_doctor_maint.report.allure.tree` makes steps of a history as plain data, and this module hands them to the
report of the current test. Allure's own ``allure.step`` takes the times and the outcome of a step from the block that
it surrounds; here both come from the history.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pytest_doctor_maint.claims import Judgement
from pytest_doctor_maint.history import History
from pytest_doctor_maint.printable import LONGEST_LINE, shortened
from pytest_doctor_maint.report.allure.attachments import Attachment, attachments_of, failure_of
from pytest_doctor_maint.report.allure.claims import LONGEST_TITLE
from pytest_doctor_maint.report.allure.links import links_of
from pytest_doctor_maint.report.allure.step import Status, Step
from pytest_doctor_maint.report.allure.tree import steps_of
from pytest_doctor_maint.secret_keys import without_url_secrets

if TYPE_CHECKING:
    from allure_commons.model2 import TestStepResult

__all__ = ["Status", "allure_failure", "allure_refusal", "allure_steps", "current_test", "steps_of"]


def allure_steps(
    history: History,
    judgement: Judgement,
    *,
    expected: Collection[str] = (),
    broke_off: str = "",
    run: int = 1,
) -> None:
    """Show a run in the Allure report of the current test. Do nothing when Allure is not active.

    The steps are those of :func:`steps_of`, with their times on the clock of the run. The pictures, the verdicts, the
    exchanges and the history are attached, and links lead to the sources of the rules. It must be called after the run.

    Args:
        history: The history of the run.
        judgement: The verdicts on ``history``.
        expected: The claims that must be violated, because the run shows a fault.
        broke_off: What ended the run before its end, in one sentence; empty: the run came to its end.
        run: The number of the run in its test. From the second one on, titles begin with it.
    """
    reporter = _reporter()
    if reporter is None:
        return
    from allure_commons.model2 import ExecutableItem
    from allure_commons.model2 import Link as AllureLink

    item = reporter.get_last_item(ExecutableItem)
    for step in steps_of(history, judgement, expected=expected, broke_off=broke_off):
        item.steps.append(_result(replace(step, title=f"{_prefix(run)}{step.title}")))
    for attachment in attachments_of(history, judgement):
        _attach(reporter, replace(attachment, name=f"{_prefix(run)}{attachment.name}"))
    if (test := current_test()) is not None:
        known = {link.name for link in test.links}
        test.links += [
            AllureLink("link", each.url, each.name) for each in links_of(judgement) if each.name not in known
        ]


def allure_failure(text: str, history: History, judgement: Judgement, *, run: int = 1) -> None:
    """Attach the text of a failure and the replay of its run to the Allure report of the current test.

    Do nothing when Allure is not active. The arguments are those of :func:`allure_steps`.
    """
    if (reporter := _reporter()) is not None:
        for attachment in failure_of(text, history, judgement):
            _attach(reporter, replace(attachment, name=f"{_prefix(run)}{attachment.name}"))


def allure_refusal(reason: str) -> None:
    """Show in the Allure report of the current test why nothing was carried out. Do nothing when Allure is not active.

    Args:
        reason: Why, in one sentence, such as what the cloud lacks.
    """
    reporter = _reporter()
    if reporter is None:
        return
    from allure_commons.model2 import ExecutableItem

    # There is no clock of a run.
    now = datetime.now(UTC)
    reason = shortened(without_url_secrets(reason), LONGEST_LINE)
    step = Step(shortened(f"nothing was carried out: {reason}", LONGEST_TITLE), now, now, Status.BROKEN, reason)
    reporter.get_last_item(ExecutableItem).steps.append(_result(step))


def _prefix(run: int) -> str:
    return f"run {run}: " if run > 1 else ""


# Any: a TestResult of allure_commons, which has no types.
def current_test() -> Any:
    """Return what Allure reports about the current test; None if no report is written."""
    reporter = _reporter()
    return None if reporter is None else reporter.get_test(None)


# Any: an AllureReporter of allure_commons, which has no types.
def _reporter() -> Any:
    """Return what writes the Allure report of the current test; None if no report is written."""
    if sys.modules.get("allure_commons") is None:
        return None
    from allure_commons import plugin_manager
    from allure_commons.model2 import ExecutableItem

    # Only in a run of pytest with a report, Allure's plugin registers a listener.
    listeners: list[Any] = [each for each in plugin_manager.get_plugins() if type(each).__name__ == "AllureListener"]
    reporters = [listener.allure_logger for listener in listeners]
    return next((each for each in reporters if each.get_last_item(ExecutableItem) is not None), None)


def _attach(reporter: Any, attachment: Attachment) -> None:
    reporter.attach_data(
        str(uuid4()),
        attachment.body,
        name=attachment.name,
        attachment_type=attachment.media_type,
        extension=attachment.extension,
    )


def _result(step: Step) -> TestStepResult:
    from allure_commons.model2 import Parameter, StatusDetails, TestStepResult

    return TestStepResult(
        name=step.title,
        status=step.status.value,
        statusDetails=StatusDetails(message=step.reason) if step.reason else None,
        parameters=[Parameter(name=name, value=value) for name, value in step.parameters.items()],
        steps=[_result(child) for child in step.steps],
        start=_milliseconds(step.begin),
        stop=_milliseconds(step.end),
    )


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
