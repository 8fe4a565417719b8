"""An app manager uses the URL in its messages; those of its requests that are recorded are sent to the proxy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
import requests
from werkzeug.test import Client

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
        passed.append(environ["HTTP_" + TARGET_HEADER.upper().replace("-", "_")].partition(" ")[2])
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


# -- to no other server ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["{other}", "{secret} {other}", "x {other}", "\u00e9 {other}"])
def test_a_stranger_cannot_use_the_proxy_to_reach_another_server(bench: ProxyBench, address: str) -> None:
    other = f"{bench.stub_url}/hidden"
    headers = {TARGET_HEADER: address.format(other=other, secret="a" * 22)}
    answer = bench.call("PUT", "/maintenance/s1/p1", {"state": "ACK_MAINTENANCE"}, headers=headers)
    assert (answer.status_code, answer.json()) == (
        403,
        {"error": f"{TARGET_HEADER}: this proxy passes requests on to the admin tool alone"},
    )
    assert bench.stub.seen == []


@pytest.mark.parametrize("uri", ["@127.0.0.1:1/x", ".example/x", ":80@127.0.0.1:1/x", "http://[::1", "http:x", ""])
def test_a_path_cannot_change_the_host(bench: ProxyBench, uri: str) -> None:
    """Appended to the origin, such a path would make another URL of it."""
    forward = Forward(bench.clock, bench.stub_url.removesuffix("/v1"), "the admin tool")
    assert Client(forward).get("/", environ_overrides={"REQUEST_URI": uri}).status_code == 403
    forward.close()
    assert bench.stub.seen == []


def test_a_whole_url_is_a_path_of_the_origin(bench: ProxyBench) -> None:
    """A client that takes the server for its HTTP proxy sends one."""
    forward = Forward(bench.clock, bench.stub_url.removesuffix("/v1"), "the admin tool")
    answer = Client(forward).get("/", environ_overrides={"REQUEST_URI": "http://127.0.0.1:1/v1/else"})
    forward.close()
    assert (answer.status_code, [seen.path for seen in bench.stub.seen]) == (200, ["/v1/else"])
