"""What wires guarantee: which thread handles a request, when a request is refused, and layers before servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_doctor_maint.simtime.cause import caused_by, current_cause
from pytest_doctor_maint.simtime.clock import SimulatedClock, WallClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, HttpSession, Request, route
from pytest_doctor_maint.simtime.http.wires import WIRES, MemoryWire, SocketWire, wire_of
from pytest_doctor_maint.simtime.wire import Layer
from tests.support.http_pair import Echo, Pair, make_clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@pytest.fixture
def pair(wire: str) -> Iterator[Pair]:
    made = Pair(make_clock("simulated", wire))
    yield made
    made.stop()


@pytest.fixture
def memory() -> Iterator[Pair]:
    made = Pair(make_clock("simulated", "memory"))
    yield made
    made.stop()


# -- which wire it is --------------------------------------------------------------------------------------------------


def test_a_clock_without_a_wire_gets_sockets_once() -> None:
    clock = WallClock()
    assert clock.wire is None
    assert isinstance(wire_of(clock), SocketWire)
    assert wire_of(clock) is clock.wire


def test_a_clock_keeps_the_wire_that_it_was_made_with() -> None:
    wire = MemoryWire()
    assert wire_of(WallClock(wire)) is wire


# -- where a server is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "public_host", "at"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("::1", "", "[::1]"),
        ("0.0.0.0", "", "127.0.0.1"),  # noqa: S104 - what is tested
        ("::", "", "[::1]"),
        ("127.0.0.1", "localhost", "localhost"),
        ("0.0.0.0", "127.0.0.1", "127.0.0.1"),  # noqa: S104 - what is tested
        ("::", "127.0.0.1", "127.0.0.1"),
        ("::", "::1", "[::1]"),
    ],
)
def test_clients_reach_a_server_at_its_url(wire: str, host: str, public_host: str, at: str) -> None:
    clock = make_clock("simulated", wire)
    server = HttpServer(Echo(clock), name="echo", clock=clock, host=host, public_host=public_host).start()
    try:
        assert server.url.rpartition(":")[0] == f"http://{at}"
        with HttpSession(clock) as session:
            assert session.get(f"{server.url}/nowhere").status_code == 404
    finally:
        server.stop()
        clock.stop()
        server.join()


# -- the memory wire ---------------------------------------------------------------------------------------------------


def test_on_the_memory_wire_a_handler_runs_in_the_thread_of_its_client() -> None:
    seen: list[int] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(threading.get_ident())
        start_response("204 NO CONTENT", [])
        return []

    pair = Pair(WallClock(MemoryWire()), app)
    before = threading.active_count()
    assert pair.session.get(pair.server.url).status_code == 204
    assert seen == [threading.get_ident()]
    assert threading.active_count() == before
    pair.stop()


def test_the_addresses_of_the_memory_wire_are_counted() -> None:
    clock = WallClock(MemoryWire())
    servers = [HttpServer(Echo(clock), name=f"server {number}", clock=clock) for number in range(3)]
    assert [server.url for server in servers] == [
        "http://127.0.0.1:61001",
        "http://127.0.0.1:61002",
        "http://127.0.0.1:61003",
    ]


def test_a_port_that_was_asked_for_is_not_given_away_and_is_free_again_after_the_stop() -> None:
    clock = WallClock(MemoryWire())
    first = HttpServer(Echo(clock), name="first", clock=clock, port=61001)
    assert HttpServer(Echo(clock), name="second", clock=clock).url == "http://127.0.0.1:61002"
    with pytest.raises(OSError, match=r"Address already in use: http://127.0.0.1:61001"):
        HttpServer(Echo(clock), name="third", clock=clock, port=61001)
    first.stop()
    assert HttpServer(Echo(clock), name="third", clock=clock, port=61001).url == "http://127.0.0.1:61001"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:61999/", "https://127.0.0.1:61001/", "http://example.com/", "http://[::1]:61001/"]
)
def test_an_address_that_no_server_of_the_run_has_is_refused(memory: Pair, url: str) -> None:
    with pytest.raises(requests.ConnectionError, match="connection refused: no server of this run is at"):
        memory.session.get(url)
    memory.clock.sleep(1)


def test_a_server_accepts_requests_from_its_start_to_its_stop(wire: str) -> None:
    clock = WallClock(WIRES[wire]())
    server = HttpServer(Echo(clock), name="echo", clock=clock)
    with HttpSession(clock) as session:
        if wire == "memory":
            # A socket would let the client wait for the start.
            with pytest.raises(requests.ConnectionError, match="refused"):
                session.get(server.url)
        server.start()
        assert session.get(f"{server.url}/sleep/0").ok
        server.stop()
        with pytest.raises(requests.ConnectionError, match="refused"):
            session.get(f"{server.url}/sleep/0")


def test_two_runs_do_not_reach_each_other(memory: Pair) -> None:
    with HttpSession(WallClock(MemoryWire())) as other, pytest.raises(requests.ConnectionError, match="refused"):
        other.get(memory.url("/sleep/0"))


def test_a_handler_does_not_see_the_context_of_its_client_and_leaves_none_behind(pair: Pair) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="unset")
    seen: list[str] = []

    class Nosy(App):
        @route("GET", "/")
        def look(self, request: Request) -> Answer:
            seen.append(variable.get())
            variable.set("of the handler")
            return {"cause": current_cause()}

    server = HttpServer(Nosy(), name="nosy", clock=pair.clock).start()
    variable.set("of the client")
    with caused_by(7):
        assert pair.session.get(server.url).json() == {"cause": 7}
        assert current_cause() == 7
    assert seen == ["unset"]
    assert variable.get() == "of the client"
    pair.clock.sleep(1)
    server.stop()
    pair.stop()
    server.join()


def test_handlers_within_handlers_hand_time_back_in_order(pair: Pair) -> None:
    before = pair.clock.now()
    ended: list[float] = []

    def client(path: str) -> None:
        assert pair.session.get(pair.url(path)).ok
        ended.append((pair.clock.now() - before).total_seconds())

    tasks = [
        pair.clock.spawn(lambda: client("/relay/relay/sleep/3"), "long"),
        pair.clock.spawn(lambda: client("/relay/sleep/1"), "short"),
        pair.clock.spawn(lambda: client("/sleep/2"), "middle"),
    ]
    assert all(task.join(10) for task in tasks)
    assert ended == [1, 2, 3]


def test_many_threads_may_ask_at_once(wire: str) -> None:
    clock = WallClock(WIRES[wire]())
    meeting = threading.Barrier(8, timeout=10)

    class Meeting(App):
        @route("GET", "/<name>")
        def wait(self, request: Request, name: str) -> Answer:
            # No request is answered before all have come.
            meeting.wait()
            return {"name": name}

    pair = Pair(clock, Meeting())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: pair.session.get(pair.url(f"/{number}")).json()["name"], range(8)))
    assert answers == [str(number) for number in range(8)]
    pair.stop()


def test_a_client_whose_server_stops_meanwhile_loses_its_connection(wire: str) -> None:
    clock = WallClock(WIRES[wire]())
    arrived, go_on = threading.Event(), threading.Event()

    class Slow(App):
        @route("GET", "/")
        def wait(self, request: Request) -> Answer:
            arrived.set()
            go_on.wait(10)
            return {}

    pair = Pair(clock, Slow())
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(pair.session.get, pair.server.url)
        assert arrived.wait(10)
        pair.server.stop()
        with pytest.raises(RuntimeError, match=r"a request handler of echo did not end within 0\.01 s"):
            pair.server.join(patience=0.01)
        go_on.set()
        with pytest.raises(requests.ConnectionError):
            answer.result(10)
    pair.stop()


def test_a_request_without_a_token_is_refused_on_the_memory_wire_too(memory: Pair) -> None:
    with memory.foreign_session() as session:
        answer = session.get(memory.url("/sleep/0"))
    assert answer.status_code == 400
    assert "use the wall clock" in answer.json()["error"]


def test_a_read_timeout_means_nothing_on_the_memory_wire(memory: Pair) -> None:
    assert memory.session.get(memory.url("/sleep/500"), timeout=0.001).ok


# -- layers in front of a server ---------------------------------------------------------------------------------------


def noting(notes: list[str], name: str) -> Layer:
    """Return a layer that records the path and the cause of each request."""

    def layer(app: WSGIApplication) -> WSGIApplication:
        def note(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            notes.append(f"{name}: {environ['PATH_INFO']} {current_cause()}")
            return app(environ, start_response)

        return note

    return layer


def test_a_layer_sees_every_request_to_its_server_and_no_other(wire: str) -> None:
    clock, notes = make_clock("simulated", wire), list[str]()
    watched, other = (HttpServer(Echo(clock), name=name, clock=clock) for name in ("watched", "other"))
    wire_of(clock).wrap(f"{watched.url}/v1/any", noting(notes, "first"))
    wire_of(clock).wrap(watched.url, noting(notes, "second"))
    watched.start()
    other.start()
    with HttpSession(clock) as session, caused_by(3):
        assert session.get(f"{watched.url}/sleep/1").json() == {"cause": 3}
        assert session.get(f"{other.url}/sleep/1").ok
    assert notes == ["second: /sleep/1 3", "first: /sleep/1 3"]
    for server in (watched, other):
        server.stop()
    clock.stop()


def test_an_exception_in_a_layer_is_a_failure_of_the_run(wire: str) -> None:
    clock = make_clock("simulated", wire)
    server = HttpServer(Echo(clock), name="echo", clock=clock)

    def broken(app: WSGIApplication) -> WSGIApplication:
        def fail(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            raise KeyError("lost")

        return fail

    wire_of(clock).wrap(server.url, broken)
    server.start()
    with HttpSession(clock) as session:
        assert session.get(server.url).status_code == 500
    assert [failure.name for failure in clock.failures] == ["echo"]
    server.stop()
    clock.stop()


def test_a_server_that_has_started_is_not_wrapped_any_more(pair: Pair) -> None:
    with pytest.raises(RuntimeError, match=f"the server at {pair.server.url} has started"):
        wire_of(pair.clock).wrap(pair.server.url, noting([], "late"))


def test_a_server_that_is_not_on_the_wire_is_not_wrapped(pair: Pair) -> None:
    with pytest.raises(LookupError, match=r"no server of this wire is at http://127.0.0.1:9"):
        wire_of(pair.clock).wrap("http://127.0.0.1:9", noting([], "nobody"))


# -- applications that break the rules of WSGI -------------------------------------------------------------------------


def silent(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return [b"no status"]


def repeating(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("X-Seen", "once")])
    start_response("201 CREATED", [("X-Seen", "twice")])
    return []


def dying(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("X-Seen", "once")])
    yield b"begun"
    raise KeyError("lost")


@pytest.mark.parametrize("app", [silent, repeating, dying])
def test_the_answer_of_an_application_that_breaks_the_rules_is_500(wire: str, app: WSGIApplication) -> None:
    pair = Pair(WallClock(WIRES[wire]()), app)
    answer = pair.session.get(pair.server.url)
    assert answer.status_code == 500
    assert answer.reason == "INTERNAL SERVER ERROR"
    pair.stop()


def closing(closed: list[str]) -> WSGIApplication:
    class Body(list[bytes]):
        def close(self) -> None:
            closed.append("closed")

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("200 OK", [("Content-Type", "application/json")])
        write(b"[1, ")
        return Body([b"2", b"]"])

    return app


def test_a_body_is_written_in_order_and_closed(wire: str) -> None:
    closed: list[str] = []
    pair = Pair(WallClock(WIRES[wire]()), closing(closed))
    assert json.loads(pair.session.get(pair.server.url).content) == [1, 2]
    assert closed == ["closed"]
    pair.stop()


def test_the_simulated_clock_stops_the_handlers_of_the_memory_wire(memory: Pair) -> None:
    task = memory.clock.spawn(lambda: memory.session.get(memory.url("/sleep/500")), "client")
    memory.clock.sleep(1)
    memory.stop()
    assert task.done
    assert memory.clock.failures == []


def test_a_failed_request_leaves_the_client_its_token(memory: Pair) -> None:
    assert isinstance(memory.clock, SimulatedClock)
    for _ in range(3):
        with pytest.raises(requests.ConnectionError):
            memory.session.get("http://127.0.0.1:61999")
    assert memory.session.get(memory.url("/relay/sleep/1")).ok
