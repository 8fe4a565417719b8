"""Unusual requests pass the proxy unchanged, and do no harm."""

import pytest

from pytest_doctor_maint.history import kinds
from tests.support.proxied_admin_tools import ProxyBench


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"[1]", b"[" * 100_000, b'{"a":' * 60 + b"1" + b"}" * 60])
@pytest.mark.parametrize("path", ["/maintenance/s1/p1", "/instance/i1", "/instance_group/g1"])
def test_a_body_that_is_not_an_object_passes_and_is_not_recorded(bench: ProxyBench, path: str, body: bytes) -> None:
    """Only the admin tool decides whether it is accepted."""
    for status in ("200 OK", "400 Bad Request"):
        bench.says(status)
        assert bench.call("PUT", path, data=body).status_code == int(status[:3])
        assert bench.stub.seen[-1].body == body
    assert bench.call("DELETE", path).status_code == 400
    assert bench.history.of(kinds.CONSTRAINT_INSTANCE, kinds.CONSTRAINT_GROUP) == ()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'"MAINTENANCE"', b'{"states": 1}'])
def test_an_answer_about_a_session_without_a_state_is_passed_and_recorded_once(bench: ProxyBench, body: bytes) -> None:
    bench.says("200 OK", body)
    for _ in range(2):
        answer = bench.call("GET", "/maintenance/s1")
        assert (answer.status_code, answer.content) == (200, body)
    (event,) = bench.history
    assert event.kind == kinds.ANSWER_UNREADABLE
    assert (event.data["status"], event.data["text"]) == (200, body.decode())
    assert event.data["request"].startswith("GET ")


@pytest.mark.parametrize("body", [b"OK", b"<html>\xff</html>", b"[1]", b"[" * 100_000, b"{}", b'{"session_id": null}'])
def test_an_answer_without_a_session_creates_none(bench: ProxyBench, body: bytes) -> None:
    bench.says("200 OK", body)
    assert bench.call("POST", "/maintenance", data=b'{"hosts": ["compute-1"]}').content == body
    (event,) = bench.history
    assert event.kind == kinds.ANSWER_UNREADABLE


@pytest.mark.parametrize(("body", "is_noted"), [(b"", False), (b"{}", False), (b"OK", True), (b"\xff", True)])
def test_a_deletion_that_is_answered_with_text_is_a_deletion(bench: ProxyBench, body: bytes, is_noted: bool) -> None:
    bench.says("200 OK", body)
    assert bench.call("DELETE", "/maintenance/s1").status_code == 200
    assert [event.kind for event in bench.history] == [kinds.ANSWER_UNREADABLE] * is_noted + [kinds.SESSION_DELETED]


@pytest.mark.parametrize("path", ["/maintenance/s1", "/else/a%2Fb", "/else/what%3F", "/else/caf%C3%A9", "/a%20b;c=1"])
def test_a_path_arrives_as_it_was_written(bench: ProxyBench, path: str) -> None:
    bench.call("GET", path)
    bench.call("GET", f"{path}?x=%2F")
    assert [(seen.path, seen.query) for seen in bench.stub.seen] == [(f"/v1{path}", ""), (f"/v1{path}", "x=%2F")]


def test_the_cookies_of_one_client_do_not_reach_another(bench: ProxyBench) -> None:
    bench.says("200 OK", b"{}", Set_Cookie="session=mine; Path=/")
    assert bench.call("GET", "/else").cookies["session"] == "mine"
    bench.client.cookies.clear()
    bench.call("GET", "/else")
    assert [seen.headers.get("cookie") for seen in bench.stub.seen] == [None, None]
    bench.call("GET", "/else", headers={"Cookie": "session=own"})
    assert bench.stub.seen[-1].headers["cookie"] == "session=own"


def test_the_headers_server_and_date_are_single(bench: ProxyBench) -> None:
    """The servers of the stub and of the proxy both write these headers."""
    assert "," not in bench.call("GET", "/else").headers["Server"]
    assert bench.call("GET", "/else").headers["Date"].count("GMT") == 1


@pytest.mark.parametrize(("method", "path"), [("GET", "/else"), ("PUT", "/maintenance/s1/p1"), ("PUT", "/instance/i1")])
def test_a_body_that_comes_in_chunks_arrives_whole(bench: ProxyBench, method: str, path: str) -> None:
    answer = bench.call(method, path, data=iter([b'{"state": ', b'"ACK_MAINTENANCE"}']))
    assert answer.status_code == 200
    assert bench.stub.seen[0].body == b'{"state": "ACK_MAINTENANCE"}'
    assert [event.data["state"] for event in bench.history.of(kinds.REPLY)] == ["ACK_MAINTENANCE"] * path.startswith(
        "/m"
    )
