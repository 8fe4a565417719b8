"""The three actors and the cloud as processes of their own, and one session from beginning to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.labs import Lab, eventually, request

#: Real seconds for a session, which is announced 12 s ahead.
LONG_PATIENCE = 240.0
NOTICE = 12
HOSTS = ["compute-1", "compute-2", "compute-3"]


@pytest.mark.realtime(seconds=40)
def test_a_whole_session(lab: Lab) -> None:
    with (
        lab.running("admin-tool", "--work", "1", "--poll", "0.3") as admin_tool,
        lab.running("inspector") as inspector,
        lab.running("app-manager") as app_manager,
    ):
        before = {server.name: server.compute_host for server in lab.servers()}
        at = datetime.now(UTC) + timedelta(seconds=NOTICE)
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": at.strftime("%Y-%m-%d %H:%M:%S"),
            "hosts": HOSTS,
            "metadata": {"openstack_version": "2026.1"},
            "workflow": "default",
        }
        answer = request("POST", f"{admin_tool.line}/maintenance", body)
        assert answer.status_code == 200, answer.text
        url = f"{admin_tool.line}/maintenance/{answer.json()['session_id']}"
        states: list[str] = []
        inspected: set[str] = set()

        def ended() -> bool:
            shown = request("GET", url).json()
            if shown["state"] == "MAINTENANCE_FAILED":
                pytest.fail(f"the session failed: {shown}")
            states.append(shown["state"])
            records = request("GET", inspector.line.replace("/maintenance", "/hosts")).json()["hosts"]
            inspected.update(host["hostname"] for host in records if host["maintenance_sessions"])
            return bool(shown["state"] == "MAINTENANCE_DONE")

        eventually(ended, LONG_PATIENCE)
        assert {"MAINTENANCE", "PLANNED_MAINTENANCE"} <= set(states)
        assert inspected, "the Inspector knows a compute in maintenance"
        assert request("DELETE", url).status_code == 200

        after = {server.name: server for server in lab.servers()}
        assert set(after) == set(before), "the scale is what it was"
        assert {server.status for server in after.values()} == {"ACTIVE"}
        services = list(lab.admin.compute.services(binary="nova-compute"))
        assert {service.status for service in services} == {"enabled"}
        assert {service.state for service in services} == {"up"}
        for process in (app_manager, inspector, admin_tool):
            assert "could not" not in process.end()
