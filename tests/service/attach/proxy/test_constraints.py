"""Constraints that an admin tool takes, or takes back, are recorded as Fenix records them itself."""

from typing import Any

import pytest

from pytest_doctor_maint.history import kinds

INSTANCE = {
    "instance_id": "i1",
    "project_id": "p1",
    "group_id": "g1",
    "instance_name": "one",
    "max_interruption_time": 120,
    "migration_type": "MIGRATE",
    "resource_mitigation": True,
    "lead_time": 40,
}
GROUP = {
    "group_id": "g1",
    "project_id": "p1",
    "group_name": "ones",
    "anti_affinity_group": True,
    "max_instances_per_host": 1,
    "max_impacted_members": 1,
    "recovery_time": 4,
    "resource_mitigation": True,
}
BOTH = pytest.mark.parametrize(
    ("path", "kind", "body"),
    [("/instance/i1", kinds.CONSTRAINT_INSTANCE, INSTANCE), ("/instance_group/g1", kinds.CONSTRAINT_GROUP, GROUP)],
)
TAKEN = ["200 OK", "201 Created", "204 No Content"]


def recorded(bench: Any, kind: str) -> list[dict[str, Any]]:
    assert {event.actor for event in bench.history} <= {"admin_tool"}
    assert {event.kind for event in bench.history} <= {kind}
    return [dict(event.data) for event in bench.history]


@BOTH
@pytest.mark.parametrize("status", TAKEN)
def test_one_that_is_taken_and_taken_back(bench: Any, path: str, kind: str, body: dict[str, Any], status: str) -> None:
    bench.says(status, b"" if status.startswith("204") else b"{}")
    bench.answer("PUT", path, body)
    assert recorded(bench, kind) == [{**body, "deleted": False}]
    bench.answer("DELETE", path)
    assert recorded(bench, kind) == [{**body, "deleted": False}, {**body, "deleted": True}]


@BOTH
def test_one_that_is_changed(bench: Any, path: str, kind: str, body: dict[str, Any]) -> None:
    changed = {**body, "resource_mitigation": False}
    for each in (body, changed):
        bench.answer("PUT", path, each)
    bench.answer("DELETE", f"{path}/")
    assert recorded(bench, kind) == [
        {**body, "deleted": False},
        {**changed, "deleted": False},
        {**changed, "deleted": True},
    ]


@BOTH
@pytest.mark.parametrize("status", ["302 Found", "400 Bad Request", "403 Forbidden", "500 Oops"])
def test_one_that_is_refused_changes_nothing(
    bench: Any, path: str, kind: str, body: dict[str, Any], status: str
) -> None:
    bench.says(status, b"{}", Location="http://127.0.0.1:9/")
    for method in ("PUT", "DELETE"):
        bench.answer(method, path, body, allow_redirects=False)
    assert recorded(bench, kind) == []
    bench.says("200 OK")
    bench.answer("PUT", path, body)
    bench.says(status, b"{}", Location="http://127.0.0.1:9/")
    bench.answer("PUT", path, {**body, "resource_mitigation": False}, allow_redirects=False)
    bench.says("200 OK")
    bench.answer("DELETE", path)
    assert recorded(bench, kind) == [{**body, "deleted": False}, {**body, "deleted": True}]


@BOTH
def test_what_is_left_out_is_not_guessed(bench: Any, path: str, kind: str, body: dict[str, Any]) -> None:
    for name in body:
        bench.answer("PUT", path, {key: value for key, value in body.items() if key != name})
        bench.answer("DELETE", path)
    assert recorded(bench, kind) == []


def test_one_that_was_set_before_is_not_guessed_when_it_goes(bench: Any) -> None:
    bench.answer("DELETE", "/instance/i1")
    assert len(bench.history) == 0


def test_whether_it_holds_is_not_for_its_sender_to_say(bench: Any) -> None:
    bench.answer("PUT", "/instance/i1", {**INSTANCE, "deleted": True})
    assert recorded(bench, kinds.CONSTRAINT_INSTANCE) == [{**INSTANCE, "deleted": False}]


def test_it_is_recorded_when_it_is_taken(bench: Any) -> None:
    bench.answer("PUT", "/instance/i1", INSTANCE)
    assert [seen.recorded for seen in bench.stub.seen] == [0]


def test_one_that_no_history_could_keep_is_not_recorded(bench: Any) -> None:
    deep: list[Any] = []
    for _ in range(60):
        deep = [deep]
    assert bench.answer("PUT", "/instance/i1", {**INSTANCE, "more": deep}).status_code == 200
    assert len(bench.history) == 0
