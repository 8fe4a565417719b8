"""The wires that there are: sockets, and memory.

On the :class:`SocketWire` every server has a socket and a thread for each request. On the :class:`MemoryWire` a request
is handled in the thread of its client, which is several times as fast. Applications, sessions and histories are the
same on both.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_doctor_maint.simtime.http.wires.memory import MemoryWire
from pytest_doctor_maint.simtime.http.wires.sockets import SocketWire
from pytest_doctor_maint.simtime.wire import WIRE_NAMES

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.clock import Clock
    from pytest_doctor_maint.simtime.wire import Wire

__all__ = ["WIRES", "MemoryWire", "SocketWire", "wire_of"]

#: The wires by the names that settings use.
WIRES: Mapping[str, type[Wire]] = dict(zip(WIRE_NAMES, (SocketWire, MemoryWire), strict=True))

_lock = threading.Lock()


def wire_of(clock: Clock) -> Wire:
    """Return the wire of the run that ``clock`` belongs to; sockets, unless the clock was given another one."""
    with _lock:
        if clock.wire is None:
            clock.wire = SocketWire()
        return clock.wire
