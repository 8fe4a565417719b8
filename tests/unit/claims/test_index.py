"""The index of a history: servers, groups, moves, sessions and constraints in it."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CannotTell, HistoryIndex, index_of, judge
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.history import History
from tests.support.fenix_runs import constrain_group, constrain_instance
from tests.support.history_builder import ADMIN, OTHER_PROJECT, PROJECT, SESSION, Draft, HistoryBuilder


def index(run: HistoryBuilder) -> HistoryIndex:
    return index_of(run.history())


# -- events and names --------------------------------------------------------------------------------------------------


def test_what_comes_after_the_end_is_not_judged(run: HistoryBuilder) -> None:
    after = run.compute("compute-9")
    found = index(run)
    assert (len(found.all_events), len(found.events)) == (run.number(after), run.number(after) - 1)
    assert "compute-9" not in found.cloud.computes
    assert found.last is found.require_end()


def test_a_session_that_was_there_before_the_run_is_nobodys(run: HistoryBuilder) -> None:
    run.one("run.started").data["standing_sessions"] = ["old"]
    for message in run.all("notification"):
        run.after(message).log("admin_tool", "notification", **{**message.data, "session_id": "old"})
    run.after(run.one("session.created")).log(
        "admin_tool", "session.state", session_id="old", state="MAINTENANCE_FAILED"
    )
    found = index(run)
    assert list(found.sessions) == [SESSION]
    assert {event.data["session_id"] for event in found.of("notification")} == {SESSION}
    assert judge(run.history()).holds


def test_an_index_does_not_grow_with_its_history(run: HistoryBuilder) -> None:
    history = run.history()
    found = index_of(history)
    history.append("harness", "run.ended", {})
    assert len(found.all_events) == len(history) - 1


def test_an_empty_history_has_neither_start_nor_end() -> None:
    found = index_of(History())
    with pytest.raises(CannotTell, match=r"the history has no run\.started"):
        found.require_start()
    with pytest.raises(CannotTell, match=r"the history breaks off: it has no run\.ended"):
        found.require_end()
    with pytest.raises(CannotTell, match="no maintenance session was created"):
        found.require_sessions()


def test_servers_projects_and_a_single_session_have_names(run: HistoryBuilder) -> None:
    found = index(run)
    names = [found.name(key) for key in ("id-ha_0", PROJECT, OTHER_PROJECT, SESSION, ADMIN, "unknown", None)]
    assert names == ["ha_0", "doctor", "other", "the session", ADMIN, "unknown", "None"]


def test_one_of_two_sessions_is_named_by_its_id(run: HistoryBuilder) -> None:
    created = run.one("session.created")
    run.after(created).log("admin_tool", "session.created", **{**created.data, "session_id": "session-2"})
    assert index(run).name(SESSION) == SESSION


def test_without_the_start_of_the_run_projects_have_no_names(run: HistoryBuilder) -> None:
    run.drop(run.one("run.started"))
    assert index(run).name(PROJECT) == PROJECT
    assert list(index(run).cloud.anti_affinity) == [f"pair ({PROJECT})"]


# -- groups and faults -------------------------------------------------------------------------------------------------


def group(run: HistoryBuilder, group_id: str, *members: str, policy: str = "anti-affinity") -> Draft:
    draft = run.anti_affinity(*members)
    draft.data.update(group_id=group_id, policy=policy)
    return draft


def test_all_servers_that_were_ever_members_belong_to_a_group(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended"))
    group(run, "group-1", "ha_1", "app_1")
    assert index(run).cloud.anti_affinity == {"pair (doctor)": ("id-ha_0", "id-ha_1", "id-app_1")}
    assert index(run).cloud.redundant == {"id-ha_0", "id-ha_1", "id-app_1"}


def test_groups_of_one_name_are_distinguished_by_their_ids(run: HistoryBuilder) -> None:
    run.before(run.one("run.ended"))
    group(run, "group-2", "app_1", "app_3")
    other = group(run, "group-3", "app_1", "app_3")
    other.data["name"] = "other pair"
    assert list(index(run).cloud.anti_affinity) == [
        "pair (doctor) group-1",
        "pair (doctor) group-2",
        "other pair (doctor)",
    ]


def test_a_group_without_two_existing_members_is_left_out(run: HistoryBuilder) -> None:
    run.drop(run.one("server_group")).before(run.one("run.ended"))
    group(run, "group-2", "app_1", "nothing")
    group(run, "group-3", "app_1", "app_3", policy="affinity")
    group(run, "group-4", "app_1", "app_1")
    assert index(run).cloud.anti_affinity == {}


def test_what_was_lost_was_on_the_compute_when_the_fault_was_injected(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).fault("compute-1")
    run.after(run.one("alarm", state="DOWN_SCALE")).fault("compute-9")
    faults = index(run).faults
    assert faults.lost_servers == {"id-app_0"}
    assert faults.hosts == {"compute-1"}
    assert faults.open_hosts == {"compute-1", "compute-9"}


def test_a_fault_that_ended_lost_what_it_lost(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).fault("compute-1")
    run.fault("compute-1", "ended")
    faults = index(run).faults
    assert faults.lost_servers == {"id-app_0"}
    assert len(faults.injected) == 1
    assert faults.open_hosts == set()


# -- moves and room ----------------------------------------------------------------------------------------------------


def moves(run: HistoryBuilder) -> list[Move]:
    return list(index(run).moves)


def one_server() -> HistoryBuilder:
    run = HistoryBuilder()
    run.run_started(["compute-1", "compute-2"], {})
    run.server("app", "compute-1")
    return run


def summary(move: Move) -> tuple[str, str, str | None, bool, bool]:
    return move.action, move.source, move.target, move.ended is not None, move.succeeded


def test_a_cold_migration_lasts_until_it_is_confirmed() -> None:
    run = one_server()
    run.migrate("app", "compute-1", "compute-2")
    (move,) = moves(run)
    assert summary(move) == ("migrate", "compute-1", "compute-2", True, True)
    assert move.started.data["status"] == "RESIZE"
    assert move.arrival is move.ended is not None
    assert move.ended.data["action"] == "confirmResize"


def test_a_cold_migration_that_is_not_confirmed_does_not_end() -> None:
    run = one_server()
    run.migrate("app", "compute-1", "compute-2", confirm=False)
    (move,) = moves(run)
    assert summary(move) == ("migrate", "compute-1", None, False, False)


@pytest.mark.parametrize(
    ("status", "task", "held", "is_over"),
    [
        ("ACTIVE", None, ["compute-2"], True),
        ("ERROR", None, [], True),
        ("ACTIVE", "migrating", ["compute-2"], False),
        ("ACTIVE", None, ["compute-1", "compute-2"], False),
        ("RESIZE", None, ["compute-2"], False),
        ("VERIFY_RESIZE", None, ["compute-2"], False),
        ("REVERT_RESIZE", None, ["compute-2"], False),
        ("MIGRATING", None, ["compute-2"], False),
    ],
)
def test_a_move_is_over_when_the_server_rests(status: str, task: str | None, held: list[str], is_over: bool) -> None:
    run = one_server()
    run.server("app", "compute-1", "MIGRATING", action="os-migrateLive", by=ADMIN, task="migrating")
    run.server("app", "compute-2", status, action="os-migrateLive", by=ADMIN, task=task, held=held)
    (move,) = moves(run)
    assert (move.ended is not None) is is_over
    assert move.target == ("compute-2" if is_over else None)


@pytest.mark.parametrize("status", ["DELETED", "SOFT_DELETED"])
def test_a_server_that_is_deleted_on_its_way_has_no_target(status: str) -> None:
    run = one_server()
    run.server("app", "compute-1", "MIGRATING", action="os-migrateLive", by=ADMIN, task="migrating")
    run.server("app", "compute-2", status, action="delete")
    (move,) = moves(run)
    assert summary(move) == ("os-migrateLive", "compute-1", None, True, False)


def test_a_move_that_is_seen_only_when_it_is_over_is_a_move() -> None:
    run = one_server()
    run.server("app", "compute-2", action="os-migrateLive", by=ADMIN)
    run.server("app", "compute-1", action="os-migrateLive", by=ADMIN)
    assert [summary(move)[1:3] for move in moves(run)] == [("compute-1", "compute-2"), ("compute-2", "compute-1")]


def test_a_state_that_only_repeats_the_last_action_is_not_a_move() -> None:
    run = one_server()
    run.server("app", "compute-2", action="os-migrateLive", by=ADMIN)
    run.server("app", "compute-2", action="os-migrateLive", by=ADMIN)
    assert len(moves(run)) == 1


def test_a_migration_that_failed_at_once_is_a_move() -> None:
    run = one_server()
    run.server("app", "compute-1", action="migrate", by=ADMIN)
    assert [summary(move) for move in moves(run)] == [("migrate", "compute-1", None, True, False)]


def test_a_migration_that_was_under_way_when_the_history_began_is_a_move() -> None:
    run = HistoryBuilder()
    run.run_started(["compute-1", "compute-2"], {})
    for _ in range(2):
        run.server("app", "compute-1", "MIGRATING", action="os-migrateLive", by=ADMIN, task="migrating")
    run.server("app", "compute-2", action="os-migrateLive", by=ADMIN)
    (move,) = moves(run)
    assert summary(move)[1:3] == ("compute-1", "compute-2")
    assert move.started.seq == 3


def test_a_deleted_server_that_keeps_its_last_action_is_not_a_move() -> None:
    run = one_server()
    run.server("app", "compute-1", "DELETED", action="migrate", by=ADMIN, held=[])
    assert moves(run) == []


def test_moves_are_in_the_order_of_their_starts_and_of_those_that_asked_for_them() -> None:
    run = one_server()
    run.server("other", "compute-1")
    run.migrate("other", "compute-1", "compute-2", by=PROJECT)
    run.migrate("app", "compute-1", "compute-2")
    found = index(run)
    assert [move.server_id for move in found.moves] == ["id-other", "id-app"]
    assert [move.server_id for move in found.admin_moves] == ["id-app"]


@pytest.mark.parametrize(
    ("host", "held", "hosts"),
    [
        ("compute-1", ["compute-1"], {"compute-1"}),
        ("compute-1", ["compute-1", "compute-2"], {"compute-1", "compute-2"}),
        ("compute-1", [], {"compute-1"}),
        (None, ["compute-2"], {"compute-2"}),
    ],
)
def test_a_server_takes_room_where_it_is_and_where_it_holds_room(
    host: str | None, held: list[str], hosts: set[str]
) -> None:
    run = HistoryBuilder()
    run.server("app", host, held=held)
    cloud = index(run).cloud
    assert {name for name in ("compute-1", "compute-2") if cloud.on_host(name, 2)} == hosts
    assert not cloud.on_host("compute-1", 1)


# -- sessions and maintenance ------------------------------------------------------------------------------------------


def test_a_time_in_maintenance_lasts_until_the_compute_comes_back(run: HistoryBuilder) -> None:
    spans = index(run).maintenance_spans
    assert [host for host, _, _ in spans] == ["compute-3", "compute-1", "compute-2"]
    for host, first, last in spans:
        assert first == run.number(run.one("notification", state="IN_MAINTENANCE", host=host))
        assert last == run.number(run.one("notification", state="MAINTENANCE_COMPLETE", host=host))


def test_a_time_in_maintenance_may_last_until_a_session_is_seen_to_fail(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).session_state("MAINTENANCE_FAILED")
    created = run.one("session.created")
    run.after(created).log("admin_tool", "session.created", **{**created.data, "session_id": "session-2"})
    run.drop(run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-2"))
    last = run.before(run.one("run.ended")).log(
        "admin_tool", "session.state", session_id="session-2", state="MAINTENANCE_FAILED"
    )
    assert index(run).maintenance_spans[-1][2] == run.number(last)
    run.drop(last)
    assert index(run).maintenance_spans[-1][2] == run.number(run.one("run.ended"))


def test_each_session_has_its_own_states_and_its_own_end(run: HistoryBuilder) -> None:
    created, deleted = run.one("session.created"), run.one("session.deleted")
    run.after(created).log("admin_tool", "session.created", **{**created.data, "session_id": "session-2"})
    run.log("admin_tool", "session.state", session_id="session-2", state="MAINTENANCE_FAILED")
    run.log("admin", "session.deleted", session_id="session-2")
    first, second = index(run).sessions.values()
    assert first.failed is None
    assert second.failed is not None
    assert (first.deleted, second.deleted) != (None, None)
    assert first.deleted is not None
    assert first.deleted.seq == run.number(deleted)
    assert second.last_seen is second.failed


def test_a_session_without_states_was_last_seen_when_it_was_created(run: HistoryBuilder) -> None:
    run.drop(*run.all("session.state"))
    (session,) = index(run).sessions.values()
    assert session.last_seen is session.created


def test_only_fenix_discovers_the_computes_of_a_session(run: HistoryBuilder, fenix_run: HistoryBuilder) -> None:
    for each, hosts in ((run, ()), (fenix_run, ("compute-1", "compute-2", "compute-3"))):
        each.one("session.created").data["hosts"] = []
        assert index(each).sessions[SESSION].hosts == hosts


# -- constraints -------------------------------------------------------------------------------------------------------


def constrained() -> HistoryBuilder:
    run = HistoryBuilder()
    constrain_group(run, "group", group_name="the group", max_instances_per_host=3, resource_mitigation=True)
    constrain_instance(run, "a", "group", lead_time=1)
    constrain_instance(run, "b", "group", resource_mitigation=False)
    constrain_instance(run, "c", "another group", resource_mitigation=False)
    return run


def test_the_constraint_in_force_is_the_one_just_before_an_event() -> None:
    run = constrained()
    first = run.number(run.one("constraint.instance"))
    constrain_instance(run, "a", "group", lead_time=2)
    second = run.number(run.all("constraint.instance")[-1])
    constraints = index(run).constraints
    rules = [constraints.of_instance("id-a", seq) for seq in (first, first + 1, second, second + 1)]
    assert [None if rule is None else rule.lead_time for rule in rules] == [None, 1, 1, 2]


def test_a_constraint_that_was_taken_back_is_not_in_force() -> None:
    run = constrained()
    constrain_instance(run, "a", "group", deleted=True)
    constrain_group(run, "group", deleted=True)
    constraints = index(run).constraints
    end = len(run.drafts) + 1
    assert constraints.of_instance("id-a", end - 2) is not None
    assert constraints.of_instance("id-a", end) is None
    assert constraints.members(f"{PROJECT}/group", end - 2) == ("id-a", "id-b")
    assert constraints.members(f"{PROJECT}/group", end) == ("id-b",)
    assert constraints.group_of("id-b", end - 1) is not None
    assert constraints.group_of("id-b", end) is None
    assert constraints.require_count() == 4


def test_an_instance_may_change_its_group() -> None:
    run = constrained()
    constrain_instance(run, "b", "another group")
    constraints = index(run).constraints
    end = len(run.drafts) + 1
    assert [constraints.members(f"{PROJECT}/group", seq) for seq in (end - 1, end)] == [("id-a", "id-b"), ("id-a",)]
    assert constraints.members(f"{PROJECT}/another group", end) == ("id-b", "id-c")
    assert constraints.members(f"{PROJECT}/no group", end) == ()


def test_a_group_of_another_project_with_the_same_id_is_another_group() -> None:
    run = constrained()
    constrain_group(run, "group", project_id="another project", recovery_time=99)
    constrain_instance(run, "c", "group", project_id="another project")
    constraints = index(run).constraints
    end = len(run.drafts) + 1
    rules = [constraints.group_of(server_id, end) for server_id in ("id-a", "id-c")]
    assert [None if rule is None else rule.recovery_time == 99 for rule in rules] == [False, True]
    assert constraints.members(f"{PROJECT}/group", end) == ("id-a", "id-b")


def test_an_instance_or_its_group_may_ask_for_room() -> None:
    run = constrained()
    end = len(run.drafts) + 1
    constraints = index(run).constraints
    assert [constraints.asks_for_room(f"id-{name}", end) for name in "abcd"] == [True, True, False, False]


def test_the_fields_of_a_group_that_were_not_given() -> None:
    run = HistoryBuilder()
    constrain_group(
        run, "group", group_name="", max_instances_per_host=None, max_impacted_members=None, recovery_time=None
    )
    rule = index(run).constraints.of_group(f"{PROJECT}/group", 2)
    assert rule is not None
    assert (rule.name, rule.max_instances_per_host) == ("group", 0)
    assert (rule.max_impacted_members, rule.recovery_time) == (None, None)


def test_without_constraints_only_a_session_of_the_vnf_workflow_lacks_them(run: HistoryBuilder) -> None:
    assert index(run).constraints.require_count() == 0
    run.one("session.created").data["workflow"] = "vnf"
    with pytest.raises(CannotTell, match="the workflow is vnf, and the history has no constraint"):
        index(run).constraints.require_count()
