"""How Aodh lists alarms: filters, order, pages, and complex queries."""

import json

import pytest

from tests.support.aodh import AodhLab
from tests.support.json import Json


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["c", "b", "a"]),
        ("sort=name", ["a", "b", "c"]),
        ("sort=name:desc", ["c", "b", "a"]),
        ("sort=severity&sort=name:desc", ["c", "a", "b"]),
        ("sort=name&limit=2", ["a", "b"]),
        ("sort=name&limit=0", ["a", "b", "c"]),
        ("sort=name&limit=1&marker={b}", ["c"]),
        ("q.field=name&q.op=eq&q.value=b", ["b"]),
        ("q.field=name&q.value=b", ["b"]),
        ("q.field=enabled&q.op=eq&q.value=false", ["a"]),
        ("q.field=enabled&q.op=eq&q.value=True&q.field=severity&q.op=eq&q.value=low", ["c"]),
        ("q.field=state&q.op=eq&q.value=insufficient%20data&sort=name", ["a", "b", "c"]),
        ("q.field=type&q.op=eq&q.value=prometheus", []),
    ],
)
def test_a_listing_is_filtered_sorted_and_paged(lab: AodhLab, query: str, found: list[str]) -> None:
    ids = {}
    for name, severity in (("a", "low"), ("b", "critical"), ("c", "low")):
        ids[name] = lab.alarm(name=name, severity=severity, enabled=name != "a")["alarm_id"]
        lab.clock.sleep(1)
    assert [alarm["name"] for alarm in lab.aodh("GET", f"/v2/alarms?{query.format(**ids)}")] == found


@pytest.mark.parametrize(
    "query",
    [
        "foo=1",
        "name=a",
        "limit=-1",
        "limit=x",
        "marker=nope",
        "sort=foo",
        "sort=name:up",
        "q.field=name",
        "q.op=eq",
        "q.field=foo&q.op=eq&q.value=x",
        "q.field=name&q.op=ne&q.value=x",
        "q.field=name&q.op=like&q.value=x",
        "q.field=timestamp&q.op=gt&q.value=2030-01-01",
        "q.field=timestamp&q.op=eq&q.value=noon",
        "q.field=enabled&q.op=eq&q.value=maybe",
        "q.field=all_projects&q.op=eq&q.value=maybe",
        "q.field=name&q.op=eq&q.value=x&q.type=integer",
        "q.field=name&q.op=eq&q.value=x&q.type=colour",
        "q.field=name&q.op=eq&q.value=x&q.field=state",
    ],
)
def test_a_bad_query_is_refused(lab: AodhLab, query: str) -> None:
    lab.fault("GET", f"/v2/alarms?{query}")


@pytest.mark.parametrize(
    ("expression", "order", "found"),
    [
        ({"=": {"name": "a"}}, None, ["a"]),
        ({"!=": {"name": "a"}}, [{"name": "asc"}], ["b", "c"]),
        ({"and": [{">=": {"name": "b"}}, {"not": {"=": {"name": "c"}}}]}, None, ["b"]),
        ({"OR": [{"=": {"name": "a"}}, {"=~": {"name": "^c"}}]}, [{"name": "DESC"}], ["c", "a"]),
        ({"in": {"name": ["a", "b"]}}, [{"severity": "desc"}], ["b", "a"]),
        ({"=": {"enabled": False}}, None, ["a"]),
        ({">": {"timestamp": "2030-01-01T00:00:00"}}, [{"name": "asc"}], ["b", "c"]),
        ({"<": {"evaluate_timestamp": "2020-01-01T00:00:00"}}, None, []),
        ({"=": {"project": "p1"}}, [{"name": "asc"}], ["a", "b", "c"]),
        (None, [{"name": "asc"}], ["a", "b", "c"]),
    ],
)
def test_complex_queries_filter_and_sort(lab: AodhLab, expression: Json, order: Json, found: list[str]) -> None:
    for name, severity in (("a", "low"), ("b", "critical"), ("c", "low")):
        lab.alarm(name=name, severity=severity, enabled=name != "a")
        lab.clock.sleep(1)
    lab.alarm(name="not ann's", who="bob")
    body = {} if expression is None else {"filter": json.dumps(expression)}
    body |= {} if order is None else {"orderby": json.dumps(order)}
    assert [alarm["name"] for alarm in lab.aodh("POST", "/v2/query/alarms", body)] == found
    assert len(lab.aodh("POST", "/v2/query/alarms", {**body, "limit": 1})) == min(1, len(found))
    if expression is None:
        assert len(lab.aodh("POST", "/v2/query/alarms", body, who="admin")) == 4


@pytest.mark.parametrize(
    "body",
    [
        {"filter": "nope"},
        {"filter": {"=": {"name": "a"}}},
        {"filter": "[]"},
        {"filter": "{}"},
        {"filter": '{"=": {"colour": "red"}}'},
        {"filter": '{"=": {"name": ["a"]}}'},
        {"filter": '{"=": {}}'},
        {"filter": '{"and": [{"=": {"name": "a"}}]}'},
        {"filter": '{"in": {"name": []}}'},
        {"filter": '{"=~": {"name": "("}}'},
        {"filter": '{"like": {"name": "a"}}'},
        {"filter": '{">": {"timestamp": "noon"}}'},
        {"filter": '{"not":' * 200 + "1" + "}" * 200},
        {"orderby": '{"name": "asc"}'},
        {"orderby": '[{"name": "up"}]'},
        {"orderby": '[{"colour": "asc"}]'},
        {"orderby": '[{"rule": "asc"}]'},
        {"limit": 0},
        {"limit": "x"},
        {"colour": "red"},
        [],
    ],
)
def test_a_bad_complex_query_is_refused(lab: AodhLab, body: Json) -> None:
    lab.alarm()
    lab.fault("POST", "/v2/query/alarms", body)


def test_a_complex_query_for_another_project_is_refused(lab: AodhLab) -> None:
    lab.fault("POST", "/v2/query/alarms", {"filter": '{"=": {"project_id": "p2"}}'}, status=401)
    lab.fault("POST", "/v2/query/alarms/history", {"filter": '{"=": {"on_behalf_of": "p2"}}'}, status=401)
