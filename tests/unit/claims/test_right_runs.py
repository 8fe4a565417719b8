"""Every claim holds on a run in which everything goes right, also on an unusual one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_doctor_maint.claims import CLAIMS, Topic
from tests.support.claims import Change, assert_holds, assert_not_applicable, assert_violated, case_name, failing
from tests.support.fenix_runs import default_workflow, vnf_workflow
from tests.support.history_builder import ADMIN, SESSION, HistoryBuilder

Workflow = Callable[[], HistoryBuilder]


#: The claims that have nothing to judge where nothing goes wrong.
OF_TROUBLE = {
    "failed_sessions_put_everything_back",
    "failures_are_managed_once",
    "faults_strike",
    "refusals_are_clear",
}
OF_CONSTRAINTS = {name for name in CLAIMS if CLAIMS[name].topic is Topic.CONSTRAINTS}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_holds_on_a_run_of_the_sample(run: HistoryBuilder, claim: str) -> None:
    _assert_passed(run, claim, {*OF_TROUBLE, *OF_CONSTRAINTS, "progress_is_consistent"})


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_holds_on_a_run_of_fenix(fenix_run: HistoryBuilder, claim: str) -> None:
    _assert_passed(fenix_run, claim, {*OF_TROUBLE, *OF_CONSTRAINTS})


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_holds_on_a_run_of_the_vnf_workflow(vnf_run: HistoryBuilder, claim: str) -> None:
    _assert_passed(vnf_run, claim, {*OF_TROUBLE, "interruptions_are_short_enough"})


def _assert_passed(run: HistoryBuilder, claim: str, idle: set[str]) -> None:
    (assert_not_applicable if claim in idle else assert_holds)(run, claim)


# -- unusual runs ------------------------------------------------------------------------------------------------------


def own_action(run: HistoryBuilder) -> None:
    """The project re-creates app_3 itself instead of having it migrated."""
    prepare = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    prepare.data["body"]["instance_actions"] = {"id-app_3": "OWN_ACTION"}
    moves = [draft for draft in run.all("server", name="app_3") if draft.at < 46 and draft.data["action"] != "create"]
    done = run.one("notification", state="ADMIN_ACTION_DONE")
    run.drop_with_effects(done).drop(*moves)
    for draft in run.drafts:
        if draft.at > 32 and "id-app_3" in str(draft.data):
            for key in {"server_id", "name", "instance_ids", "body"} & draft.data.keys():
                draft.data[key] = _renamed(draft.data[key])
    run.after(prepare).delete("app_3")
    run.boot("app_3b", "compute-1")


def _renamed(value: Any) -> Any:  # JSON
    if isinstance(value, dict):
        return {_renamed(key): _renamed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    return value.replace("app_3", "app_3b") if isinstance(value, str) else value


def live_migration(run: HistoryBuilder) -> None:
    run.one("reply", state="ACK_PREPARE_MAINTENANCE").data["body"]["instance_actions"] = {"id-app_3": "LIVE_MIGRATE"}
    for draft in run.all("server", name="app_3"):
        if draft.at < 46 and draft.data["action"] != "create":
            rests = draft.data["action"] == "confirmResize"
            draft.data.update(
                action="os-migrateLive",
                status="ACTIVE" if rests else "MIGRATING",
                task_state=None if rests else "migrating",
            )


def refused_replies(run: HistoryBuilder) -> None:
    """A reply that the admin tool refused does not count."""
    reply = run.one("reply", state="ACK_PREPARE_MAINTENANCE")
    run.refuse(run.before(reply).reply(reply.cause))
    run.refuse(run.after(reply).reply(reply.cause, "ACK_MAINTENANCE"))


def done_is_acknowledged(run: HistoryBuilder) -> None:
    """Some app managers answer ADMIN_ACTION_DONE, in the other spelling too."""
    done = run.one("notification", state="ADMIN_ACTION_DONE")
    run.after(run.one("alarm", state="ADMIN_ACTION_DONE")).reply(done, "ACK_INSTANCE_ACTION_DONE")


def other_spelling(run: HistoryBuilder) -> None:
    for draft in run.drafts:
        for old, new in (("DOWN_SCALE", "SCALE_IN"), ("ADMIN_ACTION_DONE", "INSTANCE_ACTION_DONE")):
            if "state" in draft.data:
                draft.data["state"] = draft.data["state"].replace(old, new)


def a_failed_migration_is_tried_again(run: HistoryBuilder) -> None:
    run.after(run.one("reply", state="ACK_PREPARE_MAINTENANCE"))
    run.server("app_3", "compute-3", "RESIZE", action="migrate", by=ADMIN, task="resize_prep")
    run.server("app_3", "compute-3", action="migrate", by=ADMIN)


def a_compute_dies_in_maintenance(run: HistoryBuilder) -> None:
    run.after(run.one("host.work", host="compute-2")).log(
        "nemesis", "fault", name="compute dies", target="compute-2", phase="injected"
    )
    run.compute("compute-2", "disabled", "down")
    run.log("inspector", "host.failure", host="compute-2")
    run.log("inspector", "fault_management", host="compute-2", action="suppressed", server_id=None)
    run.compute("compute-2", "disabled")
    run.log("nemesis", "fault", name="compute dies", target="compute-2", phase="ended")


def events_after_the_end(run: HistoryBuilder) -> None:
    """The testbed is removed after the run."""
    for name in ("ha_0", "ha_1"):
        run.delete(name)
    run.floating_ip(None)
    run.compute("compute-1", "disabled", "down")


@pytest.mark.parametrize(
    "change",
    [
        own_action,
        live_migration,
        refused_replies,
        done_is_acknowledged,
        other_spelling,
        a_failed_migration_is_tried_again,
        a_compute_dies_in_maintenance,
        events_after_the_end,
    ],
    ids=case_name,
)
def test_every_claim_holds(run: HistoryBuilder, change: Change) -> None:
    change(run)
    assert failing(run) == {}


def test_two_sessions_at_once_for_one_project(run: HistoryBuilder) -> None:
    """Another session maintains an empty compute: its messages are not mixed up with those of the first session."""
    run.one("run.started").data["computes"].append({"name": "compute-4", "vcpus": 2})
    run.before(run.one("session.created")).compute("compute-4")
    data = {**run.one("session.created").data, "session_id": "session-2", "hosts": ["compute-4"]}
    run.after(run.one("session.created")).log("admin_tool", "session.created", **data)
    run.before(run.one("notification", state="DOWN_SCALE")).compute("compute-4", "disabled")
    run.host_message("compute-4", "IN_MAINTENANCE", "session-2")
    for phase in ("started", "ended"):
        run.log("admin_tool", "host.work", host="compute-4", session_id="session-2", phase=phase)
    run.host_message("compute-4", "MAINTENANCE_COMPLETE", "session-2")
    run.compute("compute-4")
    run.after(run.one("session.deleted"))
    run.log("admin_tool", "session.state", session_id="session-2", state="MAINTENANCE_DONE")
    run.log("admin", "session.deleted", session_id="session-2")
    assert failing(run) == {}


# -- runs that go wrong, in which only the claims about that are violated ----------------------------------------------


def test_a_compute_that_dies_takes_along_what_is_not_redundant(run: HistoryBuilder) -> None:
    """Its instances may be missing, except the redundant one."""
    end = run.one("run.ended")
    run.before(end).log("nemesis", "fault", name="compute dies", target="compute-1", phase="injected")
    run.compute("compute-1", "enabled", "down", forced=True)
    run.log("inspector", "host.failure", host="compute-1")
    run.log("inspector", "fault_management", host="compute-1", action="force_down", server_id=None)
    for name in ("ha_1", "app_1"):
        run.log("inspector", "fault_management", host="compute-1", action="reset_state", server_id=f"id-{name}")
        run.server(name, "compute-1", "ERROR", action="os-resetState", by=ADMIN)
        run.guest(name, False, "its compute died")
    assert failing(run) == {"everything_is_active_in_the_end": "ha_1 is ERROR in the end; due: ACTIVE"}


def test_a_failed_session_that_put_everything_back(run: HistoryBuilder) -> None:
    second = run.one("notification", 1, state="PLANNED_MAINTENANCE")
    end = run.drafts.index(second)
    gone = [draft for draft in run.drafts[end + 2 :] if draft.kind not in ("run.ended", "alarm.deleted")]
    run.drop(*gone).before(run.one("alarm.deleted")).reply(second, "NACK_PLANNED_MAINTENANCE")
    run.compute("compute-2")
    run.session_state("MAINTENANCE_FAILED", reason="doctor refused")
    run.log("admin", "session.deleted", session_id=SESSION)
    found = failing(run)
    assert found.pop("sessions_end_well") == "the session failed: doctor refused; due: MAINTENANCE_DONE"
    assert set(found) == {"every_needed_step_happens", "each_compute_is_maintained_once", "scale_is_restored"}


# -- Fenix -------------------------------------------------------------------------------------------------------------

OF_REPLIES = ("messages_are_answered", "messages_in_order", "every_needed_step_happens", "admin_tool_waits_for_answers")


@pytest.mark.parametrize("workflow", [default_workflow, vnf_workflow], ids=["fenix", "vnf"])
def test_a_reply_that_was_accepted_may_be_repeated(workflow: Workflow) -> None:
    """Known clients repeat a reply, some of them after the next message, or without the session's id."""
    run = workflow()
    for reply in run.all("reply"):
        again = run.after(reply).wait(25).reply(reply.cause)
        again.data["body"] = {key: value for key, value in reply.data["body"].items() if key != "session_id"}
    run.sort()
    assert failing(run, OF_REPLIES) == {}


def test_another_reply_after_the_ack_is_one_too_many(vnf_run: HistoryBuilder) -> None:
    reply = vnf_run.one("reply", state="ACK_PLANNED_MAINTENANCE")
    vnf_run.after(reply).reply(reply.cause).data["body"]["instance_action"] = "LIVE_MIGRATE"
    assert_violated(vnf_run, "messages_are_answered")


def test_cold_migrations_have_two_names(vnf_run: HistoryBuilder) -> None:
    """Doctor's VNFM sends MIGRATION for MIGRATE, and an admin tool elsewhere accepts it."""
    for constraint in vnf_run.all("constraint.instance"):
        constraint.data["migration_type"] = "MIGRATION"
    for reply in vnf_run.all("reply", state="ACK_PLANNED_MAINTENANCE"):
        reply.data["body"]["instance_action"] = "MIGRATION"
    assert failing(vnf_run) == {}


def test_down_scale_may_be_repeated_after_an_instance_has_gone(fenix_run: HistoryBuilder) -> None:
    """The project removes one instance, is asked again, and removes the other."""
    first, second = fenix_run.all("server", status="DELETED")[:2]
    message = fenix_run.one("notification", state="SCALE_IN", event_type="maintenance.scheduled")
    fenix_run.after(first).reply(message)
    fenix_run.after(fenix_run.one("reply", state="ACK_SCALE_IN"))
    again = fenix_run.message("SCALE_IN", window=60)
    fenix_run.all("reply", state="ACK_SCALE_IN")[-1].cause = again
    assert fenix_run.number(second) > fenix_run.number(again)
    assert failing(fenix_run, OF_REPLIES) == {}


def test_a_session_without_hosts_is_about_all_computes(vnf_run: HistoryBuilder) -> None:
    vnf_run.one("session.created").data["hosts"] = []
    assert failing(vnf_run) == {}
    vnf_run.drop(*vnf_run.all("host.work", host="compute-2"))
    assert_violated(vnf_run, "each_compute_is_maintained_once")


def test_replies_without_a_cause_are_distinguished_by_their_url(vnf_run: HistoryBuilder) -> None:
    """An admin tool elsewhere records no cause of a reply."""
    for reply in vnf_run.all("reply", state="ACK_PLANNED_MAINTENANCE"):
        assert reply.cause is not None
        reply.data["url"] = reply.cause.data["reply_url"]
        reply.cause = None
    assert failing(vnf_run) == {}
