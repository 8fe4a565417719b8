"""An app manager, an admin tool that records the replies, and an embedded cloud where a test needs one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import requests

from pytest_doctor_maint.actors.app_manager import AppManager, Policy
from pytest_doctor_maint.actors.contract import AppManagerContext
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.servers import ServerState, list_servers
from pytest_doctor_maint.protocol import SCHEDULED_EVENT, to_wire
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, HttpServer, HttpSession, Request, route
from pytest_doctor_maint.simtime.http.wires import MemoryWire
from pytest_doctor_maint.testbed.projects import create_project_access
from tests.support.alarm_bodies import Json, alarm_body
from tests.support.embedded_lab import EmbeddedLab

if TYPE_CHECKING:
    from openstack.connection import Connection

PROJECT = "82b153615199441880830ac9b6a9ea15"
ALL_ACTIONS = "['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']"


class _EmptyCloud:
    """A connection to a cloud whose catalog is empty."""

    class Config:
        def get_region_name(self) -> str:
            return "RegionOne"

    class Session:
        def get_endpoint(self, **which: str) -> None:
            return None

    config = Config()
    session = Session()


class AdminToolDouble(App):
    """Records replies, and lists the instances of the message at hand.

    Attributes:
        instance_ids: The instances that the URL of a message lists.
        replies: The replies: seconds since the start, and the body.
        status: The status with which replies are answered.
        failing_lists: The number of requests for the instances that fail first.
    """

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self.clock = clock
        self.instance_ids: list[str] = []
        self.replies: list[tuple[float, Json]] = []
        self.status = 200
        self.failing_lists = 0
        self.began = clock.now()

    @route("PUT", "/maintenance/<session>/<project>")
    def reply(self, request: Request, session: str, project: str) -> Answer:
        self.replies.append(((self.clock.now() - self.began).total_seconds(), request.json_object()))
        return self.status, {}

    @route("GET", "/maintenance/<session>/<project>")
    def instances(self, request: Request, session: str, project: str) -> Answer:
        if self.failing_lists:
            self.failing_lists -= 1
            raise HttpError(503, "busy")
        return {"instance_ids": self.instance_ids}


class AppManagerBench:
    """An app manager without a cloud, which can only reply.

    Args:
        policy: The decisions of the app manager.

    Attributes:
        manager: The app manager.
        alarm_url: The URL that takes its alarms.
        admin_tool: The admin tool to which it replies.
        server: The server of the admin tool.
        history: What the app manager records.
        http: A session of the test.
    """

    def __init__(self, policy: Policy) -> None:
        self.clock = SimulatedClock(1, wire=MemoryWire())
        self.history = History(self.clock.now)
        self.admin_tool = AdminToolDouble(self.clock)
        self.server = HttpServer(self.admin_tool, name="admin_tool", clock=self.clock).start()
        self.http = HttpSession(self.clock)
        self.project_id, connection = self.make_project()
        self.manager = AppManager(
            AppManagerContext(self.clock, self.history, connection, self.project_id, "doctor", policy=policy)
        ).start()
        self.alarm_url = self.manager.new_alarm_url()

    def make_project(self) -> tuple[str, Connection]:
        """Return the id of the project and a connection."""
        return PROJECT, cast("Connection", _EmptyCloud())

    @property
    def replies(self) -> list[tuple[float, Json]]:
        """The replies so far: seconds since the start, and the body."""
        return self.admin_tool.replies

    def reply_states(self) -> list[object]:
        """Return the states of the replies so far."""
        return [body["state"] for _, body in self.replies]

    def alarm(self, state: str, *, window: float = 30.0, message_id: str = "m", **changed: object) -> Json:
        """Return the body that Aodh posts for a message of this state; `changed` are other traits."""
        return self.alarm_with({"state": state, **changed}, window=window, message_id=message_id)

    def alarm_with(self, changed: Mapping[str, object], *, window: float = 30.0, message_id: str = "m") -> Json:
        """Return the body that Aodh posts for a message with these traits; None leaves a trait out."""
        url = f"{self.server.url}/maintenance/s/{self.project_id}"
        due = to_wire(self.clock.now() + timedelta(seconds=window)).replace(" ", "T")
        traits = {
            "session_id": "s",
            "project_id": self.project_id,
            "instance_ids": url,
            "allowed_actions": ALL_ACTIONS,
            "actions_at": due,
            "reply_at": due,
            "reply_url": url,
            "metadata": "{'openstack_version': '2026.1'}",
            **changed,
        }
        return alarm_body(SCHEDULED_EVENT, traits, message_id=message_id)

    def post(self, body: object, path: str | None = None) -> requests.Response:
        """Post a body to the URL of the app manager's alarm, or to another path."""
        url = self.alarm_url if path is None else f"{self.manager.url}{path}"
        return self.http.post(url, json=body)

    def stop(self) -> None:
        """Stop what serves."""
        self.manager.stop()
        self.server.stop()

    def join(self) -> None:
        """Wait for the last handlers, after the clock was stopped."""
        self.manager.join()
        self.server.join()
        self.http.close()

    def close(self) -> None:
        """End the bench."""
        self.stop()
        self.clock.stop()
        self.join()


class CloudBench(AppManagerBench):
    """An app manager on an embedded cloud of three computes, each with room for two instances.

    Attributes:
        lab: The cloud.
        admin: A connection with the admin role.
        sent: The number of messages that were sent so far.
    """

    sent = 0

    def make_project(self) -> tuple[str, Connection]:
        self.lab = EmbeddedLab(self.clock, self.history)
        self.admin = self.lab.admin
        project = create_project_access(self.admin, "doctor", "secret", instances=6, vcpus=1)
        return project.project_id, self.lab.connect("doctor", "doctor", "secret")

    def deploy(self, instances: int = 6, placement: Mapping[str, str] | None = None, *, placed: bool = True) -> None:
        """Create the application; ``placed=False`` leaves out the connection that a placement needs."""
        image, flavor, network = self.lab.parts()
        self.manager.deploy(
            image=image,
            flavor=flavor,
            external_network=network,
            instances=instances,
            placement=placement or {},
            placer=self.lab.placer("doctor", self.project_id) if placement and placed else None,
        )

    def deploy_as_placed(self) -> None:
        """Create two instances on each compute: ACT on the first one, STBY on the second one."""
        homes = {
            "doctor_ha_app_0": "compute-1",
            "doctor_nonha_app_0": "compute-1",
            "doctor_ha_app_1": "compute-2",
            "doctor_nonha_app_1": "compute-2",
            "doctor_nonha_app_2": "compute-3",
            "doctor_nonha_app_3": "compute-3",
        }
        self.deploy(placement=homes)

    def servers(self) -> dict[str, ServerState]:
        """Return all servers of the cloud by name, as an admin sees them."""
        return {server.name: server for server in list_servers(self.admin, all_tenants=1)}

    def homes(self) -> dict[str, str]:
        """Return the computes of all servers by name."""
        return {name: str(server.host) for name, server in sorted(self.servers().items())}

    def behind_floating_ip(self) -> str | None:
        """Return the name of the server behind the floating IP."""
        server_id = self.history.of("floating_ip")[-1].data["server_id"]
        return next((name for name, server in self.servers().items() if server.id == server_id), None)

    def disable(self, host: str) -> None:
        """Disable nova-compute on a host."""
        service = call(self.admin.compute, "GET", "/os-services", binary="nova-compute", host=host)["services"][0]
        call(self.admin.compute, "PUT", f"/os-services/{service['id']}", {"status": "disabled"})

    def send(self, state: str, *names: str, window: float = 120.0, **changed: object) -> None:
        """Post a message about the instances with these names; return when the app manager has handled it."""
        self.sent += 1
        servers = self.servers()
        ids = [servers[name].id for name in names]
        self.admin_tool.instance_ids = ids
        traits = {"state": state, "instance_ids": str(ids), **changed}
        alarm = self.alarm_with(traits, window=window, message_id=f"m{self.sent}")
        assert self.post(alarm).status_code == 200

    def stop(self) -> None:
        self.lab.stop()
        super().stop()

    def join(self) -> None:
        super().join()
        self.lab.join()
