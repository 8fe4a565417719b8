"""HTTP as bytes, for requests that no library would send."""

from __future__ import annotations

import socket
from typing import NamedTuple
from urllib.parse import urlsplit


class RawAnswer(NamedTuple):
    """An answer, or the lack of one.

    Attributes:
        status: The HTTP status; 0: the connection was closed without an answer.
        body: The body as it came, with its chunks.
    """

    status: int
    body: bytes


def connect(url: str, timeout: float = 30.0) -> socket.socket:
    """Return a connection to the server at ``url``."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 80), timeout=timeout)


def read_answer(connection: socket.socket) -> RawAnswer:
    """Return the answer, up to the end of the connection."""
    raw = b""
    try:
        while piece := connection.recv(65536):
            raw += piece
    except ConnectionResetError:
        # What came before the reset counts.
        pass
    head, _, body = raw.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    return RawAnswer(int(words[1]) if len(words) > 1 and words[1].isdigit() else 0, body)


def exchange(url: str, raw: bytes, *, timeout: float = 30.0) -> RawAnswer:
    """Send bytes to the server at ``url``, end sending, and return the answer."""
    with connect(url, timeout) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            # The server refuses the rest; its answer may have come.
            pass
        return read_answer(connection)
