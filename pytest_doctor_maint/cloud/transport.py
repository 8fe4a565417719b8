"""OpenStack's message bus: what services emit there with oslo.messaging, for whoever has no other way in.

It takes the extra ``messaging``. Nothing of it is imported before it is used.
"""

from __future__ import annotations

import importlib
import logging
import socket
from collections.abc import Callable, Mapping
from typing import Any

#: Where OpenStack's services put their notifications, unless configured otherwise.
TOPIC = "notifications"
#: Seconds for a broker to be reached.
PATIENCE = 5.0

_log = logging.getLogger(__name__)

Publish = Callable[[str, Mapping[str, Any], str | None], object]


class TransportError(Exception):
    """There is no way to the message bus; the text says why, without the password of its URL."""


class NotificationListener:
    """Listens to the notifications on a message bus, and hands each of them on.

    Args:
        url: The bus as oslo.messaging writes it (``rabbit://USER:PASSWORD@HOST:PORT/VHOST``).
        publish: Takes the event type, the payload and the publisher's name. What it refuses (ValueError) is logged.

    Raises:
        TransportError: oslo.messaging is not installed, ``url`` cannot be read, or nobody answers there.
    """

    def __init__(self, url: str, publish: Publish) -> None:
        try:
            messaging: Any = importlib.import_module("oslo_messaging")
            config: Any = importlib.import_module("oslo_config.cfg")
        except ImportError as error:
            raise TransportError("oslo.messaging is missing: pip install 'pytest-doctor-maint[messaging]'") from error
        conf = config.ConfigOpts()
        # Neither the command line of the process nor the files of the machine configure it.
        conf([], project="doctor-maint", default_config_files=[], default_config_dirs=[])
        try:
            parsed = messaging.TransportURL.parse(conf, url)
            transport = messaging.get_notification_transport(conf, url=url)
        except Exception as error:
            # The drivers have errors of their own, and their texts may have the whole URL.
            raise TransportError(f"no way to a message bus leads there ({type(error).__name__})") from None
        for host in parsed.hosts:
            _check(host.hostname, host.port or 5672)
        self._transport = transport
        self._listener = messaging.get_notification_listener(
            transport, [messaging.Target(topic=TOPIC)], [_Endpoint(publish)], executor="threading"
        )

    def start(self) -> None:
        """Begin to listen."""
        self._listener.start()

    def stop(self) -> None:
        """Listen no more, and wait for what is being handed on."""
        self._listener.stop()
        self._listener.wait()
        self._transport.cleanup()


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


def _check(host: str | None, port: int) -> None:
    # oslo.messaging itself would try for ever.
    try:
        socket.create_connection((host or "", port), PATIENCE).close()
    except OSError as error:
        raise TransportError(f"nobody answers at {host}:{port}: {error.strerror or error}") from error
