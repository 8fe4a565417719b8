"""``doctor-maint cloud`` as a process, pointed at by openstacksdk."""

import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openstack
import pytest
import yaml

COMMAND = [sys.executable, "-m", "pytest_doctor_maint.commands.__main__"]
PATIENCE = 60.0


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("OS_")}


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The command's process, and what it exported."""
    process = subprocess.Popen(  # noqa: S603 # our own command
        [*COMMAND, "cloud", "--speed", "100", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert process.stdout is not None
        exported = {}
        for line in process.stdout:
            export, _, assignment = line.strip().partition(" ")
            assert export == "export"
            name, _, value = assignment.partition("=")
            (exported[name],) = shlex.split(value)
            if name == "OS_INTERFACE":
                break
        else:
            pytest.fail(f"it ended before it answered: {process.communicate()[1]}")
        yield process, exported
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def end(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    process.send_signal(how)
    out, words = process.communicate(timeout=PATIENCE)
    assert out == "", "stdout is for the export lines alone"
    return process.returncode, words


def connection(exported: dict[str, str]) -> openstack.connection.Connection:
    return openstack.connection.Connection(
        auth_url=exported["OS_AUTH_URL"],
        username=exported["OS_USERNAME"],
        password=exported["OS_PASSWORD"],
        project_name=exported["OS_PROJECT_NAME"],
        user_domain_name=exported["OS_USER_DOMAIN_NAME"],
        project_domain_name=exported["OS_PROJECT_DOMAIN_NAME"],
        region_name=exported["OS_REGION_NAME"],
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_ends_cleanly(how: signal.Signals) -> None:
    with running("--computes", "3", "--vcpus", "2", "--admin-password", "it's me") as (process, exported):
        assert exported["OS_PASSWORD"] == "it's me"
        assert exported["OS_IDENTITY_API_VERSION"] == "3"
        with connection(exported) as cloud:
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
            made = cloud.alarm.post(
                "/alarms", json={"name": "a", "type": "event", "event_rule": {"event_type": "maintenance.*"}}
            )
            assert made.status_code == 201
            assert [alarm["name"] for alarm in cloud.alarm.get("/alarms").json()] == ["a"]
        code, words = end(process, how)
        assert code == 0, words
        assert "Traceback" not in words
        assert exported["OS_PASSWORD"] not in words
        assert "3 computes of 2 VCPUs" in words


def test_a_password_of_its_own_each_time() -> None:
    with running() as (_, first), running() as (_, second):
        assert len(first["OS_PASSWORD"]) >= 12
        assert first["OS_PASSWORD"] != second["OS_PASSWORD"]


def test_clouds_yaml(tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    theirs = "# mine\nclouds:\n  # production\n  prod:\n    auth: {password: p}  # careful\ncache: {}\n"
    path.write_text(theirs)
    for _ in range(2):
        with running("--clouds-yaml", str(path), "--cloud-name", "mine") as (process, exported):
            clouds = yaml.safe_load(path.read_text())["clouds"]
            assert set(clouds) == {"mine", "prod"}
            assert clouds["mine"]["auth"]["password"] == exported["OS_PASSWORD"]
            config = openstack.config.OpenStackConfig(config_files=[str(path)], load_envvars=False)
            with openstack.connection.Connection(config=config.get_one("mine")) as cloud:
                assert cloud.current_project.name == "admin"
            assert end(process)[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text().splitlines()
    assert [line for line in theirs.splitlines() if line not in lines] == []


def test_the_port_may_be_chosen_but_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port))
        assert result.returncode == 2
        assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
    with running("--port", str(port)) as (_, exported):
        assert exported["OS_AUTH_URL"] == f"http://127.0.0.1:{port}/identity/v3"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--computes", "0"], "--computes: must be a whole number from 1 to 1000, not '0'"),
        (["--computes", "many"], "--computes"),
        (["--vcpus", "-1"], "--vcpus"),
        (["--vcpus", "2.5"], "--vcpus"),
        (["--speed", "0"], "--speed: must be a number above 0, not '0'"),
        (["--speed", "nan"], "--speed"),
        (["--speed", "inf"], "--speed"),
        (["--port", "65536"], "--port: must be a whole number from 0 to 65535"),
        (["--cloud-name", "a b"], "--cloud-name"),
        (["--admin-password", ""], "--admin-password"),
        (["--host", "203.0.113.1"], "--host"),
        (["--colour", "red"], "--colour"),
    ],
)
def test_wrong_arguments(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_command_is_needed() -> None:
    result = subprocess.run(COMMAND, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603
    assert result.returncode == 2
    assert "COMMAND" in result.stderr


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 # our own command
        [*COMMAND, "cloud", *arguments], capture_output=True, text=True, timeout=PATIENCE, env=environment()
    )
