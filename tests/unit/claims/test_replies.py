"""Claims about replies, and about the time to reply."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_doctor_maint.history import timestamp
from tests.support.claims import Case, ClaimCases, assert_holds, assert_violated, verdict_on
from tests.support.fenix_runs import default_workflow, vnf_workflow
from tests.support.history_builder import EPOCH, Draft, HistoryBuilder

cases = ClaimCases()


# -- messages_are_answered ---------------------------------------------------------------------------------------------


@cases.violates("messages_are_answered")
def silence(run: HistoryBuilder) -> None:
    run.drop(run.one("reply", state="ACK_DOWN_SCALE"))


@cases.violates("messages_are_answered")
def only_a_refused_answer(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.after(reply).refuse(reply)


@cases.violates("messages_are_answered")
def answered_twice(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.after(reply).reply(reply.cause)


@cases.violates("messages_are_answered")
def answered_again_and_refused(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.refuse(run.after(reply).reply(reply.cause))


@cases.violates("messages_are_answered")
def answered_too_late(run: HistoryBuilder) -> None:
    late = False
    for draft in run.drafts:
        late = late or (draft.kind == "reply" and draft.data["state"] == "ACK_DOWN_SCALE")
        draft.at += 121 if late else 0


@cases.violates("messages_are_answered")
def answered_elsewhere(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_DOWN_SCALE").data["url"] = "http://admin_tool/maintenance/session-1/project-2"


@cases.violates("messages_are_answered")
def the_answer_to_the_first_compute_counts_for_the_second(run: HistoryBuilder) -> None:
    first, second = run.all("reply", state="ACK_PLANNED_MAINTENANCE")
    second.cause = first.cause


@cases.violates("messages_are_answered")
def the_answer_to_something_else_counts(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PLANNED_MAINTENANCE").data["state"] = "ACK_PREPARE_MAINTENANCE"


@cases.violates("messages_are_answered")
def answered_for_another_project(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_DOWN_SCALE").data["project_id"] = "project-2"


@cases.violates("messages_are_answered")
def answered_before_anything_was_asked(run: HistoryBuilder) -> None:
    message = run.one("notification", state="MAINTENANCE")
    run.before(message).reply(message).cause = None


@cases.keeps("messages_are_answered")
def answered_in_the_last_moment(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_DOWN_SCALE").at = 150


@cases.violates("messages_are_answered")
def answered_a_moment_too_late(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_DOWN_SCALE").at = 150.001


@cases.keeps("messages_are_answered")
def without_reply_at_the_reply_is_due_at_actions_at(run: HistoryBuilder) -> None:
    answered_in_the_last_moment(run)
    run.one("notification", state="DOWN_SCALE").data["reply_at"] = None


@cases.violates("messages_are_answered")
def without_reply_at_a_reply_after_actions_at_is_too_late(run: HistoryBuilder) -> None:
    answered_a_moment_too_late(run)
    run.one("notification", state="DOWN_SCALE").data["reply_at"] = None


@cases.violates("messages_are_answered")
def answered_after_reply_at_and_before_actions_at(run: HistoryBuilder) -> None:
    run.one("run.started").data["windows"]["DOWN_SCALE"] = 1
    run.one("notification", state="DOWN_SCALE").data["reply_at"] = "2026-01-01 00:00:31"


@cases.keeps("messages_are_answered")
def refused_by_the_project(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    reply.data["state"] = "NACK_PLANNED_MAINTENANCE"


@cases.violates("messages_are_answered")
def refused_by_the_project_after_it_agreed(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    run.after(reply).reply(reply.cause, "NACK_PLANNED_MAINTENANCE")


@cases.keeps("messages_are_answered")
def answered_at_the_path_of_its_reply_url(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_DOWN_SCALE").data["url"] = "/maintenance/session-1/project-1/"


@cases.violates("messages_are_answered")
def answered_for_another_session(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_DOWN_SCALE").data["session_id"] = "session-2"


@cases.keeps("messages_are_answered")
def a_message_that_asks_for_no_reply(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).message("ADMIN_ACTION_DONE", instances=["id-app_3"])


@cases.violates("messages_are_answered", says="doctor did not answer DOWN_SCALE; due: one reply")
def no_answer_to_a_message_without_a_time(run: HistoryBuilder) -> None:
    run.drop(run.one("reply", state="ACK_DOWN_SCALE"))
    run.one("notification", state="DOWN_SCALE").data.update(reply_at=None, actions_at=None)


@cases.keeps("messages_are_answered")
def an_answer_to_a_message_without_a_time(run: HistoryBuilder) -> None:
    run.one("notification", state="DOWN_SCALE").data.update(reply_at=None, actions_at=None)


@cases.violates(
    "messages_are_answered",
    says="ACK_DOWN_SCALE of doctor counted for PLANNED_MAINTENANCE; allowed: ACK_PLANNED_MAINTENANCE or "
    "NACK_PLANNED_MAINTENANCE",
)
def another_answer_is_accepted_as_well(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    run.before(reply).reply(reply.cause, "ACK_DOWN_SCALE")


@cases.violates("messages_are_answered")
def agreed_after_it_was_refused(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    run.before(reply).reply(reply.cause, "NACK_PLANNED_MAINTENANCE")


@cases.keeps("messages_are_answered", base=default_workflow)
def fenix_gets_the_same_reply_again(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    for _ in range(2):
        run.after(reply).wait(100).reply(reply.cause).data["body"] = reply.data["body"]


@cases.violates("messages_are_answered", base=default_workflow)
def fenix_gets_another_reply_again(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    run.after(reply).reply(reply.cause, actions={"ha_0": "LIVE_MIGRATE", "app_3": "MIGRATE"})


@cases.violates("messages_are_answered", base=default_workflow)
def fenix_accepts_too_late_what_it_refused_before(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    early = run.before(reply).reply(reply.cause)
    early.data["body"] = reply.data["body"]
    run.refuse(early)
    reply.at += 120


def test_without_any_reply_in_time_there_is_no_shortest_time_left(run: HistoryBuilder) -> None:
    for reply in run.all("reply"):
        run.refuse(run.after(reply).reply(reply.cause))
        run.drop(reply)
    assert verdict_on(run, "messages_are_answered").figures == {"asked": 6, "answers": 6}


def test_the_message_and_the_reply_are_shown(run: HistoryBuilder) -> None:
    answered_a_moment_too_late(run)
    (violation,) = verdict_on(run, "messages_are_answered").violations
    message, reply = run.one("notification", state="DOWN_SCALE"), run.one("reply", state="ACK_DOWN_SCALE")
    assert violation.events == (run.number(message), run.number(reply))


# -- windows_are_long_enough -------------------------------------------------------------------------------------------


@cases.violates("windows_are_long_enough")
def a_short_window(run: HistoryBuilder) -> None:
    message = run.one("notification", state="DOWN_SCALE")
    message.data["reply_at"] = message.data["actions_at"] = "2026-01-01T00:01:00Z"


@cases.violates("windows_are_long_enough")
def due_in_the_past(run: HistoryBuilder) -> None:
    run.one("notification", state="MAINTENANCE").data["reply_at"] = "2025-12-31 23:59:00"


@cases.violates("windows_are_long_enough")
def due_at_no_time(run: HistoryBuilder) -> None:
    message = run.one("notification", state="DOWN_SCALE")
    message.data["reply_at"] = message.data["actions_at"] = None


@cases.violates("windows_are_long_enough")
def another_start_than_the_admin_asked_for(run: HistoryBuilder) -> None:
    run.one("session.created").data["maintenance_at"] = "2026-01-01 00:02:00"


def time_to_answer(run: HistoryBuilder, state: str, seconds: float) -> None:
    """Let the message of this state leave so many seconds for the reply."""
    message = run.one("notification", state=state)
    message.data["reply_at"] = timestamp(EPOCH + timedelta(seconds=message.at + seconds))


@cases.keeps("windows_are_long_enough")
def a_part_of_a_second_is_cut_off(run: HistoryBuilder) -> None:
    time_to_answer(run, "DOWN_SCALE", 119.001)


@cases.violates("windows_are_long_enough")
def a_whole_second_is_cut_off(run: HistoryBuilder) -> None:
    time_to_answer(run, "DOWN_SCALE", 119)


@cases.keeps("windows_are_long_enough")
def a_step_without_a_window_is_due_in_a_moment(run: HistoryBuilder) -> None:
    time_to_answer(run, "MAINTENANCE_COMPLETE", 0.001)


@cases.violates("windows_are_long_enough")
def a_step_without_a_window_is_due_at_once(run: HistoryBuilder) -> None:
    for message in run.all("notification", state="MAINTENANCE_COMPLETE", event_type="maintenance.scheduled"):
        message.data["reply_at"] = timestamp(EPOCH + timedelta(seconds=message.at))


@cases.violates("windows_are_long_enough")
def a_short_window_of_a_step_in_the_other_spelling(run: HistoryBuilder) -> None:
    run.one("run.started").data["windows"] = {"SCALE_IN": 121}


@cases.keeps("windows_are_long_enough", base=vnf_workflow)
def maintenance_with_its_window_less_a_part_of_a_second(run: HistoryBuilder) -> None:
    time_to_answer(run, "MAINTENANCE", 19.001)


def maintenance_message(run: HistoryBuilder) -> Draft:
    return run.one("notification", state="MAINTENANCE", event_type="maintenance.scheduled")


@cases.violates("windows_are_long_enough", base=vnf_workflow)
def maintenance_with_its_window_less_a_second(run: HistoryBuilder) -> None:
    maintenance_message(run).data["reply_at"] = timestamp(EPOCH + timedelta(seconds=19))


def start_sooner(run: HistoryBuilder, reply_at: float) -> None:
    """The admin asked for a start after 10 s, which is sooner than the window of MAINTENANCE."""
    start = timestamp(EPOCH + timedelta(seconds=10))
    run.one("session.created").data["maintenance_at"] = start
    reply = timestamp(EPOCH + timedelta(seconds=reply_at))
    maintenance_message(run).data.update(actions_at=start, reply_at=reply)


@cases.keeps("windows_are_long_enough", base=vnf_workflow)
def the_start_is_sooner_than_the_window(run: HistoryBuilder) -> None:
    start_sooner(run, 9.001)


@cases.violates("windows_are_long_enough", base=vnf_workflow)
def the_reply_is_due_sooner_than_the_start(run: HistoryBuilder) -> None:
    start_sooner(run, 9)


def announce_start(run: HistoryBuilder, later: float) -> None:
    """MAINTENANCE has a start that is so many seconds later than the admin asked for."""
    maintenance_message(run).data["actions_at"] = timestamp(EPOCH + timedelta(seconds=30 + later))


@cases.keeps("windows_are_long_enough")
def a_start_that_is_cut_off(run: HistoryBuilder) -> None:
    announce_start(run, -0.999)


@cases.violates("windows_are_long_enough")
def a_start_that_is_a_second_early(run: HistoryBuilder) -> None:
    announce_start(run, -1)


@cases.keeps("windows_are_long_enough")
def a_start_that_is_rounded_up(run: HistoryBuilder) -> None:
    announce_start(run, 0.999)


@cases.violates("windows_are_long_enough")
def a_start_that_is_a_second_late(run: HistoryBuilder) -> None:
    announce_start(run, 1)


@cases.keeps("windows_are_long_enough")
def a_message_that_asks_for_no_reply_has_no_window(run: HistoryBuilder) -> None:
    run.before(run.one("notification", state="DOWN_SCALE")).message("ADMIN_ACTION_DONE", window=None)


@cases.violates("windows_are_long_enough", says="DOWN_SCALE left doctor -30 s to answer; allowed: more than 0 s")
def due_in_the_past_without_a_window(run: HistoryBuilder) -> None:
    run.one("run.started").data["windows"] = {}
    run.one("notification", state="DOWN_SCALE").data["reply_at"] = timestamp(EPOCH)


@cases.keeps("windows_are_long_enough")
def a_message_of_an_unknown_session(run: HistoryBuilder) -> None:
    maintenance_message(run).data["session_id"] = "session-9"


@cases.keeps("windows_are_long_enough")
def a_session_that_does_not_say_when_it_starts(run: HistoryBuilder) -> None:
    run.one("session.created").data["maintenance_at"] = "soon"


@cases.keeps("windows_are_long_enough")
def a_message_that_does_not_say_when_the_maintenance_starts(run: HistoryBuilder) -> None:
    maintenance_message(run).data["actions_at"] = None


def test_without_any_time_there_is_no_shortest_window(run: HistoryBuilder) -> None:
    for message in run.all("notification", event_type="maintenance.scheduled"):
        message.data.update(actions_at=None, reply_at=None)
    assert verdict_on(run, "windows_are_long_enough").figures == {"messages": 6}


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)
