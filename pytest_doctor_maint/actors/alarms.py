"""How an actor records an alarm that it gets."""

from __future__ import annotations

from pytest_doctor_maint.history import Event, History
from pytest_doctor_maint.history.kinds import ALARM
from pytest_doctor_maint.protocol import AlarmBody
from pytest_doctor_maint.simtime.cause import current_cause


def record_alarm(history: History, actor: str, alarm: AlarmBody, subscriber_id: str) -> Event:
    """Record an alarm, and return the event.

    An alarm of the embedded cloud carries its cause, the notification. One of another cloud does not; then the event
    has the fields that identify the notification.

    Args:
        history: The history.
        actor: The actor that got the alarm, as the history calls it.
        alarm: The alarm.
        subscriber_id: The project that owns the alarm.
    """
    identity = {} if current_cause() is not None else alarm.identity
    return history.append(actor, ALARM, {**alarm.told, "subscriber_id": subscriber_id, **identity})
