"""A cloud of one Keystone and one Nova with one server, and a connection to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pytest_doctor_maint.openstack.connection import connect, disconnect
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, HttpServer, Request, route
from pytest_doctor_maint.simtime.http.wires import MemoryWire

if TYPE_CHECKING:
    from openstack.connection import Connection

Json = dict[str, object]


class MiniCloud(App):
    """Records its requests, and shows a server whose state follows a plan.

    Attributes:
        requests: Method, path and microversion of each request.
        plan: Seconds since the start, and Nova's JSON of the server from then on; None where it does not exist.
        alarm_body: The body of the last alarm that was created.
    """

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self.clock = clock
        self.began = clock.now()
        self.url = ""
        self.requests: list[tuple[str, str, str | None]] = []
        self.plan: list[tuple[float, Json | None]] = [(0.0, {"status": "ACTIVE"})]
        self.alarm_body: Json = {}
        self.pages = [["a", "b"], ["c"]]

    def dispatch(
        self,
        request: Request,
        handler: Callable[..., Answer],
        options: Mapping[str, object],
        values: Mapping[str, object],
    ) -> Answer:
        self.requests.append((request.method, request.path, request.headers.get("OpenStack-API-Version")))
        return super().dispatch(request, handler, options, values)

    def error_body(self, error: HttpError) -> Json:
        return {"itemNotFound": {"message": error.message, "code": error.status}}

    @route("POST", "/identity/v3/auth/tokens")
    def token(self, request: Request) -> Answer:
        who = request.json_object()["auth"]
        if who["identity"]["password"]["user"]["password"] != "right":
            raise HttpError(401, "wrong")
        endpoint = {"region": "RegionOne", "region_id": "RegionOne", "interface": "public", "id": "e"}
        services = {"identity": "/identity/v3", "compute": "/compute/v2.1", "alarming": "/alarming"}
        project = {"id": "p", "name": "p", "domain": {"id": "default", "name": "Default"}}
        token = {
            "expires_at": "2040-01-01T00:00:00.000000Z",
            "issued_at": "2030-01-01T00:00:00.000000Z",
            "methods": ["password"],
            "user": project,
            "project": project,
            "roles": [],
            "catalog": [
                {"type": kind, "name": kind, "id": kind, "endpoints": [{**endpoint, "url": self.url + path}]}
                for kind, path in services.items()
            ],
        }
        return 201, {"token": token}, {"X-Subject-Token": "t"}

    @route("GET", "/compute/v2.1")
    def version(self, request: Request) -> Answer:
        links = [{"rel": "self", "href": f"{self.url}/compute/v2.1/"}]
        version = {"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1", "links": links}
        return {"version": version}

    @route("GET", "/compute/v2.1/servers/detail")
    def servers(self, request: Request) -> Answer:
        marker = request.args.get("marker")
        page = 1 if marker == self.pages[0][-1] else 0
        shown = [{"id": name, "name": name, "status": "ACTIVE"} for name in self.pages[page]]
        return {"servers": shown, **({"servers_links": [{"rel": "next", "href": "…"}]} if page == 0 else {})}

    @route("GET", "/compute/v2.1/servers/<server_id>")
    def server(self, request: Request, server_id: str) -> Answer:
        elapsed = (self.clock.now() - self.began).total_seconds()
        shown = [server for begins, server in self.plan if begins <= elapsed][-1]
        if shown is None:
            raise HttpError(404, f"Instance {server_id} could not be found.")
        return {"server": {"id": server_id, "name": "web", **shown}}

    @route("POST", "/alarming/v2/alarms")
    def alarm(self, request: Request) -> Answer:
        self.alarm_body = request.json_object()
        return 201, {"alarm_id": "a"}

    @route("DELETE", "/alarming/v2/alarms/<alarm_id>")
    def delete_alarm(self, request: Request, alarm_id: str) -> Answer:
        return None


class MiniCloudBench:
    """The cloud and a connection to it."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(1, wire=MemoryWire())
        self.cloud = MiniCloud(self.clock)
        self.server = HttpServer(self.cloud, name="cloud", clock=self.clock).start()
        self.cloud.url = self.server.url
        self.connection = self.connect("right")

    def connect(self, password: str) -> Connection:
        """Return a connection with this password."""
        auth_url = f"{self.server.url}/identity/v3"
        return connect(self.clock, auth_url=auth_url, username="u", password=password, project_name="p")

    @property
    def elapsed(self) -> float:
        """The seconds since the start."""
        return (self.clock.now() - self.cloud.began).total_seconds()

    def close(self) -> None:
        """End the bench."""
        self.server.stop()
        self.clock.stop()
        self.server.join()
        disconnect(self.connection)
