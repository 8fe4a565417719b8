"""An app manager uses the URL in its messages; those of its requests that are recorded are sent to the proxy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_doctor_maint.attach.forward import TARGET_HEADER, Forward
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.simtime.cause import caused_by
from tests.support.proxied_admin_tools import ProxyBench

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

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
def through(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the targets of the requests that pass the proxy."""
    passed: list[str] = []
    forward = Forward.__call__

    def note(self: Forward, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        passed.append(environ["HTTP_" + TARGET_HEADER.upper().replace("-", "_")])
        return forward(self, environ, start_response)

    monkeypatch.setattr(Forward, "__call__", note)
    return passed


@pytest.mark.parametrize(("method", "path"), RECORDED)
def test_replies_and_constraints_take_the_detour(bench: ProxyBench, through: list[str], method: str, path: str) -> None:
    answer = bench.reply(method, f"{path}?x=1", {"state": "ACK_MAINTENANCE"}, headers={"X-Auth-Token": "t"})
    assert answer.status_code == 200
    assert through == [f"{bench.stub_url}{path}"]
    (seen,) = bench.stub.seen
    assert (seen.method, seen.path, seen.query) == (method, f"/v1{path}", "x=1")
    assert seen.body == b'{"state": "ACK_MAINTENANCE"}'
    assert seen.headers["x-auth-token"] == "t"


@pytest.mark.parametrize(("method", "path"), PASSED)
def test_everything_else_goes_straight_there(bench: ProxyBench, through: list[str], method: str, path: str) -> None:
    assert bench.reply(method, path, {"state": "ACK_MAINTENANCE"}).status_code == 200
    assert through == []
    assert len(bench.history) == 0
    assert [(seen.method, seen.path) for seen in bench.stub.seen] == [(method, f"/v1{path}")]


def test_the_admin_tool_sees_the_host_that_was_named_and_nothing_of_the_detour(bench: ProxyBench) -> None:
    """The host of the admin tool in a message may differ from the one on the command line."""
    named = bench.stub_url.replace("127.0.0.1", "localhost")
    bench.manager.put(f"{named}/maintenance/s1/p1", json={"state": "ACK_MAINTENANCE"})
    bench.manager.get(f"{named}/maintenance/s1/p1")
    hosts = {seen.headers["host"] for seen in bench.stub.seen}
    assert hosts == {named.removeprefix("http://").removesuffix("/v1")}
    assert all(TARGET_HEADER.lower() not in seen.headers for seen in bench.stub.seen)
    # In the history it has the name admin_tool, whichever host is used.
    (reply,) = bench.history.of(kinds.REPLY)
    assert reply.data["url"] == "http://admin_tool/v1/maintenance/s1/p1"


def test_what_is_sent_to_the_proxy_itself_takes_no_detour(bench: ProxyBench) -> None:
    url = f"{bench.proxy.url}/maintenance/s1/p1"
    assert bench.manager.put(url, json={"state": "ACK_MAINTENANCE"}).status_code == 200
    assert len(bench.stub.seen) == 1
    assert len(bench.history.of(kinds.REPLY)) == 1


def test_the_cause_takes_the_detour_too(bench: ProxyBench) -> None:
    with caused_by(7):
        bench.reply("PUT", "/maintenance/s1/p1", {"state": "ACK_MAINTENANCE"})
    assert bench.history.of(kinds.REPLY)[0].cause == 7
    assert bench.stub.seen[0].cause == 7


def test_the_request_stays_as_its_sender_made_it(bench: ProxyBench) -> None:
    """An app manager can send it again, for example with another token."""
    url = f"{bench.stub_url}/maintenance/s1/p1"
    request = requests.Request("PUT", url, json={"state": "ACK_MAINTENANCE"}).prepare()
    for _ in range(2):
        assert bench.manager.send(request).status_code == 200
        assert request.url == url
        assert TARGET_HEADER not in request.headers
    assert len(bench.history.of(kinds.REPLY)) == 2
