"""Actors whose cloud cannot be reached answer 503 with a sentence; their threads do not die of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.testbed.settings import TestbedSettings, played_by
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, lay_out

HOSTS = ("compute-1", "compute-2", "compute-3")


def bench_with(admin_tool: str) -> Testbed:
    names = ApplicationSpec("doctor", 6).names
    application = ApplicationSpec("doctor", 6, lay_out(names, HOSTS))
    return Testbed(Topology((2, 2, 2), (application,), HOSTS), TestbedSettings(wire="memory", **played_by(admin_tool)))


@pytest.mark.parametrize(
    ("admin_tool", "sentence"),
    [
        ("sample", "the cloud does not do what this request needs: "),
        # Fenix looks up the token of each request that changes something.
        ("fenix", "Keystone could not be asked for the owner of the token: ConnectFailure"),
    ],
)
def test_a_session_is_not_created(admin_tool: str, sentence: str) -> None:
    with bench_with(admin_tool) as bench:
        token = bench.admin.session.get_token()
        headers = {"X-Auth-Token": str(token)}
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(bench.clock.now() + timedelta(seconds=60)),
            "hosts": list(HOSTS),
            "metadata": {},
            "workflow": "default",
        }
        if admin_tool == "fenix":
            assert bench.http.get(f"{bench.admin_tool.url}/maintenance", headers=headers).status_code == 200
        bench.cloud.stop()
        answer = bench.http.post(f"{bench.admin_tool.url}/maintenance", json=body, headers=headers)
        assert answer.status_code == 503
        assert answer.json()["error"].startswith(sentence)
        assert "\n" not in answer.json()["error"]
        assert not bench.history.of(kinds.THREAD_DIED)


def test_a_failure_is_not_managed_and_may_be_reported_again() -> None:
    with bench_with("sample") as bench:
        report = [{"type": "compute.host.down", "details": {"hostname": "compute-1"}}]
        bench.inspector.subscribe()
        bench.cloud.stop()
        answer = bench.http.put(f"{bench.inspector_url}/events", json=report)
        assert answer.status_code == 503
        assert answer.json()["error"].startswith("the cloud does not do what this request needs: ")
        assert bench.http.get(f"{bench.inspector.url}/hosts").json() == {"hosts": []}
        assert not bench.history.of(kinds.THREAD_DIED)
