"""The connection to OpenStack's message bus, through oslo.messaging, for notifiers and listeners.

It needs the extra ``messaging``. Nothing of that is imported before it is used.
"""

from __future__ import annotations

import importlib
import socket
from typing import Any
from urllib.parse import quote

from pytest_doctor_maint.refusal import Refusal

#: The topic of the notifications of OpenStack's services, unless configured otherwise.
TOPIC = "notifications"
#: Seconds within which a broker must accept a connection.
PATIENCE = 5.0


class TransportError(Refusal):
    """The message bus cannot be used; the text says why, without the password in the bus's URL."""


class Transport:
    """A connection to a message bus, until :meth:`close`.

    Args:
        url: The URL of the bus in the form of oslo.messaging (``rabbit://USER:PASSWORD@HOST:PORT/VHOST``). The query of
            the URL may have settings of the driver (``?amqp_durable_queues=true``).

    Attributes:
        messaging: The module ``oslo_messaging``.
        bus: oslo.messaging's own transport.
        place: The address of the bus (``HOST:PORT``, with commas between several).

    Raises:
        TransportError: oslo.messaging is not installed, ``url`` cannot be read, no broker answers at its address, or
            RabbitMQ refuses the login.
    """

    def __init__(self, url: str) -> None:
        try:
            self.messaging: Any = importlib.import_module("oslo_messaging")
            config: Any = importlib.import_module("oslo_config.cfg")
        except ImportError as error:
            raise TransportError("oslo.messaging is missing: pip install 'pytest-doctor-maint[messaging]'") from error
        conf = config.ConfigOpts()
        # Neither the command line of the process nor files of the machine may configure oslo.messaging.
        conf([], project="doctor-maint", default_config_files=[], default_config_dirs=[])
        try:
            parsed = self.messaging.TransportURL.parse(conf, url)
            self.bus: Any = self.messaging.get_notification_transport(conf, url=url)
        except Exception as error:
            # The drivers have exceptions of their own, whose texts may have the whole URL.
            raise TransportError(f"the URL is not that of a message bus ({type(error).__name__})") from None
        if not parsed.hosts:
            raise TransportError("the URL names no host")
        hosts = [(host.hostname, host.port or 5672) for host in parsed.hosts]
        for host, port in hosts:
            _check(host, port)
        self.place = ",".join(f"{host}:{port}" for host, port in hosts)
        self._passwords = [host.password for host in parsed.hosts if host.password]
        self._log_in()

    def reason(self, error: BaseException) -> str:
        """Return the text of ``error``, with ``***`` in place of the passwords in the URL."""
        text = str(error) or type(error).__name__
        for password in self._passwords:
            for written in (password, quote(password), quote(password, safe="")):
                text = text.replace(written, "***")
        return text

    def close(self) -> None:
        """Close all sockets."""
        self.bus.cleanup()

    def _log_in(self) -> None:
        """Log in now, so that a refusal is found before the first notification is due."""
        # The driver connects when it needs a connection; only RabbitMQ's driver can be asked to connect earlier.
        pool = getattr(self.bus._driver, "_connection_pool", None)
        if pool is None:
            return
        try:
            pool.create(retry=0).close()
        except Exception as error:
            raise TransportError(f"{self.place} refuses the login: {self.reason(error)}") from None


def _check(host: str | None, port: int) -> None:
    """Raise TransportError if no broker answers at ``host:port``; oslo.messaging itself would retry forever."""
    try:
        socket.create_connection((host or "", port), PATIENCE).close()
    except OSError as error:
        raise TransportError(f"no broker answers at {host}:{port}: {error.strerror or error}") from error
    except UnicodeError as error:
        raise TransportError(f"invalid host name {host!r}") from error
