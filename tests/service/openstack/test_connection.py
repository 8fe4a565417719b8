"""The connection waits on the clock, sends few requests, and does not read the environment."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from openstack.exceptions import NotFoundException

from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.connection import COMPUTE_MICROVERSION
from pytest_doctor_maint.openstack.servers import get_server, list_servers
from tests.support.mini_cloud import MiniCloudBench


def test_nothing_is_asked_before_the_first_call(bench: MiniCloudBench) -> None:
    assert bench.cloud.requests == []


def test_all_calls_share_one_token_and_one_look_at_the_version(bench: MiniCloudBench) -> None:
    get_server(bench.connection, "s")
    get_server(bench.connection, "s")
    microversion = f"compute {COMPUTE_MICROVERSION}"
    assert bench.cloud.requests == [
        ("POST", "/identity/v3/auth/tokens", None),
        ("GET", "/compute/v2.1", None),
        ("GET", "/compute/v2.1/servers/s", microversion),
        ("GET", "/compute/v2.1/servers/s", microversion),
    ]


def test_the_table_of_services_is_not_copied_for_each_name(
    bench: MiniCloudBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[object] = []

    def count(original: object) -> object:
        copies.append(original)
        return copy.deepcopy(original)

    monkeypatch.setattr("os_service_types.service_types.copy", SimpleNamespace(deepcopy=count))
    get_server(bench.connection, "s")
    get_server(bench.connection, "s")
    assert len(copies) == 1


def test_the_environment_is_not_read(bench: MiniCloudBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "clouds.yaml"
    broken.write_text("no: [clouds")
    for name, value in {"OS_CLOUD": "elsewhere", "OS_CLIENT_CONFIG_FILE": str(broken), "OS_USERNAME": "x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert get_server(bench.connect("right"), "s").status == "ACTIVE"


def test_openstacksdk_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, pytest_doctor_maint.openstack.connection, pytest_doctor_maint.openstack.waiters\n"
        "import pytest_doctor_maint.actors.app_manager, pytest_doctor_maint.actors.inspector\n"
        "sys.exit('openstack' in sys.modules or 'keystoneauth1' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_an_error_has_the_clouds_own_words(bench: MiniCloudBench) -> None:
    bench.cloud.plan = [(0.0, None)]
    with pytest.raises(NotFoundException, match="Instance s could not be found"):
        get_server(bench.connection, "s")


def test_the_refusal_of_a_wrong_password_does_not_name_it(bench: MiniCloudBench) -> None:
    with pytest.raises(Exception, match="401") as refusal:
        call(bench.connect("hunter2").compute, "GET", "/servers/s")
    assert "hunter2" not in str(refusal.value)


def test_all_pages_are_read(bench: MiniCloudBench) -> None:
    assert [server.id for server in list_servers(bench.connection)] == ["a", "b", "c"]


def test_a_server_is_read_with_the_fields_that_only_admins_see(bench: MiniCloudBench) -> None:
    bench.cloud.plan = [
        (
            0.0,
            {
                "status": "ERROR",
                "hostId": "h",
                "tenant_id": "p",
                "OS-EXT-STS:task_state": "spawning",
                "OS-EXT-SRV-ATTR:host": "compute-1",
                "fault": {"message": "No valid host was found. "},
            },
        )
    ]
    server = get_server(bench.connection, "s")
    assert (server.host, server.host_id, server.project_id) == ("compute-1", "h", "p")
    assert (server.task_state, server.fault) == ("spawning", "No valid host was found. ")
    bench.cloud.plan = [(0.0, {"status": "BUILD", "hostId": ""})]
    server = get_server(bench.connection, "s")
    assert (server.host, server.host_id, server.task_state, server.fault) == (None, "", None, "")


def test_an_alarm_repeats_its_action(bench: MiniCloudBench) -> None:
    alarm_id = subscribe(bench.connection, name="n", event_type="maintenance.host", url="http://127.0.0.1:1/x")
    body = bench.cloud.alarm_body
    assert (body["type"], body["event_rule"]) == ("event", {"event_type": "maintenance.host"})
    assert (body["repeat_actions"], body["alarm_actions"]) == (True, ["http://127.0.0.1:1/x"])
    unsubscribe(bench.connection, alarm_id)
    assert [request[:2] for request in bench.cloud.requests] == [
        ("POST", "/identity/v3/auth/tokens"),
        ("POST", "/alarming/v2/alarms"),
        ("DELETE", "/alarming/v2/alarms/a"),
    ]
