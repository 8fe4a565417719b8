"""What the index of a history says about servers, moves, messages, replies, constraints and sessions."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CannotTell, HistoryIndex, index_of
from pytest_doctor_maint.claims.index.moves import Move
from pytest_doctor_maint.history import History
from tests.support.claims import ADMIN, OTHER_PROJECT, PROJECT, SESSION, Draft, HistoryBuilder
from tests.support.fenix_runs import constrain_group, constrain_instance


def index(run: HistoryBuilder) -> HistoryIndex:
    return index_of(run.history())


# -- events and names --------------------------------------------------------------------------------------------------


def test_what_comes_after_the_end_is_not_judged(run: HistoryBuilder) -> None:
    after = run.compute("compute-9")
    found = index(run)
    assert (len(found.all_events), len(found.events)) == (run.number(after), run.number(after) - 1)
    assert "compute-9" not in found.cloud.computes
    assert found.last is found.require_end()


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


def test_a_group_without_two_members_that_exist_is_none(run: HistoryBuilder) -> None:
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


# -- moves -------------------------------------------------------------------------------------------------------------


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


def test_a_state_that_only_repeats_the_last_action_is_no_move() -> None:
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


def test_a_deleted_server_that_keeps_its_last_action_is_no_move() -> None:
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


# -- messages and replies ----------------------------------------------------------------------------------------------


def reply_to(run: HistoryBuilder, reply: Draft) -> int | None:
    (found,) = [each for each in index(run).messages.replies if each.seq == run.number(reply)]
    return None if found.message is None else found.message.seq


def test_a_reply_belongs_to_the_message_at_the_end_of_its_chain_of_causes(run: HistoryBuilder) -> None:
    first, second = run.all("notification", state="PLANNED_MAINTENANCE")
    alarm = next(draft for draft in run.all("alarm") if draft.cause is first)
    reply = run.one("reply", 1, state="ACK_PLANNED_MAINTENANCE")
    reply.cause = alarm
    assert reply_to(run, reply) == run.number(first)
    reply.cause = second
    assert reply_to(run, reply) == run.number(second)


def test_a_reply_without_a_cause_belongs_to_the_newest_message_with_its_url(run: HistoryBuilder) -> None:
    first, second = run.all("notification", state="PLANNED_MAINTENANCE")
    reply = run.one("reply", 1, state="ACK_PLANNED_MAINTENANCE")
    reply.cause = None
    assert reply_to(run, reply) == run.number(second)
    first.data["reply_url"] += "/first"
    reply.data["url"] = "/maintenance/session-1/project-1/first/"
    assert reply_to(run, reply) == run.number(first)
    reply.data["url"] = "/somewhere/else"
    assert reply_to(run, reply) == run.number(second)


def test_a_reply_without_a_cause_belongs_to_no_message_of_others(run: HistoryBuilder) -> None:
    reply = run.one("reply", 1, state="ACK_PLANNED_MAINTENANCE")
    reply.cause = None
    reply.data["project_id"] = OTHER_PROJECT
    assert reply_to(run, reply) is None
    reply.data.update(project_id=PROJECT, session_id="session-2")
    assert reply_to(run, reply) is None


def test_a_reply_whose_causes_are_no_message_belongs_to_the_newest_one(run: HistoryBuilder) -> None:
    reply = run.one("reply", 1, state="ACK_PLANNED_MAINTENANCE")
    reply.cause = run.one("run.started")
    assert reply_to(run, reply) == run.number(run.one("notification", 1, state="PLANNED_MAINTENANCE"))


def test_the_instances_of_a_message_come_from_a_reply_if_it_has_a_url(run: HistoryBuilder) -> None:
    message = index(run).messages.to_projects[-2]
    assert index(run).messages.instances_of(message) == ("id-app_1",)
    planned = [m for m in index(run).messages.to_projects if m.word == "PLANNED_MAINTENANCE"]
    assert index(run).messages.instances_of(planned[0]) == ("id-ha_0", "id-app_3")
    run.drop(*run.all("reply"))
    assert index(run).messages.instances_of(planned[0]) is None


def test_messages_that_cannot_be_seen_where_they_are_sent_show_where_they_arrive(run: HistoryBuilder) -> None:
    sent = [message.word for message in index(run).messages.to_projects]
    run.drop(*run.all("notification"))
    assert [message.word for message in index(run).messages.to_projects] == sent
    assert {message.event.kind for message in index(run).messages.about_hosts} == {"alarm"}


def test_the_message_before_a_move_is_the_newest_one_about_its_server(run: HistoryBuilder) -> None:
    found = index(run)
    first, second = [m for m in found.messages.to_projects if m.word == "PLANNED_MAINTENANCE"]
    prepare = next(m for m in found.messages.to_projects if m.word == "PREPARE_MAINTENANCE")
    before = {(move.server_id, move.source): found.message_before(move) for move in found.admin_moves}
    assert before == {
        ("id-app_3", "compute-3"): prepare,
        ("id-ha_0", "compute-1"): first,
        ("id-app_3", "compute-1"): first,
        ("id-ha_1", "compute-2"): second,
        ("id-app_1", "compute-2"): second,
    }


def test_a_move_right_before_its_message_has_no_message(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="PREPARE_MAINTENANCE"))
    run.server("app_1", "compute-2", "MIGRATING", action="os-migrateLive", by=ADMIN, task="migrating")
    found = index(run)
    assert found.message_before(found.admin_moves[0]) is None


def test_a_message_to_another_project_is_not_the_message_before_a_move(run: HistoryBuilder) -> None:
    """It has a URL instead of instances, and comes right before the move."""
    run.before(run.one("server", name="ha_0", status="RESIZE")).message("PLANNED_MAINTENANCE", project=OTHER_PROJECT)
    found = index(run)
    (move,) = [move for move in found.admin_moves if move.server_id == "id-ha_0"]
    message = found.message_before(move)
    assert message is not None
    assert message.project_id == PROJECT


def test_the_agreement_is_the_ack_that_was_accepted(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    run.refuse(run.before(reply).reply(reply.cause))
    run.before(reply).reply(reply.cause, "ACK_DOWN_SCALE")
    run.before(reply).reply(reply.cause, "NACK_PLANNED_MAINTENANCE")
    messages = index(run).messages
    (planned, _) = [message for message in messages.to_projects if message.word == "PLANNED_MAINTENANCE"]
    agreement = messages.agreement(planned)
    assert agreement is not None
    assert agreement.seq == run.number(reply)
    assert [(each.accepted, each.agrees, each.refuses) for each in messages.replies_to(planned)] == [
        (False, False, False),
        (True, False, False),
        (True, False, True),
        (True, True, False),
    ]
    assert messages.instances_of(planned) == ("id-ha_0", "id-app_3")


def test_a_reply_repeats_an_earlier_one_with_its_state_and_actions_to_its_message(run: HistoryBuilder) -> None:
    first, second = run.all("reply", state="ACK_PLANNED_MAINTENANCE")
    actions = {"ha_0": "MIGRATE", "app_3": "MIGRATE"}
    run.after(second).reply(first.cause, actions=actions)
    run.reply(first.cause, actions={**actions, "ha_0": "LIVE_MIGRATE"})
    run.reply(first.cause, "NACK_PLANNED_MAINTENANCE", actions)
    run.reply(second.cause, actions=actions)
    replies = {each.seq: each for each in index(run).messages.replies}
    original = replies[run.number(first)]
    later = [replies[run.number(second) + number] for number in range(1, 5)]
    assert [each.repeats(original) for each in later] == [True, False, False, False]
    assert not original.repeats(original)
    assert not original.repeats(later[0])


def test_an_alarm_that_was_refused_did_not_arrive(run: HistoryBuilder) -> None:
    first, second, *_ = run.all("alarm", event_type="maintenance.scheduled")
    refusals = []
    for alarm in (first, second):
        refusals.append(run.after(alarm).log(alarm.actor, "alarm.refused", cause=alarm, status=500, error="no"))
    messages = index(run).messages
    assert len(messages.alarms) == len(run.all("alarm")) - 2
    for alarm, refusal in zip((first, second), refusals, strict=True):
        assert alarm.cause is not None
        assert [event.seq for event in messages.refused_alarms(run.number(alarm.cause))] == [run.number(refusal)]


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
