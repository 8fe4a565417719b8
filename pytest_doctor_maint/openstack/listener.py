"""What services emit on OpenStack's message bus, for a cloud that has no other way to hear of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.openstack.transport import TOPIC, Transport

_log = logging.getLogger(__name__)

Publish = Callable[[str, Mapping[str, Any], str | None], object]


class NotificationListener:
    """Listens to the notifications on a message bus, and hands each of them on.

    Args:
        transport: The way to the bus. It is closed when the listener stops.
        publish: Takes the event type, the payload and the publisher's name. What it refuses (ValueError) is logged.
    """

    def __init__(self, transport: Transport, publish: Publish) -> None:
        messaging = transport.messaging
        self._transport = transport
        self._listener = messaging.get_notification_listener(
            transport.bus, [messaging.Target(topic=TOPIC)], [_Endpoint(publish)], executor="threading"
        )

    def start(self) -> None:
        """Begin to listen."""
        self._listener.start()

    def stop(self) -> None:
        """Listen no more, and wait for what is being handed on."""
        self._listener.stop()
        self._listener.wait()
        self._transport.close()


class _Endpoint:
    """What oslo.messaging calls, by the notification's priority."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def _take(self, _context: Any, publisher_id: str, event_type: str, payload: Any, _metadata: Any) -> None:
        try:
            if not isinstance(payload, dict):
                raise ValueError(f"its payload is no object, but {type(payload).__name__}")
            self._publish(event_type, payload, publisher_id)
        except ValueError as error:
            _log.warning("the notification %s of %s is left out: %s", event_type, publisher_id, error)

    audit = debug = info = warn = error = critical = sample = _take
