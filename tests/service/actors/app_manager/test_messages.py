"""Which alarms the app manager accepts, which it refuses, and when it replies."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import pytest

from pytest_doctor_maint.actors.app_manager import AppManager, Policy
from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm
from pytest_doctor_maint.history.kinds import ALARM
from pytest_doctor_maint.protocol import Step
from tests.support.alarm_bodies import Json, event_in
from tests.support.app_managers import AppManagerBench

MakeBench = Callable[..., AppManagerBench]


def test_an_alarm_is_recorded_and_its_message_gets_one_reply(bench: AppManagerBench) -> None:
    assert bench.post(bench.alarm("MAINTENANCE")).status_code == 200
    bench.clock.sleep(60)
    assert bench.replies == [(0.0, {"session_id": "s", "state": "ACK_MAINTENANCE"})]
    (seen,) = bench.history.of(ALARM)
    assert seen.actor == "app_manager"
    assert seen.data["state"] == "MAINTENANCE"
    assert seen.data["subscriber_id"] == seen.data["project_id"]
    assert seen.data["actions_at"] == "2030-01-01 00:00:30"
    assert seen.data["metadata"] == {"openstack_version": "2026.1"}
    assert seen.data["allowed_actions"] == ("MIGRATE", "LIVE_MIGRATE", "OWN_ACTION")


def test_a_second_delivery_is_recorded_but_gets_no_second_reply(bench: AppManagerBench) -> None:
    for _ in range(2):
        assert bench.post(bench.alarm("MAINTENANCE")).status_code == 200
    bench.clock.sleep(60)
    assert len(bench.replies) == 1
    assert len(bench.history.of(ALARM)) == 2


def test_the_same_state_of_another_notification_gets_another_reply(bench: AppManagerBench) -> None:
    for message_id in ("m1", "m2"):
        bench.post(bench.alarm("MAINTENANCE", message_id=message_id))
    bench.clock.sleep(60)
    assert len(bench.replies) == 2


@pytest.mark.parametrize("word", ["ADMIN_ACTION_DONE", "INSTANCE_ACTION_DONE"])
def test_a_finished_action_gets_no_reply(bench: AppManagerBench, word: str) -> None:
    alarm = bench.alarm(word, instance_ids="['i']", actions_at=None, reply_at=None, reply_url=None, metadata="{}")
    assert bench.post(alarm).status_code == 200
    bench.clock.sleep(60)
    assert bench.replies == []


def test_a_reply_takes_as_long_as_the_policy_says(make_bench: MakeBench) -> None:
    bench = make_bench(Policy(delay=7.0))
    bench.post(bench.alarm("MAINTENANCE"))
    bench.clock.sleep(60)
    assert [at for at, _ in bench.replies] == [7.0]


def test_a_punctual_reply_comes_in_the_last_second(make_bench: MakeBench) -> None:
    bench = make_bench(Policy(last_second=True))
    bench.post(bench.alarm("MAINTENANCE", window=30))
    bench.clock.sleep(60)
    assert [at for at, _ in bench.replies] == [29.0]


def test_a_step_can_be_refused(make_bench: MakeBench) -> None:
    bench = make_bench(Policy(refuse=[Step.DOWN_SCALE]))
    bench.post(bench.alarm("SCALE_IN"))
    bench.clock.sleep(60)
    assert [body["state"] for _, body in bench.replies] == ["NACK_SCALE_IN"]


def test_a_step_can_be_ignored(make_bench: MakeBench) -> None:
    bench = make_bench(Policy(ignore=[Step.MAINTENANCE]))
    assert bench.post(bench.alarm("MAINTENANCE")).status_code == 200
    bench.clock.sleep(60)
    assert bench.replies == []


def test_a_refused_reply_is_not_sent_again(bench: AppManagerBench) -> None:
    bench.admin_tool.status = 409
    bench.post(bench.alarm("MAINTENANCE"))
    bench.clock.sleep(60)
    assert len(bench.replies) == 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda alarm: alarm.pop("reason_data"), "reason_data", id="no reason data"),
        pytest.param(lambda alarm: event_in(alarm).pop("traits"), "traits", id="no traits"),
        pytest.param(lambda alarm: event_in(alarm).update(traits=[["a", 1]]), "traits", id="a trait without value"),
        pytest.param(lambda alarm: event_in(alarm).update(event_type="maintenance.host"), "event_type", id="a host's"),
    ],
)
def test_what_is_not_an_alarm_is_refused(bench: AppManagerBench, spoil: Callable[[Json], object], words: str) -> None:
    alarm = bench.alarm("MAINTENANCE")
    spoil(alarm)
    refused_without_a_trace(bench, alarm, words)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"session_id": None}, "session_id"),
        ({"project_id": "another"}, "another"),
        ({"state": "LUNCH"}, "LUNCH"),
        ({"state": "IN_MAINTENANCE"}, "IN_MAINTENANCE"),
        ({"reply_url": None}, "reply_url"),
        ({"reply_url": "file:///etc/passwd"}, "file:///etc/passwd"),
        ({"instance_ids": "nowhere"}, "nowhere"),
        ({"instance_ids": 3}, "instance_ids"),
        ({"allowed_actions": "['REBOOT']"}, "allowed_actions"),
        ({"actions_at": "tomorrow"}, "tomorrow"),
        ({"metadata": "2026.1"}, "metadata"),
    ],
)
def test_what_is_not_a_message_to_this_project_is_refused(
    bench: AppManagerBench, changed: dict[str, object], words: str
) -> None:
    refused_without_a_trace(bench, bench.alarm_with({"state": "MAINTENANCE", **changed}), words)


@pytest.mark.parametrize("body", [[], "alarm", 3])
def test_a_body_that_is_not_an_object_is_refused(bench: AppManagerBench, body: object) -> None:
    refused_without_a_trace(bench, body, "JSON object")


def test_a_body_that_is_not_json_is_refused(bench: AppManagerBench) -> None:
    response = bench.http.post(bench.alarm_url, data=b"{")
    assert response.status_code == 400
    assert "not JSON" in response.json()["error"]


def refused_without_a_trace(bench: AppManagerBench, body: object, words: str) -> None:
    response = bench.post(body)
    assert response.status_code == 400
    assert words in response.json()["error"]
    bench.clock.sleep(60)
    assert bench.replies == []
    assert len(bench.history) == 0


def test_other_paths_are_not_found(bench: AppManagerBench) -> None:
    assert bench.post({}, "/elsewhere").status_code == 404
    assert bench.http.get(f"{bench.manager.url}/maintenance").status_code == 405


def test_no_port_reaches_the_history(bench: AppManagerBench) -> None:
    bench.post(bench.alarm("MAINTENANCE", reply_url=f"{bench.manager.url}/x"))
    (seen,) = bench.history.of(ALARM)
    assert seen.data["reply_url"] == "http://app_manager-doctor/x"


def test_it_stops_at_once(bench: AppManagerBench) -> None:
    bench.post(bench.alarm("MAINTENANCE"))
    began = perf_counter()
    bench.manager.stop()
    assert perf_counter() - began < 1.0


def test_actors_say_who_they_are() -> None:
    class Another(AppManager):
        """An app manager that sets no name."""

    class Vendors(Vnfm):
        """An app manager with a name and a version."""

        name = "vendor"
        version = "1.2"

    class Derived(Vendors):
        """A variant, which is another app manager than its base class."""

    made = (AppManager, Vnfm, Another, Vendors, Derived)
    assert [(kind.name, kind.version) for kind in made] == [
        ("sample", ""),
        ("vnfm", ""),
        ("Another", ""),
        ("vendor", "1.2"),
        ("Derived", ""),
    ]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_reply_to_a_busy_admin_tool_is_sent_again_within_the_window(bench: AppManagerBench, status: int) -> None:
    bench.admin_tool.status = status
    bench.post(bench.alarm("MAINTENANCE"))
    bench.clock.sleep(10)
    bench.admin_tool.status = 200
    bench.clock.sleep(60)
    assert [at for at, _ in bench.replies] == [0.0, 1.0, 3.0, 7.0, 15.0]


def test_a_reply_that_does_not_arrive_is_reported_in_one_line(
    bench: AppManagerBench, caplog: pytest.LogCaptureFixture
) -> None:
    alarm = bench.alarm("MAINTENANCE")
    bench.server.stop()
    bench.post(alarm)
    bench.clock.sleep(29)
    assert own_lines(caplog) == []
    bench.clock.sleep(2)
    (line,) = own_lines(caplog)
    assert line.startswith(f"app_manager doctor could not send ACK_MAINTENANCE to {bench.server.url}/maintenance/s/")


def test_a_step_whose_instances_cannot_be_read_is_refused(bench: AppManagerBench) -> None:
    bench.admin_tool.failing_lists = 1000
    bench.post(bench.alarm("PLANNED_MAINTENANCE"))
    bench.clock.sleep(60)
    assert bench.reply_states() == ["NACK_PLANNED_MAINTENANCE"]


def own_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("pytest_doctor_maint")]
