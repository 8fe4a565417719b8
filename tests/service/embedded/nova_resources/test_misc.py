from __future__ import annotations

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_doctor_maint.embedded.glance.routes import GlanceApi
from pytest_doctor_maint.embedded.nova.routes import NovaApi
from pytest_doctor_maint.embedded.placement.routes import PlacementApi
from pytest_doctor_maint.embedded.service import Service

USAGE = "/v2.1/os-simple-tenant-usage"


@pytest.mark.parametrize("api", [NovaApi, GlanceApi, PlacementApi])
def test_no_part_of_an_api_hides_another_ones_method(api: type[Service]) -> None:
    parts = [part for part in api.__mro__ if issubclass(part, Service) and part is not Service]
    names = Counter(name for part in parts for name in vars(part) if not hasattr(Service, name))
    assert [name for name, times in names.items() if times > 1 and not name.startswith("__")] == []


@pytest.fixture
def served(bench: Any) -> Any:
    """ann's server, which has run for three hours."""
    nova = bench.world.nova
    flavor = nova.flavors.get("3")
    began = bench.clock.now() - timedelta(hours=3)
    nova.servers["s"] = SimpleNamespace(
        id="s",
        name="web",
        project_id=bench.projects["ann"],
        flavor=flavor,
        launched_at=began,
        terminated_at=None,
        vm_state="active",
    )
    return bench


def query(bench: Any, hours: float, **more: str) -> str:
    start = (bench.clock.now() - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return "?" + "&".join(f"{name}={value}" for name, value in {"start": start, **more}.items())


def test_usage_counts_the_hours_within_the_period(served: Any) -> None:
    usage = served.call("GET", f"{USAGE}/{served.projects['ann']}{query(served, 2)}")["tenant_usage"]
    assert usage["total_hours"] == pytest.approx(2)
    assert usage["total_vcpus_usage"] == pytest.approx(4)
    assert usage["total_memory_mb_usage"] == pytest.approx(2 * 4096)
    assert usage["total_local_gb_usage"] == pytest.approx(2 * 40)
    (server,) = usage["server_usages"]
    assert (server["instance_id"], server["uptime"], server["state"]) == ("s", 3 * 3600, "active")
    (listed,) = served.call("GET", f"{USAGE}{query(served, 2)}", who="admin")["tenant_usages"]
    assert "server_usages" not in listed
    (listed,) = served.call("GET", f"{USAGE}{query(served, 2, detailed='1')}", who="admin")["tenant_usages"]
    assert len(listed["server_usages"]) == 1


def test_whose_usage_one_sees(served: Any) -> None:
    served.call("GET", USAGE, status=403)
    served.call("GET", f"{USAGE}/{served.projects['bob']}", status=403)
    assert served.call("GET", f"{USAGE}/{served.projects['bob']}", who="bob") == {"tenant_usage": {}}
    served.call("GET", f"{USAGE}/", who="admin", status=404)
    served.call("GET", f"{USAGE}?start=yesterday", who="admin", status=400)
    served.call("GET", f"{USAGE}?start=2999-01-01T00:00:00", who="admin", status=400)


def test_pages_of_usage(served: Any) -> None:
    path = f"{USAGE}{query(served, 2, limit='1')}"
    body = served.call("GET", path, who="admin", version="2.40")
    assert len(body["tenant_usages"]) == 1
    assert "tenant_usages_links" not in body
    served.world.nova.servers["t"] = SimpleNamespace(**{**vars(served.world.nova.servers["s"]), "id": "t"})
    body = served.call("GET", path, who="admin", version="2.40")
    assert "marker=s" in body["tenant_usages_links"][0]["href"]
    body = served.call("GET", f"{path}&marker=s&detailed=1", who="admin", version="2.40")
    assert [usage["instance_id"] for usage in body["tenant_usages"][0]["server_usages"]] == ["t"]


def test_external_events_are_taken(served: Any) -> None:
    path = "/v2.1/os-server-external-events"
    event = {"name": "network-changed", "server_uuid": "s"}
    (taken,) = served.call("POST", path, {"events": [event]}, who="admin")["events"]
    assert (taken["code"], taken["status"]) == (200, "completed")
    mixed = served.call("POST", path, {"events": [event, {**event, "server_uuid": "x"}]}, who="admin", status=207)
    assert [item["code"] for item in mixed["events"]] == [200, 404]
    served.call("POST", path, {"events": [{**event, "server_uuid": "x"}]}, who="admin", status=404)
    served.call("POST", path, {"events": [{**event, "name": "wrong"}]}, who="admin", status=400)
    served.call("POST", path, {"events": []}, who="admin", status=400)
    served.call("POST", path, {"events": [event]}, status=403)


def test_extensions(bench: Any) -> None:
    listed = bench.call("GET", "/v2.1/extensions")["extensions"]
    assert "os-migrate-server" in [extension["alias"] for extension in listed]
    assert bench.call("GET", "/v2.1/extensions/os-keypairs")["extension"]["name"] == "Keypairs"
    bench.call("GET", "/v2.1/extensions/wrong", status=404)


@pytest.mark.parametrize("path", ["os-agents", "os-cells", "os-cells/detail", "os-fping/1"])
def test_what_is_gone(bench: Any, path: str) -> None:
    bench.call("GET", f"/v2.1/{path}", status=410)


def test_the_proxy_to_images(bench: Any) -> None:
    glance = bench.world.glance
    image = glance.create_snapshot("s", bench.projects["ann"], {"instance_uuid": "u"})
    path = f"/v2.1/images/{image.id}"
    shown = bench.call("GET", path)["image"]
    assert (shown["status"], shown["progress"], shown["server"]["id"]) == ("SAVING", 25, "u")
    bench.call("GET", path, who="bob", status=404)
    bench.call("GET", path, version="2.36", status=404)
    assert len(bench.call("GET", "/v2.1/images/detail?status=saving")["images"]) == 1
    assert len(bench.call("GET", "/v2.1/images?server=u")["images"]) == 1
    assert len(bench.call("GET", "/v2.1/images")["images"]) == 2
    bench.call("POST", f"{path}/metadata", {"metadata": {"a": "1"}})
    bench.call("PUT", f"{path}/metadata/a", {"meta": {"b": "1"}}, status=400)
    bench.call("PUT", f"{path}/metadata/a", {"meta": {"a": "2"}})
    assert bench.call("GET", f"{path}/metadata", version="2.38")["metadata"] == {"instance_uuid": "u", "a": "2"}
    bench.call("DELETE", f"{path}/metadata/a", status=204)
    bench.call("GET", f"{path}/metadata/a", status=404)
    bench.call("PUT", f"{path}/metadata", {"metadata": {}})
    cirros = next(iter(glance.images))
    bench.call("DELETE", f"/v2.1/images/{cirros}", status=403)
    bench.call("DELETE", path, status=204)
    bench.call("GET", path, status=404)


def test_hosts(bench: Any) -> None:
    listed = bench.call("GET", "/v2.1/os-hosts", who="admin")["hosts"]
    assert {"host_name": "compute-1", "service": "compute", "zone": "nova"} in listed
    internal = bench.call("GET", "/v2.1/os-hosts?zone=internal", who="admin")["hosts"]
    assert {host["service"] for host in internal} == {"conductor", "scheduler"}
    total = bench.call("GET", "/v2.1/os-hosts/compute-1", who="admin")["host"][0]["resource"]
    assert (total["project"], total["cpu"], total["memory_mb"]) == ("(total)", 4, 8192)
    bench.call("GET", "/v2.1/os-hosts/nobody", who="admin", status=404)
    bench.call("GET", "/v2.1/os-hosts", status=403)
    bench.call("GET", "/v2.1/os-hosts", who="admin", version="2.43", status=404)
    bench.call("GET", "/v2.1/os-hosts/compute-1/reboot", status=403)
    bench.call("GET", "/v2.1/os-hosts/nobody/reboot", who="admin", status=404)
    bench.call("GET", "/v2.1/os-hosts/compute-1/reboot", who="admin", status=501)
    for body, status in (({}, 400), ({"status": "wrong"}, 400), ({"status": "enable"}, 501)):
        bench.call("PUT", "/v2.1/os-hosts/compute-1", body, who="admin", status=status)


def test_audits_that_no_compute_made(bench: Any) -> None:
    path = "/v2.1/os-instance_usage_audit_log"
    shown = bench.call("GET", f"{path}/2026-03-15 12:00:00.5", who="admin")["instance_usage_audit_log"]
    assert (shown["period_beginning"], shown["period_ending"]) == ("2026-02-01 00:00:00", "2026-03-01 00:00:00")
    assert shown["hosts_not_run"] == ["compute-1", "compute-2"]
    shown = bench.call("GET", path, who="admin")["instance_usage_audit_logs"]
    assert (shown["num_hosts"], shown["num_hosts_done"], shown["log"]) == (2, 0, {})
    bench.call("GET", f"{path}/0001-01-01 00:00:00", who="admin")
    bench.call("GET", f"{path}/yesterday", who="admin", status=400)
    bench.call("GET", path, status=403)
