"""The way to OpenStack's message bus. oslo.messaging goes it, for whoever emits there and for whoever listens.

It takes the extra ``messaging``. Nothing of it is imported before it is used.
"""

from __future__ import annotations

import importlib
import socket
from typing import Any
from urllib.parse import quote

#: Where OpenStack's services put their notifications, unless configured otherwise.
TOPIC = "notifications"
#: Seconds for a broker to be reached.
PATIENCE = 5.0


class TransportError(Exception):
    """The message bus cannot be used; the text says why, without the password of its URL."""


class Transport:
    """A way to a message bus; it goes back with :meth:`close`.

    Args:
        url: The bus as oslo.messaging writes it (``rabbit://USER:PASSWORD@HOST:PORT/VHOST``). Its query may have
            settings of the driver (``?amqp_durable_queues=true``).

    Attributes:
        messaging: The module ``oslo_messaging``.
        bus: oslo.messaging's own transport.
        place: Where the bus is (``HOST:PORT``, with commas between several).

    Raises:
        TransportError: oslo.messaging is not installed, ``url`` cannot be read, nobody answers there, or RabbitMQ
            does not let us in.
    """

    def __init__(self, url: str) -> None:
        try:
            self.messaging: Any = importlib.import_module("oslo_messaging")
            config: Any = importlib.import_module("oslo_config.cfg")
        except ImportError as error:
            raise TransportError("oslo.messaging is missing: pip install 'pytest-doctor-maint[messaging]'") from error
        conf = config.ConfigOpts()
        # Neither the command line of the process nor the files of the machine configure it.
        conf([], project="doctor-maint", default_config_files=[], default_config_dirs=[])
        try:
            parsed = self.messaging.TransportURL.parse(conf, url)
            self.bus: Any = self.messaging.get_notification_transport(conf, url=url)
        except Exception as error:
            # The drivers have errors of their own, and their texts may have the whole URL.
            raise TransportError(f"no way to a message bus leads there ({type(error).__name__})") from None
        if not parsed.hosts:
            raise TransportError("it names no host")
        hosts = [(host.hostname, host.port or 5672) for host in parsed.hosts]
        for host, port in hosts:
            _check(host, port)
        self.place = ",".join(f"{host}:{port}" for host, port in hosts)
        self._passwords = [host.password for host in parsed.hosts if host.password]
        self._log_in()

    def reason(self, error: BaseException) -> str:
        """What ``error`` says, with stars for the passwords of the URL."""
        text = str(error) or type(error).__name__
        for password in self._passwords:
            for written in (password, quote(password), quote(password, safe="")):
                text = text.replace(written, "***")
        return text

    def close(self) -> None:
        """Give the sockets back."""
        self.bus.cleanup()

    def _log_in(self) -> None:
        """Find out now whether we may, and not when the first notification is due."""
        # The driver makes a connection when it needs one, and only that of RabbitMQ can be made to.
        pool = getattr(self.bus._driver, "_connection_pool", None)
        if pool is None:
            return
        try:
            pool.create(retry=0).close()
        except Exception as error:
            raise TransportError(f"{self.place} does not let us in: {self.reason(error)}") from None


def _check(host: str | None, port: int) -> None:
    # oslo.messaging itself would try for ever.
    try:
        socket.create_connection((host or "", port), PATIENCE).close()
    except OSError as error:
        raise TransportError(f"nobody answers at {host}:{port}: {error.strerror or error}") from error
    except UnicodeError as error:
        raise TransportError(f"{host!r} is no name of a host") from error
