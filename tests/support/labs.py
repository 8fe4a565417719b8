"""A cloud in a process of its own, and actors and runs of pytest that use it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Protocol, TypeVar

import requests
from openstack.compute.v2.server import Server
from openstack.config import OpenStackConfig
from openstack.connection import Connection
from openstack.identity.v3._proxy import Proxy as Identity
from openstack.identity.v3.project import Project

from tests.support.alarm_bodies import alarm_body
from tests.support.json import Json
from tests.support.processes import PATIENCE, Process, plain_environment, refused, run

#: The name of the cloud in clouds.yaml.
CLOUD = "lab"
#: Real seconds for a run of pytest.
LONG_PATIENCE = 300.0
#: Three computes with room for two instances each, whose operations take a twentieth of their usual time. An observer
#: from outside would miss shorter operations.
SMALL = ("--computes", "3", "--vcpus", "2", "--speed", "20")
#: The options of an admin tool whose work on a compute takes almost no time. --poll is not among them: the moves must
#: last long enough for an observer from outside on a busy machine.
QUICK = ("--work", "1")
#: Seconds between two looks of a test at another process.
_INTERVAL = 0.1

Found = TypeVar("Found")


@dataclass(frozen=True)
class Lab:
    """A cloud that runs, known to clouds.yaml as ``lab``.

    Attributes:
        folder: The folder of clouds.yaml.
        environment: The environment of processes that use the cloud.
        password: The password of the cloud's admin.
        admin: A connection with the admin role.
        cloud: The process of the cloud.
    """

    folder: Path
    environment: dict[str, str]
    password: str
    admin: Connection
    cloud: Process

    # -- actors ------------------------------------------------------------------------------------------------------

    @contextmanager
    def running(self, command: str, *arguments: str) -> Iterator[Process]:
        """Run an actor on a free port; return when it has printed its URL."""
        with self.starting(command, *arguments) as process:
            yield process.read_until("^http")

    def starting(self, command: str, *arguments: str) -> Process:
        """Start an actor on a free port, without waiting until it is ready."""
        return Process(command, *self._options(arguments), environment=self.environment)

    @contextmanager
    def serving(self, command: str, *arguments: str) -> Iterator[str]:
        """Run an actor that must end without an error, and yield its URL."""
        with self.running(command, *arguments) as process:
            yield process.line
            process.end()

    @contextmanager
    def admin_tool(self, kind: str, *arguments: str) -> Iterator[str]:
        """Run an admin tool whose work takes almost no time, and yield its URL."""
        with self.serving("admin-tool", "--type", kind, *QUICK, *arguments) as url:
            yield url

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an actor that ends by itself."""
        return run(command, *self._options(arguments), environment=self.environment)

    def refuse(self, command: str, *arguments: str, code: int = 2) -> str:
        """Run an actor that must not start and must leave the cloud alone, and return what it writes to stderr."""
        before = self.inventory()
        words = refused(command, *self._options(arguments), environment=self.environment, code=code)
        assert self.inventory() == before
        return words

    def _options(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        return ("--os-cloud", CLOUD, "--port", "0", *arguments)

    # -- pytest ------------------------------------------------------------------------------------------------------

    def pytest(self, test: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a test file on the cloud, with these options."""
        path = self.folder / "test_attached.py"
        path.write_text(test, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-p", "doctor_maint", "-p", "no:cacheprovider", "-rA"]
        return subprocess.run(  # noqa: S603 - our own command
            [*command, f"--os-cloud={CLOUD}", "--rootdir", str(self.folder), *options, str(path)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LONG_PATIENCE,
            check=False,
        )

    # -- what is on the cloud ----------------------------------------------------------------------------------------

    @property
    def identity(self) -> Identity:
        """Keystone, as the admin."""
        identity = self.admin.identity
        assert isinstance(identity, Identity)
        return identity

    def servers(self) -> list[Server]:
        """Return the servers of all projects."""
        return list(self.admin.compute.servers(all_projects=True))

    def alarms(self) -> list[dict[str, Json]]:
        """Return the alarms of all projects."""
        query = {"q.field": "all_projects", "q.op": "eq", "q.value": "true"}
        found: list[dict[str, Json]] = self.admin.alarm.get("/alarms", params=query).json()
        return found

    def project(self, name: str = "doctor") -> Project:
        """Return the project of this name, which must exist."""
        return self.identity.find_project(name, ignore_missing=False)

    def delete_security_groups(self, project_id: str) -> None:
        """Delete the security groups that Neutron creates for a project, and keeps as long as the project."""
        for group in list(self.admin.network.security_groups(project_id=project_id)):
            self.admin.network.delete_security_group(group)

    def inventory(self) -> dict[str, set[str]]:
        """Return the ids of all resources that an actor or a run could leave behind."""
        identity, compute, network = self.identity, self.admin.compute, self.admin.network
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
            "alarms": {str(each["alarm_id"]) for each in self.alarms()},
        }


class MakeLab(Protocol):
    """Starts a cloud that runs until the end of the test."""

    def __call__(self, *arguments: str) -> Lab:
        """Start a cloud with these options."""


@contextmanager
def running_lab(folder: Path, *arguments: str) -> Iterator[Lab]:
    """Run a cloud with these options."""
    path = folder / "clouds.yaml"
    environment = plain_environment(OS_CLIENT_CONFIG_FILE=str(path))
    with Process(
        "cloud", "--clouds-yaml", str(path), "--cloud-name", CLOUD, *arguments, environment=environment
    ) as process:
        process.read_until("OS_INTERFACE")
        entry = OpenStackConfig(config_files=[str(path)], load_envvars=False).get_one(CLOUD)
        with Connection(config=entry) as admin:
            yield Lab(folder, environment, entry.config["auth"]["password"], admin, process)
        if process.is_running:
            process.end()


@contextmanager
def exporting_cloud(*arguments: str) -> Iterator[tuple[Process, dict[str, str]]]:
    """Run a cloud with these options, and yield its process and the variables that it exports."""
    with Process("cloud", "--speed", "100", *arguments) as process:
        process.read_until("OS_INTERFACE")
        exported = {}
        for line in process.lines:
            export, assignment = shlex.split(line)
            name, _, value = assignment.partition("=")
            assert export == "export"
            exported[name] = value
        yield process, exported


def connect(exported: dict[str, str]) -> Connection:
    """Return a connection with the variables that a cloud exports."""
    return Connection(
        auth_url=exported["OS_AUTH_URL"],
        username=exported["OS_USERNAME"],
        password=exported["OS_PASSWORD"],
        project_name=exported["OS_PROJECT_NAME"],
        user_domain_name=exported["OS_USER_DOMAIN_NAME"],
        project_domain_name=exported["OS_PROJECT_DOMAIN_NAME"],
        region_name=exported["OS_REGION_NAME"],
    )


def eventually(look: Callable[[], Found | None], patience: float = PATIENCE) -> Found:
    """Call a function until its result is true, and return the result."""
    end = monotonic() + patience
    while not (found := look()):
        assert monotonic() < end, f"nothing was found within {patience:g} s"
        sleep(_INTERVAL)
    return found


def request(method: str, url: str, body: Json = None, headers: Mapping[str, str] | None = None) -> requests.Response:
    """Send a request to an actor without the proxy of this machine."""
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, json=body, headers=headers, timeout=PATIENCE)


def post_alarm(url: str, event_type: str, **traits: object) -> int:
    """Post the body of an alarm to a URL, and return the status of the answer."""
    return request("POST", url, alarm_body(event_type, traits, message_id=str(monotonic()))).status_code
