"""An embedded cloud that reports to a history, and an observer from outside with a history of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pytest_doctor_maint.attach.observer import Observer
from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.embedded import CloudSettings, ComputeSpec, EmbeddedCloud
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.openstack.alarms import subscribe
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.connection import connect, disconnect
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.http.wires import MemoryWire
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.simtime.moments import parse_moment
from pytest_doctor_maint.testbed.projects import (
    ProjectAccess,
    create_project_access,
    find_external_network,
    find_image,
    make_flavor,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from openstack.connection import Connection

#: The data of an event.
Data = dict[str, object]

#: The field that identifies the subject of an event, by kind.
KEYS = {
    kinds.COMPUTE: "host",
    kinds.SERVER: "server_id",
    kinds.SERVER_GROUP: "group_id",
    kinds.FLOATING_IP: "floating_ip_id",
    kinds.ALARM_CREATED: "alarm_id",
    kinds.ALARM_DELETED: "alarm_id",
    kinds.GUEST: "server_id",
}


class Tap:
    """A WSGI layer in front of the cloud that records the path of each request.

    Attributes:
        asked: The paths so far.
        before: Called with the path before each request is handled.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.asked: list[str] = []
        self.before: Callable[[str], object] = lambda path: None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        self.before(path)
        return self._app(environ, start_response)


class ObservedCloud:
    """Three computes of four VCPUs, the projects ``doctor`` and ``other``, and an observer.

    Attributes:
        reported: What the cloud reports.
        seen: The history of the observer, which does not yet look before each message.
        tap: The layer between the cloud and its clients.
        observer: Looks at the project ``doctor``; it has not started.
        users: A connection of each user by name, which is the project's name too.
    """

    def __init__(self) -> None:
        self.clock = SimulatedClock(1, wire=MemoryWire())
        self.reported = History(self.clock.now)
        self.seen = WatchedHistory(self.clock)
        computes = [ComputeSpec(f"compute-{number}", 4) for number in (1, 2, 3)]
        self.cloud = EmbeddedCloud(self.clock, self.reported, Ids(1), CloudSettings(computes))
        self.tap = self.cloud._server._app = Tap(self.cloud._server._app)
        self.cloud.start()
        self.http = HttpSession(self.clock)
        self._connections: list[Connection] = []
        self.admin = self._connect("admin", "admin")
        self._projects: dict[str, ProjectAccess] = {}
        self.users: dict[str, Connection] = {"admin": self.admin}
        for name in ("doctor", "other"):
            self._projects[name] = create_project_access(self.admin, name, "secret", instances=10, vcpus=1)
            self.users[name] = self._connect(name, "secret")
        self.image = find_image(self.admin)
        self.external = find_external_network(self.admin)
        self.flavor = make_flavor(self.admin, 1)
        self.observer = Observer(self.clock, self.seen, self._connect("admin", "admin"))
        self.observer.watch([self.project("doctor")])

    def _connect(self, name: str, password: str) -> Connection:
        auth_url = self.cloud.auth_url
        made = connect(self.clock, auth_url=auth_url, username=name, password=password, project_name=name)
        self._connections.append(made)
        return made

    def project(self, name: str) -> str:
        """Return the id of a project."""
        return str(self.admin.session.get_project_id()) if name == "admin" else self._projects[name].project_id

    # -- changes of the cloud ----------------------------------------------------------------------------------------

    def boot(
        self, name: str = "one", *, by: str = "doctor", wait: float = 10.0, network: str = "", **hints: str
    ) -> str:
        """Create a server, wait, and return its id."""
        networks = [{"uuid": network}] if network else "none"
        server = {"name": name, "imageRef": self.image, "flavorRef": self.flavor, "networks": networks}
        body = {"server": server, **({"os:scheduler_hints": hints} if hints else {})}
        server_id = str(call(self.users[by].compute, "POST", "/servers", body)["server"]["id"])
        self.clock.sleep(wait)
        return server_id

    def act(self, server_id: str, action: str, value: object = None, *, by: str = "admin") -> None:
        """Carry out an action on a server."""
        call(self.users[by].compute, "POST", f"/servers/{server_id}/action", {action: value})

    def live_migrate(self, server_id: str, host: str | None = None) -> None:
        """Begin a live migration."""
        self.act(server_id, "os-migrateLive", {"host": host, "block_migration": "auto"})

    def delete(self, server_id: str, *, by: str = "doctor") -> None:
        """Delete a server."""
        call(self.users[by].compute, "DELETE", f"/servers/{server_id}")

    def service(self, host: str, **changes: object) -> None:
        """Change a compute's service, as an admin does."""
        services = call(self.admin.compute, "GET", "/os-services", binary="nova-compute")["services"]
        (service_id,) = [each["id"] for each in services if each["host"] == host]
        call(self.admin.compute, "PUT", f"/os-services/{service_id}", changes)

    def alarm(self, name: str = "an alarm", *, by: str = "doctor", url: str = "http://nowhere.invalid") -> str:
        """Create an alarm, and return its id."""
        return subscribe(self.users[by], name=name, event_type="maintenance.scheduled", url=url)

    def host_of(self, server_id: str) -> str:
        """Return the compute of a server, according to the cloud itself."""
        host = self.cloud.nova.servers[server_id].host
        assert host is not None
        return host

    def watch_slowly(self, seconds: float) -> None:
        """Make :attr:`seen` look at the cloud before each message, and each look take so many seconds longer."""
        self.seen.observer = self.observer
        # No periodic looks: in simulated time, nothing else can happen while one look waits for another.
        self.observer.every = 1000.0
        self.observer.start()
        self.slow_down(seconds)

    def slow_down(self, seconds: float) -> None:
        """Make each look at the cloud take so many seconds longer from now on."""

        def wait(path: str) -> None:
            if path.endswith("/os-services"):
                self.clock.sleep(seconds)

        self.tap.before = wait

    # -- what was seen -----------------------------------------------------------------------------------------------

    def of(self, kind: str, **data: object) -> list[Data]:
        """Return the data of the events that were seen and have these values, without the times."""
        found = [plain(event) for event in self.seen.of(kind)]
        return [each for each in found if all(each.get(name) == value for name, value in data.items())]

    def column(self, kind: str, *names: str, **data: object) -> list[object]:
        """Return some of the data of the events that were seen: one value for each, or a tuple of several."""
        found = self.of(kind, **data)
        return [each[names[0]] if len(names) == 1 else tuple(each[name] for name in names) for each in found]

    def agrees(self, kind: str, *, without: tuple[str, ...] = ()) -> int:
        """Assert that every event of ``kind`` that was seen was true at some moment since its ``since``, according to
        the cloud itself, and in that order; return the number of events.
        """
        key = KEYS[kind]
        followed: dict[str, int] = {}
        for event in self.seen.of(kind):
            reported = self.reported.of(kind, **{key: event.data[key]})
            fits = [index for index in range(len(reported)) if _was_so(event, reported, index, without)]
            assert fits, (event.to_json(), [each.to_json() for each in reported])
            later = [index for index in fits if index > followed.get(event.data[key], -1)]
            assert later, f"recorded again, or too late: {event.to_json()}"
            followed[event.data[key]] = later[0]
        return len(self.seen.of(kind))

    def close(self) -> None:
        """End the cloud and the clock."""
        self.cloud.stop()
        self.clock.stop()
        self.cloud.join()
        self.http.close()
        for connection in self._connections:
            disconnect(connection)


def plain(event: Event, without: Iterable[str] = ("since",)) -> Data:
    """Return the data of an event without some fields."""
    return {name: value for name, value in event.data.items() if name not in without}


def _was_so(event: Event, reported: tuple[Event, ...], index: int, without: tuple[str, ...]) -> bool:
    drop = ("since", *without)
    ended = reported[index + 1].at if index + 1 < len(reported) else event.at
    state = reported[index]
    return (
        plain(event, drop) == plain(state, drop) and state.at <= event.at and ended >= parse_moment(event.data["since"])
    )
