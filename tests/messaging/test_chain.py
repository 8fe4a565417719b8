"""pytest attached to a cloud and an admin tool whose only way to each other is the message bus, as in production."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_doctor_maint.history import History, kinds


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
