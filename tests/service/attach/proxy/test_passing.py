"""What the proxy passes on is what was sent, and what it gives back is what was answered."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.simtime.cause import caused_by

ODD = b'\x00\xff{"state": nonsense\r\n'


#: What the proxy looks into, and what it does not.
REQUESTS = [
    ("GET", "/else"),
    ("PATCH", "/maintenance"),
    ("POST", "/maintenance"),
    ("GET", "/maintenance/s1"),
    ("DELETE", "/maintenance/s1"),
    ("GET", "/maintenance/s1/p1"),
    ("PUT", "/maintenance/s1/p1"),
    ("PUT", "/instance/i1"),
    ("DELETE", "/instance_group/g1"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_a_request_arrives_as_it_was_sent(bench: Any, method: str, path: str) -> None:
    bench.says("404 Not Found")
    headers = {"X-Auth-Token": "t0k3n", "User-Agent": "tacker/10", "Accept": "text/*", "Content-Type": "text/odd"}
    bench.call(method, f"{path}?limit=1&x=a%20b", data=ODD, headers=headers)
    (seen,) = bench.stub.seen
    assert (seen.method, seen.path, seen.query, seen.body) == (method, f"/v1{path}", "limit=1&x=a%20b", ODD)
    assert {name: seen.headers[name.lower()] for name in headers} == headers


@pytest.mark.parametrize(("method", "path"), REQUESTS)
@pytest.mark.parametrize("status", ["202 Accepted", "409 Conflict", "509 Unknown"])
def test_an_answer_arrives_as_it_was_given(bench: Any, method: str, path: str, status: str) -> None:
    bench.says(status, ODD, X_Openstack_Request_Id="req-1", Content_Type="text/odd")
    # A body that is right in itself, so that only the answer is odd.
    answer = bench.call(method, path, {"state": "ACK_MAINTENANCE"})
    assert (f"{answer.status_code} {answer.reason}", answer.content) == (status, ODD)
    assert (answer.headers["X-Openstack-Request-Id"], answer.headers["Content-Type"]) == ("req-1", "text/odd")


def test_an_empty_answer_stays_empty(bench: Any) -> None:
    bench.says("204 No Content", b"")
    assert (bench.call("DELETE", "/maintenance/s1").status_code, bench.call("DELETE", "/x").content) == (204, b"")


@pytest.mark.parametrize("path", ["/else", "/instance/i1", "/maintenance/s1/p1"])
def test_a_body_that_is_packed_is_given_back_unpacked(bench: Any, path: str) -> None:
    """The proxy says so: nothing is packed about what it gives back."""
    bench.says("200 OK", gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    answer = bench.call("PUT", path, {"state": "x"})
    assert answer.json() == {"a": 1}
    assert "Content-Encoding" not in answer.headers


def test_what_belongs_to_a_connection_is_not_passed_on(bench: Any) -> None:
    hop = {"TE": "trailers", "Trailer": "X-End", "Upgrade": "h2c", "Keep-Alive": "timeout=5", "Connection": "upgrade"}
    bench.call("GET", "/else", headers=hop)
    (seen,) = bench.stub.seen
    assert not {"te", "trailer", "upgrade", "keep-alive"} & seen.headers.keys()
    assert seen.headers.get("connection") != "upgrade"
    assert seen.headers["host"] == bench.server.url.removeprefix("http://")


def test_what_belongs_to_a_connection_is_not_given_back(bench: Any) -> None:
    bench.says("200 OK", b"{}", Keep_Alive="timeout=5", Trailer="X-End", Upgrade="h2c", X_Kept="yes")
    answer = bench.call("GET", "/else")
    assert not {"keep-alive", "trailer", "upgrade"} & {name.lower() for name in answer.headers}
    assert answer.headers["X-Kept"] == "yes"


def test_a_redirect_is_the_clients_to_follow(bench: Any) -> None:
    bench.says("302 Found", b"", Location="http://127.0.0.1:9/elsewhere")
    answer = bench.call("GET", "/else", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/elsewhere")
    assert len(bench.stub.seen) == 1


def test_the_cause_travels_through_the_proxy(bench: Any) -> None:
    with caused_by(5):
        bench.call("GET", "/else")
    bench.call("GET", "/else")
    assert [seen.cause for seen in bench.stub.seen] == [5, None]


def test_whoever_waits_behind_the_proxy_keeps_nobody_else_from_running(bench: Any) -> None:
    """It hands the client's token on, or simulated time would stand still."""
    order: list[str] = []

    def dawdle(*args: Any) -> Any:
        bench.clock.sleep(5)
        order.append("answered")
        return stub(*args)

    stub, bench.server._app = bench.server._app, dawdle
    task = bench.clock.spawn(lambda: bench.call("GET", "/else"), "client")
    bench.clock.sleep(1)
    order.append("meanwhile")
    task.join()
    assert order == ["meanwhile", "answered"]


@pytest.mark.parametrize("path", ["/else", "/maintenance/s1/p1", "/instance/i1"])
def test_where_nobody_is_it_says_who_does_not_answer(bench: Any, path: str) -> None:
    bench.server.stop()
    answer = bench.call("PUT", path, {"state": "ACK_MAINTENANCE"})
    assert answer.status_code == 502
    assert f"the admin tool at {bench.stub_url}{path} does not answer: " in answer.text
    assert "refused" in answer.text
    # It goes on.
    assert bench.call("GET", "/else").status_code == 502


def test_an_answer_that_breaks_off_is_none(bench: Any) -> None:
    def crash(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "10")])
        return [b"half"]

    bench.server._app = crash
    answer = bench.call("GET", "/else")
    assert answer.status_code == 502
    assert "does not answer" in answer.text


@pytest.mark.parametrize(("remote", "path"), [("http://127.0.0.1:1", ""), ("http://127.0.0.1:1/v1/", "/v1")])
def test_its_url_has_the_path_of_the_admin_tools(bench: Any, remote: str, path: str) -> None:
    proxy = RemoteAdminTool(remote, bench.clock, bench.history)
    assert proxy.url == f"{proxy._server.url}{path}"
    proxy.stop()
    proxy.join()
