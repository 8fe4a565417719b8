"""The proxy records sessions and replies, in front of any admin tool."""

import pytest

from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.simtime.cause import caused_by
from tests.support.proxied_admin_tools import ProxyBench

POST = {
    "state": "MAINTENANCE",
    "maintenance_at": "2030-01-01 00:01:00",
    "hosts": ["compute-1"],
    "workflow": "vnf",
    "metadata": {"openstack_version": "2026.1"},
}


def recorded(bench: ProxyBench, kind: str) -> list[dict[str, object]]:
    assert {event.actor for event in bench.history.of(kind)} <= {"admin_tool", "app_manager"}
    return [dict(event.data) for event in bench.history.of(kind)]


def test_a_session_that_is_made(bench: ProxyBench) -> None:
    bench.says("201 Created", b'{"session_id": "s1"}')
    bench.call("POST", "/maintenance", POST)
    (created,) = recorded(bench, kinds.SESSION_CREATED)
    assert created.pop("session_id") == "s1"
    assert created == {
        name: tuple(value) if name == "hosts" else value for name, value in POST.items() if name != "state"
    }
    assert bench.history.of(kinds.SESSION_CREATED)[0].actor == "admin_tool"


def test_the_computes_that_the_admin_tool_finds_itself(bench: ProxyBench) -> None:
    bench.says("200 OK", b'{"session_id": "s1", "hosts": ["compute-1", "compute-2"]}')
    bench.call("POST", "/maintenance", {"maintenance_at": "2030-01-01 00:01:00", "hosts": []})
    assert recorded(bench, kinds.SESSION_CREATED) == [
        {
            "session_id": "s1",
            "hosts": ("compute-1", "compute-2"),
            "maintenance_at": "2030-01-01 00:01:00",
            "workflow": "default",
            "metadata": {},
        }
    ]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("409 Conflict", b'{"error": "taken"}', {"error": "taken"}),
        ("509 Unknown", b"no", None),
        ("302 Found", b"", None),
    ],
)
def test_a_session_that_is_refused(bench: ProxyBench, status: str, body: bytes, error: object) -> None:
    bench.says(status, body, Location="http://127.0.0.1:9/")
    bench.call("POST", "/maintenance", POST, allow_redirects=False)
    assert recorded(bench, kinds.SESSION_REFUSED) == [{"status": int(status[:3]), "error": error}]
    assert recorded(bench, kinds.SESSION_CREATED) == []


def test_states_are_recorded_when_they_change(bench: ProxyBench) -> None:
    for state in ("MAINTENANCE", "MAINTENANCE", "MAINTENANCE_FAILED", "MAINTENANCE_FAILED"):
        bench.says("200 OK", b'{"state": "%s", "reason": "so"}' % state.encode())
        bench.call("GET", "/maintenance/s1")
    bench.call("GET", "/maintenance/s2")
    bench.says("404 Not Found", b'{"state": "GONE"}')
    bench.call("GET", "/maintenance/s1")
    assert recorded(bench, kinds.SESSION_STATE) == [
        {"session_id": "s1", "state": "MAINTENANCE", "reason": "so"},
        {"session_id": "s1", "state": "MAINTENANCE_FAILED", "reason": "so"},
        {"session_id": "s2", "state": "MAINTENANCE_FAILED", "reason": "so"},
    ]


def test_a_session_that_is_deleted(bench: ProxyBench) -> None:
    bench.says("409 Conflict")
    bench.call("DELETE", "/maintenance/s1")
    assert recorded(bench, kinds.SESSION_DELETED) == []
    bench.says("204 No Content", b"")
    bench.call("DELETE", "/maintenance/s1")
    assert recorded(bench, kinds.SESSION_DELETED) == [{"session_id": "s1"}]


def test_a_reply_is_recorded_before_it_is_handled(bench: ProxyBench) -> None:
    body = {"session_id": "s1", "state": "ACK_MAINTENANCE", "instance_actions": {"i1": "MIGRATE"}}
    bench.reply("PUT", "/maintenance/s1/p1", body)
    assert recorded(bench, kinds.REPLY) == [
        {
            "session_id": "s1",
            "project_id": "p1",
            "url": "http://admin_tool/v1/maintenance/s1/p1",
            "state": "ACK_MAINTENANCE",
            "body": body,
        }
    ]
    assert bench.history.of(kinds.REPLY)[0].actor == "app_manager"
    assert [seen.recorded for seen in bench.stub.seen] == [1]


def test_a_reply_that_is_refused(bench: ProxyBench) -> None:
    bench.says("409 Conflict", b'{"error": "too late"}')
    bench.reply("PUT", "/maintenance/s1/p1", {"state": "ACK_MAINTENANCE"})
    bench.says("502 Bad Gateway", b"no answer")
    bench.reply("PUT", "/maintenance/s1/p1/i1", data=b"no json")
    assert recorded(bench, kinds.REPLY_REFUSED) == [
        {"status": 409, "error": "too late"},
        {"status": 502, "error": None},
    ]
    first, second = bench.history.of(kinds.REPLY)
    assert [event.cause for event in bench.history.of(kinds.REPLY_REFUSED)] == [first.seq, second.seq]
    assert (second.data["instance_id"], second.data["state"], second.data["body"]) == ("i1", None, None)


def test_a_reply_follows_from_the_cause_that_its_request_names(bench: ProxyBench) -> None:
    meant = bench.notify()
    bench.notify()
    with caused_by(meant.seq):
        bench.reply("PUT", "/maintenance/s1/p1", {"state": "ACK_MAINTENANCE"})
    (reply,) = bench.history.of(kinds.REPLY)
    assert reply.cause == meant.seq


@pytest.mark.parametrize("word", ["ACK", "NACK"])
def test_a_reply_of_unknown_cause_follows_from_the_newest_message_of_its_state(bench: ProxyBench, word: str) -> None:
    bench.notify()
    meant = bench.notify()
    bench.notify(state="PLANNED_MAINTENANCE")
    bench.notify(project_id="p2")
    bench.notify(session_id="s2")
    bench.reply("PUT", "/maintenance/s1/p1", {"state": f"{word}_MAINTENANCE"})
    (reply,) = bench.history.of(kinds.REPLY)
    assert reply.cause == meant.seq


def test_a_reply_to_no_message_follows_from_the_newest_one(bench: ProxyBench) -> None:
    bench.notify()
    newest = bench.notify(state="PLANNED_MAINTENANCE")
    bench.reply("PUT", "/maintenance/s1/p1", {"state": "ACK_SOMETHING"})
    bench.reply("PUT", "/maintenance/s9/p1", {"state": "ACK_MAINTENANCE"})
    assert [reply.cause for reply in bench.history.of(kinds.REPLY)] == [newest.seq, None]


def test_a_reply_about_an_instance_follows_from_the_message_about_it(bench: ProxyBench) -> None:
    planned = "PLANNED_MAINTENANCE"
    one, two = (bench.notify(state=planned, instance_ids=[name]).seq for name in ("i1", "i2"))
    for name in ("i1", "i2"):
        bench.reply("PUT", f"/maintenance/s1/p1/{name}", {"state": f"ACK_{planned}"})
    assert [reply.cause for reply in bench.history.of(kinds.REPLY)] == [one, two]


def test_nothing_else_is_recorded(bench: ProxyBench) -> None:
    bench.says("200 OK", b'{"state": "x", "session_id": "s1"}')
    for method, path in [
        ("GET", "/maintenance"),
        ("GET", "/maintenance/s1/p1"),
        ("PUT", "/maintenance/s1"),
        ("POST", "/maintenance/s1/p1"),
        ("GET", "/instance/i1"),
        ("POST", "/instance_group/g1"),
        ("PUT", "/else"),
    ]:
        bench.call(method, path, {"state": "ACK_MAINTENANCE"})
    assert len(bench.history) == 0


def test_neither_tokens_nor_ports_reach_the_history(bench: ProxyBench) -> None:
    token = {"X-Auth-Token": "t0k3n"}
    url = f"{bench.stub_url}/maintenance/s1/p1"
    bench.says("200 OK", b'{"session_id": "s1", "state": "%s", "token": "t0k3n"}' % bench.proxy.url.encode())
    metadata = {"url": url, "auth_token": "t0k3n", "password": "t0k3n"}
    bench.call("POST", "/maintenance", {**POST, "metadata": metadata}, headers=token)
    bench.call("GET", "/maintenance/s1", headers=token)
    bench.reply("PUT", "/maintenance/s1/p1", {"state": "ACK_MAINTENANCE", "reply_url": url}, headers=token)
    bench.says("500 Oops", b'{"error": "no %s"}' % url.encode())
    bench.reply("PUT", "/maintenance/s1/p1", {"state": "ACK_MAINTENANCE"}, headers=token)
    assert [event.kind for event in bench.history] == [
        kinds.SESSION_CREATED,
        kinds.SESSION_STATE,
        kinds.REPLY,
        kinds.REPLY,
        kinds.REPLY_REFUSED,
    ]
    text = bench.text()
    assert "t0k3n" not in text
    assert "127.0.0.1" not in text
    assert text.count("http://admin_tool/v1") == 6
