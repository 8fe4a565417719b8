"""Every message leaves the project the time that was promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedMessage
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import ANSWERED, Step, step_of

CLAIM = "windows_are_long_enough"
#: Times on the wire have whole seconds, so a part of one may be cut off.
CUT_OFF = timedelta(seconds=1)


def check(history: History) -> Verdict:
    """The answer to a message is due no sooner than the window of its step, as run.started tells it, after the message
    was sent, and in the future. MAINTENANCE names the start of maintenance as the time when the admin tool acts; where
    that is nearer than the window, because the admin wants it so, the answer is due then.
    """
    facts = index_of(history)
    windows = {step_of(str(word)): float(seconds) for word, seconds in facts.run["windows"].items()}
    asked = [notice for notice in facts.notices if notice.step in ANSWERED]
    if not asked:
        _ = facts.some_sessions
    violations = [found for notice in asked for found in _window(facts, notice, windows)]
    spans = [(notice.due - notice.event.at).total_seconds() for notice in asked if notice.due is not None]
    figures: dict[str, float | int | str] = {"messages": len(asked)}
    if spans:
        figures["shortest_window_s"] = round(min(spans), 6)
    return conclude(CLAIM, violations, f"{len(asked)} windows, each long enough", figures)


def _window(facts: HistoryIndex, notice: ObservedMessage, windows: Mapping[Step | None, float]) -> Iterator[Violation]:
    project = facts.name(notice.project_id)
    if notice.due is None:
        yield violation(f"{notice.word} to {project} does not say when the answer is due", project, notice.event)
        return
    promised = windows.get(notice.step)
    left = notice.due - notice.event.at
    least = timedelta(seconds=promised or 0)
    session = facts.sessions.get(notice.session_id)
    if notice.step is Step.MAINTENANCE and session is not None and session.maintenance_at:
        least = min(least, session.maintenance_at - notice.event.at)
    if left <= max(least - CUT_OFF, timedelta(0)):
        yield violation(
            f"{notice.word} left {project} {left.total_seconds():g} s to answer; allowed: {least.total_seconds():g} s "
            "or more",
            project,
            notice.event,
        )
    if notice.step is Step.MAINTENANCE and session is not None and session.maintenance_at and notice.actions_at:
        early = session.maintenance_at - notice.actions_at
        if abs(early) >= CUT_OFF:
            yield violation(
                f"MAINTENANCE told {project} that maintenance starts at {notice.actions_at:%H:%M:%S}; the admin asked "
                f"for {session.maintenance_at:%H:%M:%S}",
                project,
                session.created,
                notice.event,
            )
