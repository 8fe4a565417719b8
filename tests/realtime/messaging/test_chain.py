"""pytest attached to a cloud and an admin tool whose only way to each other is the message bus, as in production."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_doctor_maint.history import History, kinds

# One broker serves them all.
pytestmark = pytest.mark.xdist_group("broker")


@pytest.mark.realtime(seconds=65)
def test_a_session_whose_notifications_go_over_the_bus(
    broker: str, make_place: Callable[..., Any], short_session: str, tmp_path: Path
) -> None:
    place = make_place("--transport-url", broker)
    url = place.admin_tool("fenix", "--transport-url", broker)
    folder = tmp_path / "histories"
    result = place.pytest(short_session, f"--admin-tool={url}", f"--maint-history={folder}")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
    (path,) = folder.glob("*.jsonl")
    history = History.load(path)
    assert [event.data["state"] for event in history.of(kinds.SESSION_STATE)][-1] == "MAINTENANCE_DONE"
    heard = history.of(kinds.NOTIFICATION, actor="admin_tool")
    assert {event.data["event_type"] for event in heard} == {
        "maintenance.scheduled",
        "maintenance.host",
        "maintenance.session",
    }
    # Over HTTP it would be "maintenance".
    assert {event.data["service"] for event in heard} == {f"maintenance.{socket.gethostname()}"}
    assert "s3cret" not in result.stdout + result.stderr + path.read_text()


@pytest.mark.realtime(seconds=75)
def test_the_admin_tool_of_the_test_itself_emits_on_the_bus(
    broker: str, make_place: Callable[..., Any], short_session: str, tmp_path: Path
) -> None:
    """As on an OpenStack that knows nothing of us: pytest's own Fenix has no other way to the projects' alarms."""
    place = make_place("--transport-url", broker)
    folder = tmp_path / "histories"
    given = "given.where(admin_tool=FenixSettings(work_seconds=1))"
    test = "from pytest_doctor_maint.actors.admin_tool.fenix import FenixSettings\n" + short_session.replace(
        "    then =", f"    given = {given}\n    then ="
    )
    place.environment["MAINT_TRANSPORT_URL"] = broker
    result = place.pytest(test, "--admin-tool=fenix", f"--maint-history={folder}")
    assert result.returncode == 0, result.stdout + result.stderr
    (path,) = folder.glob("*.jsonl")
    arrived = History.load(path).of(kinds.ALARM)
    assert {event.actor for event in arrived} == {"app_manager", "inspector"}
    assert {event.data["service"] for event in arrived} == {f"maintenance.{socket.gethostname()}"}
    assert "s3cret" not in result.stdout + result.stderr + path.read_text()


def test_a_bus_that_is_not_there_ends_the_test_before_anything_is_made(place: Any, short_session: str) -> None:
    place.environment["MAINT_TRANSPORT_URL"] = "rabbit://doctor:s3cret@127.0.0.1:1/"
    result = place.pytest(short_session)
    assert result.returncode == 1
    assert "TransportError: no broker answers at 127.0.0.1:1" in result.stdout
    assert "s3cret" not in result.stdout + result.stderr
