"""A notifier that emits as OpenStack's own services do: on the message bus, with oslo.messaging."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.notifier import NotificationLost, Notifier
from pytest_doctor_maint.openstack.transport import TOPIC, Transport
from pytest_doctor_maint.simtime.clock import WallClock

#: How often the driver tries again when the broker is not there; with its pauses that takes some seconds.
RETRIES = 2
#: Seconds for a notification to be taken. A broker that is there and takes nothing is met by no retry.
PATIENCE = 30.0


class BusNotifier(Notifier):
    """Puts notifications on the message bus, with the priority info, in the format of the driver ``messagingv2``.

    Args:
        transport: The way to the bus.
        history: Gets the event.
        clock: Whoever emits waits on it, in real time as all that the bus does; when it is stopped, that ends.
        publisher_id: The sender's name; subscribers see it as the trait ``service``. None takes ``maintenance.HOST``,
            with this machine's name.
    """

    def __init__(
        self, transport: Transport, history: History, clock: WallClock, *, publisher_id: str | None = None
    ) -> None:
        super().__init__(history, publisher_id or f"maintenance.{socket.gethostname()}")
        self._transport = transport
        self._clock = clock

    def close(self) -> None:
        """Give the sockets back."""
        self._transport.close()

    def _send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Send it, and wait until the broker has it.

        Raises:
            NotificationLost: The broker is gone, or does not take it in time (then it may arrive later all the same).
            ClockStopped: The clock was stopped meanwhile.
        """
        done = self._clock.signal("a notification on the bus")
        errors: list[Exception] = []

        def deliver() -> None:
            try:
                self._deliver(event_type, payload)
            except Exception as error:  # whatever it is, it is told below
                errors.append(error)
            finally:
                done.set()

        # The driver waits for ever on a broker that has blocked publishers, and nothing can call it back from there.
        threading.Thread(target=deliver, name=f"notification {event_type}", daemon=True).start()
        taken = self._clock.wait(done, PATIENCE)
        where = f"the notification {event_type} did not reach the message bus at {self._transport.place}"
        if not taken:
            raise NotificationLost(f"{where}: it was not taken within {PATIENCE:g} s")
        if errors:
            # Its own causes have texts that are not ours.
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
        # What messagingv2 does. It cannot be asked to: it, and oslo.messaging's Notifier around it, log what went wrong
        # and go on, and the session would wait for answers to a message that nobody got.
        self._transport.bus._send_notification(target, {}, message, version=2.0, retry=RETRIES)
