"""Nova's reports of usage, and its audit log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_doctor_maint.embedded.nova.server import Server
from tests.support.nova import NovaBench

USAGE = "/os-simple-tenant-usage"
AUDITS = "/os-instance_usage_audit_log"


@pytest.fixture
def server(bench: NovaBench) -> Server:
    """A server of ann's that has run for three hours."""
    server = bench.boot("web")
    assert server.launched_at is not None
    bench.wait((server.launched_at + timedelta(hours=3) - bench.clock.now()).total_seconds())
    return server


def query(bench: NovaBench, hours: float, **more: str) -> str:
    """Return the query for the last hours."""
    start = (bench.clock.now() - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return "?" + "&".join(f"{name}={value}" for name, value in {"start": start, **more}.items())


def test_usage_counts_the_hours_in_the_period(bench: NovaBench, server: Server) -> None:
    usage = bench.call("GET", f"{USAGE}/{bench.projects['ann']}{query(bench, 2)}")["tenant_usage"]

    assert usage["total_hours"] == pytest.approx(2)
    assert usage["total_vcpus_usage"] == pytest.approx(4)
    assert usage["total_memory_mb_usage"] == pytest.approx(2 * 4096)
    assert usage["total_local_gb_usage"] == pytest.approx(2 * 40)
    (shown,) = usage["server_usages"]
    assert (shown["instance_id"], shown["uptime"], shown["state"]) == (server.id, 3 * 3600, "active")


def test_usage_of_all_projects_is_detailed_on_request(bench: NovaBench, server: Server) -> None:
    (brief,) = bench.call("GET", f"{USAGE}{query(bench, 2)}", by="admin")["tenant_usages"]
    assert "server_usages" not in brief

    (detailed,) = bench.call("GET", f"{USAGE}{query(bench, 2, detailed='1')}", by="admin")["tenant_usages"]

    assert len(detailed["server_usages"]) == 1


def test_a_user_sees_the_usage_of_the_own_project_only(bench: NovaBench, server: Server) -> None:
    bench.call("GET", USAGE, status=403)
    bench.call("GET", f"{USAGE}/{bench.projects['bob']}", status=403)
    assert bench.call("GET", f"{USAGE}/{bench.projects['bob']}", by="bob") == {"tenant_usage": {}}


@pytest.mark.parametrize(
    ("path", "version", "status"),
    [
        (f"{USAGE}/", "2.1", 404),
        (f"{USAGE}?start=yesterday", "2.1", 400),
        (f"{USAGE}?start=2999-01-01T00:00:00", "2.1", 400),
        (f"{USAGE}?limit=x", "2.39", 200),
        (f"{USAGE}?limit=x", "2.40", 400),
        (f"{USAGE}?unknown=1", "2.74", 200),
        (f"{USAGE}?unknown=1", "2.75", 400),
    ],
)
def test_a_malformed_query_is_refused(bench: NovaBench, path: str, version: str, status: int) -> None:
    bench.call("GET", path, by="admin", version=version, status=status)


def test_pages_count_servers_of_all_projects(bench: NovaBench, server: Server) -> None:
    path = f"{USAGE}{query(bench, 2, limit='1')}"
    body = bench.call("GET", path, by="admin", version="2.40")
    assert len(body["tenant_usages"]) == 1
    assert "tenant_usages_links" not in body

    second = bench.boot("second")
    bench.wait(3600)
    body = bench.call("GET", path, by="admin", version="2.40")

    assert f"marker={server.id}" in body["tenant_usages_links"][0]["href"]
    body = bench.call("GET", f"{path}&marker={server.id}&detailed=1", by="admin", version="2.40")
    assert [usage["instance_id"] for usage in body["tenant_usages"][0]["server_usages"]] == [second.id]


def test_the_audit_log_has_no_computes(bench: NovaBench) -> None:
    shown = bench.call("GET", f"{AUDITS}/2026-03-15 12:00:00.5", by="admin")["instance_usage_audit_log"]

    assert (shown["period_beginning"], shown["period_ending"]) == ("2026-02-01 00:00:00", "2026-03-01 00:00:00")
    assert (shown["hosts_not_run"], shown["overall_status"]) == ([], "ALL hosts done. 0 errors.")
    shown = bench.call("GET", AUDITS, by="admin")["instance_usage_audit_logs"]
    assert (shown["num_hosts"], shown["num_hosts_done"], shown["log"]) == (0, 0, {})
    bench.call("GET", f"{AUDITS}/0001-01-01 00:00:00", by="admin")
    bench.call("GET", f"{AUDITS}/yesterday", by="admin", status=400)
    bench.call("GET", AUDITS, status=403)
