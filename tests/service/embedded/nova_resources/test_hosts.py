"""Nova's API of hosts, which exists up to microversion 2.42."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench

COMPUTE_1 = "/os-hosts/compute-1"


def test_hosts_are_listed_by_zone(bench: NovaBench) -> None:
    listed = bench.call("GET", "/os-hosts", by="admin")["hosts"]
    assert {"host_name": "compute-1", "service": "compute", "zone": "nova"} in listed

    internal = bench.call("GET", "/os-hosts?zone=internal", by="admin")["hosts"]

    assert {host["service"] for host in internal} == {"conductor", "scheduler"}
    bench.call("GET", "/os-hosts", status=403)
    bench.call("GET", "/os-hosts", by="admin", version="2.43", status=404)


def test_a_host_shows_its_capacity_and_what_projects_use_of_it(bench: NovaBench) -> None:
    server = bench.boot()

    rows = [row["resource"] for row in bench.call("GET", COMPUTE_1, by="admin")["host"]]

    assert [(row["project"], row["cpu"], row["memory_mb"]) for row in rows] == [
        ("(total)", 4, 8192),
        ("(used_now)", 2, 4096),
        ("(used_max)", 2, 4096),
        (server.project_id, 2, 4096),
    ]
    bench.call("GET", "/os-hosts/nobody", by="admin", status=404)


def test_a_host_cannot_be_rebooted(bench: NovaBench) -> None:
    bench.call("GET", f"{COMPUTE_1}/reboot", status=403)
    bench.call("GET", "/os-hosts/nobody/reboot", by="admin", status=404)
    bench.call("GET", f"{COMPUTE_1}/reboot", by="admin", status=501)


@pytest.mark.parametrize(
    ("body", "status"), [({}, 400), ({"status": "wrong"}, 400), ({"status": "Enable"}, 501), ({"x": 1}, 400)]
)
def test_a_host_cannot_be_updated(bench: NovaBench, body: dict[str, object], status: int) -> None:
    bench.call("PUT", COMPUTE_1, body, by="admin", status=status)
