"""Times are read from ``at``, and the order from ``seq``: the two may differ.

A recorder that looks at a cloud before it records a message records what the look found first. The message has the time
of its emission, which is earlier than the time of the look.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_doctor_maint.claims import Outcome, violation
from pytest_doctor_maint.claims.availability import guest_outages
from pytest_doctor_maint.claims.observability import reordered
from pytest_doctor_maint.history import kinds, timestamp
from tests.support.claims import Base, assert_holds, assert_violated, failing, verdict_on
from tests.support.fenix_runs import default_workflow, vnf_workflow
from tests.support.history_builder import EPOCH, Draft, HistoryBuilder, full_cloud

LOOK = 1.5


def look_before(run: HistoryBuilder, event: Draft, seconds: float = LOOK) -> None:
    """A look of so many seconds found the computes again, and is recorded in front of ``event``, which caused it."""
    run.before(event).wait(seconds)
    earlier = run.drafts[: run.drafts.index(event)]
    states = {draft.data["host"]: draft for draft in earlier if draft.kind == "compute"}
    for state in states.values():
        run.log("observer", "compute", **state.data)


def planned(run: HistoryBuilder, name: str) -> Draft:
    return run.one("notification", state="PLANNED_MAINTENANCE", instance_ids=[f"id-{name}"])


# -- the time of emission is what counts -------------------------------------------------------------------------------


def test_a_window_begins_when_the_message_is_emitted(run: HistoryBuilder) -> None:
    look_before(run, run.one("notification", state="DOWN_SCALE"))
    assert_holds(run, "windows_are_long_enough")


def test_a_message_with_the_time_of_its_recording_would_have_a_short_window(run: HistoryBuilder) -> None:
    message = run.one("notification", state="DOWN_SCALE")
    look_before(run, message)
    message.at += LOOK
    assert_violated(run, "windows_are_long_enough")


def test_a_lead_time_begins_when_the_message_is_emitted(vnf_run: HistoryBuilder) -> None:
    look_before(vnf_run, planned(vnf_run, "app_1"))
    assert_holds(vnf_run, "lead_times_are_kept")


def test_a_message_with_the_time_of_its_recording_would_have_a_short_lead_time(vnf_run: HistoryBuilder) -> None:
    message = planned(vnf_run, "app_1")
    look_before(vnf_run, message)
    message.at += LOOK
    assert_violated(vnf_run, "lead_times_are_kept")


@pytest.mark.parametrize("base", [full_cloud, default_workflow, vnf_workflow])
@pytest.mark.parametrize("observed_every", [None, 0.5], ids=["here", "attached"])
def test_every_claim_holds_on_a_run_with_a_slow_look_before_each_message_and_reply(
    base: Base, observed_every: float | None
) -> None:
    run = base()
    run.one("run.started").data["observed_every"] = observed_every
    for draft in [*run.all("notification"), *run.all("reply")]:
        look_before(run, draft)
    times = [draft.at for draft in run.drafts]
    assert times != sorted(times)
    assert failing(run) == {}


# -- what the latest time is -------------------------------------------------------------------------------------------


def test_a_violation_has_the_latest_time_of_its_events(run: HistoryBuilder) -> None:
    message = run.one("notification", state="DOWN_SCALE")
    look_before(run, message)
    first, *_, last = run.history().events[run.number(message) - 2 : run.number(message)]
    assert first.at > last.at
    found = violation("seen", "subject", last, first)
    assert found.at == first.at
    assert found.events == (first.seq, last.seq)


def test_an_outage_that_nothing_ends_lasts_until_the_latest_time() -> None:
    run = HistoryBuilder()
    run.guest("a", True)
    run.wait(2).guest("a", False)
    run.wait(3).compute("compute-1")
    run.wait(-4).message("MAINTENANCE")
    assert [outage.seconds for outage in guest_outages(run.history().events)["id-a"]] == [3]


# -- messages that are seen where they arrive --------------------------------------------------------------------------


def test_a_message_that_is_seen_late_goes_to_the_time_of_its_emission_and_all_else_keeps_its_order() -> None:
    run = HistoryBuilder()
    run.wait(1).compute("compute-1")
    reply = run.reply(run.message("MAINTENANCE"))
    look_before(run, reply, 0.5)
    seen = run.after(reply).wait(2).host_message("compute-1", "IN_MAINTENANCE")
    seen.data["emitted_at"] = (EPOCH + timedelta(seconds=1.2)).isoformat()
    found = reordered(run.history().events)
    assert found is not None
    events, old_numbers = found
    assert [(event.kind, round((event.at - EPOCH).total_seconds(), 3)) for event in events] == [
        ("compute", 1),
        ("notification", 1),
        ("alarm", 1),
        ("notification", 1.2),
        ("compute", 1.5),
        ("reply", 1),
        ("alarm", 3),
    ]
    assert [event.seq for event in events] == list(range(1, 8))
    assert [old_numbers[event.seq] for event in events] == [1, 2, 3, 6, 4, 5, 7]
    assert [event.cause for event in events] == [None, None, 2, None, None, 2, 4]


def test_only_notifications_are_moved_to_the_time_of_their_emission(run: HistoryBuilder) -> None:
    for alarm in run.all("alarm"):
        alarm.data["emitted_at"] = EPOCH.isoformat()
    assert reordered(run.history().events) is None


def test_without_a_message_that_is_seen_late_there_is_one_order_alone(run: HistoryBuilder) -> None:
    look_before(run, run.one("notification", state="DOWN_SCALE"))
    assert reordered(run.history().events) is None


@pytest.mark.parametrize(
    ("emitted", "taken"),
    [
        (5.0, 5.0),
        (4.999, 5.0),
        (10.0, 10.0),
        (11.0, 10.0),
    ],
)
def test_a_time_of_emission_is_believed_within_the_longest_delay(emitted: float, taken: float) -> None:
    run = HistoryBuilder()
    message = run.wait(10).host_message("compute-1", "IN_MAINTENANCE")
    message.data["emitted_at"] = (EPOCH + timedelta(seconds=emitted)).isoformat()
    found = reordered(run.history().events)
    assert found is not None
    assert [(event.at - EPOCH).total_seconds() for event in found[0] if event.kind == "notification"] == [taken]


@pytest.mark.parametrize(
    ("emitted_before", "outcome"), [(0.0, Outcome.VIOLATED), (0.3, Outcome.VIOLATED), (0.5, Outcome.UNKNOWN)]
)
def test_a_message_of_an_admin_tool_elsewhere_may_have_come_before_a_change_of_the_cloud(
    run: HistoryBuilder, emitted_before: float, outcome: Outcome
) -> None:
    """Nova-compute is seen enabled 0.4 s before MAINTENANCE_COMPLETE is seen, which was emitted earlier."""
    run.one("run.started").data["observed_every"] = 0.5
    complete = run.one("notification", state="MAINTENANCE_COMPLETE", host="compute-3")
    complete.data["emitted_at"] = (EPOCH + timedelta(seconds=complete.at - emitted_before)).isoformat()
    run.drop(run.one("compute", 1, host="compute-3", status="enabled"))
    run.before(run.one("host.work", host="compute-3", phase="ended")).wait(-0.4).compute("compute-3")
    verdict = verdict_on(run, "computes_are_disabled_for_maintenance")
    assert verdict.outcome is outcome
    assert verdict.unobserved is (outcome is Outcome.UNKNOWN)
    assert verdict.summary.startswith("could not observe which came first: ") is (outcome is Outcome.UNKNOWN)


@pytest.mark.parametrize(
    ("early", "outcome"), [(0.0, Outcome.HOLDS), (0.2, Outcome.UNKNOWN)], ids=["after the look", "before the look"]
)
def test_a_report_that_is_older_than_the_look_that_found_the_move_ended_is_unknown(
    early: float, outcome: Outcome
) -> None:
    """A late look finds the move ended only when the report arrives; the report may have come before or after that."""
    # given a run that is observed from outside, in which the first report was emitted so long before that look
    run = full_cloud()
    run.one("run.started").data.update(observed_every=0.5, unseen=[])
    report = run.one(kinds.NOTIFICATION, state="ADMIN_ACTION_DONE")
    for message in run.all(kinds.NOTIFICATION):
        message.data["emitted_at"] = timestamp(EPOCH + timedelta(seconds=message.at))
    report.data["emitted_at"] = timestamp(EPOCH + timedelta(seconds=report.at - early))
    # when it is judged
    verdict = verdict_on(run, "admin_actions_are_reported_once")
    # then only the order is unknown
    assert verdict.outcome is outcome, verdict.summary
    assert verdict.unobserved == (outcome is Outcome.UNKNOWN)
    if verdict.unobserved:
        assert verdict.summary.startswith("could not observe which came first: the migrate of app_3 to compute-1 was")
