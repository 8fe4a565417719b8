"""A notifier records a notification before it sends it; the record is any object with the methods of a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.notifier import ACTOR, KIND, NotificationLost, Recorder, RecordingNotifier
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.simtime.cause import current_cause

PAYLOAD = {"session_id": "s1", "project_id": "p1", "state": "MAINTENANCE"}


@dataclass
class _Sent(RecordingNotifier):
    """Keeps what is sent, and the number of events that were recorded by then."""

    history: History
    sent: list[tuple[str, Mapping[str, object], int | None, int]] = field(default_factory=list)
    error: NotificationLost | None = None

    def __post_init__(self) -> None:
        super().__init__(self.history, "maintenance")

    def _send(self, event_type: str, payload: Mapping[str, object]) -> None:
        self.sent.append((event_type, payload, current_cause(), len(self.history)))
        if self.error is not None:
            raise self.error


def test_a_notification_is_recorded_before_it_is_sent_and_is_the_cause_of_what_follows() -> None:
    notifier = _Sent(History())
    notifier.emit("maintenance.scheduled", PAYLOAD)
    assert notifier.sent == [("maintenance.scheduled", PAYLOAD, 1, 1)]
    (event,) = notifier.history
    assert (event.actor, event.kind, dict(event.data)) == (
        ACTOR,
        kinds.NOTIFICATION,
        {"event_type": "maintenance.scheduled", **PAYLOAD},
    )


def test_a_lost_notification_is_recorded_all_the_same() -> None:
    notifier = _Sent(History(), error=NotificationLost("no broker"))
    with pytest.raises(NotificationLost, match="no broker"):
        notifier.emit("maintenance.scheduled", PAYLOAD)
    assert len(notifier.history) == 1


def test_an_incomplete_payload_is_not_sent() -> None:
    notifier = _Sent(History())
    with pytest.raises(ValueError, match="state"):
        notifier.emit("maintenance.scheduled", {"session_id": "s1", "project_id": "p1"})
    assert notifier.sent == []


def test_its_names_and_its_form_of_time_are_those_of_history_and_protocol() -> None:
    recorder: Recorder = History()
    assert recorder is not None
    assert kinds.NOTIFICATION == KIND
    moment = datetime(2030, 1, 1, 12, 0, 0, 999999, timezone(timedelta(hours=2)))
    notifier = _Sent(History())
    notifier.emit("maintenance.scheduled", {**PAYLOAD, "reply_at": moment})
    assert notifier.sent[0][1]["reply_at"] == to_wire(moment) == "2030-01-01 10:00:00"
