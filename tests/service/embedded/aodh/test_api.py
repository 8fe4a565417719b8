"""Aodh's HTTP API, as its own clients use it."""

import json

import pytest

from tests.support.aodh import AodhLab, definition
from tests.support.json import Json

GNOCCHI = {
    "metric": "cpu",
    "resource_id": "r",
    "resource_type": "instance",
    "threshold": 1.0,
    "aggregation_method": "mean",
}
RULES: dict[str, Json] = {
    "event": {"event_type": "x", "query": []},
    "gnocchi_resources_threshold": GNOCCHI,
    "gnocchi_aggregation_by_metrics_threshold": {
        "metrics": ["a", "b"],
        "threshold": "2",
        "aggregation_method": "rate:mean",
        "granularity": 300,
    },
    "gnocchi_aggregation_by_resources_threshold": {
        "metric": "cpu",
        "query": "{}",
        "resource_type": "instance",
        "threshold": 3,
        "aggregation_method": "max",
    },
    "prometheus": {"query": "up", "threshold": 1, "comparison_operator": "gt"},
    "loadbalancer_member_health": {"pool_id": "a", "stack_id": "b", "autoscaling_group_id": "c"},
    "composite": {
        "or": [
            {"type": "gnocchi_resources_threshold", **GNOCCHI},
            {"and": [{"type": "prometheus", "query": "up", "threshold": 1}]},
        ]
    },
}


def test_an_alarm_gets_defaults(lab: AodhLab) -> None:
    made = lab.aodh("POST", "/v2/alarms", definition(), status=201)
    assert made == {
        "alarm_id": made["alarm_id"],
        "name": "a",
        "description": "Alarm when * event occurred.",
        "type": "event",
        "event_rule": {"event_type": "*", "query": []},
        "enabled": True,
        "ok_actions": [],
        "alarm_actions": [],
        "insufficient_data_actions": [],
        "repeat_actions": False,
        "time_constraints": [],
        "project_id": "p1",
        "user_id": "u-ann",
        "timestamp": "2030-01-01T00:00:00",
        "state": "insufficient data",
        "state_timestamp": "2030-01-01T00:00:00",
        "state_reason": "Not evaluated yet",
        "severity": "low",
        "evaluate_timestamp": "2030-01-01T00:00:00",
    }
    assert lab.aodh("GET", f"/v2/alarms/{made['alarm_id']}") == made
    assert lab.aodh("GET", "/v2/alarms") == [made]


@pytest.mark.parametrize("kind", RULES)
def test_every_type_can_be_made_and_read_back(lab: AodhLab, kind: str) -> None:
    rule = RULES[kind]
    made = lab.aodh("POST", "/v2/alarms", {"name": "a", "type": kind, f"{kind}_rule": rule}, status=201)
    shown = lab.aodh("GET", f"/v2/alarms/{made['alarm_id']}")[f"{kind}_rule"]
    if kind != "composite":
        assert {name: str(shown[name]).removesuffix(".0") for name in rule} == {
            name: str(value).removesuffix(".0") for name, value in rule.items()
        }
    else:
        assert shown["or"][1]["and"][0] == {**RULES["prometheus"], "comparison_operator": "eq", "type": "prometheus"}
    lab.publish({"project_id": "p1"})
    assert lab.aodh("GET", f"/v2/alarms/{made['alarm_id']}/state") == "insufficient data" or kind == "event"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"type": "event", "event_rule": {}}, "name", id="no name"),
        pytest.param({"name": "a", "event_rule": {}}, "type", id="no type"),
        pytest.param({"name": "a", "type": "event"}, "event_rule must be set", id="no rule"),
        pytest.param({"name": "a", "type": "threshold", "threshold_rule": {}}, "Unknown", id="threshold is gone"),
        pytest.param(definition(prometheus_rule={"query": "up", "threshold": 1}), "same time", id="two rules"),
        pytest.param(definition(name=5), "name", id="name is a number"),
        pytest.param(definition(name="x" * 256), "255", id="name too long"),
        pytest.param(definition(foo=1), "Unknown attribute: foo", id="unknown field"),
        pytest.param(definition(state="fine"), "ok, alarm, insufficient data", id="state"),
        pytest.param(definition(severity="huge"), "low, moderate, critical", id="severity"),
        pytest.param(definition(enabled="perhaps"), "enabled", id="enabled"),
        pytest.param(definition(alarm_actions="http://x"), "alarm_actions", id="actions not a list"),
        pytest.param(definition(alarm_actions=[1]), "alarm_actions", id="action not a text"),
        pytest.param(definition(ok_actions=["ftp://x"]), "Unsupported action ftp://x", id="scheme"),
        pytest.param(definition(alarm_actions=["trust+http://me@x"]), "trust URL", id="trust id"),
        pytest.param(definition(timestamp="noon"), "timestamp", id="timestamp"),
        pytest.param(definition(event_rule="x"), "event_rule", id="rule not an object"),
        pytest.param(definition(event_rule={"foo": 1}), "event_rule.foo", id="unknown field in rule"),
        pytest.param(definition(event_rule={"event_type": 5}), "event_type", id="event type not a text"),
        pytest.param(definition(event_rule={"query": {}}), "query", id="query not a list"),
        pytest.param(definition(time_constraints=[{"name": "n"}]), "start", id="constraint incomplete"),
        pytest.param([], "object", id="a list"),
        pytest.param("x", "object", id="a text"),
        pytest.param(None, "JSON", id="nothing"),
    ],
)
def test_a_bad_definition_is_refused_and_changes_nothing(lab: AodhLab, body: Json, words: str) -> None:
    kept = lab.alarm(name="kept")
    seen = len(lab.history)
    assert words in lab.fault("POST", "/v2/alarms", body)
    assert words in lab.fault("PUT", f"/v2/alarms/{kept['alarm_id']}", body)
    assert lab.aodh("GET", "/v2/alarms") == [kept]
    assert len(lab.history) == seen


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param({"field": "traits.x", "op": "eq", "value": "y"}, id="no type"),
        pytest.param({"field": "traits.x", "op": "eq", "type": "datetime", "value": "2030-01-01"}, id="type datetime"),
        pytest.param({"field": "traits.x", "op": "like", "type": "string", "value": "y"}, id="operator"),
        pytest.param({"field": "traits.x", "op": "eq", "type": "integer", "value": "y"}, id="not an integer"),
        pytest.param({"field": "traits.x", "op": "eq", "type": "integer", "value": 5}, id="value not a text"),
        pytest.param({"field": "traits x", "op": "eq", "type": "string", "value": "y"}, id="not the name of a field"),
        pytest.param({"op": "eq", "type": "string", "value": "y"}, id="no field"),
        pytest.param({"field": "traits.x", "op": "eq", "type": "string"}, id="no value"),
        pytest.param({"field": "traits.x", "type": "string", "value": "y", "foo": 1}, id="unknown part"),
        pytest.param(5, id="not an object"),
    ],
)
def test_conditions_that_aodh_refuses(lab: AodhLab, condition: Json) -> None:
    lab.fault("POST", "/v2/alarms", definition(event_rule={"query": [condition]}))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"xor": []}, '"and" or "or"'),
        ({"or": {}}, "Invalid input composite rule"),
        ({"or": [5]}, "Invalid input composite rule"),
        ({"or": [{"type": "event", "query": []}]}, "Unsupported sub-rule type"),
        ({"or": [GNOCCHI]}, "type must be set"),
        ({"or": [{"type": "prometheus", "query": "up"}]}, "threshold"),
        (5, "Invalid input composite rule"),
    ],
)
def test_bad_composite_rules_are_refused(lab: AodhLab, rule: Json, words: str) -> None:
    assert words in lab.fault("POST", "/v2/alarms", {"name": "c", "type": "composite", "composite_rule": rule})


@pytest.mark.parametrize(
    ("start", "good"),
    [
        ("0 23 * * *", True),
        ("*/5 0-6,8 1 jan mon", True),
        ("0 0 1 1 0 30", True),
        ("@daily", True),
        ("hello", False),
        ("a b c d e", False),
        ("99 * * * *", False),
        ("* * * 13 *", False),
        ("* * * *", False),
        ("*/0 * * * *", False),
        ("", False),
    ],
)
def test_time_constraints_start_at_a_cron_time(lab: AodhLab, start: str, good: bool) -> None:
    constraint = {"name": "n", "start": start, "duration": 10}
    if good:
        made = lab.aodh("POST", "/v2/alarms", definition(time_constraints=[constraint]), status=201)
        assert made["time_constraints"] == [
            {
                **constraint,
                "description": f"Time constraint at {start} lasting for 10 seconds",
                "timezone": "",
            }
        ]
    else:
        assert "start" in lab.fault("POST", "/v2/alarms", definition(time_constraints=[constraint]))


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        ([{}, {}], "unique"),
        ([{"timezone": "No/Where"}], "Timezone No/Where is not valid"),
        ([{"timezone": "../../etc/passwd"}], "is not valid"),
        ([{"duration": -1}], "duration"),
    ],
)
def test_bad_time_constraints_are_refused(lab: AodhLab, constraints: list[Json], words: str) -> None:
    full = [{"name": "n", "start": "@daily", "duration": 1, **constraint} for constraint in constraints]
    assert words in lab.fault("POST", "/v2/alarms", definition(time_constraints=full))


def test_two_alarms_may_have_one_name(lab: AodhLab) -> None:
    assert lab.alarm(name="twin")["alarm_id"] != lab.alarm(name="twin")["alarm_id"]
    assert len(lab.aodh("GET", "/v2/alarms?q.field=name&q.op=eq&q.value=twin")) == 2


def test_projects_do_not_see_each_others_alarms(lab: AodhLab) -> None:
    path = f"/v2/alarms/{lab.alarm()['alarm_id']}"
    for method, suffix, body in (
        ("GET", "", None),
        ("PUT", "", definition()),
        ("DELETE", "", None),
        ("GET", "/state", None),
        ("PUT", "/state", "ok"),
        ("GET", "/history", None),
    ):
        words = lab.fault(method, path + suffix, body, who="bob", status=404)
        assert words == f"Alarm {path.rpartition('/')[2]} not found"
    assert lab.aodh("GET", "/v2/alarms", who="bob") == []
    assert lab.aodh("GET", "/v2/alarms", who="admin") == []
    assert lab.aodh("GET", path, who="admin")["project_id"] == "p1"
    assert len(lab.aodh("GET", "/v2/alarms?q.field=all_projects&q.op=eq&q.value=true", who="admin")) == 1
    lab.fault("GET", "/v2/alarms?q.field=all_projects&q.op=eq&q.value=true", status=403)
    lab.fault("GET", "/v2/alarms?q.field=project_id&q.op=eq&q.value=p2", status=401)
    assert len(lab.aodh("GET", "/v2/alarms?q.field=project_id&q.op=eq&q.value=p1", who="admin")) == 1


def test_only_admins_make_alarms_for_others(lab: AodhLab) -> None:
    body = definition(project_id="p2", user_id="u-bob")
    assert "p2" in lab.fault("POST", "/v2/alarms", definition(project_id="p2"), status=401)
    assert "u-bob" in lab.fault("POST", "/v2/alarms", definition(user_id="u-bob"), status=401)
    made = lab.aodh("POST", "/v2/alarms", body, who="admin", status=201)
    assert (made["project_id"], made["user_id"]) == ("p2", "u-bob")
    assert lab.aodh("GET", f"/v2/alarms/{made['alarm_id']}", who="bob") == made


def test_readers_only_read(lab: AodhLab) -> None:
    path = f"/v2/alarms/{lab.alarm()['alarm_id']}"
    assert lab.aodh("GET", path, who="reader")["name"] == "a"
    for method, where, body in (
        ("POST", "/v2/alarms", definition()),
        ("PUT", path, definition()),
        ("PUT", path + "/state", "ok"),
        ("DELETE", path, None),
    ):
        lab.fault(method, where, body, who="reader", status=403)


def test_without_a_token_only_the_versions_are_shown(lab: AodhLab) -> None:
    assert lab.call("GET", "/alarming/v2/alarms", who="thief").status_code == 401
    assert lab.call("GET", "/alarming/", who="thief").status_code == 200


def test_log_and_test_actions_are_for_admins(lab: AodhLab) -> None:
    lab.fault("POST", "/v2/alarms", definition(alarm_actions=["log://"]), status=401)
    made = lab.aodh("POST", "/v2/alarms", definition(alarm_actions=["test://", "log://"]), who="admin", status=201)
    assert made["alarm_actions"] == ["test:", "log:"]


def test_an_update_is_a_whole_definition(lab: AodhLab) -> None:
    made = lab.alarm(severity="critical", repeat_actions=True)
    lab.clock.sleep(5)
    path = f"/v2/alarms/{made['alarm_id']}"
    changed = lab.aodh("PUT", path, {**made, "name": "new", "state_reason": "Oops"})
    assert changed == {**made, "name": "new", "timestamp": "2030-01-01T00:00:05", "evaluate_timestamp": None}
    reset = lab.aodh("PUT", path, definition(state="ok"), who="admin")
    assert (reset["severity"], reset["repeat_actions"], reset["alarm_actions"]) == ("low", False, [])
    assert (reset["state"], reset["state_reason"]) == ("ok", "Manually set via API")
    assert (reset["project_id"], reset["user_id"]) == ("p1", "u-ann")


def test_the_state_can_be_read_and_set(lab: AodhLab) -> None:
    path = f"/v2/alarms/{lab.alarm()['alarm_id']}/state"
    assert lab.aodh("GET", path) == "insufficient data"
    assert lab.aodh("PUT", path, "ok") == "ok"
    for wrong in ("fine", 5, {"state": "ok"}, None):
        lab.fault("PUT", path, wrong)
    assert lab.aodh("GET", path) == "ok"


def test_the_history_lists_every_change(lab: AodhLab) -> None:
    alarm = lab.alarm(name="first")
    path = f"/v2/alarms/{alarm['alarm_id']}"
    lab.clock.sleep(1)
    lab.aodh("PUT", path, {**alarm, "name": "second"})
    lab.publish({"project_id": "p1"})
    lab.aodh("PUT", f"{path}/state", "ok", who="admin")
    changes = lab.aodh("GET", f"{path}/history")
    assert [change["type"] for change in changes] == [
        "state transition",
        "state transition",
        "rule change",
        "creation",
    ]
    by_hand, fired, renamed, made = changes
    assert json.loads(renamed["detail"]) == {"name": "second"}
    assert json.loads(made["detail"])["rule"] == alarm["event_rule"]
    assert json.loads(fired["detail"])["state"] == "alarm"
    assert json.loads(by_hand["detail"]) == {"state": "ok", "state_reason": "Manually set via API"}
    assert (by_hand["project_id"], by_hand["on_behalf_of"], fired["user_id"]) == ("p-admin", "p1", None)
    assert [change["type"] for change in lab.aodh("GET", f"{path}/history?limit=1&sort=timestamp")] == ["creation"]
    since = f"{path}/history?q.field=timestamp&q.op=gt&q.value=2030-01-01T00:00:00"
    assert len(lab.aodh("GET", since)) == 3
    assert len(lab.aodh("GET", f"{path}/history?q.field=type&q.op=eq&q.value=creation")) == 1
    lab.fault("GET", f"{path}/history?q.field=type&q.op=ne&q.value=creation")
    lab.fault("GET", f"{path}/history?q.field=search_offset&q.op=eq&q.value=5")
    lab.fault("GET", f"{path}/history?q.field=alarm_id&q.op=eq&q.value=5")


def test_a_deleted_alarm_is_gone_but_its_changes_stay(lab: AodhLab) -> None:
    alarm = lab.alarm()
    path = f"/v2/alarms/{alarm['alarm_id']}"
    lab.aodh("DELETE", path, status=204)
    lab.fault("GET", path, status=404)
    lab.fault("DELETE", path, status=404)
    query = {"filter": json.dumps({"=": {"alarm_id": alarm["alarm_id"]}})}
    assert [change["type"] for change in lab.aodh("POST", "/v2/query/alarms/history", query)] == ["creation"]


def test_quotas_limit_the_alarms_of_a_project(lab: AodhLab) -> None:
    limited = {"project_id": "p1", "quotas": [{"resource": "alarms", "limit": 1}]}
    assert lab.aodh("GET", "/v2/quotas")["quotas"] == [{"resource": "alarms", "limit": -1}]
    lab.fault("POST", "/v2/quotas", limited, status=403)
    lab.fault("GET", "/v2/quotas?project_id=p2", status=403)
    assert lab.aodh("POST", "/v2/quotas", limited, who="admin", status=201) == limited
    assert lab.aodh("GET", "/v2/quotas?project_id=p1", who="admin") == limited
    lab.alarm()
    assert "quota exceeded" in lab.fault("POST", "/v2/alarms", definition(), status=403)
    lab.fault("DELETE", "/v2/quotas/p1", status=403)
    lab.aodh("DELETE", "/v2/quotas/p1", who="admin", status=204)
    lab.alarm()
    bad: list[Json] = [
        {"quotas": []},
        {"project_id": "p1", "quotas": [{"resource": "cows", "limit": 1}]},
        {"project_id": "p1", "quotas": [{"resource": "alarms", "limit": -2}]},
        {"project_id": "p1", "quotas": [{"resource": "alarms"}]},
    ]
    for wrong in bad:
        lab.fault("POST", "/v2/quotas", wrong, who="admin")


def test_versions_and_capabilities(lab: AodhLab) -> None:
    (version,) = lab.aodh("GET", "/")["versions"]["values"]
    assert version["id"] == "v2"
    assert version["links"][0]["href"] == f"{lab.cloud.url}/alarming/v2"
    assert [media["base"] for media in version["media-types"]] == ["application/json", "application/xml"]
    assert set(lab.aodh("GET", "/v2/capabilities")) == {"api", "alarm_storage"}
    lab.fault("GET", "/v2/metrics", status=403)
    lab.fault("GET", "/v2/nowhere", status=404)
    lab.fault("PATCH", "/v2/alarms", status=405)
