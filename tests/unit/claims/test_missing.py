"""A claim is unknown on a history without the events that it needs; the summary names them.

It is not applicable if the history shows that what it is about was not there.
"""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, Topic, judge
from pytest_doctor_maint.report import failure_text
from tests.support.history_builder import HistoryBuilder

OF_SESSIONS = ("session.created", "session.state", "session.deleted", "host.work")
CONSTRAINTS = {name for name in CLAIMS if CLAIMS[name].topic is Topic.CONSTRAINTS}

#: The kinds of events that are missing, the claims that are unknown then, and why.
MISSING: list[tuple[tuple[str, ...], set[str], str]] = [
    (
        OF_SESSIONS,
        CONSTRAINTS
        | {
            "admin_actions_are_reported_once",
            "admin_tool_waits_for_answers",
            "agreed_actions_are_taken",
            "computes_are_disabled_for_maintenance",
            "each_compute_is_maintained_once",
            "every_needed_step_happens",
            "every_project_is_notified",
            "failed_sessions_put_everything_back",
            "inspector_keeps_still_in_maintenance",
            "messages_in_order",
            "planned_moves_go_to_maintained_computes",
            "progress_is_consistent",
            "refusals_are_clear",
            "scale_is_restored",
            "sessions_end_well",
        },
        "no maintenance session was created",
    ),
    (
        ("compute",),
        {"computes_are_disabled_for_maintenance", "every_needed_step_happens"},
        "the history does not show the states of the computes",
    ),
    (("compute",), {"services_are_back_in_the_end"}, "the history has no compute"),
    (("server", "guest"), {"everything_is_active_in_the_end"}, "the history has no server"),
    (
        ("alarm.created",),
        {"alarms_are_gone_in_the_end"},
        "alarms arrived, and the history does not show their creation",
    ),
    (
        (*OF_SESSIONS, "notification", "alarm", "reply"),
        {
            "computes_are_empty_in_maintenance",
            "inspector_hears_of_maintenance",
            "messages_are_answered",
            "messages_are_well_formed",
            "windows_are_long_enough",
        },
        "no maintenance session was created",
    ),
    (
        ("notification", "alarm"),
        {"messages_reach_their_project"},
        "no message was sent, and none arrived, although projects replied",
    ),
    (
        ("run.ended",),
        {
            "act_and_stby_never_both_down",
            "alarms_are_gone_in_the_end",
            "downtime_is_zero",
            "each_compute_is_maintained_once",
            "every_project_is_notified",
            "everything_is_active_in_the_end",
            "failed_sessions_put_everything_back",
            "failures_are_managed_once",
            "scale_is_restored",
            "services_are_back_in_the_end",
            "sessions_end_well",
        },
        "the history breaks off: it has no run.ended",
    ),
    (
        ("run.started",),
        {"at_least_three_computes", "messages_are_well_formed", "no_thread_died", "windows_are_long_enough"},
        "the history has no run.started",
    ),
]


@pytest.mark.parametrize(("kinds", "claims", "reason"), MISSING)
def test_a_claim_is_unknown(run: HistoryBuilder, kinds: tuple[str, ...], claims: set[str], reason: str) -> None:
    run.drop(*[draft for draft in run.drafts if draft.kind in kinds])
    verdicts = judge(run.history()).verdicts
    assert claims <= {v.claim for v in verdicts if v.outcome is Outcome.UNKNOWN and v.summary == reason}
    assert not [verdict.claim for verdict in verdicts if verdict.unobserved]


#: The kinds of events that are missing, the claims that have nothing to judge then, and why.
NOT_THERE: list[tuple[tuple[str, ...], set[str], str]] = [
    (
        ("server_group",),
        {"act_and_stby_never_both_down", "act_and_stby_on_two_computes"},
        "no anti-affinity group has two members: there is no ACT and STBY",
    ),
    (("floating_ip",), {"downtime_is_zero"}, "no floating IP ever led to a server"),
    (("alarm.created", "alarm"), {"alarms_are_gone_in_the_end"}, "no alarm was created"),
    (
        ("notification", "alarm", "reply"),
        {"messages_are_well_formed", "messages_in_order"},
        "no message was sent",
    ),
    (
        ("notification", "alarm", "reply"),
        {"messages_are_answered", "windows_are_long_enough"},
        "no message asked for a reply",
    ),
    (
        ("notification", "alarm", "reply"),
        {"messages_reach_their_project"},
        "no message was sent, and none arrived",
    ),
    (
        ("notification", "alarm", "reply"),
        {"computes_are_disabled_for_maintenance", "computes_are_empty_in_maintenance"},
        "no compute went into maintenance",
    ),
    (
        ("notification", "alarm", "reply"),
        {"inspector_hears_of_maintenance"},
        "no message about a compute was sent",
    ),
    (("alarm",), {"inspector_keeps_still_in_maintenance"}, "the Inspector got no IN_MAINTENANCE"),
    (
        ("server", "guest", "notification", "alarm", "reply"),
        {"everything_is_active_in_the_end"},
        "no server was left in the end that has to be ACTIVE",
    ),
    (("server", "guest", "notification", "alarm", "reply"), {"scale_is_restored"}, "no project had a server"),
    (
        ("server", "guest", "notification", "alarm", "reply"),
        {"admin_actions_are_reported_once"},
        "the admin tool moved no instance, and reported no move",
    ),
    (("reply",), {"agreed_actions_are_taken"}, "no project agreed to a message about instances"),
    (
        ("server", "guest"),
        {"planned_moves_go_to_maintained_computes"},
        "the admin tool moved no instance after PLANNED_MAINTENANCE",
    ),
    (
        ("server", "guest", "notification", "alarm", "reply", "host.work"),
        {"admin_tool_waits_for_answers"},
        "the admin tool did nothing",
    ),
]


@pytest.mark.parametrize(("kinds", "claims", "reason"), NOT_THERE)
def test_a_claim_is_not_applicable(run: HistoryBuilder, kinds: tuple[str, ...], claims: set[str], reason: str) -> None:
    run.drop(*[draft for draft in run.drafts if draft.kind in kinds])
    assert claims <= {v.claim for v in judge(run.history()).not_applicable() if v.summary == reason}


def test_a_session_in_which_nothing_happened_is_violated(run: HistoryBuilder) -> None:
    """What was not there is no excuse for an admin tool that leaves everything out."""
    run.drop(*[draft for draft in run.drafts if draft.kind in ("notification", "alarm", "reply", "host.work")])
    violated = {verdict.claim for verdict in judge(run.history()).with_outcome(Outcome.VIOLATED)}
    assert violated >= {"each_compute_is_maintained_once", "every_needed_step_happens", "every_project_is_notified"}


def test_claims_that_hold_on_a_cloud_at_rest_are_no_pass(run: HistoryBuilder) -> None:
    """The maintenance never began: what holds of the cloud says nothing about it."""
    claims = ["services_are_back_in_the_end", "no_thread_died", "at_least_three_computes"]
    assert judge(run.history(), claims).holds
    run.drop(*[draft for draft in run.drafts if draft.kind in (*OF_SESSIONS, "notification", "alarm", "reply")])
    judgement = judge(run.history(), claims)
    assert {verdict.outcome for verdict in judgement.verdicts} == {Outcome.HOLDS}
    assert (judgement.outcome, judgement.holds) == (Outcome.NOT_APPLICABLE, False)
    assert failure_text(judgement, run.history(), None).startswith(
        "judged nothing: no maintenance began; 0 of 3 claims"
    )


def test_an_empty_history_says_nothing() -> None:
    judgement = judge(HistoryBuilder().history())
    assert {verdict.outcome for verdict in judgement.verdicts} == {Outcome.UNKNOWN}
    assert not [verdict.summary for verdict in judgement.verdicts if "failed" in verdict.summary]


def test_a_history_that_breaks_off_is_unknown_where_the_end_matters(run: HistoryBuilder) -> None:
    whole = judge(run.history())
    run.drop(run.one("run.ended"))
    unknown = {verdict.claim for verdict in judge(run.history()).verdicts if verdict.outcome is Outcome.UNKNOWN}
    need_the_end = next(claims for kinds, claims, _ in MISSING if kinds == ("run.ended",))
    assert unknown == need_the_end | {verdict.claim for verdict in whole.not_applicable()}


def test_what_a_history_that_breaks_off_does_not_have_may_have_followed(run: HistoryBuilder) -> None:
    assert judge(run.history()).of("refusals_are_clear").outcome is Outcome.NOT_APPLICABLE
    run.drop(run.one("run.ended"))
    verdict = judge(run.history()).of("refusals_are_clear")
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.summary == "the admin tool refused nothing, in a history that does not show the whole run"


def test_messages_of_sessions_alone_are_enough_for_some_claims(run: HistoryBuilder) -> None:
    """These claims do not need the sessions of a history in which only messages were observed."""
    run.drop(*[draft for draft in run.drafts if draft.kind in OF_SESSIONS])
    holding = {verdict.claim for verdict in judge(run.history()).verdicts if verdict.outcome is Outcome.HOLDS}
    assert holding >= {
        "computes_are_empty_in_maintenance",
        "inspector_hears_of_maintenance",
        "messages_are_answered",
        "messages_are_well_formed",
        "messages_reach_their_project",
        "windows_are_long_enough",
    }


@pytest.mark.parametrize("event_type", ["maintenance.scheduled", "maintenance.host"])
def test_messages_of_one_type_alone_are_well_formed_without_sessions(run: HistoryBuilder, event_type: str) -> None:
    run.drop(*[draft for draft in run.drafts if draft.kind in OF_SESSIONS])
    run.drop(*run.all("notification", event_type=event_type), *run.all("alarm", event_type=event_type))
    assert judge(run.history(), ["messages_are_well_formed"]).outcome is Outcome.HOLDS
