"""The figures of each claim on two runs in which everything goes right."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.claims import CLAIMS
from tests.support.claims import verdict_on
from tests.support.history_builder import HistoryBuilder

Figures = dict[str, float]

SAMPLE: dict[str, Figures] = {
    "admin_actions_are_reported_once": {"moves": 5, "reports": 5},
    "admin_tool_waits_for_answers": {"moves": 5},
    "agreed_actions_are_taken": {"actions": 5},
    "every_project_is_notified": {"projects": 1},
    "messages_are_answered": {"asked": 6, "answers": 6, "shortest_time_left_s": 30.0},
    "messages_are_well_formed": {"messages": 17},
    "messages_in_order": {"messages": 17, "sessions": 1},
    "messages_reach_their_project": {"alarms": 17},
    "windows_are_long_enough": {"messages": 6, "shortest_window_s": 30.0},
    "at_least_three_computes": {"computes": 3},
    "computes_are_disabled_for_maintenance": {"computes": 3},
    "computes_are_empty_in_maintenance": {"times": 3},
    "each_compute_is_maintained_once": {"computes": 3},
    "every_needed_step_happens": {
        "MAINTENANCE": 1,
        "DOWN_SCALE": 1,
        "PREPARE_MAINTENANCE": 1,
        "ADMIN_ACTION_DONE": 5,
        "IN_MAINTENANCE": 3,
        "PLANNED_MAINTENANCE": 2,
        "MAINTENANCE_COMPLETE": 4,
    },
    "planned_moves_go_to_maintained_computes": {"moves": 4},
    "services_are_back_in_the_end": {"computes": 3},
    "failures_are_managed_once": {"reports": 0, "forced_down": 0},
    "inspector_hears_of_maintenance": {"alarms": 6},
    "inspector_keeps_still_in_maintenance": {"times": 3},
    "act_and_stby_never_both_down": {"groups": 1},
    "act_and_stby_on_two_computes": {"groups": 1},
    "downtime_is_zero": {"longest_outage_s": 0.0, "total_outage_s": 0, "outages": 0, "services": 1},
    "everything_is_active_in_the_end": {"servers": 6, "lost": 0},
    "scale_is_restored": {"doctor_before": 6, "doctor_after": 6},
    "alarms_are_gone_in_the_end": {"alarms": 2},
    "failed_sessions_put_everything_back": {"failed": 0},
    "progress_is_consistent": {"events": 0},
    "refusals_are_clear": {"refusals": 0},
    "sessions_end_well": {"sessions": 1, "longest_session_s": 290.0},
    "anti_affinity_is_kept": {"constraints": 0, "moves": 0},
    "groups_recover_between_impacts": {"constraints": 0, "recoveries": 0},
    "impacts_are_mitigated": {"constraints": 0, "messages": 0},
    "impacts_stay_within_the_limit": {"constraints": 0, "most_at_once": 0},
    "instances_per_host_stay_within_the_limit": {"constraints": 0, "moves": 0},
    "interruptions_are_short_enough": {"constraints": 0, "live_migrations_that_stopped_an_instance": 0},
    "lead_times_are_kept": {"constraints": 0, "moves": 0},
    "migration_types_are_respected": {"constraints": 0, "moves": 0},
    "faults_strike": {"armed": 0},
    "no_thread_died": {"died": 0},
}
VNF: dict[str, Figures] = {
    "admin_actions_are_reported_once": {"moves": 4, "reports": 4},
    "admin_tool_waits_for_answers": {"moves": 4},
    "agreed_actions_are_taken": {"actions": 4},
    "every_project_is_notified": {"projects": 1},
    "messages_are_answered": {"asked": 6, "answers": 6, "shortest_time_left_s": 19.0},
    "messages_are_well_formed": {"messages": 23},
    "messages_in_order": {"messages": 18, "sessions": 1},
    "messages_reach_their_project": {"alarms": 18},
    "windows_are_long_enough": {"messages": 6, "shortest_window_s": 20.0},
    "at_least_three_computes": {"computes": 4},
    "computes_are_disabled_for_maintenance": {"computes": 4},
    "computes_are_empty_in_maintenance": {"times": 4},
    "each_compute_is_maintained_once": {"computes": 4},
    "every_needed_step_happens": {
        "MAINTENANCE": 1,
        "DOWN_SCALE": 0,
        "PREPARE_MAINTENANCE": 0,
        "ADMIN_ACTION_DONE": 4,
        "IN_MAINTENANCE": 4,
        "PLANNED_MAINTENANCE": 4,
        "MAINTENANCE_COMPLETE": 5,
    },
    "planned_moves_go_to_maintained_computes": {"moves": 4},
    "services_are_back_in_the_end": {"computes": 4},
    "failures_are_managed_once": {"reports": 0, "forced_down": 0},
    "inspector_hears_of_maintenance": {"alarms": 8},
    "inspector_keeps_still_in_maintenance": {"times": 4},
    "act_and_stby_never_both_down": {"groups": 1},
    "act_and_stby_on_two_computes": {"groups": 1},
    "downtime_is_zero": {"longest_outage_s": 0.0, "total_outage_s": 0, "outages": 0, "services": 1},
    "everything_is_active_in_the_end": {"servers": 4, "lost": 0},
    "scale_is_restored": {"doctor_before": 4, "doctor_after": 4},
    "alarms_are_gone_in_the_end": {"alarms": 2},
    "failed_sessions_put_everything_back": {"failed": 0},
    "progress_is_consistent": {"events": 5},
    "refusals_are_clear": {"refusals": 0},
    "sessions_end_well": {"sessions": 1, "longest_session_s": 283.0},
    "anti_affinity_is_kept": {"constraints": 6, "moves": 2},
    "groups_recover_between_impacts": {"constraints": 6, "recoveries": 1},
    "impacts_are_mitigated": {"constraints": 6, "messages": 4},
    "impacts_stay_within_the_limit": {"constraints": 6, "most_at_once": 2},
    "instances_per_host_stay_within_the_limit": {"constraints": 6, "moves": 2},
    "interruptions_are_short_enough": {"constraints": 6, "live_migrations_that_stopped_an_instance": 0},
    "lead_times_are_kept": {"constraints": 6, "moves": 4},
    "migration_types_are_respected": {"constraints": 6, "moves": 4},
    "faults_strike": {"armed": 0},
    "no_thread_died": {"died": 0},
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_figures_of_a_run_of_the_sample(run: HistoryBuilder, claim: str) -> None:
    assert verdict_on(run, claim).figures == SAMPLE[claim]


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_figures_of_a_run_of_the_vnf_workflow(vnf_run: HistoryBuilder, claim: str) -> None:
    assert verdict_on(vnf_run, claim).figures == VNF[claim]


def test_figures_in_seconds_are_rounded_to_microseconds(run: HistoryBuilder) -> None:
    """The times of a history have microseconds; the difference of two must not have more digits."""
    run.one("session.state", state="MAINTENANCE_DONE").at += 0.1 + 0.2
    assert verdict_on(run, "sessions_end_well").figures["longest_session_s"] == 290.3
