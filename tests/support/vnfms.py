"""A VNFM on an embedded cloud, with an admin tool in the catalog that records constraints and replies."""

from __future__ import annotations

from datetime import timedelta

from pytest_doctor_maint.actors.app_manager import Policy
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy, Vnfm
from pytest_doctor_maint.actors.contract import AppManagerContext
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.protocol import SCHEDULED_EVENT, to_wire
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, HttpServer, HttpSession, Request, route
from pytest_doctor_maint.simtime.http.wires import MemoryWire
from pytest_doctor_maint.testbed.projects import create_project_access
from tests.support.alarm_bodies import Json, alarm_body
from tests.support.app_managers import ALL_ACTIONS
from tests.support.embedded_lab import EmbeddedLab


class FenixDouble(App):
    """Records constraints and replies, and requires a token as Fenix does.

    Attributes:
        calls: Each call about a constraint: method, ``instance/NAME`` or ``instance_group/NAME``, body.
        replies: The bodies of the replies.
        refuse: The statuses with which calls about constraints are refused, by method.
        tokens: The tokens of all calls.
        asked: The number of calls.
        instance_ids: The instances that the URL of a message lists.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str, Json | None]] = []
        self.replies: list[Json] = []
        self.refuse: dict[str, int] = {}
        self.tokens: set[str] = set()
        self.asked = 0
        self.instance_ids: list[str] = []
        self._names: dict[str, str] = {}

    @route("PUT", "/v1/<any(instance, instance_group):kind>/<key>")
    def put(self, request: Request, kind: str, key: str) -> Answer:
        body = request.json_object()
        self._names[key] = body["instance_name" if kind == "instance" else "group_name"]
        return self._note(request, kind, key, body)

    @route("DELETE", "/v1/<any(instance, instance_group):kind>/<key>")
    def delete(self, request: Request, kind: str, key: str) -> Answer:
        return self._note(request, kind, key, None)

    @route("PUT", "/v1/maintenance/<session>/<project>")
    def reply(self, request: Request, session: str, project: str) -> Answer:
        self._authenticate(request)
        self.replies.append(request.json_object())
        return {}

    @route("GET", "/v1/maintenance/<session>/<project>")
    def instances(self, request: Request, session: str, project: str) -> Answer:
        self._authenticate(request)
        return {"instance_ids": self.instance_ids}

    def _note(self, request: Request, kind: str, key: str, body: Json | None) -> Answer:
        self._authenticate(request)
        self.calls.append((request.method, f"{kind}/{self._names[key]}", body))
        if request.method in self.refuse:
            raise HttpError(self.refuse[request.method], "no")
        return None if request.method == "DELETE" else {}

    def _authenticate(self, request: Request) -> None:
        self.asked += 1
        token = request.headers.get("X-Auth-Token")
        if token is None:
            raise HttpError(401, "no token")
        self.tokens.add(token)


class VnfmBench:
    """A VNFM, the admin tool, and a server that is no service of the cloud.

    Args:
        policy: The decisions of the VNFM.
        constraints: Its constraints; None for the default ones.
        in_catalog: Whether the cloud's catalog has the admin tool.

    Attributes:
        manager: The VNFM.
        fenix: The admin tool.
        stranger: An admin tool that is no service of the cloud.
        elsewhere: The server of ``stranger``.
        history: What the VNFM and the cloud record.
    """

    def __init__(self, policy: Policy, constraints: ConstraintPolicy | None, *, in_catalog: bool = True) -> None:
        self.clock = SimulatedClock(1, wire=MemoryWire())
        self.history = History(self.clock.now)
        self.fenix = FenixDouble()
        self.server = HttpServer(self.fenix, name="admin_tool", clock=self.clock).start()
        self.stranger = FenixDouble()
        self.elsewhere = HttpServer(self.stranger, name="stranger", clock=self.clock).start()
        self.lab = EmbeddedLab(self.clock, self.history)
        self.http = HttpSession(self.clock)
        if in_catalog:
            self._register()
        project = create_project_access(self.lab.admin, "doctor", "secret", instances=6, vcpus=1)
        self.project_id = project.project_id
        connection = self.lab.connect("doctor", "doctor", "secret")
        self.manager = Vnfm(
            AppManagerContext(
                self.clock, self.history, connection, self.project_id, "doctor", policy=policy, constraints=constraints
            )
        ).start()
        self._sent = 0

    def deploy(self) -> None:
        """Create an application of six instances."""
        image, flavor, network = self.lab.parts()
        self.manager.deploy(
            image=image, flavor=flavor, external_network=network, instances=6, placement={}, placer=None
        )

    def calls(self) -> list[tuple[str, str]]:
        """Return the calls about constraints since the last call of this method, without their bodies."""
        calls = [(method, path) for method, path, _ in self.fenix.calls]
        self.fenix.calls.clear()
        return calls

    def bodies(self) -> dict[str, Json]:
        """Return the bodies of the constraints that were set since the last call of this method, by path."""
        return {path: body for _, path, body in self.fenix.calls if body is not None}

    def send(self, state: str, instance_ids: list[str] | None = None, *, reply_to: HttpServer | None = None) -> None:
        """Post a message; return when the VNFM has handled it."""
        window = 60.0
        self._sent += 1
        url = f"{(reply_to or self.server).url}/v1/maintenance/s/{self.project_id}"
        due = to_wire(self.clock.now() + timedelta(seconds=window)).replace(" ", "T")
        traits = {
            "session_id": "s",
            "project_id": self.project_id,
            "state": state,
            "instance_ids": str(instance_ids or url),
            "allowed_actions": ALL_ACTIONS,
            "actions_at": due,
            "reply_at": due,
            "reply_url": url,
            "metadata": "{}",
        }
        body = alarm_body(SCHEDULED_EVENT, traits, message_id=f"m{self._sent}")
        self.http.post(self.manager.new_alarm_url(), json=body).raise_for_status()
        self.clock.sleep(window)

    def _register(self) -> None:
        identity = self.lab.admin.identity
        service = call(identity, "POST", "/services", {"service": {"type": "maintenance", "name": "fenix"}})["service"]
        endpoint = {
            "service_id": service["id"],
            "interface": "public",
            "region_id": "RegionOne",
            "url": f"{self.server.url}/v1",
        }
        call(identity, "POST", "/endpoints", {"endpoint": endpoint})

    def close(self) -> None:
        """End the bench."""
        servers = (self.manager, self.server, self.elsewhere)
        for server in servers:
            server.stop()
        self.lab.stop()
        self.clock.stop()
        for server in servers:
            server.join()
        self.lab.join()
        self.http.close()
