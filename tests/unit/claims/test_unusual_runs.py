"""Runs that look unusual and are right all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, judge

Story = Any  # conftest.py's; a test folder is no package to import from


def not_holding(story: Story, claims: list[str] | None = None) -> dict[str, str]:
    return {verdict.claim: verdict.summary for verdict in judge(story.history(), claims).failed()}


def own_action(story: Story) -> None:
    """The project re-creates app_3 itself, instead of having it migrated."""
    prepare = story.one("reply", state="ACK_PREPARE_MAINTENANCE")
    prepare.data["body"]["instance_actions"] = {"id-app_3": "OWN_ACTION"}
    moves = [d for d in story.all("server", name="app_3") if d.at < 46 and d.data["action"] != "create"]
    done = story.one("notification", state="ADMIN_ACTION_DONE")
    story.drop_with_effects(done).drop(*moves)
    later = [d for d in story.drafts if "id-app_3" in str(d.data) and d.at > 32]
    for draft in later:
        for key in ("server_id", "name", "instance_ids", "body"):
            if key in draft.data:
                draft.data[key] = _renamed(draft.data[key])
    story.after(prepare).deleted("app_3")
    story.boots("app_3b", "compute-1")


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {_renamed(key): _renamed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    return value.replace("app_3", "app_3b") if isinstance(value, str) else value


def live_migration(story: Story) -> None:
    story.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}
    for draft in story.all("server", name="app_3"):
        if draft.at < 46 and draft.data["action"] != "create":
            resting = draft.data["action"] == "confirmResize"
            draft.data.update(
                action="os-migrateLive",
                status="ACTIVE" if resting else "MIGRATING",
                task_state=None if resting else "m",
            )


def refused_answers(story: Story) -> None:
    """What the admin tool did not take did not count."""
    reply = story.one("reply", state="ACK_PREPARE_MAINTENANCE")
    without_actions = story.before(reply).answers(reply.cause)
    story.refused(without_actions)
    wrong = story.after(reply).answers(reply.cause, "ACK_MAINTENANCE")
    story.refused(wrong)


def done_is_acknowledged(story: Story) -> None:
    """Some app managers answer ADMIN_ACTION_DONE, in the other spelling too."""
    done = story.one("notification", state="ADMIN_ACTION_DONE")
    story.after(story.one("alarm", state="ADMIN_ACTION_DONE")).answers(done, "ACK_INSTANCE_ACTION_DONE")


def other_spelling(story: Story) -> None:
    for draft in story.drafts:
        for old, new in (("DOWN_SCALE", "SCALE_IN"), ("ADMIN_ACTION_DONE", "INSTANCE_ACTION_DONE")):
            if "state" in draft.data:
                draft.data["state"] = draft.data["state"].replace(old, new)


def a_failed_migration_is_tried_again(story: Story) -> None:
    story.after(story.one("reply", state="ACK_PREPARE_MAINTENANCE"))
    story.server("app_3", "compute-3", "RESIZE", action="migrate", by="admin-project", task="resize_prep")
    story.server("app_3", "compute-3", action="migrate", by="admin-project")


def a_compute_dies_in_maintenance(story: Story) -> None:
    story.after(story.one("host.work", host="compute-2")).log(
        "nemesis", "fault", name="compute dies", target="compute-2", phase="injected"
    )
    story.compute("compute-2", "disabled", "down")
    story.log("inspector", "host.failure", host="compute-2")
    story.log("inspector", "fault_management", host="compute-2", action="suppressed", server_id=None)
    story.compute("compute-2", "disabled")
    story.log("nemesis", "fault", name="compute dies", target="compute-2", phase="ended")


def events_after_the_end(story: Story) -> None:
    """The harness takes everything down when the run is over."""
    for name in ("ha_0", "ha_1"):
        story.deleted(name)
    story.leads_to(None)
    story.compute("compute-1", "disabled", "down")


@pytest.mark.parametrize(
    "way",
    [
        own_action,
        live_migration,
        refused_answers,
        done_is_acknowledged,
        other_spelling,
        a_failed_migration_is_tried_again,
        a_compute_dies_in_maintenance,
        events_after_the_end,
    ],
    ids=lambda way: way.__name__,
)
def test_every_claim_holds(story: Story, way: Callable[[Story], None]) -> None:
    way(story)
    assert not_holding(story) == {}


def test_a_compute_takes_what_is_not_redundant_with_it(story: Story) -> None:
    """What is lost is excused: the other claims about the end still say what they see."""
    end = story.one("run.ended")
    story.before(end).log("nemesis", "fault", name="compute dies", target="compute-1", phase="injected")
    story.compute("compute-1", "enabled", "down", forced=True)
    story.log("inspector", "host.failure", host="compute-1")
    story.log("inspector", "fault_management", host="compute-1", action="force_down", server_id=None)
    for name in ("ha_1", "app_1"):
        story.log("inspector", "fault_management", host="compute-1", action="reset_state", server_id=f"id-{name}")
        story.server(name, "compute-1", "ERROR", action="os-resetState", by="admin-project")
        story.guest(name, False, "its compute died")
    assert not_holding(story) == {"everything_is_active_in_the_end": "ha_1 is ERROR in the end; due: ACTIVE"}


def test_a_failed_session_that_put_everything_back(story: Story) -> None:
    second = story.one("notification", 1, state="PLANNED_MAINTENANCE")
    end = story.drafts.index(second)
    gone = [draft for draft in story.drafts[end + 2 :] if draft.kind not in ("run.ended", "alarm.deleted")]
    story.drop(*gone).before(story.one("alarm.deleted")).answers(second, "NACK_PLANNED_MAINTENANCE")
    story.compute("compute-2")
    story.state("MAINTENANCE_FAILED", reason="doctor refused")
    story.log("admin", "session.deleted", session_id="session-1")
    failing = not_holding(story)
    assert failing.pop("sessions_end_well") == "the session failed: doctor refused"
    assert set(failing) == {"every_needed_step_happens", "each_compute_is_maintained_once", "scale_is_restored"}


def test_two_sessions_at_once_for_one_project(story: Story) -> None:
    """Another session on its own compute, which is empty: its messages do not mix with the first one's."""
    story.one("run.started").data["computes"].append({"name": "compute-4", "vcpus": 2})
    story.before(story.one("session.created")).compute("compute-4")
    data = {**story.one("session.created").data, "session_id": "session-2", "hosts": ["compute-4"]}
    story.after(story.one("session.created")).log("admin_tool", "session.created", **data)
    story.before(story.one("notification", state="DOWN_SCALE")).compute("compute-4", "disabled")
    story.tells_of_host("compute-4", "IN_MAINTENANCE", "session-2")
    for phase in ("started", "ended"):
        story.log("admin_tool", "host.work", host="compute-4", session_id="session-2", phase=phase)
    story.tells_of_host("compute-4", "MAINTENANCE_COMPLETE", "session-2")
    story.compute("compute-4")
    story.after(story.one("session.deleted"))
    story.log("admin_tool", "session.state", session_id="session-2", state="MAINTENANCE_DONE")
    story.log("admin", "session.deleted", session_id="session-2")
    assert not_holding(story) == {}


def test_what_the_history_does_not_tell_is_unknown(empty_story: Callable[[], Story]) -> None:
    judgement = judge(empty_story().history())
    assert judgement.outcome is Outcome.UNKNOWN
    told = {verdict.claim for verdict in judgement.verdicts if verdict.outcome is Outcome.HOLDS}
    assert told == {"no_thread_died"}
    assert len(judgement.verdicts) == len(CLAIMS)


def test_a_history_that_breaks_off_tells_nothing_of_the_end(story: Story) -> None:
    story.drop(story.one("run.ended"))
    unknown = {v.claim for v in judge(story.history()).verdicts if v.outcome is Outcome.UNKNOWN}
    assert {"downtime_is_zero", "everything_is_active_in_the_end", "sessions_end_well"} <= unknown
