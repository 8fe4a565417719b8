"""Requests that are broken on the wire are answered, change nothing, and stop nobody else."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest

from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, Request, route
from pytest_doctor_maint.simtime.http.body import MAX_BODY
from pytest_doctor_maint.simtime.http.wires import WIRES, reading
from tests.support.http_pair import Pair
from tests.support.raw_http import connect, exchange, read_answer


class Counter(App):
    """Counts what it is asked to do, under a lock, as the embedded cloud does."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.deleted = 0

    @route("DELETE", "/thing")
    def delete(self, request: Request) -> Answer:
        with self.lock:
            request.get_data()
            self.deleted += 1
        return None

    @route("POST", "/thing")
    def take(self, request: Request) -> Answer:
        with self.lock:
            return request.json_object()


@pytest.fixture
def app() -> Counter:
    return Counter()


@pytest.fixture
def pair(app: Counter) -> Iterator[Pair]:
    made = Pair(WallClock(WIRES["socket"]()), app)
    yield made
    made.stop()


DELETE = b"DELETE /thing HTTP/1.1\r\nHost: here\r\n"
CHUNKS = DELETE + b"Transfer-Encoding: chunked\r\n\r\n"
HEAD_END = b" HTTP/1.1\r\nHost: here\r\n\r\n"
BROKEN = {
    "a body that is cut off": DELETE + b"Content-Length: 9\r\n\r\n{",
    "no body at all": DELETE + b"Content-Length: 9\r\n\r\n",
    "a chunk that is cut off": CHUNKS + b"9\r\n{",
    "a large chunk without a byte": CHUNKS + b"fffff\r\n",
    "no last chunk": CHUNKS + b"1\r\n{\r\n",
    "a chunk that is too long": CHUNKS + b"1\r\n{}\r\n0\r\n\r\n",
    "a chunk without a size": CHUNKS + b"\xb2\r\n{\r\n0\r\n\r\n",
    "a chunk of a negative size": CHUNKS + b"-1\r\n\r\n",
    "trailers without an end": CHUNKS + b"0\r\nA: b\r\n",
    "an unknown coding": DELETE + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a length and chunks": DELETE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": DELETE + b"Content-Length: 0\r\nContent-Length: 1\r\n\r\n",
    "a header without a colon": DELETE + b"rubbish\r\nContent-Length: 0\r\n\r\n",
    "headers that are cut off": DELETE + b"Content-Length: 9\r\n",
    "a header that is cut off": DELETE + b"Content-Len",
    "NUL in the method": b"DEL\x00ETE /thing" + HEAD_END,
    "letters of no script in the method": b"\xff\xfe /thing" + HEAD_END,
    "no method": b"/thing" + HEAD_END,
    "no version": b"DELETE /thing\r\nHost: here\r\n\r\n",
    "another version": b"DELETE /thing HTTP/2.0\r\nHost: here\r\n\r\n",
    "an empty line": b"\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01",
    "NUL in the path": b"DELETE /th\x00ing" + HEAD_END,
    "an address that does not end": b"GET http://[::1" + HEAD_END,
    "an address that is none": b"GET http://[zz]/" + HEAD_END,
}
LENGTHS = [b"-1", b"+1", b"0x1", b"1_0", b"1 0", b"\xb2", b"1.0", b"9" * 4400, b"9" * 30, b"1,1", b"one"]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_request_is_refused_and_changes_nothing(pair: Pair, app: Counter, kind: str) -> None:
    answer = exchange(pair.server.url, BROKEN[kind])
    assert answer.status == 400
    assert json.loads(answer.body)["error"]
    assert app.deleted == 0
    assert pair.clock.failures == []


@pytest.mark.parametrize("length", LENGTHS, ids=lambda length: repr(length[:12]))
def test_a_length_that_is_no_number_is_refused(pair: Pair, app: Counter, length: bytes) -> None:
    answer = exchange(
        pair.server.url, b"DELETE /thing HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + b"\r\n\r\n{}"
    )
    assert answer.status == 400
    assert "Content-Length" in json.loads(answer.body)["error"]
    assert app.deleted == 0


@pytest.mark.parametrize(
    ("line", "status"), [(b"GET /" + b"a" * 70_000, 414), (b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000, 431)]
)
def test_a_head_that_is_too_long_is_refused(pair: Pair, line: bytes, status: int) -> None:
    answer = exchange(pair.server.url, line + b"\r\n\r\n")
    assert answer.status == status
    assert json.loads(answer.body)["error"]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413), (20 * MAX_BODY, 413)])
def test_the_size_of_a_body_is_bounded(pair: Pair, size: int, status: int, chunked: bool) -> None:
    body = b'{"a": "' + b"x" * (size - 9) + b'"}'
    answer = pair.session.post(pair.url("/thing"), data=iter([body]) if chunked else body)
    assert answer.status_code == status
    assert ("error" in answer.json()) == (status == 413)


def test_a_body_with_extensions_of_chunks_and_trailers_is_taken(pair: Pair) -> None:
    chunks = b'1;name="value"\r\n{\r\n1 \r\n}\r\n0\r\nTrailer: yes\r\n\r\n'
    answer = exchange(
        pair.server.url, b"POST /thing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n" + chunks
    )
    assert (answer.status, answer.body) == (200, b"{}")


def test_a_server_may_take_larger_bodies(pair: Pair) -> None:
    server = HttpServer(Counter(), name="large", clock=pair.clock, body_limit=lambda environ: 2 * MAX_BODY).start()
    body = b'{"a": "' + b"x" * MAX_BODY + b'"}'
    assert pair.session.post(f"{server.url}/thing", data=body).status_code == 200
    server.stop()
    server.join()


#: What a client sends before it stalls, and the status of the answer; 0: the connection is closed.
STALLS = {
    "in the body": (b"POST /thing HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{", 408),
    "in a chunk": (b"POST /thing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{", 408),
    "in the head": (b"POST /thing HTTP/1.1\r\nHost: a\r\n", 0),
    "at once": (b"", 0),
}


@pytest.mark.parametrize("where", STALLS)
def test_a_client_that_stalls_stops_nobody_and_is_cut_off(
    pair: Pair, app: Counter, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READ_SECONDS", 0.5)
    sent, status = STALLS[where]
    with connect(pair.server.url) as stalled:
        stalled.sendall(sent)
        assert pair.session.post(pair.url("/thing"), json={"served": True}).json() == {"served": True}
        assert app.lock.acquire(timeout=0)
        app.lock.release()
        assert read_answer(stalled).status == status


def test_a_client_that_sends_a_byte_now_and_then_is_cut_off_as_well(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READ_SECONDS", 0.5)
    began = time.monotonic()
    with connect(pair.server.url, timeout=0.1) as drip:
        drip.sendall(b"POST /thing HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n")
        answer = b""
        while not answer:
            assert time.monotonic() - began < 10
            try:
                answer = drip.recv(65536)
            except TimeoutError:
                drip.sendall(b" ")
    assert answer.startswith(b"HTTP/1.1 408 ")
