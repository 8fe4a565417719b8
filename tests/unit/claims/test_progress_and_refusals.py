"""Claims about what the admin tool shows to its clients: the progress of a session, and refusals."""

from __future__ import annotations

import pytest

from tests.support.claims import (
    Case,
    ClaimCases,
    assert_holds,
    assert_not_applicable,
    assert_unknown,
    assert_violated,
    verdict_on,
)
from tests.support.fenix_runs import PROGRESS, vnf_workflow
from tests.support.history_builder import HistoryBuilder

cases = ClaimCases()


# -- progress_is_consistent --------------------------------------------------------------------------------------------


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_falls(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="MAINTENANCE_COMPLETE").data["percent_done"] = 54


@cases.violates("progress_is_consistent", base=vnf_workflow)
def done_at_less_than_all(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="MAINTENANCE_DONE").data["percent_done"] = 99


@cases.violates("progress_is_consistent", base=vnf_workflow)
def more_than_all(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE").data["percent_done"] = 155


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_is_endless(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE").data["percent_done"] = 10**400


@cases.violates("progress_is_consistent", base=vnf_workflow)
def no_percentage(run: HistoryBuilder) -> None:
    del run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE").data["percent_done"]


@cases.violates("progress_is_consistent", base=vnf_workflow)
def a_state_without_a_message(run: HistoryBuilder) -> None:
    run.drop(run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE"))


@cases.violates("progress_is_consistent", base=vnf_workflow)
def going_on_after_the_end(run: HistoryBuilder) -> None:
    done = run.one("notification", event_type=PROGRESS, state="MAINTENANCE_DONE")
    run.after(done).log("admin_tool", "notification", **{**done.data, "state": "PLANNED_MAINTENANCE"})


def percent_done(run: HistoryBuilder, state: str, percent: object) -> None:
    run.one("notification", event_type=PROGRESS, state=state).data["percent_done"] = percent


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def percent_done_stays(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_COMPLETE", 55)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_falls_by_one(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_COMPLETE", 54)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_falls_below_an_earlier_one(run: HistoryBuilder) -> None:
    percent_done(run, "START_MAINTENANCE", 60)
    percent_done(run, "PLANNED_MAINTENANCE", 55)
    percent_done(run, "MAINTENANCE_COMPLETE", 58)


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def percent_done_as_text(run: HistoryBuilder) -> None:
    percent_done(run, "PLANNED_MAINTENANCE", "55")


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_that_is_not_a_number(run: HistoryBuilder) -> None:
    percent_done(run, "PLANNED_MAINTENANCE", "half")


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_that_is_null(run: HistoryBuilder) -> None:
    percent_done(run, "PLANNED_MAINTENANCE", None)


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def percent_done_of_100_before_the_end(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_COMPLETE", 100)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_above_100(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_DONE", 100.001)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def percent_done_below_0(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE", -0.001)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def done_at_a_moment_before_100(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_DONE", 99.999)


@cases.violates("progress_is_consistent", base=vnf_workflow)
def going_on_after_failing(run: HistoryBuilder) -> None:
    run.one("notification", event_type=PROGRESS, state="PLANNED_MAINTENANCE").data["state"] = "MAINTENANCE_FAILED"


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def failing_at_less_than_100(run: HistoryBuilder) -> None:
    for draft in [*run.all("session.state"), *run.all("notification", event_type=PROGRESS)]:
        if draft.data["state"] == "MAINTENANCE_DONE":
            draft.data.update(state="MAINTENANCE_FAILED", percent_done=95)


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def a_state_that_the_admin_never_saw(run: HistoryBuilder) -> None:
    run.drop(run.one("session.state", state="PLANNED_MAINTENANCE"))


@cases.keeps("progress_is_consistent", base=vnf_workflow)
def two_sessions_with_a_progress_each(run: HistoryBuilder) -> None:
    created = run.one("session.created")
    run.after(created).log("admin_tool", "session.created", **{**created.data, "session_id": "session-2"})
    first = run.one("notification", event_type=PROGRESS, state="MAINTENANCE_COMPLETE")
    run.after(first).log("admin_tool", "notification", **{**first.data, "session_id": "session-2", "percent_done": 0})


@cases.leaves_nothing("progress_is_consistent", says="this admin tool reports no progress")
def an_admin_tool_that_reports_no_progress(run: HistoryBuilder) -> None:
    assert not run.all("notification", event_type=PROGRESS)


@cases.violates(
    "progress_is_consistent",
    base=vnf_workflow,
    says="percent_done of the session in MAINTENANCE_DONE is 100.5; allowed: 0 to 100",
)
def percent_done_of_half_a_percent_too_much(run: HistoryBuilder) -> None:
    percent_done(run, "MAINTENANCE_DONE", 100.5)


@cases.violates(
    "progress_is_consistent",
    base=vnf_workflow,
    says="the session was reported MAINTENANCE_COMPLETE after MAINTENANCE_FAILED; allowed: nothing after it",
)
def a_message_after_the_failure(run: HistoryBuilder) -> None:
    going_on_after_failing(run)


def test_what_progress_there_was_is_said(run: HistoryBuilder, vnf_run: HistoryBuilder) -> None:
    assert verdict_on(run, "progress_is_consistent").summary == "this admin tool reports no progress"
    assert verdict_on(vnf_run, "progress_is_consistent").summary == "5 messages, each consistent"


@cases.leaves_open("progress_is_consistent", base=vnf_workflow, says="the history has no maintenance.session")
def a_fenix_that_reports_no_progress(run: HistoryBuilder) -> None:
    run.drop(*run.all("notification", event_type=PROGRESS))


# -- refusals_are_clear ------------------------------------------------------------------------------------------------


@cases.violates("refusals_are_clear")
def the_admin_tool_breaks_upon_an_answer(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    refusal = run.refuse(run.before(reply).reply(reply.cause))
    refusal.data["status"] = 500


@cases.violates("refusals_are_clear")
def a_refusal_does_not_say_why(run: HistoryBuilder) -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.refuse(run.before(reply).reply(reply.cause)).data["error"] = None


@cases.violates("refusals_are_clear")
def the_admin_tool_breaks_upon_a_session(run: HistoryBuilder) -> None:
    run.before(run.one("session.created")).log("admin_tool", "session.refused", status=503, error="no")


def refuse_a_reply(run: HistoryBuilder, status: int, error: str | None = "no") -> None:
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.refuse(run.before(reply).reply(reply.cause), status, error)


def refuse_a_session(run: HistoryBuilder, status: int, error: str | None = "no") -> None:
    run.before(run.one("session.created")).log("admin_tool", "session.refused", status=status, error=error)


@cases.keeps("refusals_are_clear")
def a_reply_is_refused_with_499(run: HistoryBuilder) -> None:
    refuse_a_reply(run, 499)


@cases.violates("refusals_are_clear")
def a_reply_is_refused_with_500(run: HistoryBuilder) -> None:
    refuse_a_reply(run, 500)


@cases.violates("refusals_are_clear")
def a_reply_is_refused_with_509(run: HistoryBuilder) -> None:
    refuse_a_reply(run, 509)


@cases.keeps("refusals_are_clear")
def a_session_is_refused_with_499(run: HistoryBuilder) -> None:
    refuse_a_session(run, 499)


@cases.violates("refusals_are_clear")
def a_session_is_refused_with_500(run: HistoryBuilder) -> None:
    refuse_a_session(run, 500)


@cases.violates("refusals_are_clear")
def a_session_is_refused_with_508(run: HistoryBuilder) -> None:
    refuse_a_session(run, 508)


@cases.keeps("refusals_are_clear")
def a_session_is_refused_with_509(run: HistoryBuilder) -> None:
    refuse_a_session(run, 509)


@cases.violates("refusals_are_clear")
def a_session_is_refused_with_510(run: HistoryBuilder) -> None:
    refuse_a_session(run, 510)


@cases.violates("refusals_are_clear")
def a_session_is_refused_without_a_reason(run: HistoryBuilder) -> None:
    refuse_a_session(run, 400, "")


@cases.violates("refusals_are_clear")
def a_session_is_refused_with_509_without_a_reason(run: HistoryBuilder) -> None:
    refuse_a_session(run, 509, None)


@cases.violates(
    "refusals_are_clear", says="the admin tool answered a reply with 500; allowed: a status from 400 to 499"
)
def the_refusal_of_a_reply_is_named(run: HistoryBuilder) -> None:
    refuse_a_reply(run, 500)


@cases.violates("refusals_are_clear", says="the admin tool refused a session with 400 and no reason; due: a reason")
def the_refusal_of_a_session_is_named(run: HistoryBuilder) -> None:
    refuse_a_session(run, 400, None)


def test_the_reply_that_was_refused_is_shown(run: HistoryBuilder) -> None:
    refuse_a_reply(run, 500)
    (violation,) = verdict_on(run, "refusals_are_clear").violations
    refusal = run.one("reply.refused")
    assert refusal.cause is not None
    assert violation.events == (run.number(refusal.cause), run.number(refusal))


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated(case: Case) -> None:
    assert_violated(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.idle, ids=str)
def test_the_claim_is_not_applicable(case: Case) -> None:
    assert_not_applicable(case.run(), case.claim, case.says)


@pytest.mark.parametrize("case", cases.open, ids=str)
def test_the_claim_is_unknown(case: Case) -> None:
    assert_unknown(case.run(), case.claim, case.says)
