"""The proxy passes requests and answers on unchanged."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.simtime.cause import caused_by
from tests.support.proxied_admin_tools import ProxyBench

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ODD = b'\x00\xff{"state": nonsense\r\n'


#: Requests that the proxy reads, and others.
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
def test_a_request_arrives_as_it_was_sent(bench: ProxyBench, method: str, path: str) -> None:
    bench.says("404 Not Found")
    headers = {"X-Auth-Token": "t0k3n", "User-Agent": "tacker/10", "Accept": "text/*", "Content-Type": "text/odd"}
    bench.call(method, f"{path}?limit=1&x=a%20b", data=ODD, headers=headers)
    (seen,) = bench.stub.seen
    assert (seen.method, seen.path, seen.query, seen.body) == (method, f"/v1{path}", "limit=1&x=a%20b", ODD)
    assert {name: seen.headers[name.lower()] for name in headers} == headers


@pytest.mark.parametrize(("method", "path"), REQUESTS)
@pytest.mark.parametrize("status", ["202 Accepted", "409 Conflict", "509 Unknown"])
def test_an_answer_arrives_as_it_was_given(bench: ProxyBench, method: str, path: str, status: str) -> None:
    bench.says(status, ODD, X_Openstack_Request_Id="req-1", Content_Type="text/odd")
    # The body is valid, so that only the answer is unusual.
    answer = bench.call(method, path, {"state": "ACK_MAINTENANCE"})
    assert (f"{answer.status_code} {answer.reason}", answer.content) == (status, ODD)
    assert (answer.headers["X-Openstack-Request-Id"], answer.headers["Content-Type"]) == ("req-1", "text/odd")


def test_an_empty_answer_stays_empty(bench: ProxyBench) -> None:
    bench.says("204 No Content", b"")
    assert (bench.call("DELETE", "/maintenance/s1").status_code, bench.call("DELETE", "/x").content) == (204, b"")


@pytest.mark.parametrize("path", ["/else", "/instance/i1", "/maintenance/s1/p1"])
def test_a_compressed_body_is_passed_on_uncompressed(bench: ProxyBench, path: str) -> None:
    """The answer of the proxy has no header Content-Encoding."""
    bench.says("200 OK", gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    answer = bench.call("PUT", path, {"state": "x"})
    assert answer.json() == {"a": 1}
    assert "Content-Encoding" not in answer.headers


def test_what_belongs_to_a_connection_is_not_passed_on(bench: ProxyBench) -> None:
    hop = {"TE": "trailers", "Trailer": "X-End", "Upgrade": "h2c", "Keep-Alive": "timeout=5", "Connection": "upgrade"}
    bench.call("GET", "/else", headers=hop)
    (seen,) = bench.stub.seen
    assert not {"te", "trailer", "upgrade", "keep-alive"} & seen.headers.keys()
    assert seen.headers.get("connection") != "upgrade"
    assert seen.headers["host"] == bench.server.url.removeprefix("http://")


def test_what_belongs_to_a_connection_is_not_given_back(bench: ProxyBench) -> None:
    bench.says("200 OK", b"{}", Keep_Alive="timeout=5", Trailer="X-End", Upgrade="h2c", X_Kept="yes")
    answer = bench.call("GET", "/else")
    assert not {"keep-alive", "trailer", "upgrade"} & {name.lower() for name in answer.headers}
    assert answer.headers["X-Kept"] == "yes"


def test_a_redirect_is_the_clients_to_follow(bench: ProxyBench) -> None:
    bench.says("302 Found", b"", Location="http://127.0.0.1:9/elsewhere")
    answer = bench.call("GET", "/else", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/elsewhere")
    assert len(bench.stub.seen) == 1


def test_the_cause_is_passed_through_the_proxy(bench: ProxyBench) -> None:
    with caused_by(5):
        bench.call("GET", "/else")
    bench.call("GET", "/else")
    assert [seen.cause for seen in bench.stub.seen] == [5, None]


def test_a_slow_admin_tool_behind_the_proxy_does_not_stop_simulated_time(bench: ProxyBench) -> None:
    """The proxy passes the client's token of the clock on."""
    order: list[str] = []

    def wait(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        bench.clock.sleep(5)
        order.append("answered")
        return bench.stub(environ, start_response)

    bench.app = wait
    task = bench.clock.spawn(lambda: bench.call("GET", "/else"), "client")
    bench.clock.sleep(1)
    order.append("meanwhile")
    task.join()
    assert order == ["meanwhile", "answered"]


@pytest.mark.parametrize("path", ["/else", "/maintenance/s1/p1", "/instance/i1"])
def test_where_no_admin_tool_answers_the_proxy_names_it(bench: ProxyBench, path: str) -> None:
    bench.server.stop()
    answer = bench.call("PUT", path, {"state": "ACK_MAINTENANCE"})
    assert answer.status_code == 502
    assert answer.text == f"the admin tool at {bench.stub_url}{path} does not answer: Connection refused"
    # The proxy still serves.
    assert bench.call("GET", "/else").status_code == 502


def test_an_answer_that_breaks_off_counts_as_no_answer(bench: ProxyBench) -> None:
    def crash(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "10")])
        return [b"half"]

    bench.app = crash
    answer = bench.call("GET", "/else")
    assert answer.status_code == 502
    assert "does not answer" in answer.text


@pytest.mark.parametrize(("remote", "path"), [("http://127.0.0.1:1", ""), ("http://127.0.0.1:1/v1/", "/v1")])
def test_its_url_has_the_path_of_the_admin_tools_url(bench: ProxyBench, remote: str, path: str) -> None:
    proxy = RemoteAdminTool(remote, bench.clock, bench.history)
    assert urlsplit(proxy.url).path == path
    assert urlsplit(proxy.url).netloc != urlsplit(remote).netloc
    proxy.stop()
    proxy.join()
