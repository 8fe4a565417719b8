"""Every message leaves the project the time of the window of its step."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import WINDOWS, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.claims.verdict import Figure, Verdict, Violation, violation
from pytest_doctor_maint.claims.windows import CUT_OFF, is_too_short, window_of
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import ANSWERED, Step


@claim(
    topic=Topic.MESSAGES,
    source="use case, Fenix API reference",
    needs=(kinds.SESSION_CREATED, kinds.NOTIFICATION),
    partly={WINDOWS: "the length of the windows"},
)
def windows_are_long_enough(index: HistoryIndex) -> Verdict:
    """The reply to a message is due in the future, and no sooner after the message than the window of its step.

    ``run.started`` lists the windows. MAINTENANCE has the start of the maintenance as its ``actions_at``; if that is
    sooner than the window, because the admin asked for it, the reply is due then.
    """
    index.require_start()
    asked = [message for message in index.messages.to_projects if message.step in ANSWERED]
    if not asked:
        index.require_sessions()
    violations: list[Violation] = []
    for message in asked:
        violations += _window(index, message)
        violations += _start(index, message)
    spans = [(message.due - message.event.at).total_seconds() for message in asked if message.due is not None]
    figures: dict[str, Figure] = {"messages": len(asked)}
    if spans:
        figures["shortest_window_s"] = round(min(spans), 6)
    return windows_are_long_enough.conclude(
        violations,
        f"{len(asked)} windows, each long enough",
        figures,
        nothing="" if asked else "no message asked for a reply",
    )


def _window(index: HistoryIndex, message: ObservedMessage) -> Iterator[Violation]:
    project = index.name(message.project_id)
    if message.due is None:
        yield violation(f"{message.word} to {project} has no time for the reply; due: a time", project, message.event)
    elif is_too_short(index, message):
        left, window = message.due - message.event.at, window_of(index, message)
        allowed = f"{window.total_seconds():g} s or more" if window > CUT_OFF else "more than 0 s"
        yield violation(
            f"{message.word} left {project} {left.total_seconds():g} s to answer; allowed: {allowed}",
            project,
            message.event,
        )


def _start(index: HistoryIndex, message: ObservedMessage) -> Iterator[Violation]:
    """Yield a violation if MAINTENANCE has another start of the maintenance than the admin asked for."""
    session = index.sessions.get(message.session_id)
    if message.step is not Step.MAINTENANCE or session is None or not session.maintenance_at or not message.actions_at:
        return
    if abs(session.maintenance_at - message.actions_at) >= CUT_OFF:
        project = index.name(message.project_id)
        yield violation(
            f"MAINTENANCE to {project} says that the maintenance starts at {message.actions_at:%H:%M:%S}; allowed: "
            f"{session.maintenance_at:%H:%M:%S}, as the admin asked for",
            project,
            session.created,
            message.event,
        )
