"""The time that a message leaves its project to reply."""

from __future__ import annotations

from datetime import timedelta

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.protocol import Step

#: Times on the wire have whole seconds: up to one second of a time may be cut off.
CUT_OFF = timedelta(seconds=1)


def window_of(index: HistoryIndex, message: ObservedMessage) -> timedelta:
    """Return the time that ``message`` must leave its project: the window of its step, as ``run.started`` lists it.

    MAINTENANCE need not leave more time than there is until the start of the maintenance. The window is zero for a step
    without a window, and for all steps if the history does not show the windows of the admin tool.
    """
    window = timedelta(seconds=index.windows.get(message.step, 0))
    session = index.sessions.get(message.session_id)
    if message.step is Step.MAINTENANCE and session is not None and session.maintenance_at:
        return min(window, session.maintenance_at - message.event.at)
    return window


def is_too_short(index: HistoryIndex, message: ObservedMessage) -> bool:
    """Return True if the reply to ``message`` was due when the message was sent, or sooner than after its window.

    The admin tool is to blame for that, and for what the project can then not do in time.
    """
    if message.due is None:
        return False
    return message.due - message.event.at <= max(window_of(index, message) - CUT_OFF, timedelta(0))
