"""The claims: each a pure function from a history to a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType

from pytest_doctor_maint.claims.catalogue import (
    act_and_stby_never_both_down,
    act_and_stby_on_two_computes,
    admin_actions_are_reported_once,
    admin_tool_waits_for_answers,
    agreed_actions_are_taken,
    alarms_are_gone_in_the_end,
    anti_affinity_is_kept,
    at_least_three_computes,
    computes_are_disabled_for_maintenance,
    computes_are_empty_in_maintenance,
    downtime_is_zero,
    each_compute_is_maintained_once,
    every_needed_step_happens,
    every_project_is_told,
    everything_is_active_in_the_end,
    failed_sessions_put_everything_back,
    failures_are_managed_once,
    groups_recover_between_impacts,
    impacts_are_mitigated,
    impacts_stay_within_the_limit,
    inspector_hears_of_maintenance,
    inspector_keeps_still_in_maintenance,
    instances_per_host_stay_within_the_limit,
    interruptions_are_short_enough,
    lead_times_are_kept,
    messages_are_answered,
    messages_are_well_formed,
    messages_in_order,
    messages_reach_their_project,
    migration_types_are_respected,
    no_thread_died,
    planned_moves_go_to_maintained_computes,
    progress_is_consistent,
    refusals_are_clear,
    scale_is_restored,
    services_are_back_in_the_end,
    sessions_end_well,
    windows_are_long_enough,
)
from pytest_doctor_maint.claims.index.index import IndexedHistory
from pytest_doctor_maint.claims.observability import Observability
from pytest_doctor_maint.claims.verdict import CannotTell, Checker, Judgement, Outcome, Verdict, Violation
from pytest_doctor_maint.history import History

__all__ = ["CLAIMS", "Checker", "Judgement", "Outcome", "Verdict", "Violation", "judge"]

#: Every claim by its name, in the order in which reports give them.
CLAIMS: Mapping[str, Checker] = MappingProxyType(
    {
        module.CLAIM: module.check
        for module in (
            messages_are_well_formed,
            messages_reach_their_project,
            every_project_is_told,
            messages_in_order,
            messages_are_answered,
            windows_are_long_enough,
            admin_tool_waits_for_answers,
            agreed_actions_are_taken,
            admin_actions_are_reported_once,
            every_needed_step_happens,
            at_least_three_computes,
            each_compute_is_maintained_once,
            computes_are_empty_in_maintenance,
            computes_are_disabled_for_maintenance,
            planned_moves_go_to_maintained_computes,
            inspector_hears_of_maintenance,
            inspector_keeps_still_in_maintenance,
            failures_are_managed_once,
            act_and_stby_on_two_computes,
            act_and_stby_never_both_down,
            downtime_is_zero,
            everything_is_active_in_the_end,
            scale_is_restored,
            services_are_back_in_the_end,
            sessions_end_well,
            failed_sessions_put_everything_back,
            alarms_are_gone_in_the_end,
            progress_is_consistent,
            refusals_are_clear,
            lead_times_are_kept,
            migration_types_are_respected,
            interruptions_are_short_enough,
            impacts_stay_within_the_limit,
            groups_recover_between_impacts,
            instances_per_host_stay_within_the_limit,
            anti_affinity_is_kept,
            impacts_are_mitigated,
            no_thread_died,
        )
    }
)


def judge(history: History, claims: Iterable[str] | None = None) -> Judgement:
    """Judge ``claims`` (all, when none are named) on a history, live or loaded.

    Raises:
        ValueError: There is no such claim; the message names those that there are.
    """
    names = list(CLAIMS) if claims is None else list(claims)
    if unknown := [name for name in names if name not in CLAIMS]:
        raise ValueError(f"no such claim: {', '.join(unknown)}; there are {', '.join(CLAIMS)}")
    record = IndexedHistory(events=history.events)
    view = Observability(record)
    return Judgement(tuple(view.judge(name, partial(_ask, name, CLAIMS[name])) for name in names))


def _ask(name: str, checker: Checker, record: IndexedHistory) -> Verdict:
    try:
        return checker(record)
    except CannotTell as reason:
        return Verdict(name, Outcome.UNKNOWN, str(reason))
    except Exception as error:  # a checker that breaks must not look like a pass
        return Verdict(name, Outcome.UNKNOWN, f"the checker broke: {type(error).__name__}: {error}")
