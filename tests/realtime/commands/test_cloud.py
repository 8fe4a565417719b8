"""``doctor-maint cloud`` as a process, with openstacksdk as its client."""

from __future__ import annotations

import signal
import socket
import stat
from pathlib import Path

import pytest
import yaml
from openstack.config import OpenStackConfig
from openstack.connection import Connection

from pytest_doctor_maint.history import History
from tests.support.labs import connect, exporting_cloud
from tests.support.processes import refused


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_ends_cleanly(how: signal.Signals) -> None:
    options = ("--computes", "3", "--vcpus", "2", "--admin-password", "it's me")
    with exporting_cloud(*options) as (process, exported):
        assert exported["OS_PASSWORD"] == "it's me"
        assert exported["OS_IDENTITY_API_VERSION"] == "3"
        with connect(exported) as cloud:
            assert cloud.current_project.name == "admin"
            assert sorted(service.host for service in cloud.compute.services() if service.binary == "nova-compute") == [
                "compute-1",
                "compute-2",
                "compute-3",
            ]
            cloud.compute.default_microversion = "2.79"
            assert {host.vcpus for host in cloud.compute.hypervisors(details=True)} == {2}
            assert list(cloud.image.images())
            assert list(cloud.compute.flavors())
            assert [network for network in cloud.network.networks() if network.is_router_external]
            created = cloud.alarm.post(
                "/alarms", json={"name": "a", "type": "event", "event_rule": {"event_type": "maintenance.*"}}
            )
            assert created.status_code == 201
            assert [alarm["name"] for alarm in cloud.alarm.get("/alarms").json()] == ["a"]
        words = process.end(how)
    assert exported["OS_PASSWORD"] not in words
    assert "3 computes of 2 VCPUs" in words
    assert "The cloud has ended." in words


def test_a_password_of_its_own_each_time() -> None:
    with exporting_cloud() as (_, first), exporting_cloud() as (_, second):
        assert len(first["OS_PASSWORD"]) >= 12
        assert first["OS_PASSWORD"] != second["OS_PASSWORD"]


def test_its_entry_in_clouds_yaml_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    theirs = "# mine\nclouds:\n  # production\n  prod:\n    auth: {password: p}  # careful\ncache: {}\n"
    path.write_text(theirs, encoding="utf-8")
    for _ in range(2):
        with exporting_cloud("--clouds-yaml", str(path), "--cloud-name", "mine") as (process, exported):
            clouds = yaml.safe_load(path.read_text(encoding="utf-8"))["clouds"]
            assert set(clouds) == {"mine", "prod"}
            assert clouds["mine"]["auth"]["password"] == exported["OS_PASSWORD"]
            config = OpenStackConfig(config_files=[str(path)], load_envvars=False)
            with Connection(config=config.get_one("mine")) as cloud:
                assert cloud.current_project.name == "admin"
            assert f"The cloud mine was added to {path}." in process.end()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in theirs.splitlines() if line not in lines] == []


def test_the_port_may_be_chosen_but_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1:{port}" in refused("cloud", "--port", str(port))
    with exporting_cloud("--port", str(port)) as (_, exported):
        assert exported["OS_AUTH_URL"] == f"http://127.0.0.1:{port}/identity/v3"


@pytest.mark.parametrize(
    ("options", "host"),
    [
        (("--host", "::1"), "[::1]"),
        (("--host", "0.0.0.0"), "127.0.0.1"),  # noqa: S104 - what is tested
        (("--host", "0.0.0.0", "--public-host", "localhost"), "localhost"),  # noqa: S104 - what is tested
    ],
)
def test_catalog_and_variables_have_the_host_that_clients_use(options: tuple[str, ...], host: str) -> None:
    with exporting_cloud(*options) as (_, exported):
        base = exported["OS_AUTH_URL"].removesuffix("/identity/v3")
        assert base.rpartition(":")[0] == f"http://{host}"
        with connect(exported) as cloud:
            assert len(list(cloud.compute.hypervisors())) == 4
            urls = [str(each["url"]) for each in cloud.identity.get("/endpoints").json()["endpoints"]]
    assert {url[: len(base)] for url in urls} == {base}


def test_an_address_of_another_machine() -> None:
    assert "argument --host, --port: cannot listen on 203.0.113.1:0" in refused("cloud", "--host", "203.0.113.1")


def test_its_history_is_in_the_file_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with exporting_cloud("--computes", "1", "--history", str(path)) as (_, exported), connect(exported) as cloud:
        service = next(each for each in cloud.compute.services() if each.binary == "nova-compute")
        cloud.compute.disable_service(service)
        assert [event.data["status"] for event in History.load(path).of("compute")][-1] == "disabled"


def test_a_history_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "argument --history: " in refused("cloud", "--history", str(tmp_path / "file" / "history.jsonl"))
