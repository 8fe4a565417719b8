"""pytest attached to an app manager and an Inspector that run as processes of their own."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import Judgement, Outcome, judge
from pytest_doctor_maint.history import kinds
from tests.support.labs import Lab
from tests.support.sessions import history_in, session_test

#: What may remain unknown in runs seen from outside: which of two things came first.
ORDER = {"computes_are_disabled_for_maintenance"}


def unobserved(judgement: Judgement) -> set[str]:
    return {verdict.claim for verdict in judgement.unobserved()}


@pytest.mark.parametrize("admin_tool", ["sample", "fenix"])
@pytest.mark.realtime(seconds=50)
def test_an_app_manager_and_an_inspector_elsewhere(small_lab: Lab, admin_tool: str, tmp_path: Path) -> None:
    """Alarms reach the two through relays; the app manager replies to the admin tool in this process."""
    folder = tmp_path / "histories"
    with (
        small_lab.serving("app-manager", "--no-subscribe", "--project", "vnf-1") as app_manager,
        small_lab.serving("inspector", "--no-subscribe") as inspector,
    ):
        result = small_lab.pytest(
            session_test(admin_tool, "with_any_application()", here=True),
            f"--admin-tool={admin_tool}",
            f"--app-manager={app_manager}",
            "--app-manager-project=vnf-1",
            f"--inspector={inspector}",
            f"--maint-history={folder}",
        )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "all observed claims hold" in result.stdout
    assert "failures_are_managed_once" in result.stdout

    history = history_in(folder)
    (started,) = history.of(kinds.RUN_STARTED)
    assert {started.data[name] for name in ("app_manager", "inspector")} == {"remote"}
    assert started.data["admin_tool"] == admin_tool
    assert set(started.data["unseen"]) == {"host.failure", "fault_management"}
    messages = history.of(kinds.NOTIFICATION, event_type="maintenance.scheduled")
    assert {alarm.cause for alarm in history.of(kinds.ALARM, actor="app_manager")} == {event.seq for event in messages}
    assert history.of(kinds.REPLY)
    assert not history.of(kinds.ALARM_REFUSED)
    judgement = judge(history)
    assert unobserved(judgement) <= {"failures_are_managed_once"} | ORDER
    for claim in (
        "messages_are_answered",
        "messages_reach_their_project",
        "inspector_hears_of_maintenance",
        "inspector_keeps_still_in_maintenance",
        "downtime_is_zero",
        "scale_is_restored",
        "alarms_are_gone_in_the_end",
    ):
        assert judgement.of(claim).outcome is Outcome.HOLDS, judgement.of(claim)
    # Addresses are not part of what happened; only the command that repeats the run has them.
    assert not [event for event in history if event != started and "127.0.0.1" in event.to_json()]


@pytest.mark.realtime(seconds=60)
def test_all_actors_elsewhere(small_lab: Lab, tmp_path: Path) -> None:
    """Requests between the admin tool and the VNFM, constraints included, cannot be observed and are not guessed."""
    folder = tmp_path / "histories"
    with (
        small_lab.admin_tool("fenix") as admin_tool,
        small_lab.serving("app-manager", "--type", "vnfm", "--lead-time", "5", "--no-subscribe") as app_manager,
        small_lab.serving("inspector", "--no-subscribe") as inspector,
    ):
        result = small_lab.pytest(
            session_test("fenix", "with_any_application()"),
            f"--admin-tool={admin_tool}",
            f"--app-manager={app_manager}",
            f"--inspector={inspector}",
            "--maint-workflow=vnf",
            f"--maint-history={folder}",
        )
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"not observed: [^(]* messages_are_answered,", " ".join(result.stdout.split()))

    history = history_in(folder)
    assert history.of(kinds.SESSION_CREATED)[0].data["workflow"] == "vnf"
    assert history.of(kinds.SESSION_STATE)[-1].data["state"] == "MAINTENANCE_DONE"
    assert not history.of(kinds.REPLY)
    judgement = judge(history)
    assert {"messages_are_answered", "lead_times_are_kept", "windows_are_long_enough"} <= unobserved(judgement)
    for claim in ("messages_reach_their_project", "inspector_hears_of_maintenance", "downtime_is_zero"):
        assert judgement.of(claim).outcome is Outcome.HOLDS, judgement.of(claim)


#: Scenarios that the application of an app manager elsewhere does not suit, and the reasons.
OTHERS = [
    ("full_with_act_on(2)", r"needs doctor_ha_app_\d on compute-\d.*; the project 'doctor' has doctor_ha_app_0 on"),
    ("with_one_empty_compute()", "is for 4 instances; the project 'doctor' has 6: doctor_ha_app_0 on"),
    ("full().deciding(last_second=True)", "says how the app manager decides"),
    ("full_with_projects('red', 'blue')", r"has 2 applications \(red, blue\)"),
]


@pytest.mark.realtime(seconds=20)
def test_scenarios_that_begin_with_another_application_fail(small_lab: Lab) -> None:
    """The message says what the scenario needs and what exists; no compute is maintained."""
    scenarios = "\n".join(
        f"def test_{number}(maintenance): maintenance.when(maintenance.given(3).{given})"
        for number, (given, _) in enumerate(OTHERS)
    )
    with small_lab.serving("app-manager", "--no-subscribe") as app_manager:
        before = small_lab.inventory()
        result = small_lab.pytest(scenarios, f"--app-manager={app_manager}")
        assert small_lab.inventory() == before
    assert result.returncode == 1, result.stdout + result.stderr
    failures = re.findall(r"^E +\S*UnsuitableCloud: the scenario (.*)$", result.stdout, re.MULTILINE)
    assert len(failures) == len(OTHERS), result.stdout
    for failure, (_, words) in zip(failures, OTHERS, strict=True):
        assert re.match(words, failure), failure


@pytest.mark.realtime(seconds=25)
def test_an_app_manager_that_is_not_there(small_lab: Lab) -> None:
    """Its application exists, but nothing answers at its URL: the run reports that no message reached it."""
    with small_lab.serving("app-manager", "--no-subscribe"):
        with socket.create_server(("127.0.0.1", 0)) as free:
            nowhere = f"http://127.0.0.1:{free.getsockname()[1]}/maintenance"
        result = small_lab.pytest(
            session_test("sample", "with_any_application()", here=True), f"--app-manager={nowhere}"
        )
    assert result.returncode == 1, result.stdout + result.stderr
    assert "MAINTENANCE reached doctor 0 times" in result.stdout
    assert f"the app manager at {nowhere} does not answer: Connection refused" in result.stdout
    assert "doctor did not answer MAINTENANCE" in result.stdout
