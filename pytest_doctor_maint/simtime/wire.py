"""The contract of a wire: the way by which requests reach the servers of a run.

The clock of a run carries its wire, because servers and sessions are given the clock and nothing else. This module
stands outside of :mod:`pytest_doctor_maint.simtime.http`, so that the clock does not import HTTP.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from requests.adapters import BaseAdapter

#: Makes an application that stands in front of another one, for example to record what passes.
Layer = Callable[["WSGIApplication"], "WSGIApplication"]

#: A host and a port.
Address = tuple[str, int]
#: The address at which this machine reaches a server that listens on all addresses.
_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here


class Endpoint(ABC):
    """An address on a wire, from :meth:`start` to :meth:`stop`.

    Attributes:
        url: ``http://HOST:PORT``.
        layers: What :meth:`Wire.wrap` put in front of the server; the server applies it when it starts.
        started: True from :meth:`start` on, also after :meth:`stop`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.layers: list[Layer] = []
        self.started = False

    @abstractmethod
    def start(self) -> None:
        """Begin to hand requests to the application."""

    @abstractmethod
    def stop(self) -> None:
        """Refuse further requests, and end the connections of those under way. Stopping twice is allowed."""

    @abstractmethod
    def join(self, patience: float) -> None:
        """Wait for the handlers that ran when the endpoint stopped; call it after the clock was stopped.

        Raises:
            RuntimeError: A handler still runs after ``patience`` real seconds.
        """


#: The names of the wires: through sockets, and in the memory of this process.
WIRE_NAMES = ("socket", "memory")


class Wire(ABC):
    """The way by which requests reach the servers of one run."""

    @abstractmethod
    def listen(self, app: WSGIApplication, *, name: str, host: str, port: int, public_host: str = "") -> Endpoint:
        """Return a new endpoint that hands its requests to ``app``.

        Args:
            app: The application. It handles every exception itself.
            name: The server's name, for threads and errors.
            host: The address to listen on.
            port: The port; 0 takes a free one.
            public_host: The host in the URL of the endpoint, where clients use another one than ``host``.

        Raises:
            OSError: The address is taken, or cannot be bound.
        """

    @abstractmethod
    def adapter(self) -> BaseAdapter:
        """Return a new transport adapter for a ``requests`` session whose requests take this wire."""

    @abstractmethod
    def endpoint_at(self, url: str) -> Endpoint | None:
        """Return the endpoint with the host and the port of ``url``; None if this wire has no such endpoint."""

    def wrap(self, url: str, layer: Layer) -> None:
        """Put ``layer`` in front of the server at ``url``, from outside: its owner need not know of the layer.

        The layer runs inside of the server: with the token and the cause of the request, and its exceptions are
        failures of the run. Of several layers, the last one added sees a request first.

        Args:
            url: Any URL of the server. The path does not matter: the layer sees all requests.
            layer: Called with the server's application when the server starts; returns what stands in front of it.

        Raises:
            LookupError: There is no server at ``url`` on this wire.
            RuntimeError: The server at ``url`` has started already.
        """
        endpoint = self.endpoint_at(url)
        if endpoint is None:
            raise LookupError(f"no server of this wire is at {url}")
        if endpoint.started:
            raise RuntimeError(f"the server at {url} has started: wrap it before")
        endpoint.layers.append(layer)


def url_at(host: str, port: int, public_host: str = "") -> str:
    """Return the URL of a server that listens at ``host``.

    A server that listens on all addresses is at the loopback address, unless ``public_host`` says otherwise: no client
    can use ``0.0.0.0``.
    """
    name = public_host or _LOOPBACK.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def address(url: str) -> Address:
    """Return the host and the port of ``url``, as ``http`` means them."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80
