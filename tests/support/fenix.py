"""Fenix on an embedded cloud with projects, and a client that sends requests with the token of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import requests

from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.app_manager import AppManager
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.history import Event
from pytest_doctor_maint.protocol import Step, to_wire
from pytest_doctor_maint.testbed.projects import make_member
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, lay_out

if TYPE_CHECKING:
    from openstack.connection import Connection

#: An app manager that leaves all replies to the test.
SILENT = Policy(ignore=list(Step))
DEFAULTS = FenixSettings()
ADMIN, DOCTOR, OTHER = "admin", "doctor", "other"
HOSTS = ("compute-1", "compute-2", "compute-3")

#: A JSON object. Any: its values are JSON of any kind.
Json = dict[str, Any]


class Lab:
    """Fenix on an embedded cloud of three computes, and a client for it.

    Attributes:
        testbed: The testbed.
        clock: Its clock.
        fenix: Fenix.
        url: The URL of Fenix's API.
    """

    def __init__(self, testbed: Testbed) -> None:
        assert isinstance(testbed.admin_tool, Fenix)
        self.testbed = testbed
        self.clock = testbed.clock
        self.fenix = testbed.admin_tool
        self.url = self.fenix.url
        self._connections: dict[str, Connection] = {ADMIN: testbed.admin}

    def connection(self, who: str) -> Connection:
        """Return a connection of the admin, or of a member of a project."""
        if who not in self._connections:
            make_member(self.testbed.admin, self.project(who), f"{who}-tester", "secret")
            self._connections[who] = self.testbed.cloud.connect(f"{who}-tester", "secret", who)
        return self._connections[who]

    def token(self, who: str) -> str:
        token = self.connection(who).session.get_token()
        assert isinstance(token, str)
        return token

    def project(self, name: str = DOCTOR) -> str:
        """Return the id of a project."""
        return self.testbed.app_managers[name].project_id

    def instances(self) -> list[str]:
        """Return the ids of the instances of the project DOCTOR."""
        manager = self.testbed.app_managers[DOCTOR]
        assert isinstance(manager, AppManager)
        return list(manager.application.ids.values())

    def call(
        self, method: str, path: str, body: object = None, *, who: str = ADMIN, data: bytes | None = None
    ) -> requests.Response:
        """Send a request with the token of `who` (none when empty), and the JSON `body` or the raw `data`."""
        headers = {"X-Auth-Token": self.token(who)} if who else {}
        return self.testbed.http.request(method, f"{self.url}{path}", headers=headers, json=body, data=data)

    def request(self, **changes: object) -> Json:
        """Return a request for a session with other values for some fields; ``absent`` leaves a field out."""
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(self.clock.now() + timedelta(seconds=30)),
            "hosts": list(self.testbed.topology.hosts),
            "metadata": {"openstack_version": "2026.1"},
            "workflow": "default",
            **changes,
        }
        return {key: value for key, value in body.items() if value != "absent"}

    def begin(self, **changes: object) -> str:
        """Create a session, and wait until its first messages are sent; return its id."""
        answer = self.call("POST", "/maintenance", self.request(**changes))
        assert answer.status_code == 200, answer.text
        session_id: str = answer.json()["session_id"]
        self.clock.sleep(1)
        return session_id

    def show(self, session_id: str) -> Json:
        shown: Json = self.call("GET", f"/maintenance/{session_id}").json()
        return shown

    def detail(self, session_id: str) -> Json:
        shown: Json = self.call("GET", f"/maintenance/{session_id}/detail").json()
        return shown

    def end_of(self, session_id: str, *, patience: float = 3600.0) -> Json:
        """Wait for the end of a session; return what is shown of it then."""
        started = self.clock.now()
        while (shown := self.show(session_id))["state"] not in ("MAINTENANCE_DONE", "MAINTENANCE_FAILED"):
            assert -self.clock.until(started) < patience, shown
            self.clock.sleep(1)
        return shown

    def reply(
        self, session_id: str, body: object, *, who: str = DOCTOR, project: str | None = None, instance: str = ""
    ) -> requests.Response:
        path = f"/maintenance/{session_id}/{project or self.project()}{f'/{instance}' if instance else ''}"
        return self.call("PUT", path, body, who=who)

    def agree(self, session_id: str, word: str, /, **more: object) -> requests.Response:
        return self.reply(session_id, {"state": f"ACK_{word}", **more})

    def sent(self, event_type: str = "maintenance.scheduled") -> Sequence[Event]:
        """Return the notifications of this type."""
        return self.testbed.history.of("notification", event_type=event_type)

    def session_states(self, session_id: str) -> list[tuple[str, int]]:
        """Return the states and the progress of which the admin was notified."""
        notifications = self.testbed.history.of("notification", event_type="maintenance.session", session_id=session_id)
        return [(event.data["state"], event.data["percent_done"]) for event in notifications]

    def services(self) -> Mapping[str, str]:
        """Return the status of each compute by host name, as the cloud recorded it last."""
        return {event.data["host"]: event.data["status"] for event in self.testbed.history.of("compute")}


class MakeLab(Protocol):
    """Makes a lab."""

    def __call__(
        self,
        settings: FenixSettings = ...,
        *,
        instances: int = 0,
        policy: Policy = ...,
        app_manager: type[AppManager] = ...,
    ) -> Lab:
        """Return a lab of three computes; `instances` of DOCTOR fill them, beginning with the first compute."""


@contextmanager
def labs() -> Iterator[MakeLab]:
    """Return a function that makes labs; at the end all labs are closed, and no thread of theirs may have died."""
    testbeds: list[Testbed] = []
    with ExitStack() as stack:

        def make(
            settings: FenixSettings = DEFAULTS,
            *,
            instances: int = 0,
            policy: Policy = SILENT,
            app_manager: type[AppManager] = AppManager,
        ) -> Lab:
            testbed = stack.enter_context(_testbed(settings, instances, policy, app_manager))
            testbeds.append(testbed)
            if instances:
                # The other project needs no application, only a token.
                testbed.topology = Topology((2, 2, 2), testbed.topology.applications[:1])
                testbed.deploy()
            return Lab(testbed)

        yield make
    assert [failure for testbed in testbeds for failure in testbed.clock.failures] == []


def _testbed(settings: FenixSettings, instances: int, policy: Policy, app_manager: type[AppManager]) -> Testbed:
    doctor = ApplicationSpec(DOCTOR, instances)
    if instances:
        doctor = ApplicationSpec(DOCTOR, instances, lay_out(doctor.names, HOSTS[: instances // 2]))
    return Testbed(
        Topology((2, 2, 2), (doctor, ApplicationSpec(OTHER, 0))),
        TestbedSettings(
            wire="memory",
            make_admin_tool=Fenix,
            make_app_manager=app_manager,
            admin_tool=settings,
            policies={DOCTOR: policy},
        ),
    )


def states(events: Iterable[Event]) -> list[str]:
    """Return the states of notifications."""
    return [event.data["state"] for event in events]
