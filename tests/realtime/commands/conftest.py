"""A cloud as a process, and the commands that run an actor on it, as processes too."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import pytest
import requests
from openstack.config import OpenStackConfig
from openstack.connection import Connection

from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, Request, route

COMMAND = [sys.executable, "-m", "pytest_doctor_maint.commands"]
#: Real seconds for a process to answer or to end.
PATIENCE = 60.0
CLOUD = "lab"

Found = TypeVar("Found")


class Process:
    """A command of ours that runs.

    Attributes:
        line: The first line of its output that begins as expected.
        words: What it wrote to stderr; empty before it has ended.
    """

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 # our own command
            [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        self.line = ""
        self.words = ""

    def read_until(self, beginning: str) -> Process:
        assert self._process.stdout is not None
        line = next((line for line in self._process.stdout if line.startswith(beginning)), None)
        if line is None:
            pytest.fail(f"it ended before it answered: {self._process.communicate()[1]}")
        self.line = line.strip()
        return self

    def end(self, how: signal.Signals = signal.SIGTERM) -> str:
        """Tell it to end, which it must do well; gives what it wrote to stderr."""
        self._process.send_signal(how)
        rest, self.words = self._process.communicate(timeout=PATIENCE)
        assert rest == "", "stdout is for one line alone"
        assert self._process.returncode == 0, self.words
        assert "Traceback" not in self.words, self.words
        return self.words

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


@dataclass
class Lab:
    """A cloud that runs, known to clouds.yaml as ``lab``.

    Attributes:
        environment: That of processes that use it.
        password: Its admin's.
        admin: A connection to it.
        stop: Ends it.
    """

    environment: dict[str, str]
    password: str
    admin: Any
    stop: Callable[[], None]

    @contextmanager
    def running(self, command: str, *arguments: str) -> Iterator[Process]:
        """An actor, from its URL on stdout on."""
        with self.starting(command, *arguments) as process:
            yield process.read_until("http")

    @contextmanager
    def starting(self, command: str, *arguments: str) -> Iterator[Process]:
        """An actor on a free port that may not have begun yet."""
        process = Process(self.environment, command, "--os-cloud", CLOUD, "--port", "0", *arguments)
        try:
            yield process
        finally:
            process.close()

    def run(self, command: str, *arguments: str, cloud: str = CLOUD) -> subprocess.CompletedProcess[str]:
        """An actor that ends by itself."""
        return subprocess.run(  # noqa: S603 # our own command
            [*COMMAND, command, "--os-cloud", cloud, "--port", "0", *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=self.environment,
        )

    def refuse(self, command: str, *arguments: str, code: int = 2) -> str:
        """An actor that must not begin, and leaves the cloud alone; gives what it writes to stderr."""
        before = self.inventory()
        result = self.run(command, *arguments)
        assert (result.returncode, result.stdout) == (code, ""), result.stderr
        assert "Traceback" not in result.stderr, result.stderr
        assert self.inventory() == before
        return result.stderr

    def servers(self) -> list[Any]:
        return list(self.admin.compute.servers(all_projects=True))

    def alarms(self) -> list[dict[str, Any]]:
        query = {"q.field": "all_projects", "q.op": "eq", "q.value": "true"}
        found: list[dict[str, Any]] = self.admin.alarm.get("/alarms", params=query).json()
        return found

    def project(self, name: str = "doctor") -> Any:
        return self.admin.identity.find_project(name)

    def inventory(self) -> dict[str, set[str]]:
        """The ids of all that somebody could leave behind."""
        identity, compute, network = self.admin.identity, self.admin.compute, self.admin.network
        return {
            "projects": {each.id for each in identity.projects()},
            "users": {each.id for each in identity.users()},
            "role assignments": {str(each.role) + str(each.user) for each in identity.role_assignments()},
            "services": {each.id for each in identity.services()},
            "flavors": {each.id for each in compute.flavors(is_public=None)},
            "servers": {each.id for each in self.servers()},
            "server groups": {each.id for each in compute.server_groups(all_projects=True)},
            "networks": {each.id for each in network.networks()},
            "subnets": {each.id for each in network.subnets()},
            "routers": {each.id for each in network.routers()},
            "ports": {each.id for each in network.ports()},
            "floating IPs": {each.id for each in network.ips()},
            "security groups": {each.id for each in network.security_groups()},
            "quotas": {each.project_id for each in network.quotas()},
            "alarms": {each["alarm_id"] for each in self.alarms()},
        }


@contextmanager
def cloud_running(folder: Path, *arguments: str) -> Iterator[Lab]:
    path = folder / "clouds.yaml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    environment["OS_CLIENT_CONFIG_FILE"] = str(path)
    process = Process(environment, "cloud", "--clouds-yaml", str(path), "--cloud-name", CLOUD, *arguments)
    try:
        process.read_until("export OS_INTERFACE")
        entry = OpenStackConfig(config_files=[str(path)], load_envvars=False).get_one(CLOUD)
        with Connection(config=entry) as admin:
            yield Lab(environment, entry.config["auth"]["password"], admin, process.close)
    finally:
        process.close()


@pytest.fixture(scope="module")
def one_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    size = ("--computes", "3", "--vcpus", "4", "--speed", "100")
    with cloud_running(tmp_path_factory.mktemp("lab"), *size) as lab:
        yield lab


@pytest.fixture
def lab(one_lab: Lab) -> Iterator[Lab]:
    """A cloud of 3 computes of 4 VCPUs whose operations take a hundredth of their time; each test leaves it empty."""
    before = one_lab.inventory()
    yield one_lab
    assert one_lab.inventory() == before


@pytest.fixture
def make_lab(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Another cloud, with these arguments."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(cloud_running(tmp_path, *arguments))


class AdminTool(App):
    """Stands for one: takes answers and constraints. ``calls`` has them in order, ``status`` is its answer to all."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: queue.Queue[tuple[str, str, Any]] = queue.Queue()
        self.status = 200
        self.url = ""

    def all_calls(self) -> list[tuple[str, str, Any]]:
        """The calls since the last time."""
        return [self.calls.get_nowait() for _ in range(self.calls.qsize())]

    @route("PUT", "/<path:path>")
    def put(self, request: Request, path: str) -> Answer:
        self.calls.put(("PUT", path, request.json_object()))
        return self.status, {}

    @route("DELETE", "/<path:path>")
    def delete(self, request: Request, path: str) -> Answer:
        self.calls.put(("DELETE", path, None))
        return self.status, {}


@pytest.fixture
def admin_tool() -> Iterator[AdminTool]:
    app, clock = AdminTool(), WallClock()
    server = HttpServer(app, name="admin_tool", clock=clock).start()
    app.url = server.url
    yield app
    server.stop()
    clock.stop()
    server.join()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Look until something true is found, and give that."""

    def wait(look: Callable[[], Found | None], patience: float = PATIENCE) -> Found:
        end = monotonic() + patience
        while not (found := look()):
            assert monotonic() < end, f"nothing came within {patience:g} s"
            sleep(0.1)
        return found

    return wait


def alarm_body(event_type: str, **traits: Any) -> dict[str, Any]:
    """What Aodh posts to an alarm's URL."""
    event = {
        "message_id": os.urandom(8).hex(),
        "event_type": event_type,
        "generated": "2026-01-01T00:00:00",
        "traits": [[name, 1, value] for name, value in traits.items()],
    }
    return {"alarm_id": "a", "reason_data": {"type": "event", "event": event}}


@pytest.fixture
def post_alarm() -> Callable[..., int]:
    """Post the body of an alarm to a URL; gives the status of the answer."""

    def post(url: str, event_type: str, **traits: Any) -> int:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(url, json=alarm_body(event_type, **traits), timeout=PATIENCE).status_code

    return post
