"""pytest attached to a cloud and an admin tool that run as processes of their own."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import from_wire
from tests.support.labs import Lab
from tests.support.sessions import history_in, session_test

#: What may remain unknown with an admin tool elsewhere. For the last two, a machine under load may look at the cloud so
#: late that a message is older than the look that finds what it reports: the order of the two is not known then.
UNKNOWN = {
    "windows_are_long_enough",
    "computes_are_disabled_for_maintenance",
    "admin_actions_are_reported_once",
    "computes_are_empty_in_maintenance",
}


def windows_in(history: History) -> dict[str, float]:
    """Return the seconds to reply to each message but the first, whose window may end at the start of maintenance."""
    return {
        event.data["state"]: (from_wire(until) - datetime.fromisoformat(event.data["emitted_at"])).total_seconds()
        for event in history.of(kinds.NOTIFICATION, event_type="maintenance.scheduled")
        if (until := event.data.get("reply_at")) and event.data["state"] != "MAINTENANCE"
    }


@pytest.mark.parametrize(
    ("kind", "options", "windows"),
    [
        ("sample", (), {}),
        (
            "fenix",
            ("--project-maintenance-reply", "40", "--project-scale-in-reply", "50"),
            {"SCALE_IN": 50, "PREPARE_MAINTENANCE": 40, "PLANNED_MAINTENANCE": 40, "MAINTENANCE_COMPLETE": 50},
        ),
    ],
    ids=["sample", "fenix"],
)
@pytest.mark.realtime(seconds=45)
def test_a_session_with_an_admin_tool_elsewhere(
    small_lab: Lab, kind: str, options: tuple[str, ...], windows: dict[str, float], tmp_path: Path
) -> None:
    folder = tmp_path / "histories"
    with small_lab.admin_tool(kind, *options) as url:
        result = small_lab.pytest(session_test(kind), f"--admin-tool={url}", f"--maint-history={folder}")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
    assert re.search(r"not observed: [^(]*windows_are_long_enough", " ".join(result.stdout.split()))
    assert "all observed claims hold" in result.stdout
    # The run is not silent, although pytest captures the output of its tests.
    planned = r"(?m)^doctor-maint: \d+ s, \d+ %, PLANNED_MAINTENANCE, .*reply to PLANNED_MAINTENANCE due in \d+ s: "
    assert re.search(planned, result.stdout)

    history = history_in(folder)
    (started,) = history.of(kinds.RUN_STARTED)
    assert started.data["observed_every"] == 0.5
    assert [event.data["state"] for event in history.of(kinds.SESSION_STATE)][-1] == "MAINTENANCE_DONE"
    replies = history.of(kinds.REPLY)
    assert replies
    assert all(event.cause for event in replies)
    assert all(history.event(event.cause).kind == kinds.NOTIFICATION for event in replies if event.cause)
    judgement = judge(history)
    assert {verdict.claim for verdict in judgement.unobserved()} <= UNKNOWN
    assert judgement.holds_as_far_as_seen
    assert not judgement.holds
    if windows:
        # Times on the wire have whole seconds, and the message took a moment.
        assert windows_in(history) == pytest.approx(windows, abs=2.0)
    assert not re.search(r"127\.0\.0\.1:\d+/v?1?/?maintenance", "".join(event.to_json() for event in history))


@pytest.mark.realtime(seconds=60)
def test_a_session_of_the_vnfm_with_fenix_elsewhere(small_lab: Lab) -> None:
    """Its constraints reach Fenix through the proxy; every instance has its lead time."""
    with small_lab.admin_tool("fenix") as url:
        result = small_lab.pytest(session_test("fenix", lead_time=5), f"--admin-tool={url}", "--app-manager=vnfm")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


@pytest.mark.realtime(seconds=40)
def test_a_session_with_an_admin_tool_here(small_lab: Lab, tmp_path: Path) -> None:
    """Only the cloud is elsewhere: nothing that the admin tool does remains unknown."""
    folder = tmp_path / "histories"
    result = small_lab.pytest(session_test("sample", here=True), f"--maint-history={folder}")
    assert result.returncode == 0, result.stdout + result.stderr
    judgement = judge(history_in(folder))
    assert judgement.holds, [f"{verdict.claim}: {verdict.summary}" for verdict in judgement.failed()]
    assert "no guest was asked" in judgement.of("downtime_is_zero").summary
    assert judgement.of("downtime_is_zero").figures["resolution_s"] == 0.5


def test_a_scenario_for_more_computes_than_there_are_leaves_the_cloud_as_it_was(small_lab: Lab) -> None:
    """The message says what to choose; the next scenario could start at once."""
    before = small_lab.inventory()
    result = small_lab.pytest(session_test("sample", computes=4))
    assert result.returncode == 1
    assert "the scenario is for 4 computes; the cloud 'lab' has 3" in result.stdout
    assert "--computes=3" in result.stdout
    assert small_lab.inventory() == before
