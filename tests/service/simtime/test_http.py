"""Servers and sessions together, in simulated and in wall time, on every wire."""

import json
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import SimulatedClock, WallClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, Request, route
from pytest_doctor_maint.simtime.http.wires import WIRES
from tests.support.http_pair import Echo, Pair, make_clock


@pytest.fixture(params=["simulated", "wall"])
def clock_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pair(clock_kind: str, wire: str) -> Iterator[Pair]:
    made = Pair(make_clock(clock_kind, wire))
    yield made
    made.stop()


def test_requests_are_answered_with_json(pair: Pair) -> None:
    answer = pair.session.post(pair.url("/echo"), json={"a": [1]})
    assert (answer.status_code, answer.json(), answer.headers["X-Seen"]) == (201, {"a": [1]}, "yes")
    assert pair.session.delete(pair.url("/echo")).status_code == 204
    assert pair.clock.requests == 2


def test_a_handler_may_make_requests_itself(pair: Pair) -> None:
    with caused_by(5):
        answer = pair.session.get(pair.url("/relay/relay/sleep/0.01"))
    assert answer.json() == {"relayed": {"relayed": {"cause": 5}}}
    pair.clock.sleep(0.01)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/teapot", 418), ("GET", "/nowhere", 404), ("PUT", "/echo", 405)]
)
def test_errors_are_json_too(pair: Pair, method: str, path: str, status: int) -> None:
    answer = pair.session.request(method, pair.url(path))
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_method_that_is_not_there_names_those_that_are(pair: Pair) -> None:
    assert pair.session.put(pair.url("/echo")).headers["Allow"] == "DELETE, POST"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [("{", "is not JSON"), ("[" * 100_000, "is not JSON"), ("[1]", "must be a JSON object, not list")],
)
def test_the_answer_to_a_bad_body_says_what_is_wrong(pair: Pair, body: str, complaint: str) -> None:
    answer = pair.session.post(pair.url("/echo"), data=body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]


def test_an_unread_body_does_not_break_the_answer(pair: Pair) -> None:
    assert pair.session.post(pair.url("/nowhere"), data=b"x" * 100_000).status_code == 404
    assert pair.session.post(pair.url("/echo"), json={"still": "here"}).json() == {"still": "here"}


def test_the_cause_is_sent_with_the_request(pair: Pair) -> None:
    with caused_by(5):
        assert pair.session.get(pair.url("/sleep/0")).json() == {"cause": 5}
    assert pair.session.get(pair.url("/sleep/0")).json() == {"cause": None}


def test_a_crash_is_500_for_the_client_and_a_failure_for_the_test(pair: Pair) -> None:
    answer = pair.session.get(pair.url("/crash"))
    assert answer.status_code == 500
    assert "KeyError in echo" in answer.json()["error"]
    assert [(failure.name, repr(failure.error)) for failure in pair.clock.failures] == [("echo", "KeyError('lost')")]


def test_a_port_that_is_taken_is_an_error_of_the_caller(pair: Pair) -> None:
    port = int(pair.server.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        HttpServer(Echo(pair.clock), name="second", clock=pair.clock, port=port)


def test_a_server_that_never_started_stops_as_well(wire: str) -> None:
    clock = WallClock(WIRES[wire]())
    server = HttpServer(Echo(clock), name="idle", clock=clock)
    server.stop()
    server.stop()
    clock.stop()
    server.join()


def test_stopping_takes_no_time_and_leaves_no_thread_and_no_socket(pair: Pair) -> None:
    assert pair.session.get(pair.url("/sleep/0")).ok
    task = pair.clock.spawn(lambda: pair.session.get(pair.url("/sleep/500")), "client")
    pair.clock.sleep(0.05)
    began = time.perf_counter()
    pair.stop()
    assert time.perf_counter() - began < 0.5
    assert task.done
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith(("echo", "client"))] == []
    with pair.foreign_session() as session, pytest.raises(requests.ConnectionError, match="refused"):
        session.get(pair.url("/sleep/0"), timeout=5)


def test_a_foreign_request_is_refused_in_simulated_time_only(pair: Pair) -> None:
    with pair.foreign_session() as session:
        answer = session.get(pair.url("/sleep/0"), timeout=5)
    assert answer.status_code == (400 if pair.clock.simulated else 200)
    if pair.clock.simulated:
        assert "use the wall clock" in answer.json()["error"]


def test_a_refused_connection_leaves_the_client_its_token(pair: Pair) -> None:
    pair.server.stop()
    with pytest.raises(requests.ConnectionError):
        pair.session.get(pair.url("/sleep/0"))
    pair.clock.sleep(0.01)


def test_a_real_read_timeout_does_not_confuse_time() -> None:
    pair = Pair(SimulatedClock(watchdog=5.0))
    hold, order = threading.Event(), []

    class Slow(App):
        @route("GET", "/slow")
        def slow(self, request: Request) -> Answer:
            hold.wait(5)
            pair.clock.sleep(3)
            order.append("handler")
            return {}

    server = HttpServer(Slow(), name="slow", clock=pair.clock).start()
    threading.Timer(0.3, hold.set).start()
    with pytest.raises(requests.ReadTimeout):
        pair.session.get(f"{server.url}/slow", timeout=0.1)
    pair.clock.sleep(2)
    order.append("client")
    pair.clock.sleep(2)
    assert order == ["client", "handler"]
    server.stop()
    pair.stop()
    server.join()


def test_proxies_and_netrc_of_the_machine_are_ignored(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert json.loads(pair.session.post(pair.url("/echo"), json={"direct": True}).text) == {"direct": True}
