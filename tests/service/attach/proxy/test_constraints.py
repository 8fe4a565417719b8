"""The proxy records accepted and deleted constraints as Fenix itself records them."""

import pytest

from pytest_doctor_maint.history import kinds
from tests.support.proxied_admin_tools import ProxyBench

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
ACCEPTED = ["200 OK", "201 Created", "204 No Content"]


def recorded(bench: ProxyBench, kind: str) -> list[dict[str, object]]:
    assert {event.actor for event in bench.history} <= {"admin_tool"}
    assert {event.kind for event in bench.history} <= {kind}
    return [dict(event.data) for event in bench.history]


@BOTH
@pytest.mark.parametrize("status", ACCEPTED)
def test_a_constraint_that_is_set_and_deleted(
    bench: ProxyBench, path: str, kind: str, body: dict[str, object], status: str
) -> None:
    bench.says(status, b"" if status.startswith("204") else b"{}")
    bench.reply("PUT", path, body)
    assert recorded(bench, kind) == [{**body, "deleted": False}]
    bench.reply("DELETE", path)
    assert recorded(bench, kind) == [{**body, "deleted": False}, {**body, "deleted": True}]


@BOTH
def test_a_constraint_that_is_changed(bench: ProxyBench, path: str, kind: str, body: dict[str, object]) -> None:
    changed = {**body, "resource_mitigation": False}
    for each in (body, changed):
        bench.reply("PUT", path, each)
    bench.reply("DELETE", f"{path}/")
    assert recorded(bench, kind) == [
        {**body, "deleted": False},
        {**changed, "deleted": False},
        {**changed, "deleted": True},
    ]


@BOTH
@pytest.mark.parametrize("status", ["302 Found", "400 Bad Request", "403 Forbidden", "500 Oops"])
def test_a_constraint_that_is_refused_changes_nothing(
    bench: ProxyBench, path: str, kind: str, body: dict[str, object], status: str
) -> None:
    bench.says(status, b"{}", Location="http://127.0.0.1:9/")
    for method in ("PUT", "DELETE"):
        bench.reply(method, path, body, allow_redirects=False)
    assert recorded(bench, kind) == []
    bench.says("200 OK")
    bench.reply("PUT", path, body)
    bench.says(status, b"{}", Location="http://127.0.0.1:9/")
    bench.reply("PUT", path, {**body, "resource_mitigation": False}, allow_redirects=False)
    bench.says("200 OK")
    bench.reply("DELETE", path)
    assert recorded(bench, kind) == [{**body, "deleted": False}, {**body, "deleted": True}]


@BOTH
def test_a_constraint_without_a_field_is_not_recorded(
    bench: ProxyBench, path: str, kind: str, body: dict[str, object]
) -> None:
    for name in body:
        bench.reply("PUT", path, {key: value for key, value in body.items() if key != name})
        bench.reply("DELETE", path)
    assert recorded(bench, kind) == []


def test_the_deletion_of_a_constraint_that_was_set_before_is_not_recorded(bench: ProxyBench) -> None:
    bench.reply("DELETE", "/instance/i1")
    assert len(bench.history) == 0


def test_its_sender_cannot_set_the_field_deleted(bench: ProxyBench) -> None:
    bench.reply("PUT", "/instance/i1", {**INSTANCE, "deleted": True})
    assert recorded(bench, kinds.CONSTRAINT_INSTANCE) == [{**INSTANCE, "deleted": False}]


def test_a_constraint_is_recorded_when_it_is_accepted(bench: ProxyBench) -> None:
    bench.reply("PUT", "/instance/i1", INSTANCE)
    assert [seen.recorded for seen in bench.stub.seen] == [0]


def test_a_constraint_that_is_nested_too_deep_for_a_history_is_not_recorded(bench: ProxyBench) -> None:
    deep: list[object] = []
    for _ in range(60):
        deep = [deep]
    assert bench.reply("PUT", "/instance/i1", {**INSTANCE, "more": deep}).status_code == 200
    assert len(bench.history) == 0
