"""A notifier that emits notifications as OpenStack's own services do: on the message bus, with oslo.messaging."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pytest_doctor_maint.openstack.notifier import NotificationLost, Recorder, RecordingNotifier
from pytest_doctor_maint.openstack.transport import TOPIC, Transport
from pytest_doctor_maint.simtime.clock import WallClock

#: The number of retries of the driver when the broker does not answer; with their pauses they take some seconds.
RETRIES = 2
#: Seconds within which the broker must accept a notification. A broker that answers but accepts nothing causes no
#: retry.
PATIENCE = 30.0


class BusNotifier(RecordingNotifier):
    """Puts notifications on the message bus, with the priority info, in the format of the driver ``messagingv2``.

    Args:
        transport: The connection to the bus.
        recorder: Records the notification.
        clock: :meth:`emit` waits on this clock, in real time like everything on the bus; stopping the clock ends the
            wait.
        publisher_id: The sender's name; subscribers see it as the trait ``service``. None takes ``maintenance.HOST``,
            with the name of this machine.
    """

    def __init__(
        self, transport: Transport, recorder: Recorder, clock: WallClock, *, publisher_id: str | None = None
    ) -> None:
        super().__init__(recorder, publisher_id or f"maintenance.{socket.gethostname()}")
        self._transport = transport
        self._clock = clock

    def close(self) -> None:
        """Close the connection to the bus."""
        self._transport.close()

    def _send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Send the notification, and wait until the broker has accepted it.

        Raises:
            NotificationLost: The broker does not answer, or does not accept the notification in time (the notification
                may still arrive later).
            ClockStopped: The clock was stopped during the wait.
        """
        done = self._clock.signal("a notification on the bus")
        errors: list[Exception] = []

        def deliver() -> None:
            try:
                self._deliver(event_type, payload)
            except Exception as error:  # reported below
                errors.append(error)
            finally:
                done.set()

        # On a broker that has blocked publishers the driver waits forever, and its wait cannot be interrupted.
        threading.Thread(target=deliver, name=f"notification {event_type}", daemon=True).start()
        is_done = self._clock.wait(done, PATIENCE)
        where = f"the notification {event_type} did not reach the message bus at {self._transport.place}"
        if not is_done:
            raise NotificationLost(f"{where}: the broker did not accept it within {PATIENCE:g} s")
        if errors:
            # `from None`: the texts of the driver's own exceptions may have the password.
            raise NotificationLost(f"{where}: {self._transport.reason(errors[0])}") from None

    def _deliver(self, event_type: str, payload: Mapping[str, Any]) -> None:
        message = {
            "message_id": str(uuid4()),
            "publisher_id": self._publisher_id,
            "event_type": event_type,
            "priority": "INFO",
            "payload": dict(payload),
            "timestamp": str(datetime.now(UTC).replace(tzinfo=None)),
        }
        target = self._transport.messaging.Target(topic=f"{TOPIC}.info")
        # This is what the driver messagingv2 does. The driver itself, and oslo.messaging's Notifier around it, log
        # errors and continue, so the session would wait for replies to a message that reached no project.
        self._transport.bus._send_notification(target, {}, message, version=2.0, retry=RETRIES)
