"""A cloud and an admin tool that are connected by the message bus only, as in production."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pytest_doctor_maint.history import kinds
from tests.support.labs import SMALL, Lab, MakeLab
from tests.support.sessions import history_in, session_test

#: The publisher of a notification on the bus; over HTTP it would be "maintenance".
PUBLISHER = f"maintenance.{socket.gethostname()}"


@pytest.mark.realtime(seconds=40)
def test_a_session_whose_notifications_go_over_the_bus(broker: str, make_lab: MakeLab, tmp_path: Path) -> None:
    lab = make_lab(*SMALL, "--transport-url", broker)
    folder = tmp_path / "histories"
    with lab.admin_tool("fenix", "--transport-url", broker) as url:
        result = lab.pytest(session_test("fenix"), f"--admin-tool={url}", f"--maint-history={folder}")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
    history = history_in(folder)
    assert [event.data["state"] for event in history.of(kinds.SESSION_STATE)][-1] == "MAINTENANCE_DONE"
    notifications = history.of(kinds.NOTIFICATION, actor="admin_tool")
    assert {event.data["event_type"] for event in notifications} == {
        "maintenance.scheduled",
        "maintenance.host",
        "maintenance.session",
    }
    assert {event.data["service"] for event in notifications} == {PUBLISHER}
    assert_no_password(result.stdout, result.stderr, *(event.to_json() for event in history))


@pytest.mark.realtime(seconds=45)
def test_the_admin_tool_of_the_test_itself_emits_on_the_bus(broker: str, make_lab: MakeLab, tmp_path: Path) -> None:
    """As on any OpenStack: a Fenix in the process of pytest reaches the alarms of projects over the bus only."""
    lab = make_lab(*SMALL, "--transport-url", broker)
    folder = tmp_path / "histories"
    lab.environment["MAINT_TRANSPORT_URL"] = broker
    test = session_test("fenix", here=True)
    result = lab.pytest(test, "--admin-tool=fenix", f"--maint-history={folder}")
    assert result.returncode == 0, result.stdout + result.stderr
    history = history_in(folder)
    alarms = history.of(kinds.ALARM)
    assert {event.actor for event in alarms} == {"app_manager", "inspector"}
    assert {event.data["service"] for event in alarms} == {PUBLISHER}
    assert_no_password(result.stdout, result.stderr, *(event.to_json() for event in history))


def test_a_bus_that_does_not_answer_ends_the_test_before_anything_is_created(small_lab: Lab) -> None:
    small_lab.environment["MAINT_TRANSPORT_URL"] = "rabbit://doctor:s3cret@127.0.0.1:1/"
    before = small_lab.inventory()
    result = small_lab.pytest(session_test("sample"))
    assert result.returncode == 1
    assert "TransportError: no broker answers at 127.0.0.1:1" in result.stdout
    assert small_lab.inventory() == before
    assert_no_password(result.stdout, result.stderr)


def assert_no_password(*texts: str) -> None:
    assert not [text for text in texts if "s3cret" in text]
