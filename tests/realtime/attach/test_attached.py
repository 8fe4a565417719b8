"""pytest attached to a cloud and an admin tool that run as processes of their own."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import from_wire

#: What an admin tool elsewhere leaves in the dark, at most.
DARK = {
    "windows_are_long_enough",
    "computes_are_disabled_for_maintenance",
}


def windows_in(history: History) -> dict[str, float]:
    """Seconds to answer each message but the first, whose window ends at the start of maintenance at the latest."""
    return {
        event.data["state"]: (from_wire(until) - datetime.fromisoformat(event.data["emitted_at"])).total_seconds()
        for event in history.of(kinds.NOTIFICATION, event_type="maintenance.scheduled")
        if (until := event.data.get("reply_at")) and event.data["state"] != "MAINTENANCE"
    }


def history_in(folder: Path) -> History:
    (path,) = folder.glob("*.jsonl")
    return History.load(path)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("sample", ()), ("fenix", ("--project-maintenance-reply", "40", "--project-scale-in-reply", "50"))],
    ids=["sample", "fenix"],
)
@pytest.mark.realtime(seconds=65)
def test_a_session_with_an_admin_tool_elsewhere(
    place: Any, short_session: str, kind: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    url = place.admin_tool(kind, *options)
    folder = tmp_path / "histories"
    result = place.pytest(short_session, f"--admin-tool={url}", f"--maint-history={folder}")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
    assert re.search(r"not observed: .*windows_are_long_enough", result.stdout)
    assert "all observed claims hold" in result.stdout

    history = history_in(folder)
    (started,) = history.of(kinds.RUN_STARTED)
    assert started.data["observed_every"] == 0.5
    assert [event.data["state"] for event in history.of(kinds.SESSION_STATE)][-1] == "MAINTENANCE_DONE"
    answered = history.of(kinds.REPLY)
    assert answered
    assert all(history.event(event.cause).kind == kinds.NOTIFICATION for event in answered if event.cause)
    assert all(event.cause for event in answered)
    judgement = judge(history)
    assert {verdict.claim for verdict in judgement.unobserved()} <= DARK
    assert judgement.holds_as_far_as_seen
    assert not judgement.holds
    if options:
        told = {"SCALE_IN": 50, "PREPARE_MAINTENANCE": 40, "PLANNED_MAINTENANCE": 40, "MAINTENANCE_COMPLETE": 50}
        # Times on the wire have whole seconds, and the message took a moment.
        assert windows_in(history) == pytest.approx(told, abs=2.0)
    assert not re.search(r"127\.0\.0\.1:\d+/v?1?/?maintenance", "".join(event.to_json() for event in history))


@pytest.mark.realtime(seconds=150)
def test_a_session_of_the_vnfm_with_fenix_elsewhere(place: Any, short_session: str) -> None:
    """Its constraints reach Fenix through the proxy. Every instance has its lead time, so this one takes minutes."""
    result = place.pytest(short_session, f"--admin-tool={place.admin_tool('fenix')}", "--app-manager=vnfm")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


@pytest.mark.realtime(seconds=55)
def test_a_session_with_an_admin_tool_here(place: Any, short_session: str, tmp_path: Path) -> None:
    """Only the cloud is elsewhere: nothing of the admin tool is in the dark."""
    folder = tmp_path / "histories"
    short = short_session.replace("    then =", "    given = given.where(admin_tool=SETTINGS)\n    then =")
    settings = "from pytest_doctor_maint.actors.admin_tool.sample import AdminToolSettings\n"
    settings += "SETTINGS = AdminToolSettings(work_seconds=1)\n"
    result = place.pytest(settings + short, f"--maint-history={folder}")
    assert result.returncode == 0, result.stdout + result.stderr
    judgement = judge(history_in(folder))
    assert judgement.holds, [f"{verdict.claim}: {verdict.summary}" for verdict in judgement.failed()]
    assert "no guest was asked" in judgement.of("downtime_is_zero").summary
    assert judgement.of("downtime_is_zero").figures["resolution_s"] == 0.5


def test_it_leaves_the_cloud_as_it_was(place: Any, short_session: str) -> None:
    """A scenario that this cloud is too large for fails, and says what to choose; another one could start at once."""
    result = place.pytest(short_session.replace("given(3)", "given(4)"))
    assert result.returncode == 1
    assert "the scenario is for 4 computes; the cloud 'lab' has 3" in result.stdout
    assert "--computes=3" in result.stdout
