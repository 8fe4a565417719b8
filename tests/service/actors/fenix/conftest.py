from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import requests

from pytest_doctor_maint.actors.admin_tool.fenix import Fenix, FenixSettings
from pytest_doctor_maint.actors.app_manager import AppManager
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.history import Event
from pytest_doctor_maint.protocol import Step, to_wire
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, lay_out

#: An app manager that leaves all answers to the test.
SILENT = Policy(ignore=list(Step))
ADMIN, DOCTOR, OTHER = "admin", "doctor", "other"


class Lab:
    """Fenix on an embedded cloud with projects, and a client that asks it as any of them."""

    def __init__(self, world: Testbed) -> None:
        self.world = world
        self.clock = world.clock
        self.url = world.admin_tool.url
        assert isinstance(world.admin_tool, Fenix)
        self.fenix = world.admin_tool

    def token(self, who: str) -> str:
        session = self.world.admin.session if who == ADMIN else self.world.app_managers[who].connection.session  # type: ignore[union-attr]
        token = session.get_token()
        assert isinstance(token, str)
        return token

    def project(self, name: str = DOCTOR) -> str:
        return self.world.app_managers[name].project_id

    def call(self, method: str, path: str, body: Any = None, *, who: str = ADMIN, **more: Any) -> requests.Response:
        headers = {"X-Auth-Token": self.token(who)} if who else {}
        options = {"json": body, **more} if body is not None else more
        return self.world.http.request(method, f"{self.url}{path}", headers=headers, **options)

    def request(self, **changes: Any) -> dict[str, Any]:
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(self.clock.now() + timedelta(seconds=30)),
            "hosts": list(self.world.topology.hosts),
            "metadata": {"openstack_version": "2026.1"},
            "workflow": "default",
            **changes,
        }
        return {key: value for key, value in body.items() if value != "absent"}

    def begin(self, **changes: Any) -> str:
        answer = self.call("POST", "/maintenance", self.request(**changes))
        assert answer.status_code == 200, answer.text
        session_id: str = answer.json()["session_id"]
        # Its first messages leave.
        self.clock.sleep(1)
        return session_id

    def show(self, session_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.call("GET", f"/maintenance/{session_id}").json()
        return shown

    def end_of(self, session_id: str, *, patience: float = 3600.0) -> dict[str, Any]:
        """Wait for the end of a session; gives what is shown of it then."""
        started = self.clock.now()
        while (shown := self.show(session_id))["state"] not in ("MAINTENANCE_DONE", "MAINTENANCE_FAILED"):
            assert -self.clock.until(started) < patience, shown
            self.clock.sleep(1)
        return shown

    def reply(
        self, session_id: str, body: Any, *, who: str = DOCTOR, project: str | None = None, instance: str = ""
    ) -> requests.Response:
        path = f"/maintenance/{session_id}/{project or self.project()}{f'/{instance}' if instance else ''}"
        return self.call("PUT", path, body, who=who)

    def agree(self, session_id: str, word: str, /, **more: Any) -> requests.Response:
        return self.reply(session_id, {"state": f"ACK_{word}", **more})

    def sent(self, event_type: str = "maintenance.scheduled") -> Sequence[Event]:
        return self.world.history.of("notification", event_type=event_type)

    def session_states(self, session_id: str) -> list[tuple[str, int]]:
        told = self.world.history.of("notification", event_type="maintenance.session", session_id=session_id)
        return [(event.data["state"], event.data["percent_done"]) for event in told]

    def services(self) -> Mapping[str, str]:
        """The status of each compute by host name, as the cloud recorded it last."""
        return {event.data["host"]: event.data["status"] for event in self.world.history.of("compute")}


MakeLab = Callable[..., Lab]


@pytest.fixture
def make_lab() -> Iterator[MakeLab]:
    with ExitStack() as stack:
        worlds = []

        def make(
            *,
            instances: int = 0,
            policy: Policy = SILENT,
            make_admin_tool: type[Fenix] = Fenix,
            make_app_manager: type[AppManager] = AppManager,
            **settings: Any,
        ) -> Lab:
            """A lab of three computes; ``instances`` of the project fill them from the first compute on."""
            hosts = ["compute-1", "compute-2", "compute-3"]
            doctor = ApplicationSpec(DOCTOR, instances)
            if instances:
                doctor = ApplicationSpec(DOCTOR, instances, lay_out(doctor.names, hosts[: instances // 2]))
            topology = Topology((2, 2, 2), (doctor, ApplicationSpec(OTHER, 0)))
            world = stack.enter_context(
                Testbed(
                    topology,
                    TestbedSettings(
                        make_admin_tool=make_admin_tool,
                        make_app_manager=make_app_manager,
                        admin_tool=FenixSettings(**settings),
                        policies={DOCTOR: policy},
                    ),
                )
            )
            worlds.append(world)
            if instances:
                # The other project only holds a token.
                world.topology = Topology((2, 2, 2), (doctor,))
                world.deploy()
            return Lab(world)

        yield make
    for world in worlds:
        assert world.clock.failures == []


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    """Three computes without any instance."""
    return make_lab()
