"""How the Inspector handles failures, in and out of maintenance, and what it refuses."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest
import requests
from keystoneauth1.exceptions import ConnectFailure, ServiceUnavailable

from pytest_doctor_maint.actors.contract import InspectorContext
from pytest_doctor_maint.actors.inspector import Inspector
from tests.support.alarm_bodies import event_in
from tests.support.inspectors import InspectorBench

MANAGED = [("compute-1", "force_down", None), ("compute-1", "reset_state", "i1"), ("compute-1", "reset_state", "i2")]
SUPPRESSED = ("compute-1", "suppressed", None)
REPEATED = ("compute-1", "repeated", None)


def test_a_failed_compute_is_forced_down_and_its_instances_reset(bench: InspectorBench) -> None:
    assert bench.report("compute-1").status_code == 200
    reset = {"os-resetState": {"state": "error"}}
    assert bench.nova.changes == [
        ("/os-services/id-compute-1", {"forced_down": True}),
        ("/servers/i1/action", reset),
        ("/servers/i2/action", reset),
    ]
    assert bench.done() == MANAGED
    (failure,) = bench.history.of("host.failure")
    assert failure.data["host"] == "compute-1"
    assert {event.cause for event in bench.history.of("fault_management")} == {failure.seq}


def test_a_failure_is_managed_at_most_once(bench: InspectorBench) -> None:
    bench.report("compute-1")
    bench.report("compute-1")
    assert bench.done() == [*MANAGED, REPEATED]
    assert len(bench.nova.changes) == 3


def test_the_same_compute_twice_in_one_report_is_managed_once(bench: InspectorBench) -> None:
    bench.report("compute-1", "compute-1")
    assert bench.done() == [*MANAGED, REPEATED]


def test_a_failure_after_a_repair_is_a_new_one(bench: InspectorBench) -> None:
    bench.report("compute-1")
    bench.nova.services["compute-1"].update(forced_down=False, state="up")
    bench.report("compute-1")
    assert bench.done() == [*MANAGED, *MANAGED]


def test_in_maintenance_nothing_is_done(bench: InspectorBench) -> None:
    assert bench.send("compute-1", "IN_MAINTENANCE").status_code == 200
    assert bench.report("compute-1").status_code == 200
    assert bench.done() == [SUPPRESSED]
    assert bench.nova.changes == []


def test_another_compute_in_maintenance_changes_nothing(bench: InspectorBench) -> None:
    bench.send("compute-2", "IN_MAINTENANCE")
    bench.report("compute-1")
    assert bench.done() == MANAGED


def test_after_maintenance_failures_are_managed_again(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE")
    bench.send("compute-1", "MAINTENANCE_COMPLETE")
    bench.report("compute-1")
    assert bench.done() == MANAGED


def test_maintenance_lasts_until_every_session_has_completed_it(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE", session_id="s1")
    bench.send("compute-1", "IN_MAINTENANCE", session_id="s2")
    bench.send("compute-1", "MAINTENANCE_COMPLETE", session_id="s1")
    bench.report("compute-1")
    bench.send("compute-1", "MAINTENANCE_COMPLETE", session_id="s2")
    bench.report("compute-1")
    assert bench.done() == [SUPPRESSED, *MANAGED]


def test_a_late_second_delivery_does_not_begin_maintenance_again(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE", message_id="m")
    bench.send("compute-1", "MAINTENANCE_COMPLETE")
    bench.send("compute-1", "IN_MAINTENANCE", message_id="m")
    bench.report("compute-1")
    assert bench.done() == MANAGED


def test_a_compute_that_is_still_dead_after_its_maintenance_is_managed_then(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE")
    bench.report("compute-1")
    bench.nova.services["compute-1"]["state"] = "down"
    bench.send("compute-1", "MAINTENANCE_COMPLETE")
    bench.clock.sleep(1)
    assert bench.done() == [SUPPRESSED, *MANAGED]


def test_a_dead_compute_is_left_alone_while_another_session_has_it(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE", session_id="s1")
    bench.send("compute-1", "IN_MAINTENANCE", session_id="s2")
    bench.report("compute-1")
    bench.nova.services["compute-1"]["state"] = "down"
    bench.send("compute-1", "MAINTENANCE_COMPLETE", session_id="s1")
    bench.clock.sleep(1)
    assert bench.done() == [SUPPRESSED]


def test_a_failure_of_one_maintenance_is_not_managed_after_the_next(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE")
    bench.report("compute-1")
    bench.send("compute-1", "MAINTENANCE_COMPLETE")
    bench.clock.sleep(1)
    bench.send("compute-1", "IN_MAINTENANCE")
    bench.nova.services["compute-1"]["state"] = "down"
    bench.send("compute-1", "MAINTENANCE_COMPLETE")
    bench.clock.sleep(1)
    assert bench.done() == [SUPPRESSED]


def test_a_failure_that_maintenance_repaired_is_forgotten(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE")
    bench.report("compute-1")
    bench.send("compute-1", "MAINTENANCE_COMPLETE")
    bench.clock.sleep(1)
    assert bench.done() == [SUPPRESSED]
    bench.report("compute-1")
    assert bench.done() == [SUPPRESSED, *MANAGED]


def test_it_shows_its_record_of_each_compute(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE")
    bench.report("compute-1", "compute-2")
    assert bench.http.get(f"{bench.inspector.url}/hosts").json() == {
        "hosts": [
            {
                "hostname": "compute-1",
                "maintenance_sessions": ["s"],
                "failure_reported": True,
                "failure_managed": False,
            },
            {"hostname": "compute-2", "maintenance_sessions": [], "failure_reported": True, "failure_managed": True},
        ]
    }


def test_an_alarm_is_recorded(bench: InspectorBench) -> None:
    bench.send("compute-1", "IN_MAINTENANCE")
    (seen,) = bench.history.of("alarm", actor="inspector")
    assert seen.data["host"] == "compute-1"
    assert seen.data["subscriber_id"] == seen.data["project_id"]


DOWN = {"type": "compute.host.down", "details": {"hostname": "compute-1"}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "list"),
        ("down", "list"),
        ([], "at least 1 item"),
        (["compute-1"], "0: "),
        ([DOWN, {"type": "compute.host.up", "details": {"hostname": "compute-2"}}], "1.type"),
        ([DOWN, {"type": "compute.host.down"}], "1.details"),
        ([DOWN, {"type": "compute.host.down", "details": {}}], "1.details.hostname"),
        ([{"type": "compute.host.down", "details": {"hostname": ""}}], "hostname"),
        ([{"type": "compute.host.down", "details": {"hostname": 1}}], "hostname"),
        ([{"type": "compute.host.down", "details": {"hostname": "compute-1", "status": "up"}}], "status"),
        ([{**DOWN, "time": "noon"}], "noon"),
        ([{**DOWN, "time": 7}], "time"),
    ],
)
def test_what_is_not_a_report_is_refused_as_a_whole(bench: InspectorBench, body: object, words: str) -> None:
    response = bench.put(body)
    assert response.status_code == 400
    assert words in response.json()["error"]
    assert bench.nova.changes == []
    assert len(bench.history) == 0


def test_a_report_of_an_unknown_compute_is_refused_as_a_whole(bench: InspectorBench) -> None:
    response = bench.report("compute-1", "compute-9")
    assert response.status_code == 404
    assert "compute-9" in response.json()["error"]
    assert bench.nova.changes == []
    assert len(bench.history) == 0


def test_a_compute_that_is_forced_down_already_is_left_alone(bench: InspectorBench) -> None:
    """An operator may be repairing it, and its instances may be elsewhere by now."""
    bench.nova.services["compute-1"].update(forced_down=True, state="down")
    assert bench.report("compute-1").status_code == 200
    assert bench.nova.changes == []
    assert bench.done() == [REPEATED]


FORGED = ["/events", "/monitors/events", "/monitors//events", f"/monitors/{'A' * 43}/events", "/monitors/%FF/events"]


@pytest.mark.parametrize("path", FORGED)
def test_a_forged_report_changes_nothing(bench: InspectorBench, path: str) -> None:
    answer = bench.http.put(f"{bench.inspector.url}{path}", json=[DOWN])
    assert answer.status_code in (403, 404)
    assert set(answer.json()) == {"error"}
    assert bench.nova.changes == []
    assert len(bench.history) == 0


def test_the_secret_of_an_alarm_is_none_of_a_monitor(bench: InspectorBench) -> None:
    secret = bench.alarm_url.rpartition("/")[2]
    assert bench.http.put(f"{bench.inspector.url}/monitors/{secret}/events", json=[DOWN]).status_code == 403
    assert bench.nova.changes == []


def test_an_open_inspector_takes_reports_and_alarms_at_the_bare_urls(bench: InspectorBench) -> None:
    context = InspectorContext(bench.clock, bench.history, bench.inspector.connection, is_open=True)
    inspector = Inspector(context).start()
    assert inspector.monitor_url == inspector.url
    assert inspector.new_alarm_url() == f"{inspector.url}/maintenance"
    assert bench.http.put(f"{inspector.url}/events", json=[DOWN]).status_code == 200
    assert bench.done() == MANAGED
    body = bench.alarm("compute-1", "IN_MAINTENANCE")
    assert bench.http.post(f"{inspector.url}/maintenance", json=body).status_code == 200
    inspector.stop()
    bench.clock.stop()
    inspector.join()


def test_the_report_of_doctors_monitor_is_accepted(bench: InspectorBench) -> None:
    details = {"hostname": "compute-1", "status": "down", "monitor": "monitor1", "monitor_event_id": "e1"}
    event = {"time": "2030-01-01T00:00:00.5", "type": "compute.host.down", "details": details}
    assert bench.put([event]).status_code == 200
    assert bench.done() == MANAGED


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"host": None}, "host"),
        ({"session_id": None}, "session_id"),
        ({"project_id": "admin"}, "admin"),
        ({"state": "MAINTENANCE"}, "state"),
    ],
)
def test_what_is_not_a_message_about_a_compute_is_refused(
    bench: InspectorBench, changed: dict[str, str | None], words: str
) -> None:
    response = bench.post(bench.alarm_with({"host": "compute-1", "state": "IN_MAINTENANCE", **changed}))
    assert response.status_code == 400
    assert words in response.json()["error"]
    assert len(bench.history) == 0


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"alarm_id": 1}'])
def test_what_is_not_an_alarm_is_refused(bench: InspectorBench, body: bytes) -> None:
    assert bench.http.post(bench.alarm_url, data=body).status_code == 400
    assert len(bench.history) == 0


def test_an_alarm_of_another_kind_is_refused(bench: InspectorBench) -> None:
    alarm = bench.alarm("compute-1", "IN_MAINTENANCE")
    event_in(alarm)["event_type"] = "maintenance.scheduled"
    assert bench.post(alarm).status_code == 400


def test_other_paths_are_not_found(bench: InspectorBench) -> None:
    assert bench.http.post(f"{bench.inspector.url}/elsewhere", json={}).status_code == 404


def test_it_stops_at_once(bench: InspectorBench) -> None:
    bench.report("compute-1")
    began = perf_counter()
    bench.inspector.stop()
    assert perf_counter() - began < 1.0


def test_a_failure_that_could_not_be_managed_is_managed_when_it_is_reported_again(
    bench: InspectorBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.nova.request

    def refuse_changes(path: str, method: str, **options: Any) -> requests.Response:
        if method != "GET":
            raise ConnectFailure("no route to host")
        return request(path, method, **options)

    monkeypatch.setattr(bench.nova, "request", refuse_changes)
    answer = bench.report("compute-1")
    assert (answer.status_code, "no route to host" in answer.json()["error"]) == (503, True)
    assert bench.done() == []
    monkeypatch.setattr(bench.nova, "request", request)
    assert bench.report("compute-1").status_code == 200
    assert bench.done() == MANAGED


def test_nova_that_fails_for_a_moment_is_asked_again(bench: InspectorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    request = bench.nova.request
    failed: list[tuple[str, str]] = []

    def fail_once(path: str, method: str, **options: Any) -> requests.Response:
        if (method, path) not in failed:
            failed.append((method, path))
            raise ServiceUnavailable("busy")
        return request(path, method, **options)

    monkeypatch.setattr(bench.nova, "request", fail_once)
    assert bench.report("compute-1").status_code == 200
    assert bench.done() == MANAGED


def test_a_suppressed_failure_that_cannot_be_managed_is_told_in_one_line(
    bench: InspectorBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(path: str, method: str, **options: Any) -> requests.Response:
        raise ConnectFailure("no route to host")

    bench.send("compute-1", "IN_MAINTENANCE")
    bench.report("compute-1")
    monkeypatch.setattr(bench.nova, "request", unreachable)
    bench.send("compute-1", "MAINTENANCE_COMPLETE")
    bench.clock.sleep(120)
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("pytest_doctor_maint")]
    assert line.startswith("inspector: the failure of compute-1 could not be managed: ")
    assert "no route to host" in line
