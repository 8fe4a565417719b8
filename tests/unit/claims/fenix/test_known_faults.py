"""What is known to go wrong in the Fenix of 2019, and what a Fenix could get wrong: each is told by a claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_doctor_maint.claims import Outcome, judge

Story = Any  # conftest.py's; a test folder is no package to import from
Way = Callable[[Story], object]

#: A message to a project; the admin's own event may have the same state.
PLANNED = {"event_type": "maintenance.scheduled", "state": "PLANNED_MAINTENANCE"}
DEFAULT: list[tuple[str, Way]] = []
VNF: list[tuple[str, Way]] = []


def default(claim: str) -> Callable[[Way], Way]:
    """A fault of the default workflow, and the claim that tells it."""

    def register(way: Way) -> Way:
        DEFAULT.append((claim, way))
        return way

    return register


def vnf_alone(claim: str) -> Callable[[Way], Way]:
    """A fault of the vnf workflow, and the claim that tells it."""

    def register(way: Way) -> Way:
        VNF.append((claim, way))
        return way

    return register


# -- the Fenix of 2019 -------------------------------------------------------------------------------------------------


@default("windows_are_long_enough")
def reply_at_lies_in_the_past(story: Story) -> None:
    """It subtracts the window from the time at hand."""
    story.one("notification", state="MAINTENANCE").data["reply_at"] = "2025-12-31 23:59:40"


@default("messages_are_well_formed")
def a_message_about_a_compute_carries_the_projects_name(story: Story) -> None:
    story.one("notification", state="IN_MAINTENANCE").data["project_id"] = "admin"


def refused(story: Story) -> None:
    """The project refuses PLANNED_MAINTENANCE of the last compute; the session fails, and is deleted."""
    second = story.one("notification", 1, state="PLANNED_MAINTENANCE")
    end = story.drafts.index(second)
    gone = [draft for draft in story.drafts[end + 2 :] if draft.kind not in ("run.ended", "alarm.deleted")]
    story.drop(*gone).before(story.one("alarm.deleted")).answers(second, "NACK_PLANNED_MAINTENANCE")
    story.state("MAINTENANCE_FAILED")
    story.log("admin", "session.deleted", session_id="session-1")


@default("failed_sessions_put_everything_back")
def a_nack_of_planned_leaves_nova_compute_disabled(story: Story) -> None:
    refused(story)


@default("services_are_back_in_the_end")
def nova_compute_is_disabled_also_after_the_session_is_deleted(story: Story) -> None:
    refused(story)


@default("messages_in_order")
def scale_in_is_asked_again_every_second(story: Story) -> None:
    """The project agreed and did not scale in, so that there is no more room than before."""
    story.after(story.one("reply", state="ACK_SCALE_IN"))
    for _ in range(3):
        story.answers(story.wait(1).tells("SCALE_IN", window=60))


@default("sessions_end_well")
def live_migration_is_offered_but_fails(story: Story) -> None:
    reply = story.one("reply", state="ACK_PREPARE_MAINTENANCE")
    reply.data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}
    end = story.drafts.index(reply)
    gone = [draft for draft in story.drafts[end + 1 :] if draft.kind not in ("run.ended", "alarm.deleted")]
    story.drop(*gone).after(reply).compute("compute-3")
    story.state("MAINTENANCE_FAILED")
    story.log("admin", "session.deleted", session_id="session-1")


@default("agreed_actions_are_taken")
def live_migration_is_offered_and_never_done(story: Story) -> None:
    story.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}


@default("messages_are_answered")
def an_answer_for_another_project_counts(story: Story) -> None:
    """It takes answers without looking at the token."""
    reply = story.one("reply", state="ACK_SCALE_IN")
    story.before(reply).answers(reply.cause).data["project_id"] = "project-2"


@default("refusals_are_clear")
def an_unknown_session_breaks_it(story: Story) -> None:
    story.before(story.one("reply", state="ACK_SCALE_IN"))
    reply = story.answers(story.one("notification", state="SCALE_IN"))
    reply.data["session_id"] = "no-session"
    story.refused(reply).data.update(status=500, error=None)


# -- words and form ----------------------------------------------------------------------------------------------------


@default("messages_are_well_formed")
def the_use_cases_word_for_scale_in(story: Story) -> None:
    story.one("notification", state="SCALE_IN").data["state"] = "DOWN_SCALE"


@default("messages_are_well_formed")
def no_reply_at(story: Story) -> None:
    story.one("notification", state="SCALE_IN").data["reply_at"] = None


@default("messages_are_well_formed")
def what_was_moved_is_a_url(story: Story) -> None:
    story.one("notification", state="INSTANCE_ACTION_DONE").data["instance_ids"] = "http://fenix/v1/maintenance/s/p"


@default("messages_are_well_formed")
def what_was_moved_is_to_be_answered(story: Story) -> None:
    story.one("notification", state="INSTANCE_ACTION_DONE").data["reply_at"] = "2026-01-01 01:00:00"


@default("messages_are_well_formed")
def the_admins_event_carries_another_project(story: Story) -> None:
    story.one("notification", event_type="maintenance.session").data["project_id"] = "project-1"


@vnf_alone("messages_are_well_formed")
def two_instances_in_one_message(story: Story) -> None:
    story.one("notification", **PLANNED).data["instance_ids"] = ["id-ha_0", "id-app_0"]


@vnf_alone("messages_are_well_formed")
def a_url_instead_of_the_instance(story: Story) -> None:
    story.one("notification", **PLANNED).data["instance_ids"] = "http://fenix/v1/maintenance/s/p"


# -- several computes at once ------------------------------------------------------------------------------------------


@vnf_alone("admin_tool_waits_for_answers")
def the_same_instance_is_told_twice_at_once(story: Story) -> None:
    first = story.one("notification", **PLANNED)
    story.after(first).tells("PLANNED_MAINTENANCE", window=20, instances=first.data["instance_ids"])


@vnf_alone("admin_tool_waits_for_answers")
def a_compute_is_out_of_use_before_its_instance_is_agreed_on(story: Story) -> None:
    story.after(story.one("notification", 1, **PLANNED)).tells_of_host("compute-1", "IN_MAINTENANCE")


@vnf_alone("messages_in_order")
def preparing_after_planning(story: Story) -> None:
    story.all("notification", **PLANNED)[-1].data["state"] = "PREPARE_MAINTENANCE"


@vnf_alone("computes_are_disabled_for_maintenance")
def a_compute_is_enabled_too_late_for_another(story: Story) -> None:
    back = story.one("compute", 1, host="compute-3", status="enabled")
    story.drop(back).after(story.all("reply", state="ACK_PLANNED_MAINTENANCE")[-1]).compute("compute-3")


# -- progress ----------------------------------------------------------------------------------------------------------


@vnf_alone("progress_is_consistent")
def percent_done_falls(story: Story) -> None:
    story.one("notification", event_type="maintenance.session", state="MAINTENANCE_COMPLETE").data["percent_done"] = 54


@vnf_alone("progress_is_consistent")
def done_at_less_than_all(story: Story) -> None:
    story.one("notification", event_type="maintenance.session", state="MAINTENANCE_DONE").data["percent_done"] = 99


@vnf_alone("progress_is_consistent")
def more_than_all(story: Story) -> None:
    story.one("notification", event_type="maintenance.session", state="PLANNED_MAINTENANCE").data["percent_done"] = 155


@vnf_alone("progress_is_consistent")
def no_percentage(story: Story) -> None:
    del story.one("notification", event_type="maintenance.session", state="PLANNED_MAINTENANCE").data["percent_done"]


@vnf_alone("progress_is_consistent")
def a_state_that_no_event_tells(story: Story) -> None:
    story.drop(story.one("notification", event_type="maintenance.session", state="PLANNED_MAINTENANCE"))


@vnf_alone("progress_is_consistent")
def going_on_after_the_end(story: Story) -> None:
    done = story.one("notification", event_type="maintenance.session", state="MAINTENANCE_DONE")
    story.after(done).log("admin_tool", "notification", **{**done.data, "state": "PLANNED_MAINTENANCE"})


def check(story: Story, claim: str, way: Way) -> None:
    way(story)
    verdict = judge(story.history(), [claim]).of(claim)
    assert verdict.outcome is Outcome.VIOLATED, verdict.summary
    assert all(violation.events and "id-" not in violation.message for violation in verdict.violations)


@pytest.mark.parametrize(("claim", "way"), DEFAULT, ids=lambda value: getattr(value, "__name__", value))
def test_a_fault_of_the_default_workflow_is_told(fenix: Story, claim: str, way: Way) -> None:
    check(fenix, claim, way)


@pytest.mark.parametrize(("claim", "way"), VNF, ids=lambda value: getattr(value, "__name__", value))
def test_a_fault_of_the_vnf_workflow_is_told(vnf: Story, claim: str, way: Way) -> None:
    check(vnf, claim, way)


def test_a_failed_live_migration_is_named(fenix: Story) -> None:
    live_migration_is_offered_but_fails(fenix)
    verdict = judge(fenix.history(), ["sessions_end_well"]).verdicts[0]
    assert verdict.summary == "the session failed: LIVE_MIGRATE of app_3 was offered and agreed on, and was not done"


def test_a_fenix_that_tells_no_progress_leaves_it_open(vnf: Story) -> None:
    vnf.drop(*vnf.all("notification", event_type="maintenance.session"))
    assert judge(vnf.history(), ["progress_is_consistent"]).outcome is Outcome.UNKNOWN


def test_a_session_that_names_no_compute_means_all_of_them(vnf: Story) -> None:
    vnf.one("session.created").data["hosts"] = []
    assert judge(vnf.history()).outcome is Outcome.HOLDS
    vnf.drop(*[draft for draft in vnf.drafts if draft.data.get("host") == "compute-2" and draft.kind == "host.work"])
    assert judge(vnf.history(), ["each_compute_is_maintained_once"]).outcome is Outcome.VIOLATED


def test_answers_without_a_cause_are_told_apart_by_their_url(vnf: Story) -> None:
    """An admin tool elsewhere records none."""
    for reply in vnf.all("reply", state="ACK_PLANNED_MAINTENANCE"):
        reply.data["url"] = reply.cause.data["reply_url"]
        reply.cause = None
    assert {v.claim: v.summary for v in judge(vnf.history()).failed()} == {}
