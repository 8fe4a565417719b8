"""A run in an Allure report."""

from __future__ import annotations

import sys
from typing import Any

from pytest_doctor_maint.claims import Judgement
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.report.as_json import to_json
from pytest_doctor_maint.report.describe import describe, names_of
from pytest_doctor_maint.report.timeline import svg

#: What becomes a step: the conversation, and what was done upon it.
_STEPS = (
    kinds.SESSION_CREATED,
    kinds.NOTIFICATION,
    kinds.REPLY,
    kinds.REPLY_REFUSED,
    kinds.HOST_WORK,
    kinds.HOST_FAILURE,
    kinds.FAULT_MANAGEMENT,
    kinds.FAULT,
    kinds.SESSION_DELETED,
)


def allure_steps(history: History, judgement: Judgement) -> None:
    """Show a run in Allure's report of the present test: a step per message and per claim, the history, the timeline
    and the verdicts attached. Without an active allure-pytest this does nothing.

    It has to be called from the test's own thread, after the run: Allure loses what other threads tell it. No port and
    no id goes into a step's name, so that runs can be compared.
    """
    if not _is_active():
        return
    import allure

    names = names_of(history)
    shown = [event for event in history.events if event.kind in _STEPS]
    start = shown[0].at if shown else None
    for event in shown:
        seconds = (event.at - start).total_seconds() if start is not None else 0.0
        with allure.step(f"{seconds:9.3f} s  {_title(event, names)}"):
            pass
    for verdict in judgement.verdicts:
        with allure.step(f"{verdict.claim} {verdict.outcome.value}: {verdict.summary}"):
            pass
    kind = allure.attachment_type
    lines = "".join(event.to_json() + "\n" for event in history.events)
    allure.attach(lines, name="history", attachment_type=kind.TEXT, extension="jsonl")
    allure.attach(svg(history), name="timeline", attachment_type=kind.SVG)
    allure.attach(to_json(judgement), name="verdicts", attachment_type=kind.JSON)


def _is_active() -> bool:
    """Whether Allure writes a report of this test run. Its plugin registers a listener only then."""
    commons: Any = sys.modules.get("allure_commons")
    if commons is None:
        return False
    return any(type(plugin).__name__ == "AllureListener" for plugin in commons.plugin_manager.get_plugins())


def _title(event: Event, names: dict[str, str]) -> str:
    who = event.actor.split("/")[0].replace("_", " ")
    return f"{who}: {describe(event, names)}"
