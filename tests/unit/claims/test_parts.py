"""A claim of which a part could not be observed is judged by the rest, and concludes nothing from what nobody saw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pytest_doctor_maint.claims import CLAIMS, HOST_MESSAGES, WINDOWS, Outcome, Verdict
from pytest_doctor_maint.history import kinds, timestamp
from tests.support.claims import verdict_on
from tests.support.fenix_runs import vnf_workflow
from tests.support.history_builder import ADMIN, EPOCH, Draft, HistoryBuilder, full_cloud

#: What is not recorded of an admin tool elsewhere, and of an admin tool and an app manager that are both elsewhere.
ADMIN_TOOL = (kinds.HOST_WORK, WINDOWS)
BOTH = (*ADMIN_TOOL, kinds.REPLY, kinds.REPLY_REFUSED, kinds.CONSTRAINT_INSTANCE)


def attached(*unseen: str, base: HistoryBuilder | None = None) -> HistoryBuilder:
    """Return a right run that was observed from outside, without the events that were not recorded."""
    run = base or full_cloud()
    run.one("run.started").data.update(observed_every=0.5, unseen=list(unseen))
    return run.drop(*[draft for draft in run.drafts if draft.kind in unseen])


def without_host_messages(run: HistoryBuilder) -> HistoryBuilder:
    """No message about a compute is seen, because each went to a project that does not exist."""
    return run.drop(*run.all("notification", event_type=HOST_MESSAGES), *run.all("alarm", event_type=HOST_MESSAGES))


def down_scale(run: HistoryBuilder) -> Draft:
    return run.one("notification", state="DOWN_SCALE")


def due(run: HistoryBuilder, seconds: float) -> None:
    """The reply to DOWN_SCALE, which is sent at 30 s and answered at 32 s, is due at so many seconds."""
    down_scale(run).data.update(reply_at=timestamp(EPOCH + timedelta(seconds=seconds)))


def assert_not_observed(verdict: Verdict) -> None:
    assert (verdict.outcome, verdict.unobserved) == (Outcome.UNKNOWN, True), verdict.summary
    assert verdict.summary.startswith("could not observe ")
    assert not verdict.violations


# -- the windows of an admin tool elsewhere ----------------------------------------------------------------------------


def test_the_rest_is_judged_and_says_what_is_left_out() -> None:
    verdict = verdict_on(attached(*ADMIN_TOOL), "windows_are_long_enough")
    assert_not_observed(verdict)
    assert verdict.summary == (
        "could not observe the windows to which the admin tool was set: the length of the windows was not judged; the "
        "rest of the claim was judged and holds"
    )


@pytest.mark.parametrize(("seconds", "outcome"), [(30.0, Outcome.VIOLATED), (30.001, Outcome.UNKNOWN)])
def test_a_reply_that_is_due_when_it_is_asked_for_needs_no_settings(seconds: float, outcome: Outcome) -> None:
    run = attached(*ADMIN_TOOL)
    due(run, seconds)
    verdict = verdict_on(run, "windows_are_long_enough")
    assert (verdict.outcome, verdict.unobserved) == (outcome, outcome is Outcome.UNKNOWN)


def test_a_message_without_a_time_needs_no_settings() -> None:
    run = attached(*ADMIN_TOOL)
    down_scale(run).data.update(reply_at=None, actions_at=None)
    verdict = verdict_on(run, "windows_are_long_enough")
    assert verdict.summary == "DOWN_SCALE to doctor has no time for the reply; due: a time"


def test_a_rest_that_cannot_be_judged_is_not_excused() -> None:
    run = attached(*ADMIN_TOOL)
    run.drop(*[draft for draft in run.drafts if draft.kind.startswith(("session.", "notification", "alarm", "reply"))])
    verdict = verdict_on(run, "windows_are_long_enough")
    assert (verdict.outcome, verdict.unobserved) == (Outcome.UNKNOWN, False)


# -- the fault of a late reply -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("unseen", [(), ADMIN_TOOL], ids=["here", "elsewhere"])
@pytest.mark.parametrize("seconds", [0.0, 30.0])
def test_a_reply_that_was_due_before_it_was_asked_for_is_the_fault_of_the_admin_tool(
    unseen: tuple[str, ...], seconds: float
) -> None:
    run = attached(*unseen) if unseen else full_cloud()
    due(run, seconds)
    assert verdict_on(run, "messages_are_answered").outcome is Outcome.HOLDS
    assert verdict_on(run, "windows_are_long_enough").outcome is Outcome.VIOLATED


@pytest.mark.parametrize(("window", "at_fault"), [(3.0, "windows_are_long_enough"), (1.5, "messages_are_answered")])
def test_a_late_reply_is_the_fault_of_who_did_not_keep_the_window(window: float, at_fault: str) -> None:
    """The reply is due after 1 s and comes after 2 s; the times on the wire may lose up to one second."""
    run = full_cloud()
    run.one("run.started").data["windows"]["DOWN_SCALE"] = window
    due(run, 31)
    claims = ("windows_are_long_enough", "messages_are_answered")
    assert [name for name in claims if verdict_on(run, name).outcome is Outcome.VIOLATED] == [at_fault]


def test_a_reply_that_the_admin_tool_refused_because_it_was_due_at_once_is_not_silence() -> None:
    run = full_cloud()
    due(run, 30)
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.after(reply).refuse(reply)
    assert verdict_on(run, "messages_are_answered").outcome is Outcome.HOLDS


def test_no_reply_at_all_is_silence_and_no_time_is_said_that_nobody_could_keep() -> None:
    run = full_cloud()
    due(run, 30)
    run.drop(run.one("reply", state="ACK_DOWN_SCALE"))
    assert verdict_on(run, "messages_are_answered").summary == "doctor did not answer DOWN_SCALE; due: one reply"


# -- replies between two actors elsewhere ------------------------------------------------------------------------------

JUDGED = "was judged and holds"
#: Claims of which a part needs replies, and a fault that the rest shows.
OF_REPLIES = {
    "admin_tool_waits_for_answers": lambda run: run.after(run.one("session.created")).compute("compute-1", "disabled"),
    "computes_are_disabled_for_maintenance": lambda run: run.after(
        run.one("notification", state="IN_MAINTENANCE")
    ).compute("compute-1"),
    "messages_in_order": lambda run: run.drop(run.one("notification", state="MAINTENANCE")),
    "refusals_are_clear": lambda run: run.before(run.one("session.created")).log(
        "admin_tool", "session.refused", status=500, error="no", hosts=[], maintenance_at=None, workflow="default"
    ),
}


@pytest.mark.parametrize("claim", OF_REPLIES)
def test_a_part_that_needs_replies_is_left_out(claim: str) -> None:
    verdict = verdict_on(attached(*BOTH), claim)
    assert_not_observed(verdict)
    rest = "had nothing to judge (the admin tool refused nothing)" if claim == "refusals_are_clear" else JUDGED
    assert verdict.summary.endswith(f"was not judged; the rest of the claim {rest}")


@pytest.mark.parametrize("claim", OF_REPLIES)
def test_the_part_that_needs_no_replies_is_judged(claim: str) -> None:
    run = attached(*BOTH)
    OF_REPLIES[claim](run)
    assert verdict_on(run, claim).outcome is Outcome.VIOLATED


@pytest.mark.parametrize("claim", OF_REPLIES)
def test_a_claim_holds_if_replies_were_recorded(claim: str) -> None:
    outcome = Outcome.NOT_APPLICABLE if claim == "refusals_are_clear" else Outcome.HOLDS
    assert verdict_on(attached(*ADMIN_TOOL), claim).outcome is outcome


# -- messages about computes that reached nobody -----------------------------------------------------------------------

OF_HOST_MESSAGES = [name for name, each in CLAIMS.items() if HOST_MESSAGES in (*each.needs, *each.partly)]


def test_the_claims_about_the_maintenance_of_computes_need_the_messages_about_it() -> None:
    assert {
        "admin_tool_waits_for_answers",
        "computes_are_disabled_for_maintenance",
        "computes_are_empty_in_maintenance",
        "each_compute_is_maintained_once",
        "every_needed_step_happens",
        "inspector_hears_of_maintenance",
        "inspector_keeps_still_in_maintenance",
        "messages_are_well_formed",
        "messages_in_order",
        "planned_moves_go_to_maintained_computes",
    } == set(OF_HOST_MESSAGES)


@pytest.mark.parametrize("claim", OF_HOST_MESSAGES)
def test_nothing_follows_from_messages_that_reached_nobody(claim: str) -> None:
    assert_not_observed(verdict_on(without_host_messages(attached(*ADMIN_TOOL)), claim))


@pytest.mark.parametrize("claim", OF_HOST_MESSAGES)
def test_a_claim_holds_if_the_messages_arrived(claim: str) -> None:
    assert verdict_on(attached(*ADMIN_TOOL), claim).outcome is Outcome.HOLDS


@pytest.mark.parametrize("claim", ["each_compute_is_maintained_once", "every_needed_step_happens"])
def test_one_message_shows_that_the_others_are_missing(claim: str) -> None:
    run = attached(*ADMIN_TOOL)
    first = run.all("notification", event_type=HOST_MESSAGES)[:1]
    alarms = [alarm for alarm in run.all("alarm", event_type=HOST_MESSAGES) if alarm.cause in first]
    late = run.all("notification", event_type=HOST_MESSAGES)[1:]
    run.drop(*late, *[each for each in run.all("alarm", event_type=HOST_MESSAGES) if each not in alarms])
    assert verdict_on(run, claim).outcome is Outcome.VIOLATED


@pytest.mark.parametrize("claim", ["each_compute_is_maintained_once", "every_needed_step_happens"])
def test_an_admin_tool_here_that_sends_none_is_seen_to_send_none(claim: str) -> None:
    assert verdict_on(without_host_messages(full_cloud()), claim).outcome is Outcome.VIOLATED


def test_a_session_that_maintained_nothing_owes_no_message_about_a_compute() -> None:
    run = attached(*ADMIN_TOOL)
    run.after(run.one("reply", state="ACK_MAINTENANCE")).fail()
    assert verdict_on(run, "computes_are_empty_in_maintenance").outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(("project", "whose"), [("project-1", ", that of doctor"), ("admin", "")])
def test_a_message_about_a_compute_to_a_wrong_project_is_reported_with_its_name(project: str, whose: str) -> None:
    run = attached(*ADMIN_TOOL)
    for draft in run.all("notification", event_type=HOST_MESSAGES):
        draft.data["project_id"] = project
    verdict = verdict_on(run, "messages_are_well_formed")
    assert verdict.summary == (
        f"IN_MAINTENANCE of compute-3 has project_id {project}{whose}; allowed: admin-project, that of the admin "
        "(and 5 more)"
    )


def test_without_any_message_about_a_compute_it_is_unknown_which_ones_were_maintained() -> None:
    verdict = verdict_on(without_host_messages(full_cloud()), "planned_moves_go_to_maintained_computes")
    assert (verdict.outcome, verdict.unobserved) == (Outcome.UNKNOWN, False)
    assert verdict.summary == (
        "the history has no message about a compute, so it does not show which ones were maintained"
    )


def test_one_message_about_a_compute_shows_where_a_planned_move_may_go() -> None:
    run = full_cloud()
    run.drop(*run.all("notification", event_type=HOST_MESSAGES)[1:])
    assert verdict_on(run, "planned_moves_go_to_maintained_computes").outcome is Outcome.VIOLATED


# -- guests, which are not asked from outside --------------------------------------------------------------------------


def live_migration(run: HistoryBuilder) -> HistoryBuilder:
    """A live migration of app_1, whose constraint limits the interruption to 120 s."""
    first = next(draft for draft in run.all("server", name="app_1", action="migrate"))
    run.before(first).server("app_1", "compute-2", "MIGRATING", task="migrating", action="os-migrateLive", by=ADMIN)
    run.wait(1).server("app_1", "compute-2", action="os-migrateLive", by=ADMIN)
    return run


@pytest.mark.parametrize(
    ("run", "outcome"),
    [
        (lambda: live_migration(vnf_workflow()), Outcome.HOLDS),
        (lambda: attached(base=vnf_workflow()), Outcome.NOT_APPLICABLE),
        (lambda: live_migration(attached(base=vnf_workflow())), Outcome.UNKNOWN),
    ],
    ids=["guests-are-asked", "no-live-migration", "no-guest-is-asked"],
)
def test_a_pause_in_a_live_migration_is_not_seen_from_outside(
    run: Callable[[], HistoryBuilder], outcome: Outcome
) -> None:
    verdict = verdict_on(run(), "interruptions_are_short_enough")
    assert (verdict.outcome, verdict.unobserved) == (outcome, outcome is Outcome.UNKNOWN), verdict.summary
