"""Which alarms an event triggers, and the requests to their URLs."""

import logging
import re
from datetime import timedelta

import pytest

from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import WallClock
from tests.support.aodh import AodhLab, definition, running_lab
from tests.support.json import Json

PAYLOAD = {
    "session_id": "s1",
    "state": "PLANNED_MAINTENANCE",
    "project_id": "p1",
    "instance_ids": "http://cloud/maintenance/s1/p1",
    "reply_url": "http://cloud/maintenance/s1/p1",
    "allowed_actions": ["MIGRATE", "OWN_ACTION"],
    "actions_at": "2030-01-01 08:00:00",
    "reply_at": None,
    "metadata": {"k": "v"},
}


def test_the_body_of_a_call_has_aodhs_form(lab: AodhLab) -> None:
    alarm = lab.alarm(name="demo", severity="moderate")
    lab.publish(PAYLOAD)
    (body,) = lab.subscriber.calls
    message_id = body["reason_data"]["event"]["message_id"]
    assert re.fullmatch(r"[0-9a-f-]{36}", message_id)
    assert re.fullmatch(r"[0-9a-f]{64}", body["reason_data"]["event"].pop("message_signature"))
    assert lab.subscriber.content_types == ["application/json"]
    assert body == {
        "alarm_name": "demo",
        "alarm_id": alarm["alarm_id"],
        "severity": "moderate",
        "previous": "insufficient data",
        "current": "alarm",
        "reason": f"Event <id={message_id},event_type=maintenance.scheduled> hits the query <query=[]>.",
        "reason_data": {
            "type": "event",
            "event": {
                "message_id": message_id,
                "event_type": "maintenance.scheduled",
                "generated": "2030-01-01T00:00:00",
                "raw": {},
                "traits": [
                    ["project_id", 1, "p1"],
                    ["allowed_actions", 1, "['MIGRATE', 'OWN_ACTION']"],
                    ["instance_ids", 1, "http://cloud/maintenance/s1/p1"],
                    ["reply_url", 1, "http://cloud/maintenance/s1/p1"],
                    ["actions_at", 4, "2030-01-01T08:00:00"],
                    ["state", 1, "PLANNED_MAINTENANCE"],
                    ["session_id", 1, "s1"],
                    ["metadata", 1, "{'k': 'v'}"],
                ],
            },
        },
    }


def test_a_delivery_takes_time_and_keeps_its_cause(lab: AodhLab) -> None:
    lab.alarm()
    seen = lab.history.append("admin_tool", "fault", {"name": "x", "target": "y", "phase": "z"}).seq
    before = lab.clock.now()
    with caused_by(seen):
        lab.publish(PAYLOAD)
    assert lab.subscriber.causes == [seen]
    assert lab.subscriber.times == [before + timedelta(seconds=0.02)]


def test_traits_are_typed_and_texts_are_cut(lab: AodhLab) -> None:
    lab.alarm()
    lab.publish({"project_id": "p1", "count": 3, "load": 1.5, "flag": True, "ids": ["x" * 40] * 10, "actions_at": ""})
    traits = {name: (kind, value) for name, kind, value in lab.subscriber.calls[0]["reason_data"]["event"]["traits"]}
    assert traits["count"] == (2, 3)
    assert traits["load"] == (3, 1.5)
    assert traits["flag"] == (1, "True")
    assert traits["ids"] == (1, str(["x" * 40] * 10)[:255])
    assert "actions_at" not in traits


@pytest.mark.parametrize(
    ("payload", "reached"),
    [
        pytest.param({"project_id": "p1"}, ["of p1"], id="a project's event reaches that project"),
        pytest.param({"project_id": "p-admin"}, ["of admin"], id="the admin project's reaches admins alone"),
        pytest.param({}, [], id="an event of no project reaches nobody"),
    ],
)
def test_an_event_reaches_only_alarms_of_its_project(lab: AodhLab, payload: Json, reached: list[str]) -> None:
    lab.alarm(name="of p1", who="ann")
    lab.alarm(name="of p2", who="bob")
    lab.alarm(name="of admin", who="admin")
    lab.publish(payload)
    assert lab.subscriber.names == reached


def test_without_repeat_it_fires_once_until_the_state_is_reset(lab: AodhLab) -> None:
    once, every = lab.alarm(name="once"), lab.alarm(name="every", repeat_actions=True)
    lab.publish(PAYLOAD)
    lab.publish(PAYLOAD)
    assert sorted(lab.subscriber.names) == ["every", "every", "once"]
    assert lab.aodh("GET", f"/v2/alarms/{once['alarm_id']}/state") == "alarm"
    lab.aodh("PUT", f"/v2/alarms/{once['alarm_id']}/state", "ok")
    lab.publish(PAYLOAD)
    assert lab.subscriber.names.count("once") == 2
    assert lab.subscriber.names.count("every") == 3
    assert [call["previous"] for call in lab.subscriber.calls if call["alarm_name"] == "once"][-1] == "ok"
    assert lab.aodh("GET", f"/v2/alarms/{every['alarm_id']}")["state"] == "alarm"


@pytest.mark.parametrize(
    ("pattern", "event_type", "fires"),
    [
        ("maintenance.*", "maintenance.host", True),
        ("maintenance.h?st", "maintenance.host", True),
        ("maintenance.host", "maintenance.scheduled", False),
        ("Maintenance.*", "maintenance.host", False),
        (None, "anything", True),
    ],
)
def test_the_event_type_of_a_rule_is_a_glob(lab: AodhLab, pattern: str | None, event_type: str, fires: bool) -> None:
    lab.alarm(event_rule={"event_type": pattern} if pattern else {})
    lab.publish({"project_id": "p1"}, event_type)
    assert bool(lab.subscriber.calls) is fires


@pytest.mark.parametrize(
    ("field", "op", "kind", "value", "fires"),
    [
        ("traits.state", "eq", "string", "MAINTENANCE", True),
        ("traits.state", "eq", "", "MAINTENANCE", True),
        ("traits.state", "eq", "string", "DOWN_SCALE", False),
        ("traits.state", "ne", "string", "DOWN_SCALE", True),
        ("traits.state", "gt", "string", "LATER", True),
        ("traits.count", "lt", "integer", "10", True),
        ("traits.count", "gt", "integer", "10", False),
        ("traits.count", "ge", "integer", "9", True),
        ("traits.count", "le", "float", "8.5", False),
        ("traits.count", "eq", "string", "9", False),
        ("traits.missing", "ne", "string", "x", True),
        ("traits.missing", "eq", "string", "x", False),
        ("traits.missing", "lt", "string", "x", False),
        ("event_type", "eq", "string", "maintenance.scheduled", False),
        ("traits.flag", "eq", "boolean", "true", False),
    ],
)
def test_a_query_compares_traits(lab: AodhLab, field: str, op: str, kind: str, value: str, fires: bool) -> None:
    condition = {"field": field, "op": op, "type": kind, "value": value}
    lab.alarm(event_rule={"event_type": "maintenance.*", "query": [condition]})
    lab.publish({"project_id": "p1", "state": "MAINTENANCE", "count": 9, "flag": True})
    assert bool(lab.subscriber.calls) is fires


def test_all_conditions_of_a_query_must_hold(lab: AodhLab) -> None:
    query = [{"field": f"traits.{name}", "op": "eq", "type": "string", "value": "x"} for name in ("state", "host")]
    lab.alarm(event_rule={"query": query})
    lab.publish({"project_id": "p1", "state": "x", "host": "y"})
    assert lab.subscriber.calls == []
    lab.publish({"project_id": "p1", "state": "x", "host": "x"})
    assert len(lab.subscriber.calls) == 1


def test_disabled_deleted_and_logging_alarms_call_nothing(lab: AodhLab) -> None:
    lab.alarm(enabled=False)
    gone = lab.alarm(name="gone")
    lab.aodh("DELETE", f"/v2/alarms/{gone['alarm_id']}", status=204)
    lab.alarm(name="logged", who="admin", alarm_actions=["log://", "test://"])
    lab.publish({"project_id": "p1"})
    lab.publish({"project_id": "p-admin"})
    assert lab.subscriber.calls == []


def test_every_action_is_called_once(lab: AodhLab) -> None:
    url = f"{lab.subscriber_url}/alarm"
    lab.alarm(alarm_actions=[url, f"{url}?second", url])
    lab.publish(PAYLOAD)
    assert len(lab.subscriber.calls) == 2


@pytest.mark.parametrize(
    ("action", "words"),
    [
        pytest.param("http://127.0.0.1:9/alarm", "did not reach http://127.0.0.1:9/alarm", id="connection refused"),
        pytest.param("{}/elsewhere", "answered 404", id="an error"),
        pytest.param("http://[::1/alarm", None, id="no URL at all"),
        pytest.param("http:///alarm", "did not reach", id="no host"),
        pytest.param("zaqar://queue", "zaqar actions cannot be called", id="a queue"),
        pytest.param("https://127.0.0.1:9/?aodh-alarm-ssl-verify=x", "did not reach https://", id="no number"),
        pytest.param("http://" + "a" * 70 + ".test/", "did not reach http://aaa", id="no label of DNS"),
    ],
)
def test_an_unreachable_url_is_logged_and_breaks_nothing(
    lab: AodhLab, action: str, words: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    action = action.format(lab.subscriber_url)
    if words is None:
        assert "Unable to parse action" in lab.fault("POST", "/v2/alarms", definition(alarm_actions=[action]))
        return
    lab.alarm(name="broken", alarm_actions=[action, f"{lab.subscriber_url}/alarm"])
    with caplog.at_level(logging.WARNING):
        lab.publish(PAYLOAD)
    assert words in caplog.text
    assert lab.subscriber.names == ["broken"], "the next URL is called all the same"


def test_a_payload_whose_time_is_not_a_time_is_refused(lab: AodhLab) -> None:
    lab.alarm()
    with pytest.raises(ValueError, match="actions_at must be a time such as"):
        lab.publish({"project_id": "p1", "actions_at": "soon"})
    assert lab.subscriber.calls == []


def test_alarms_are_in_the_history(lab: AodhLab) -> None:
    alarm = lab.alarm(name="n")
    lab.aodh("DELETE", f"/v2/alarms/{alarm['alarm_id']}", status=204)
    made, deleted = lab.history.of("alarm.created", "alarm.deleted", actor="aodh")
    assert dict(made.data) == {
        "alarm_id": alarm["alarm_id"],
        "name": "n",
        "project_id": "p1",
        "event_type": "maintenance.scheduled",
    }
    assert dict(deleted.data) == {"alarm_id": alarm["alarm_id"], "project_id": "p1"}


def test_alarms_are_delivered_on_the_wall_clock() -> None:
    with running_lab(WallClock(), None) as lab:
        lab.alarm()
        lab.cloud.aodh.publish("maintenance.scheduled", PAYLOAD)
        assert lab.clock.wait(lab.subscriber.arrived, 10.0)
        assert lab.subscriber.names == ["a"]
