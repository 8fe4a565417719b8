"""A run in an Allure report."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from pytest_doctor_maint.claims import Judgement
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.printable import LONGEST_LINE, printable, shortened
from pytest_doctor_maint.report.as_json import to_json
from pytest_doctor_maint.report.describe import describe, names_of
from pytest_doctor_maint.report.timeline import timeline


def allure_steps(history: History, judgement: Judgement) -> None:
    """Show a run in the Allure report of the current test. Do nothing when Allure is not active.

    Each message, each reply and what follows from them is a step, and so is each claim. The history, the timeline and
    the verdicts are attached.

    It must be called in the thread of the test, after the run: Allure ignores the steps of other threads. No title of a
    step contains a port or an id, so that runs can be compared.

    Args:
        history: The history of the run.
        judgement: The verdicts on ``history``.
    """
    if not _is_active():
        return
    import allure

    names = names_of(history)
    shown = [event for event in history.events if kinds.for_reading(event.kind).is_step]
    for event in shown:
        seconds = (event.at - shown[0].at).total_seconds()
        with allure.step(f"{seconds:9.3f} s  {_title(event, names)}"):
            pass
    for verdict in judgement.verdicts:
        with allure.step(shortened(f"{verdict.claim} {verdict.outcome.value}: {verdict.summary}", LONGEST_LINE)):
            pass
    kind = allure.attachment_type
    allure.attach(history.to_json_lines(), name="history", attachment_type=kind.TEXT, extension="jsonl")
    allure.attach(timeline(history, judgement), name="timeline", attachment_type=kind.SVG)
    allure.attach(to_json(judgement), name="verdicts", attachment_type=kind.JSON)


def _is_active() -> bool:
    """Return True if Allure writes a report of this test run: only then its plugin registers a listener."""
    if sys.modules.get("allure_commons") is None:
        return False
    from allure_commons import plugin_manager

    return any(type(plugin).__name__ == "AllureListener" for plugin in plugin_manager.get_plugins())


def _title(event: Event, names: Mapping[str, str]) -> str:
    actor = event.actor.split("/")[0].replace("_", " ")
    return f"{printable(actor)}: {describe(event, names)}"
