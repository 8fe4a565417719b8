"""Claims about lead times, migration types and interruptions: a breach violates one claim only."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, Topic, judge
from tests.support.claims import (
    Case,
    ClaimCases,
    assert_holds,
    assert_not_applicable,
    assert_violated,
    failing,
    verdict_on,
)
from tests.support.fenix_runs import change_constraint, choose, make_live, move_of, vnf_workflow
from tests.support.history_builder import ADMIN, PROJECT, HistoryBuilder

CONSTRAINTS = tuple(name for name in CLAIMS if CLAIMS[name].topic is Topic.CONSTRAINTS)
#: Nothing is live migrated in these runs.
JUDGED = tuple(name for name in CONSTRAINTS if name != "interruptions_are_short_enough")

cases = ClaimCases(vnf_workflow)


# -- lead_times_are_kept -----------------------------------------------------------------------------------------------


@cases.violates("lead_times_are_kept")
def moved_too_early(run: HistoryBuilder) -> None:
    for draft in move_of(run, "app_1"):
        draft.at -= 20
    run.sort()


@cases.violates("lead_times_are_kept")
def a_longer_lead_time_was_in_force(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", lead_time=300)


@cases.violates("lead_times_are_kept")
def moved_without_a_message(run: HistoryBuilder) -> None:
    for draft in run.all("notification", state="PLANNED_MAINTENANCE"):
        if draft.data.get("instance_ids") == ["id-app_1"]:
            run.drop_with_effects(draft)


@cases.keeps(*JUDGED)
def a_longer_lead_time_came_after_the_message(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 95, which="id-app_1", lead_time=300)


@cases.keeps(*JUDGED)
def a_constraint_that_was_taken_back(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", lead_time=300, deleted=True)


def move_at(run: HistoryBuilder, name: str, seconds: float) -> None:
    """The move of an instance that the project was notified of at 91 s starts so many seconds later."""
    states = move_of(run, name)
    delay = 91 + seconds - states[0].at
    for draft in states:
        draft.at += delay
    run.sort()


@cases.violates("lead_times_are_kept")
def moved_a_second_too_early(run: HistoryBuilder) -> None:
    move_at(run, "app_1", 39)


@cases.keeps("lead_times_are_kept")
def moved_a_part_of_a_second_too_early(run: HistoryBuilder) -> None:
    move_at(run, "app_1", 39.001)


@cases.violates("lead_times_are_kept")
def the_lead_time_was_a_second_longer(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", lead_time=41)


@cases.keeps("lead_times_are_kept")
def the_lead_time_was_a_part_of_a_second_longer(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", lead_time=40.999)


@cases.keeps("lead_times_are_kept")
def moved_without_a_message_and_without_a_lead_time(run: HistoryBuilder) -> None:
    moved_without_a_message(run)
    change_constraint(run, "constraint.instance", 60, which="id-app_1", lead_time=0)


@cases.keeps("lead_times_are_kept")
def a_lead_time_that_was_not_given(run: HistoryBuilder) -> None:
    moved_without_a_message(run)
    change_constraint(run, "constraint.instance", 60, which="id-app_1", lead_time=None)


@cases.keeps("lead_times_are_kept")
def moved_by_the_project_itself_without_a_message(run: HistoryBuilder) -> None:
    moved_without_a_message(run)
    for draft in run.all("server", name="app_1"):
        draft.data["by"] = PROJECT


# -- migration_types_are_respected -------------------------------------------------------------------------------------


@cases.violates("migration_types_are_respected")
def another_kind_of_migration(run: HistoryBuilder) -> None:
    make_live(run, "app_1", 0.2)


@cases.violates("migration_types_are_respected")
def another_kind_is_offered(run: HistoryBuilder) -> None:
    for draft in run.all("notification", state="PLANNED_MAINTENANCE"):
        draft.data["allowed_actions"] = ["LIVE_MIGRATE"]


@cases.violates("migration_types_are_respected")
def cold_without_need(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE")
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.violates("migration_types_are_respected")
def what_the_project_wanted_to_do_itself(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type="OWN_ACTION")
    choose(run, "app_1", "OWN_ACTION")


@cases.keeps(*CONSTRAINTS)
def the_project_chooses_another_kind(run: HistoryBuilder) -> None:
    make_live(run, "app_1", 0.2)
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.keeps(*CONSTRAINTS)
def a_live_migration_that_is_short_enough(run: HistoryBuilder) -> None:
    change_constraint(
        run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE", max_interruption_time=0.2
    )
    make_live(run, "app_1", 0.2)
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.keeps(*CONSTRAINTS)
def a_cold_migration_after_a_live_one_that_failed(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE")
    choose(run, "app_1", "LIVE_MIGRATE")
    run.before(move_of(run, "app_1")[0])
    run.server("app_1", "compute-2", "MIGRATING", task="migrating", action="os-migrateLive", by=ADMIN)
    run.server("app_1", "compute-2", action="os-migrateLive", by=ADMIN)


def want_live(run: HistoryBuilder, max_interruption_time: float) -> None:
    """The project wants a live migration of app_1 and gets a cold one."""
    change_constraint(
        run,
        "constraint.instance",
        60,
        which="id-app_1",
        migration_type="LIVE_MIGRATE",
        max_interruption_time=max_interruption_time,
    )
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.keeps("migration_types_are_respected")
def cold_because_a_live_migration_would_take_too_long(run: HistoryBuilder) -> None:
    want_live(run, 0.499)


@cases.violates("migration_types_are_respected")
def cold_although_a_live_migration_would_be_short_enough(run: HistoryBuilder) -> None:
    want_live(run, 0.5)


def offer(run: HistoryBuilder, *actions: str) -> None:
    """The message about app_1 offers these actions."""
    message = run.one("notification", state="PLANNED_MAINTENANCE", instance_ids=["id-app_1"])
    message.data["allowed_actions"] = list(actions)


@cases.keeps("migration_types_are_respected")
def only_a_cold_one_is_offered_because_a_live_migration_would_take_too_long(run: HistoryBuilder) -> None:
    want_live(run, 0.499)
    offer(run, "MIGRATE")


@cases.violates("migration_types_are_respected")
def only_a_cold_one_is_offered_although_a_live_migration_would_be_short_enough(run: HistoryBuilder) -> None:
    want_live(run, 0.5)
    make_live(run, "app_1", 0.2)
    offer(run, "MIGRATE")


@cases.violates("migration_types_are_respected")
def no_cold_one_is_offered_although_a_live_migration_would_take_too_long(run: HistoryBuilder) -> None:
    want_live(run, 0.499)
    offer(run, "OWN_ACTION")


@cases.keeps("migration_types_are_respected")
def a_type_that_was_set_after_the_message_need_not_be_offered(run: HistoryBuilder) -> None:
    offer(run, "MIGRATE")
    change_constraint(run, "constraint.instance", 95, which="id-app_1", migration_type="LIVE_MIGRATE")
    make_live(run, "app_1", 0.2)


@cases.violates("migration_types_are_respected")
def a_type_that_was_set_before_the_move_counts(run: HistoryBuilder) -> None:
    """The project replies MIGRATE, but the constraint in force at the move requires OWN_ACTION."""
    offer(run, "MIGRATE")
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type="OWN_ACTION")


@cases.keeps("migration_types_are_respected")
def a_type_that_is_not_given(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", migration_type=None)
    offer(run, "LIVE_MIGRATE")


@cases.violates("migration_types_are_respected")
def a_live_migration_of_another_instance_failed(run: HistoryBuilder) -> None:
    want_live(run, 120)
    run.drop(run.one("constraint.instance", instance_id="id-app_0"))
    run.before(move_of(run, "app_1")[0])
    run.server("app_0", "compute-1", "MIGRATING", task="migrating", action="os-migrateLive", by=ADMIN)
    run.server("app_0", "compute-1", action="os-migrateLive", by=ADMIN)


@cases.violates("migration_types_are_respected")
def a_live_migration_failed_before_the_message(run: HistoryBuilder) -> None:
    want_live(run, 120)
    run.before(run.one("constraint.instance"))
    run.server("app_1", "compute-2", "MIGRATING", task="migrating", action="os-migrateLive", by=ADMIN)
    run.server("app_1", "compute-2", action="os-migrateLive", by=ADMIN)


@cases.violates("migration_types_are_respected")
def a_cold_migration_failed_before_the_cold_one(run: HistoryBuilder) -> None:
    want_live(run, 120)
    run.before(move_of(run, "app_1")[0])
    run.server("app_1", "compute-2", "RESIZE", task="resize_prep", action="migrate", by=ADMIN)
    run.server("app_1", "compute-2", action="migrate", by=ADMIN)


@cases.violates(
    "migration_types_are_respected", says="app_1 was moved with os-migrateLive; allowed: its migration_type MIGRATE"
)
def another_kind_of_migration_without_an_answer(run: HistoryBuilder) -> None:
    make_live(run, "app_1", 0.2)
    for reply in run.all("reply", state="ACK_PLANNED_MAINTENANCE"):
        if reply.cause is not None and reply.cause.data["instance_ids"] == ["id-app_1"]:
            run.drop(reply)


@cases.violates("migration_types_are_respected", says="PLANNED_MAINTENANCE of app_1 offers nothing; due: MIGRATE")
def nothing_is_offered(run: HistoryBuilder) -> None:
    offer(run)


def test_another_kind_of_migration_without_a_message_is_reported(vnf_run: HistoryBuilder) -> None:
    moved_without_a_message(vnf_run)
    make_live(vnf_run, "app_1", 0.2)
    assert_violated(vnf_run, "migration_types_are_respected")


def try_live(run: HistoryBuilder, name: str, source: str, target: str | None) -> None:
    """The admin tool migrates an instance live, after the reply about app_1; it fails without a target."""
    run.after(run.all("reply", state="ACK_PLANNED_MAINTENANCE")[2])
    run.server(name, source, "MIGRATING", task="migrating", action="os-migrateLive", by=ADMIN)
    run.server(name, target or source, action="os-migrateLive", by=ADMIN)


def messages_about_app_1(run: HistoryBuilder) -> list[str]:
    verdict = verdict_on(run, "migration_types_are_respected")
    return [violation.message for violation in verdict.violations if violation.subject == "app_1"]


COLD = "app_1 was moved with migrate; allowed: its migration_type LIVE_MIGRATE"


@pytest.mark.parametrize(
    ("name", "source", "target", "messages"),
    [
        ("app_1", "compute-2", None, []),
        ("app_1", "compute-2", "compute-4", [COLD]),
        ("app_0", "compute-1", None, [COLD]),
    ],
    ids=["failed", "succeeded", "another"],
)
def test_a_cold_migration_may_come_after_a_live_one_of_the_same_instance_that_failed(
    vnf_run: HistoryBuilder, name: str, source: str, target: str | None, messages: list[str]
) -> None:
    want_live(vnf_run, 120)
    try_live(vnf_run, name, source, target)
    assert messages_about_app_1(vnf_run) == messages


def test_a_cold_migration_may_not_come_after_a_cold_one_that_failed(vnf_run: HistoryBuilder) -> None:
    a_cold_migration_failed_before_the_cold_one(vnf_run)
    assert messages_about_app_1(vnf_run) == [COLD, COLD]


def test_a_live_migration_that_failed_does_not_excuse_an_action_of_another_kind(vnf_run: HistoryBuilder) -> None:
    """The second migration is live again, although the project asked for a cold one."""
    try_live(vnf_run, "app_1", "compute-2", None)
    make_live(vnf_run, "app_1", 0.2)
    live = "app_1 was moved with os-migrateLive; allowed: its migration_type MIGRATE"
    assert messages_about_app_1(vnf_run) == [live, live]


def test_a_live_migration_that_failed_without_a_message_excuses_a_cold_one(vnf_run: HistoryBuilder) -> None:
    want_live(vnf_run, 120)
    try_live(vnf_run, "app_1", "compute-2", None)
    moved_without_a_message(vnf_run)
    assert messages_about_app_1(vnf_run) == []


def test_a_cold_migration_may_take_the_place_of_a_live_one_that_the_project_chose(vnf_run: HistoryBuilder) -> None:
    change_constraint(vnf_run, "constraint.instance", 60, which="id-app_1", migration_type="OWN_ACTION")
    choose(vnf_run, "app_1", "LIVE_MIGRATE")
    assert messages_about_app_1(vnf_run) == ["app_1 was moved with migrate; allowed: its migration_type OWN_ACTION"]
    try_live(vnf_run, "app_1", "compute-2", None)
    assert messages_about_app_1(vnf_run) == []


# -- interruptions_are_short_enough ------------------------------------------------------------------------------------


@cases.violates("interruptions_are_short_enough")
def a_live_migration_that_takes_too_long(run: HistoryBuilder) -> None:
    change_constraint(
        run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE", max_interruption_time=1
    )
    make_live(run, "app_1", 1.5)
    choose(run, "app_1", "LIVE_MIGRATE")


def pause(run: HistoryBuilder, seconds: float) -> None:
    """A live migration stops app_1 for so many seconds; its constraint allows 1 s."""
    change_constraint(
        run, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE", max_interruption_time=1
    )
    make_live(run, "app_1", seconds)
    choose(run, "app_1", "LIVE_MIGRATE")


@cases.keeps("interruptions_are_short_enough")
def a_pause_as_long_as_is_allowed(run: HistoryBuilder) -> None:
    pause(run, 1)


@cases.violates("interruptions_are_short_enough")
def a_pause_a_moment_longer_than_is_allowed(run: HistoryBuilder) -> None:
    pause(run, 1.001)


@cases.leaves_nothing(
    "interruptions_are_short_enough", says="the admin tool live migrated no instance with max_interruption_time"
)
def a_cold_migration_may_stop_an_instance_for_longer(run: HistoryBuilder) -> None:
    change_constraint(run, "constraint.instance", 60, which="id-app_1", max_interruption_time=1)


@cases.leaves_nothing("interruptions_are_short_enough")
def any_pause_where_no_time_was_given(run: HistoryBuilder) -> None:
    pause(run, 5)
    run.all("constraint.instance", instance_id="id-app_1")[-1].data["max_interruption_time"] = None


@cases.leaves_nothing("interruptions_are_short_enough")
def a_pause_without_a_constraint(run: HistoryBuilder) -> None:
    pause(run, 5)
    run.drop(*run.all("constraint.instance", instance_id="id-app_1"))


@cases.keeps("interruptions_are_short_enough")
def a_crash_right_before_the_live_migration(run: HistoryBuilder) -> None:
    pause(run, 0.2)
    started = move_of(run, "app_1")[0]
    run.before(started).guest("app_1", False, "a crash")
    run.after(started).guest("app_1", True)
    run.shift(started, 3)


@cases.violates("interruptions_are_short_enough")
def a_crash_right_after_the_live_migration_began(run: HistoryBuilder) -> None:
    pause(run, 0.2)
    started = move_of(run, "app_1")[0]
    run.after(started).guest("app_1", False, "a crash")
    run.wait(3).guest("app_1", True)


@cases.keeps("interruptions_are_short_enough")
def a_crash_right_after_the_live_migration(run: HistoryBuilder) -> None:
    pause(run, 0.2)
    ended = run.all("server", name="app_1")[-1]
    run.after(ended).guest("app_1", False, "a crash")
    run.wait(3).guest("app_1", True)


@cases.violates("interruptions_are_short_enough")
def a_pause_in_a_live_migration_that_does_not_end(run: HistoryBuilder) -> None:
    pause(run, 1.001)
    run.drop(run.all("server", name="app_1")[-1])


def test_the_longest_interruption_is_shown(vnf_run: HistoryBuilder) -> None:
    make_live(vnf_run, "app_0", 0.25)
    make_live(vnf_run, "app_1", 0.5)
    assert verdict_on(vnf_run, "interruptions_are_short_enough").figures == {
        "constraints": 6,
        "live_migrations_that_stopped_an_instance": 2,
        "longest_interruption_s": 0.5,
    }


# -- both sides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases.violated, ids=str)
def test_the_claim_is_violated_and_no_other_claim_about_constraints(case: Case) -> None:
    run = case.run()
    assert_violated(run, case.claim, case.says)
    assert set(failing(run, CONSTRAINTS)) == {case.claim}


@pytest.mark.parametrize("case", cases.kept, ids=str)
def test_the_claim_still_holds(case: Case) -> None:
    assert_holds(case.run(), case.claim)


@pytest.mark.parametrize("case", cases.idle, ids=str)
def test_the_claim_is_not_applicable(case: Case) -> None:
    assert_not_applicable(case.run(), case.claim, case.says)


def test_a_run_of_the_vnf_workflow_without_constraints_says_nothing_about_them(vnf_run: HistoryBuilder) -> None:
    vnf_run.drop(*vnf_run.all("constraint.instance"), *vnf_run.all("constraint.group"))
    assert {verdict.outcome for verdict in judge(vnf_run.history(), CONSTRAINTS).verdicts} == {Outcome.UNKNOWN}


def test_constraints_that_nobody_set_are_not_judged(run: HistoryBuilder) -> None:
    for verdict in judge(run.history(), CONSTRAINTS).verdicts:
        assert verdict.outcome is Outcome.NOT_APPLICABLE
        assert verdict.figures["constraints"] == 0
