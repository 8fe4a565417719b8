"""What a server reads from a socket, within bounds of time and form."""

from __future__ import annotations

import io
import re
import socket
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Real seconds in which a request must arrive. A large one gets a second more for each megabyte that has come.
READ_SECONDS = 10.0
BYTES_PER_SECOND = 1 << 20
#: Real seconds in which any request must have arrived.
MOST_SECONDS = 90.0
#: Real seconds in which a client must take each part of the answer.
WRITE_SECONDS = 60.0

_MAX_LINE = 4096
_MAX_TRAILERS = 100
_CHUNK_SIZE = re.compile(rb"(?P<size>[0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")


class DeadlineReader(io.RawIOBase):
    """The incoming bytes of a connection. Reading raises TimeoutError once the request has taken too long to arrive.

    A time-out of the socket alone bounds each wait, and a client that sends a byte now and then would never end.

    Attributes:
        has_ended: True once the end of what the client sends was read.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.has_ended = False
        self._connection = connection
        self._deadline = monotonic() + READ_SECONDS
        self._latest = monotonic() + MOST_SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the request did not arrive in time")
        self._connection.settimeout(left)
        try:
            count = self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(WRITE_SECONDS)
        self.has_ended = count == 0
        self._deadline = min(self._deadline + count / BYTES_PER_SECOND, self._latest)
        return count


class ChunkedBody:
    """A body that comes in chunks, as RFC 9112 has them.

    Unlike werkzeug's own, it takes a body that is cut off for one that is broken.
    """

    def __init__(self, source: io.BufferedIOBase) -> None:
        self._source = source
        self._left = 0
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; none after the last chunk.

        Raises:
            ValueError: The chunks are broken or cut off.
        """
        if self._left == 0 and not self._ended:
            self._begin_chunk()
        if self._ended:
            return b""
        piece = self._source.read(min(size, self._left))
        if not piece:
            raise ValueError("it ends within a chunk")
        self._left -= len(piece)
        if self._left == 0 and self._line():
            raise ValueError("a chunk is longer than it says")
        return piece

    def _begin_chunk(self) -> None:
        match = _CHUNK_SIZE.fullmatch(self._line())
        if match is None:
            raise ValueError("a chunk has no size")
        self._left = int(match["size"], 16)
        if self._left:
            return
        self._ended = True
        for _ in range(_MAX_TRAILERS):
            if not self._line():
                return
        raise ValueError(f"it has more than {_MAX_TRAILERS} trailers")

    def _line(self) -> bytes:
        line = self._source.readline(_MAX_LINE)
        if not line.endswith(b"\n"):
            raise ValueError("it ends within a line, or has a line that is too long")
        return line.rstrip(b"\r\n")
