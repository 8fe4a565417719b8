"""A listener for the notifications on OpenStack's message bus, for a cloud that receives them in no other way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.openstack.plain import as_json
from pytest_doctor_maint.openstack.transport import TOPIC, Transport

_log = logging.getLogger(__name__)

#: Takes the event type, the payload and the publisher's name of a notification.
Publish = Callable[[str, Mapping[str, Any], str | None], object]


class NotificationListener:
    """Listens to the notifications on a message bus, and passes each of them on.

    Args:
        transport: The connection to the bus. It is closed when the listener stops.
        publish: Takes each notification, with its payload as JSON. What it refuses (ValueError) is logged.
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
        """Stop listening, and wait until the notifications under way are passed on."""
        self._listener.stop()
        self._listener.wait()
        self._transport.close()


class _Endpoint:
    """The methods that oslo.messaging calls, named by the priority of the notification."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def _take(self, _context: Any, publisher_id: str, event_type: str, payload: Any, _metadata: Any) -> None:
        try:
            if not isinstance(payload, dict):
                raise ValueError(f"the payload must be an object, not {type(payload).__name__}")
            self._publish(event_type, as_json(payload), publisher_id)
        except ValueError as error:
            _log.warning("the notification %s of %s is left out: %s", event_type, publisher_id, error)

    audit = debug = info = warn = error = critical = sample = _take
