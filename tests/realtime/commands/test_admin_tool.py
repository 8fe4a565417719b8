"""``doctor-maint admin-tool`` as a process: its settings, how it ends, and which arguments it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.labs import Lab, request
from tests.support.processes import plain_environment, refused


def test_it_answers_as_the_operator_set_it_up(lab: Lab) -> None:
    """A session in progress stays as it is at the end."""
    with lab.running("admin-tool", "--type", "fenix", "--project-maintenance-reply", "40") as process:
        assert process.line.endswith("/v1")
        token = {"X-Auth-Token": str(lab.admin.auth_token)}
        at = datetime.now(UTC) + timedelta(hours=1)
        session = {
            "state": "MAINTENANCE",
            "maintenance_at": at.strftime("%Y-%m-%d %H:%M:%S"),
            "hosts": ["compute-1"],
            "metadata": {},
            "workflow": "default",
        }
        answer = request("POST", f"{process.line}/maintenance", session, token)
        assert answer.status_code == 200, answer.text
        shown = request("GET", f"{process.line}/maintenance/{answer.json()['session_id']}", headers=token)
        assert shown.json()["state"] == "MAINTENANCE"
        words = process.end()
    assert lab.password not in words
    assert "The admin tool fenix has ended." in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "203.0.113.1"], "argument --host, --port: cannot listen on 203.0.113.1:0"),
        (["--os-cloud", "nowhere"], "argument --os-cloud: no clouds.yaml has the cloud 'nowhere'"),
    ],
)
def test_wrong_arguments(lab: Lab, arguments: list[str], words: str) -> None:
    assert words in lab.refuse("admin-tool", *arguments)


@pytest.mark.parametrize("command", [("admin-tool", "--os-cloud", "lab"), ("cloud",)], ids=["admin tool", "cloud"])
def test_a_message_bus_needs_an_extra(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Whether or not oslo.messaging is installed here, the command finds one that cannot be imported."""
    (tmp_path / "oslo_messaging.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    # The folder of the package stays on the path.
    paths = [str(tmp_path), plain_environment().get("PYTHONPATH", "")]
    environment = plain_environment(PYTHONPATH=":".join(filter(None, paths)))
    bus = "rabbit://user:s3cret@127.0.0.1:1/"
    words = " ".join(refused(*command, "--transport-url", bus, environment=environment).split())
    assert "argument --transport-url: oslo.messaging is missing: pip install 'pytest-doctor-maint[messaging]'" in words
