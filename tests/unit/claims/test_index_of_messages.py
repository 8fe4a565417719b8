"""The index of a history: messages and replies in it, and which of them belong together."""

from __future__ import annotations

from pytest_doctor_maint.claims import HistoryIndex, index_of
from tests.support.history_builder import ADMIN, OTHER_PROJECT, PROJECT, Draft, HistoryBuilder


def index(run: HistoryBuilder) -> HistoryIndex:
    return index_of(run.history())


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


def test_a_reply_whose_causes_are_not_messages_belongs_to_the_newest_message(run: HistoryBuilder) -> None:
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
    messages = index(run).messages
    replies = {each.seq: each for each in messages.replies}
    later = [replies[run.number(second) + number] for number in range(1, 5)]
    assert [messages.repeats_a_counted_one(each) for each in later] == [True, False, False, False]
    assert not messages.repeats_a_counted_one(replies[run.number(first)])


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
