"""An app manager speaks with the admin tool that its messages name; what is to be recorded takes the detour."""

from typing import Any

import pytest
import requests

from pytest_doctor_maint.attach.remote_admin_tool import TARGET_HEADER
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.simtime.cause import caused_by

RECORDED = [
    ("PUT", "/maintenance/s1/p1"),
    ("PUT", "/maintenance/s1/p1/"),
    ("PUT", "/maintenance/s1/p1/i1"),
    ("PUT", "/instance/i1"),
    ("DELETE", "/instance/i1"),
    ("PUT", "/instance_group/g1"),
    ("DELETE", "/instance_group/g1"),
]
PASSED = [
    ("GET", "/maintenance/s1/p1"),
    ("POST", "/maintenance/s1/p1"),
    ("PUT", "/maintenance/s1"),
    ("GET", "/maintenance/s1"),
    ("DELETE", "/maintenance/s1/p1"),
    ("GET", "/instance/i1"),
    ("POST", "/instance/i1"),
    ("PUT", "/instances/i1"),
    ("DELETE", "/servers/i1"),
    ("PUT", "/else"),
]


@pytest.fixture
def through(bench: Any) -> list[str]:
    """The paths that pass the proxy, with where they were to go."""
    passed: list[str] = []
    app = bench.proxy._server._app

    def note(environ: Any, start_response: Any) -> Any:
        passed.append(environ["HTTP_" + TARGET_HEADER.upper().replace("-", "_")])
        return app(environ, start_response)

    bench.proxy._server._app = note
    return passed


@pytest.mark.parametrize(("method", "path"), RECORDED)
def test_answers_and_constraints_take_the_detour(bench: Any, through: list[str], method: str, path: str) -> None:
    answer = bench.answer(method, f"{path}?x=1", {"state": "ACK_MAINTENANCE"}, headers={"X-Auth-Token": "t"})
    assert answer.status_code == 200
    assert through == [f"{bench.stub_url}{path}"]
    (seen,) = bench.stub.seen
    assert (seen.method, seen.path, seen.query) == (method, f"/v1{path}", "x=1")
    assert seen.body == b'{"state": "ACK_MAINTENANCE"}'
    assert seen.headers["x-auth-token"] == "t"


@pytest.mark.parametrize(("method", "path"), PASSED)
def test_everything_else_goes_straight_there(bench: Any, through: list[str], method: str, path: str) -> None:
    assert bench.answer(method, path, {"state": "ACK_MAINTENANCE"}).status_code == 200
    assert through == []
    assert len(bench.history) == 0
    assert [(seen.method, seen.path) for seen in bench.stub.seen] == [(method, f"/v1{path}")]


def test_the_admin_tool_sees_the_host_that_was_named_and_nothing_of_the_detour(bench: Any) -> None:
    """A message may name the admin tool otherwise than the one who attached it."""
    named = bench.stub_url.replace("127.0.0.1", "localhost")
    bench.manager.put(f"{named}/maintenance/s1/p1", json={"state": "ACK_MAINTENANCE"})
    bench.manager.get(f"{named}/maintenance/s1/p1")
    hosts = {seen.headers["host"] for seen in bench.stub.seen}
    assert hosts == {named.removeprefix("http://").removesuffix("/v1")}
    assert all(TARGET_HEADER.lower() not in seen.headers for seen in bench.stub.seen)
    # Whoever it is, in the history it is the admin tool.
    (reply,) = bench.history.of(kinds.REPLY)
    assert reply.data["url"] == "http://admin_tool/v1/maintenance/s1/p1"


def test_what_is_sent_to_the_proxy_itself_takes_no_detour(bench: Any) -> None:
    url = f"{bench.proxy.url}/maintenance/s1/p1"
    assert bench.manager.put(url, json={"state": "ACK_MAINTENANCE"}).status_code == 200
    assert len(bench.stub.seen) == 1
    assert len(bench.history.of(kinds.REPLY)) == 1


def test_the_cause_takes_the_detour_too(bench: Any) -> None:
    with caused_by(7):
        bench.answer("PUT", "/maintenance/s1/p1", {"state": "ACK_MAINTENANCE"})
    assert bench.history.of(kinds.REPLY)[0].cause == 7
    assert bench.stub.seen[0].cause == 7


def test_the_request_stays_as_its_sender_made_it(bench: Any) -> None:
    """It can be sent once more, such as with another token."""
    url = f"{bench.stub_url}/maintenance/s1/p1"
    request = requests.Request("PUT", url, json={"state": "ACK_MAINTENANCE"}).prepare()
    for _ in range(2):
        assert bench.manager.send(request).status_code == 200
        assert request.url == url
        assert TARGET_HEADER not in request.headers
    assert len(bench.history.of(kinds.REPLY)) == 2
