"""Events that other services report to Nova."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench

EVENTS = "/os-server-external-events"
UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def test_events_are_accepted_for_known_servers(bench: NovaBench) -> None:
    event = {"name": "network-changed", "server_uuid": bench.boot().id}
    lost = {**event, "server_uuid": UNKNOWN}

    (taken,) = bench.call("POST", EVENTS, {"events": [event]}, by="admin")["events"]

    assert (taken["code"], taken["status"]) == (200, "completed")
    mixed = bench.call("POST", EVENTS, {"events": [event, lost]}, by="admin", status=207)["events"]
    assert [item["code"] for item in mixed] == [200, 404]
    bench.call("POST", EVENTS, {"events": [lost]}, by="admin", status=404)
    bench.call("POST", EVENTS, {"events": [event]}, status=403)


@pytest.mark.parametrize(
    ("name", "version", "status"),
    [
        ("wrong", "2.96", 400),
        ("volume-extended", "2.50", 400),
        ("volume-extended", "2.51", 200),
        ("power-update", "2.75", 400),
        ("power-update", "2.76", 200),
        ("accelerator-request-bound", "2.81", 400),
        ("accelerator-request-bound", "2.82", 200),
        ("volume-reimaged", "2.92", 400),
        ("volume-reimaged", "2.93", 200),
    ],
)
def test_each_event_exists_from_its_microversion_on(bench: NovaBench, name: str, version: str, status: int) -> None:
    event = {"name": name, "server_uuid": bench.boot().id}

    bench.call("POST", EVENTS, {"events": [event]}, by="admin", version=version, status=status)


def test_a_request_without_events_is_refused(bench: NovaBench) -> None:
    bench.call("POST", EVENTS, {"events": []}, by="admin", status=400)
    bench.call("POST", EVENTS, {}, by="admin", status=400)
