"""Bytes on a socket that are HTTP in part: each must have an answer, within the time that a client has to send."""

from __future__ import annotations

import random
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from urllib.parse import urlsplit

from fuzz.findings import Fault, Finding, Tally
from fuzz.state import state_of
from pytest_doctor_maint.embedded import CloudSettings, ComputeSpec, EmbeddedCloud
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.simtime.ids import Ids

#: Real seconds after which a request counts as hanging: its client has ended sending, so there is nothing to wait for.
HANG_SECONDS = 5.0
_PATIENCE = 30.0
_SERVICE = "cloud on a socket"
_WHOLE = (
    b"POST /identity/v3/auth/tokens HTTP/1.1\r\nHost: cloud\r\nContent-Type: application/json\r\n"
    b"Content-Length: 2\r\n\r\n{}",
    b"GET /compute/v2.1/servers?limit=1 HTTP/1.1\r\nHost: cloud\r\nX-Auth-Token: %s\r\n\r\n",
    b"DELETE /image/v2/images/%i HTTP/1.1\r\nHost: cloud\r\nX-Auth-Token: %s\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /identity/v3/projects HTTP/1.1\r\nHost: cloud\r\nX-Auth-Token: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'1e\r\n{"project": {"name": "%n", "doma\r\n3\r\nin"\r\n0\r\n\r\n',
)  # fmt: skip
_PIECES = (
    b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b"\xb2", b"\xff", b"%00", b"%", b"?", b"#", b"*", b"//",
    b"Content-Length: 9\r\n", b"Content-Length: -1\r\n", b"Content-Length: \xb2\r\n", b"9" * 4400, b"A" * 70_000,
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"0\r\n\r\n", b"ffffffff\r\n", b"X: y\r\n" * 120,
    b"HTTP/1.1", b"HTTP/0.9", b"HTTP/2.0", b"http://[::1", b"http://[zz]/", b"Host: [::1\r\n", b"Host: \r\n",
    b"Expect: 100-continue\r\n", b"Connection: keep-alive\r\n", b" folded\r\n", b"\x16\x03\x01",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)  # fmt: skip


class RawWorld:
    """A cloud on a socket.

    Args:
        cloud: The cloud, which serves.
        clock: Its clock.
        seed: Makes all choices.
        number: The number of the world, for findings.
    """

    def __init__(self, cloud: EmbeddedCloud, clock: WallClock, seed: str, number: int) -> None:
        self._cloud = cloud
        self._clock = clock
        self._number = number
        self._rng = random.Random(f"{seed}/raw {number}")  # noqa: S311
        keystone = cloud.keystone
        admin = next(user for user in keystone.directory.users.values() if user.name == "admin")
        scope = next(each.target for each in keystone.grants.assignments if each.actor_id == admin.id)
        self._token = keystone.token_store.issue(admin, scope, ("password",)).id.encode()

    def run(self, requests: int, tally: Tally) -> None:
        """Send requests, and count the answers and what must not be."""
        state = state_of(self._cloud)
        tally.routes[_SERVICE] = {_SERVICE}
        for number in range(requests):
            raw = self._bytes(number)
            failures, began = len(self._clock.failures), perf_counter()
            status = _answered(self._cloud.url, raw)
            took = perf_counter() - began
            tally.statuses[status] += 1
            if took > HANG_SECONDS:
                self._found(tally, Fault.HANG, raw, f"{took:.0f} s")
            elif status == 0 and raw.strip(b"\r\n"):
                self._found(tally, Fault.DROPPED, raw, "no answer")
            if status >= 500 or len(self._clock.failures) > failures:
                self._found(tally, Fault.ERROR, raw, f"{status} {self._clock.failures[failures:]}")
            before, state = state, state_of(self._cloud)
            if not 200 <= status < 400:
                tally.compared.setdefault(_SERVICE, Counter())[_SERVICE] += 1
                if state != before:
                    self._found(tally, Fault.CHANGE, raw, f"{status}")

    def _found(self, tally: Tally, fault: Fault, raw: bytes, detail: str) -> None:
        shown = repr(raw.replace(self._token, b"TOKEN")[:600])
        tally.findings.append(Finding(fault, f"raw {self._number}", shown, detail))

    def _bytes(self, number: int) -> bytes:
        rng = self._rng
        image = next(iter(self._cloud.glance.images), "none")
        raw = rng.choice(_WHOLE).replace(b"%s", self._token).replace(b"%i", image.encode())
        raw = raw.replace(b"%n", str(number).encode())
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            at = rng.randrange(len(raw) + 1)
            match rng.randrange(4):
                case 0:
                    raw = raw[:at]
                case 1:
                    raw = raw[:at] + raw[at + rng.randrange(1, 30) :]
                case 2:
                    # Where a header begins, more is possible.
                    at = raw.find(b"\r\n", at) + 2 if rng.random() < 0.7 and b"\r\n" in raw[at:] else at
                    raw = raw[:at] + rng.choice(_PIECES) + raw[at:]
                case 3:
                    raw = raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :]
        return raw


def _answered(url: str, raw: bytes) -> int:
    """Send bytes, end sending, and return the status of the answer; 0 if there is no answer."""
    parts = urlsplit(url)
    answer = b""
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=_PATIENCE) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            # What was answered before the connection broke is an answer.
            pass
    while answer.startswith(b"HTTP/1.1 100 "):
        answer = answer.partition(b"\r\n\r\n")[2]
    words = answer.split(None, 2)
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit() else 0


@contextmanager
def new_raw_world(seed: str, number: int) -> Iterator[RawWorld]:
    """Yield a new world."""
    clock = WallClock()
    settings = CloudSettings([ComputeSpec("compute-1")], admin_password="admin")
    cloud = EmbeddedCloud(clock, History(clock.now), Ids(number), settings).start()
    try:
        yield RawWorld(cloud, clock, seed, number)
    finally:
        cloud.stop()
        clock.stop()
        cloud.join()
