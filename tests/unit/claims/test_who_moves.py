"""A move is the admin tool's if an administrator asked for it, in whichever project that administrator acts."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome
from tests.support.claims import verdict_on
from tests.support.fenix_runs import vnf_workflow
from tests.support.history_builder import ADMIN, OTHER_PROJECT, PROJECT, HistoryBuilder, full_cloud

#: Claims about the moves of the admin tool.
OF_MOVES = (
    "admin_actions_are_reported_once",
    "admin_tool_waits_for_answers",
    "agreed_actions_are_taken",
    "planned_moves_go_to_maintained_computes",
)
OF_CONSTRAINTS = ("anti_affinity_is_kept", "lead_times_are_kept", "migration_types_are_respected")
REPORTED = "admin_actions_are_reported_once"


def moved_by(run: HistoryBuilder, project: str, **said: bool | None) -> HistoryBuilder:
    """All moves were asked for by an administrator who acts in ``project``; ``said`` is what the cloud tells of it."""
    for draft in run.all("server", action="migrate"):
        draft.data.update(by=project, **said)
    return run


def observed(run: HistoryBuilder) -> HistoryBuilder:
    run.one("run.started").data.update(observed_every=0.5, unseen=[])
    return run


@pytest.mark.parametrize("project", [PROJECT, OTHER_PROJECT])
@pytest.mark.parametrize("claim", OF_MOVES)
def test_the_moves_of_an_administrator_in_another_project_are_those_of_the_admin_tool(claim: str, project: str) -> None:
    run = moved_by(full_cloud(), project, by_admin=True)
    verdict = verdict_on(run, claim)
    assert verdict.outcome is Outcome.HOLDS, verdict.summary
    assert verdict_on(run, REPORTED).figures["moves"] == 5


@pytest.mark.parametrize("said", [{}, {"by_admin": False}], ids=["nothing-more-is-recorded", "no-admin"])
def test_the_moves_of_a_project_are_its_own(said: dict[str, bool | None]) -> None:
    verdict = verdict_on(moved_by(full_cloud(), PROJECT, **said), REPORTED)
    assert (verdict.outcome, verdict.figures["moves"]) == (Outcome.VIOLATED, 0)


def test_what_the_project_was_left_to_do_is_its_own_although_its_user_is_an_admin() -> None:
    run = moved_by(full_cloud(), PROJECT, by_admin=True)
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    reply.data["body"]["instance_actions"] = {"id-app_3": "OWN_ACTION"}
    assert verdict_on(run, "agreed_actions_are_taken").outcome is Outcome.HOLDS
    run = moved_by(run, ADMIN)
    assert verdict_on(run, "agreed_actions_are_taken").outcome is Outcome.VIOLATED


@pytest.mark.parametrize("said", [{}, {"by_admin": None}], ids=["an-old-history", "a-silent-cloud"])
@pytest.mark.parametrize("claim", OF_MOVES)
def test_a_caller_of_whom_the_cloud_does_not_tell_is_unknown(claim: str, said: dict[str, bool | None]) -> None:
    verdict = verdict_on(observed(moved_by(full_cloud(), PROJECT, **said)), claim)
    assert (verdict.outcome, verdict.unobserved) == (Outcome.UNKNOWN, True)
    assert verdict.summary.startswith("could not observe who asked for the migrate of ")


@pytest.mark.parametrize("claim", OF_CONSTRAINTS)
def test_constraints_bind_whoever_the_cloud_tells(claim: str) -> None:
    assert verdict_on(observed(moved_by(vnf_workflow(), PROJECT)), claim).outcome is Outcome.UNKNOWN
    assert verdict_on(observed(moved_by(vnf_workflow(), PROJECT, by_admin=True)), claim).outcome is Outcome.HOLDS


@pytest.mark.parametrize("claim", [*OF_MOVES, *OF_CONSTRAINTS])
def test_a_move_in_the_administrators_project_needs_no_role(claim: str) -> None:
    assert claim in CLAIMS
    assert verdict_on(observed(vnf_workflow()), claim).outcome is Outcome.HOLDS


def test_a_session_that_failed_is_violated_although_nobody_knows_who_moved() -> None:
    run = observed(moved_by(full_cloud(), PROJECT))
    run.after(run.one("reply", state="ACK_PLANNED_MAINTENANCE")).fail()
    assert verdict_on(run, "sessions_end_well").outcome is Outcome.VIOLATED


@pytest.mark.parametrize("named", ["app_3", "app_1"])
def test_a_moved_instance_may_be_named_by_its_bare_id(named: str) -> None:
    """Doctor's admin tool names it so; which instance is reported is judged all the same."""
    run = full_cloud()
    report = run.one("notification", state="ADMIN_ACTION_DONE")
    assert report.data["instance_ids"] == ["id-app_3"]
    for each in (report, *[alarm for alarm in run.all("alarm") if alarm.cause is report]):
        each.data.update(state="INSTANCE_ACTION_DONE", instance_ids=f"id-{named}")
    is_right = named == "app_3"
    assert verdict_on(run, REPORTED).outcome is (Outcome.HOLDS if is_right else Outcome.VIOLATED)
    assert verdict_on(run, "messages_are_well_formed").outcome is Outcome.HOLDS
