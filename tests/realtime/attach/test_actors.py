"""pytest attached to an app manager and an Inspector that run as processes of their own."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest

from pytest_doctor_maint.claims import Judgement, Outcome, judge
from pytest_doctor_maint.history import History, kinds

# The work on a compute is short, since the time is real.
HERE = """
from pytest_doctor_maint.actors.admin_tool.fenix import FenixSettings
from pytest_doctor_maint.actors.admin_tool.sample import AdminToolSettings

SETTINGS = {"sample": AdminToolSettings, "fenix": FenixSettings}
"""
#: What cannot be told of runs seen from outside, at most: which of two things came first.
ORDER = {"computes_are_disabled_for_maintenance"}


def written(short_session: str, *, admin_tool: str = "", given: str = "with_any_application()") -> str:
    """A test file with one session; its admin tool of that name is here, if there is one."""
    test = short_session.replace("full()", given)
    if admin_tool:
        mine = f"given.where(admin_tool=SETTINGS[{admin_tool!r}](work_seconds=1))"
        test = HERE + test.replace("    then =", f"    given = {mine}\n    then =")
    return test


def history_in(folder: Path) -> History:
    (path,) = folder.glob("*.jsonl")
    return History.load(path)


def unseen(judgement: Judgement) -> set[str]:
    return {verdict.claim for verdict in judgement.unobserved()}


@pytest.mark.parametrize("admin_tool", ["sample", "fenix"])
@pytest.mark.realtime(seconds=75)
def test_an_app_manager_and_an_inspector_elsewhere(
    place: Any, short_session: str, admin_tool: str, tmp_path: Path
) -> None:
    """Their alarms pass the relays, and what the app manager answers comes to the admin tool here."""
    folder = tmp_path / "histories"
    app_manager = place.actor("app-manager", "--no-subscribe", "--project", "vnf-1")
    inspector = place.actor("inspector", "--no-subscribe")
    result = place.pytest(
        written(short_session, admin_tool=admin_tool),
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
    told = history.of(kinds.NOTIFICATION, event_type="maintenance.scheduled")
    assert {alarm.cause for alarm in history.of(kinds.ALARM, actor="app_manager")} == {event.seq for event in told}
    assert history.of(kinds.REPLY)
    assert not history.of(kinds.ALARM_REFUSED)
    judgement = judge(history)
    assert unseen(judgement) <= {"failures_are_managed_once"} | ORDER
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
    # But for the command that repeats it, addresses are no part of what happened.
    assert not [event for event in history if event != started and "127.0.0.1" in event.to_json()]


@pytest.mark.realtime(seconds=160)
def test_everything_elsewhere(place: Any, short_session: str, tmp_path: Path) -> None:
    """All three actors, and constraints: what passes between admin tool and VNFM is seen by nobody, and not guessed."""
    folder = tmp_path / "histories"
    admin_tool = place.admin_tool("fenix")
    app_manager = place.actor("app-manager", "--type", "vnfm", "--no-subscribe")
    inspector = place.actor("inspector", "--no-subscribe")
    result = place.pytest(
        written(short_session),
        f"--admin-tool={admin_tool}",
        f"--app-manager={app_manager}",
        f"--inspector={inspector}",
        "--maint-workflow=vnf",
        f"--maint-history={folder}",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"not observed: .*messages_are_answered", result.stdout)

    history = history_in(folder)
    assert history.of(kinds.SESSION_CREATED)[0].data["workflow"] == "vnf"
    assert history.of(kinds.SESSION_STATE)[-1].data["state"] == "MAINTENANCE_DONE"
    assert not history.of(kinds.REPLY)
    judgement = judge(history)
    assert {"messages_are_answered", "lead_times_are_kept", "windows_are_long_enough"} <= unseen(judgement)
    for claim in ("messages_reach_their_project", "inspector_hears_of_maintenance", "downtime_is_zero"):
        assert judgement.of(claim).outcome is Outcome.HOLDS, judgement.of(claim)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("full_with_act_on(2)", r"needs doctor_ha_app_\d on compute-\d.*; the project 'doctor' has doctor_ha_app_0 on"),
        ("with_one_empty_compute()", "is for 4 instances; the project 'doctor' has 6: doctor_ha_app_0 on"),
        ("full().deciding(last_second=True)", "says how the app manager decides"),
        ("full_with_projects('red', 'blue')", r"has 2 applications \(red, blue\)"),
    ],
)
def test_a_scenario_that_starts_from_something_else_fails(
    place: Any, short_session: str, given: str, words: str
) -> None:
    """It says what is there, and which scenario would do; nothing is maintained."""
    app_manager = place.actor("app-manager", "--no-subscribe")
    result = place.pytest(written(short_session, given=given), f"--app-manager={app_manager}")
    assert result.returncode == 1, result.stdout + result.stderr
    assert re.search(f"UnfitCloud: the scenario {words}", result.stdout), result.stdout


@pytest.mark.realtime(seconds=25)
def test_an_app_manager_that_is_not_there(place: Any, short_session: str, tmp_path: Path) -> None:
    """Its application exists, but nothing answers at its URL: the message reaches no actor, and the run says so."""
    folder = tmp_path / "histories"
    place.actor("app-manager", "--no-subscribe")
    with socket.create_server(("127.0.0.1", 0)) as free:
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}/maintenance"
    result = place.pytest(
        written(short_session, admin_tool="sample"), f"--app-manager={nowhere}", f"--maint-history={folder}"
    )
    assert result.returncode == 1, result.stdout + result.stderr
    assert "MAINTENANCE reached doctor 0 times" in result.stdout
    assert "no answer: ConnectionError" in result.stdout
    assert "doctor did not answer MAINTENANCE" in result.stdout
