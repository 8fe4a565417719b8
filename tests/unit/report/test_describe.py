"""Each kind of event is described in a few plain words."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.report.describe import actors_of, describe, names_of
from tests.support.histories import event

NAMES = {"s-1": "web_0", "s-2": "web_1", "p-1": "doctor", "session-1": "session 1", "g-1": "web"}
TRAITS = {"event_type": "maintenance.scheduled", "session_id": "session-1", "project_id": "p-1"}
INSTANCE = {
    "instance_id": "s-1",
    "project_id": "p-1",
    "group_id": "g-1",
    "instance_name": "web_0",
    "max_interruption_time": 0.5,
    "migration_type": "LIVE_MIGRATE",
    "resource_mitigation": True,
    "lead_time": 30,
    "deleted": False,
}
GROUP = {
    "group_id": "g-1",
    "project_id": "p-1",
    "group_name": "",
    "anti_affinity_group": False,
    "max_instances_per_host": 0,
    "max_impacted_members": 1,
    "recovery_time": 60.0,
    "resource_mitigation": False,
    "deleted": False,
}
COMPUTE = {"host": "compute-1", "state": "up", "forced_down": False, "powered": True, "vcpus": 2}
SERVER = {"server_id": "s-1", "name": "web_0", "project_id": "p-1", "vcpus": 1, "action": "create", "by": "p-1"}
ADDRESS = {"floating_ip_id": "f-1", "address": "203.0.113.7", "project_id": "p-1"}
PLUG_IN = {"session_id": "session-1", "plugin": "upgrade"}

EXAMPLES: list[tuple[str, dict[str, object], str]] = [
    (
        "run.started",
        {
            "seed": 1,
            "cloud": "embedded",
            "admin_tool": "fenix",
            "app_manager": "sample",
            "inspector": "sample",
            "computes": [{"name": "compute-1", "vcpus": 2}],
            "projects": {"p-1": "doctor"},
            "admin_project_id": "p-0",
            "profile": "fenix",
            "windows": {},
            "scenario": "test_room::test_full",
            "repeat": "pytest",
        },
        "run starts: test_room::test_full",
    ),
    ("run.ended", {}, "run ends"),
    ("notification", {**TRAITS, "state": "MAINTENANCE"}, "MAINTENANCE to doctor"),
    ("notification", {**TRAITS, "state": "IN_MAINTENANCE", "host": "compute-1"}, "IN_MAINTENANCE compute-1"),
    ("alarm", {**TRAITS, "state": "SCALE_IN", "subscriber_id": "p-1"}, "SCALE_IN to doctor"),
    ("alarm.refused", {"status": 503, "error": "busy"}, "refused with 503: busy"),
    ("alarm.refused", {"status": None, "error": "no response"}, "no response"),
    (
        "reply",
        {"session_id": "session-1", "project_id": "p-1", "url": "http://a", "state": "ACK_MAINTENANCE", "body": {}},
        "ACK_MAINTENANCE from doctor",
    ),
    ("reply.refused", {"status": 409, "error": "no reply is due"}, "refused with 409: no reply is due"),
    (
        "constraint.instance",
        INSTANCE,
        "constraint of web_0: LIVE_MIGRATE, lead time 30 s, interruption 0.5 s, mitigation",
    ),
    ("constraint.instance", {**INSTANCE, "deleted": True}, "constraint of web_0 deleted"),
    ("constraint.group", GROUP, "constraint of group g-1: 1 impacted, recovery 60 s"),
    (
        "constraint.group",
        {**GROUP, "group_name": "web", "anti_affinity_group": True, "max_instances_per_host": 2},
        "constraint of group web: 1 impacted, recovery 60 s, 2 per host, anti-affinity",
    ),
    ("constraint.group", {**GROUP, "deleted": True}, "constraint of group g-1 deleted"),
    (
        "session.created",
        {
            "session_id": "session-1",
            "hosts": ["compute-1", "compute-2"],
            "maintenance_at": "2030-01-01 00:00:20",
            "workflow": "default",
            "metadata": {},
        },
        "session 1: maintain compute-1, compute-2 at 2030-01-01 00:00:20",
    ),
    ("session.refused", {"status": 400, "error": "no hosts"}, "refused with 400: no hosts"),
    ("session.state", {"session_id": "session-1", "state": "MAINTENANCE_DONE"}, "session 1 is MAINTENANCE_DONE"),
    (
        "session.state",
        {"session_id": "session-1", "state": "MAINTENANCE_FAILED", "reason": "no reply of doctor"},
        "session 1 is MAINTENANCE_FAILED (no reply of doctor)",
    ),
    ("session.deleted", {"session_id": "session-1"}, "session 1 is deleted"),
    (
        "action",
        {**PLUG_IN, "type": "host", "host": "compute-1", "phase": "ended"},
        "host plug-in upgrade on compute-1 ended",
    ),
    ("action", {**PLUG_IN, "type": "pre", "host": None, "phase": "failed"}, "pre plug-in upgrade failed"),
    (
        "answer.unreadable",
        {"request": "DELETE /maintenance/s", "status": 200, "text": "OK"},
        "DELETE /maintenance/s is answered with 200 and 'OK'",
    ),
    (
        "host.work",
        {"host": "compute-1", "session_id": "session-1", "phase": "started"},
        "work on compute-1 started",
    ),
    ("compute", {**COMPUTE, "status": "disabled"}, "compute-1 is disabled, up"),
    (
        "compute",
        {**COMPUTE, "status": "enabled", "state": "down", "forced_down": True},
        "compute-1 is enabled, down, forced down",
    ),
    (
        "server",
        {**SERVER, "status": "ACTIVE", "host": "compute-1", "held_on": ["compute-1"], "task_state": None},
        "web_0 is ACTIVE on compute-1",
    ),
    (
        "server",
        {
            **SERVER,
            "status": "RESIZE",
            "host": "compute-1",
            "held_on": ["compute-1", "compute-2"],
            "task_state": "resize_migrating",
        },
        "web_0 is RESIZE (resize_migrating) on compute-1, compute-2",
    ),
    (
        "server",
        {**SERVER, "status": "DELETED", "host": "compute-1", "held_on": [], "task_state": None},
        "web_0 is DELETED on compute-1",
    ),
    ("guest", {"server_id": "s-1", "up": True, "reason": "booted"}, "web_0 is up: booted"),
    ("guest", {"server_id": "s-1", "up": False, "reason": "cold migration"}, "web_0 is down: cold migration"),
    (
        "server_group",
        {"group_id": "g-1", "name": "web", "project_id": "p-1", "policy": "anti-affinity", "members": ["s-1", "s-2"]},
        "anti-affinity group web: web_0, web_1",
    ),
    (
        "server_group",
        {"group_id": "g-1", "name": "web", "project_id": "p-1", "policy": "affinity", "members": []},
        "affinity group web: empty",
    ),
    ("floating_ip", {**ADDRESS, "server_id": "s-1"}, "203.0.113.7 points to web_0"),
    ("floating_ip", {**ADDRESS, "server_id": None}, "203.0.113.7 points to no server"),
    (
        "alarm.created",
        {"alarm_id": "a-1", "name": "doctor_maintenance", "project_id": "p-1", "event_type": "maintenance.scheduled"},
        "alarm doctor_maintenance for maintenance.scheduled created",
    ),
    ("alarm.deleted", {"alarm_id": "a-1", "project_id": "p-1"}, "alarm of doctor deleted"),
    ("host.failure", {"host": "compute-1"}, "compute-1 is reported down"),
    (
        "fault_management",
        {"host": "compute-1", "action": "force_down", "server_id": None},
        "force_down on compute-1",
    ),
    (
        "fault_management",
        {"host": "compute-1", "action": "reset_state", "server_id": "s-1"},
        "reset_state of web_0 on compute-1",
    ),
    (
        "fault",
        {"name": "compute_dies", "target": "compute-1", "phase": "injected"},
        "fault compute_dies on compute-1 injected",
    ),
    ("thread.died", {"thread": "session", "error": "ValueError: x"}, "thread session died: ValueError: x"),
]


@pytest.mark.parametrize(("kind", "data", "text"), EXAMPLES, ids=[f"{kind}-{text}" for kind, _, text in EXAMPLES])
def test_an_event_reads_as_a_few_words(kind: str, data: dict[str, object], text: str) -> None:
    assert kinds.kind(kind).missing(data) == ()
    assert describe(event(kind, data), NAMES) == text


def test_there_is_an_example_of_each_kind() -> None:
    assert {kind for kind, _, _ in EXAMPLES} == {kind.name for kind in kinds.all_kinds()}


def test_an_id_without_a_name_reads_as_the_id() -> None:
    assert describe(event("session.deleted", {"session_id": "5e55"}), {}) == "5e55 is deleted"


def test_an_event_of_an_undeclared_kind_reads_as_its_kind() -> None:
    assert describe(event("power.lost", {"rack": 3}), NAMES) == "power.lost"
    assert actors_of(event("power.lost", {"rack": 3}, actor="probe/rack-3")) == ("probe",)


@pytest.mark.parametrize(
    ("kind", "actor", "ends"),
    [
        ("notification", "admin_tool", ("admin_tool", "aodh")),
        ("alarm", "app_manager", ("aodh", "app_manager")),
        ("alarm", "inspector", ("aodh", "inspector")),
        ("alarm.refused", "inspector", ("inspector", "aodh")),
        ("reply", "app_manager", ("app_manager", "admin_tool")),
        ("reply.refused", "admin_tool", ("admin_tool", "app_manager")),
        ("constraint.instance", "admin_tool", ("app_manager", "admin_tool")),
        ("constraint.group", "admin_tool", ("app_manager", "admin_tool")),
        ("session.created", "admin_tool", ("admin", "admin_tool")),
        ("session.refused", "admin_tool", ("admin_tool", "admin")),
        ("session.state", "admin_tool", ("admin_tool", "admin")),
        ("session.deleted", "admin_tool", ("admin_tool", "admin")),
        ("host.failure", "inspector", ("monitor", "inspector")),
        ("server", "observer", ("observer",)),
        ("thread.died", "app_manager/doctor", ("app_manager",)),
    ],
)
def test_an_event_goes_from_its_source_to_its_target(kind: str, actor: str, ends: tuple[str, ...]) -> None:
    assert actors_of(event(kind, {}, actor=actor)) == ends


def test_names_are_found_for_all_ids(good: History) -> None:
    names = names_of(good)
    (started,) = good.of("run.started")
    assert names[started.data["admin_project_id"]] == "admin"
    assert [names[project] for project in started.data["projects"]] == ["doctor"]
    assert [names[each.data["session_id"]] for each in good.of("session.created")] == ["session 1"]
    assert {names[each.data["server_id"]] for each in good.of("server")} >= {"doctor_ha_app_0", "doctor_nonha_app_3"}
    assert {names[each.data["floating_ip_id"]] for each in good.of("floating_ip")} == {"172.24.4.3"}


def test_sessions_are_named_in_their_order() -> None:
    created = [event("session.created", {"session_id": each}, seq=seq) for seq, each in enumerate("ab", start=1)]
    assert names_of(History(events=created)) == {"a": "session 1", "b": "session 2"}


def test_an_admin_project_with_an_application_keeps_its_name() -> None:
    started = event("run.started", {"projects": {"p-0": "doctor"}, "admin_project_id": "p-0"})
    assert names_of(History(events=[started])) == {"p-0": "doctor"}
