"""The three actors and the cloud as processes of their own, and one session from beginning to end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

#: Real seconds for a request, and for a session: it is announced 15 s ahead.
PATIENCE, LONG_PATIENCE = 60.0, 240.0
HOSTS = ["compute-1", "compute-2", "compute-3"]


@pytest.mark.realtime(seconds=55)
def test_a_whole_session(lab: Any, eventually: Any) -> None:
    with (
        lab.running("admin-tool", "--work", "1") as admin_tool,
        lab.running("inspector") as inspector,
        lab.running("app-manager") as app_manager,
        requests.Session() as session,
    ):
        session.trust_env = False
        before = {server.name: server.compute_host for server in lab.servers()}
        at = datetime.now(UTC) + timedelta(seconds=15)
        wanted = {
            "state": "MAINTENANCE",
            "maintenance_at": at.strftime("%Y-%m-%d %H:%M:%S"),
            "hosts": HOSTS,
            "metadata": {"openstack_version": "2026.1"},
            "workflow": "default",
        }
        answer = session.post(f"{admin_tool.line}/maintenance", json=wanted, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        url = f"{admin_tool.line}/maintenance/{answer.json()['session_id']}"
        states: list[str] = []
        inspected: set[str] = set()

        def ended() -> bool:
            shown = session.get(url, timeout=PATIENCE).json()
            if shown["state"] == "MAINTENANCE_FAILED":
                pytest.fail(f"the session failed: {shown}")
            states.append(shown["state"])
            books = session.get(inspector.line.replace("/maintenance", "/hosts"), timeout=PATIENCE).json()["hosts"]
            inspected.update(host["hostname"] for host in books if host["maintenance_sessions"])
            return bool(shown["state"] == "MAINTENANCE_DONE")

        eventually(ended, LONG_PATIENCE)
        assert {"MAINTENANCE", "PLANNED_MAINTENANCE"} <= set(states)
        assert inspected, "the Inspector was told of a compute at work"
        assert session.delete(url, timeout=PATIENCE).status_code == 200

        after = {server.name: server for server in lab.servers()}
        assert set(after) == set(before), "the scale is what it was"
        assert {server.status for server in after.values()} == {"ACTIVE"}
        services = list(lab.admin.compute.services(binary="nova-compute"))
        assert {service.status for service in services} == {"enabled"}
        assert {service.state for service in services} == {"up"}
        for process in (app_manager, inspector, admin_tool):
            assert "could not" not in process.end()
