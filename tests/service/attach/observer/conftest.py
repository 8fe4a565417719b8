"""An embedded cloud that records itself, and an observer from outside with a history of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from pytest_doctor_maint.attach.elsewhere import WatchedHistory
from pytest_doctor_maint.attach.observer import Observer
from pytest_doctor_maint.embedded import CloudSettings, ComputeSpec, EmbeddedCloud
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.history.event import parse_timestamp
from pytest_doctor_maint.openstack.alarms import subscribe
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.connection import connect, disconnect
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.projects import (
    ProjectAccess,
    create_project_access,
    find_external_network,
    find_image,
    make_flavor,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: What tells the things of a kind apart.
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
    """Notes what the cloud is asked, and calls ``before`` with the path of each request."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.asked: list[str] = []
        self.before: Callable[[str], object] = lambda path: None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        self.before(path)
        return self._app(environ, start_response)


class Lab:
    """Three computes of four VCPUs, the projects ``doctor`` and ``other``, and who looks at them.

    Attributes:
        told: What the cloud tells of itself.
        seen: What is recorded from outside. The observer is not yet in it.
        tap: Between the cloud and all that ask it.
    """

    def __init__(self) -> None:
        self.clock = SimulatedClock(1)
        self.told = History(self.clock.now)
        self.seen = WatchedHistory(self.clock)
        computes = [ComputeSpec(f"compute-{number}", 4) for number in (1, 2, 3)]
        self.cloud = EmbeddedCloud(self.clock, self.told, Ids(1), CloudSettings(computes))
        self.tap = self.cloud._server._app = Tap(self.cloud._server._app)
        self.cloud.start()
        self.http = HttpSession(self.clock)
        self._connections: list[Any] = []
        self.admin = self._connect("admin", "admin")
        self.tenants: dict[str, ProjectAccess] = {}
        self.users: dict[str, Any] = {"admin": self.admin}
        for name in ("doctor", "other"):
            self.tenants[name] = create_project_access(self.admin, name, "secret", instances=10, vcpus=1)
            self.users[name] = self._connect(name, "secret")
        self.image = find_image(self.admin)
        self.external = find_external_network(self.admin)
        self.flavor = make_flavor(self.admin, 1)
        self.observer = Observer(self.clock, self.seen, self._connect("admin", "admin"))
        self.observer.watch([self.project("doctor")])

    def _connect(self, name: str, password: str) -> Any:
        auth_url = self.cloud.auth_url
        made = connect(self.clock, auth_url=auth_url, username=name, password=password, project_name=name)
        self._connections.append(made)
        return made

    def project(self, name: str) -> str:
        return str(self.admin.session.get_project_id()) if name == "admin" else self.tenants[name].project_id

    # -- what happens on the cloud -----------------------------------------------------------------------------------

    def boot(
        self, name: str = "one", *, by: str = "doctor", wait: float = 10.0, network: str = "", **hints: Any
    ) -> str:
        """Make a server; after ``wait`` seconds it is there."""
        networks = [{"uuid": network}] if network else "none"
        server = {"name": name, "imageRef": self.image, "flavorRef": self.flavor, "networks": networks}
        body = {"server": server, **({"os:scheduler_hints": hints} if hints else {})}
        server_id = str(call(self.users[by].compute, "POST", "/servers", body)["server"]["id"])
        self.clock.sleep(wait)
        return server_id

    def act(self, server_id: str, action: str, value: Any = None, *, by: str = "admin") -> None:
        call(self.users[by].compute, "POST", f"/servers/{server_id}/action", {action: value})

    def live_migrate(self, server_id: str, host: str | None = None) -> None:
        self.act(server_id, "os-migrateLive", {"host": host, "block_migration": "auto"})

    def delete(self, server_id: str, *, by: str = "doctor") -> None:
        call(self.users[by].compute, "DELETE", f"/servers/{server_id}")

    def service(self, host: str, **changes: Any) -> None:
        """Change a compute's service, as an admin does."""
        services = call(self.admin.compute, "GET", "/os-services", binary="nova-compute")["services"]
        (service_id,) = [each["id"] for each in services if each["host"] == host]
        call(self.admin.compute, "PUT", f"/os-services/{service_id}", changes)

    def alarm(self, name: str = "an alarm", *, by: str = "doctor", url: str = "http://nowhere.invalid") -> str:
        return subscribe(self.users[by], name=name, event_type="maintenance.scheduled", url=url)

    def host_of(self, server_id: str) -> str:
        host = self.cloud.nova.servers[server_id].host
        assert host is not None
        return host

    # -- what was recorded of it -------------------------------------------------------------------------------------

    def of(self, kind: str, **data: Any) -> list[dict[str, Any]]:
        """What was seen, without the times."""
        return [plain(event) for event in self.seen.of(kind, **data)]

    def column(self, kind: str, *names: str, **data: Any) -> list[Any]:
        """Some of what was seen."""
        rows = [tuple(each[name] for name in names) for each in self.of(kind, **data)]
        return [row[0] for row in rows] if len(names) == 1 else rows

    def agrees(self, kind: str, *, without: tuple[str, ...] = ()) -> int:
        """All that was seen of ``kind`` was so, at some moment since its ``since``, as the cloud itself told it, and in
        that order; gives how much it was.
        """
        key = KEYS[kind]
        followed: dict[str, int] = {}
        for event in self.seen.of(kind):
            told = self.told.of(kind, **{key: event.data[key]})
            fits = [index for index in range(len(told)) if _was_so(event, told, index, without)]
            assert fits, (event.to_json(), [each.to_json() for each in told])
            later = [index for index in fits if index > followed.get(event.data[key], -1)]
            assert later, f"told again, or too late: {event.to_json()}"
            followed[event.data[key]] = later[0]
        return len(self.seen.of(kind))

    def close(self) -> None:
        self.cloud.stop()
        self.clock.stop()
        self.cloud.join()
        self.http.close()
        for connection in self._connections:
            disconnect(connection)


def plain(event: Event, without: Iterable[str] = ("since",)) -> dict[str, Any]:
    return {name: value for name, value in event.data.items() if name not in without}


def _was_so(event: Event, told: tuple[Event, ...], index: int, without: tuple[str, ...]) -> bool:
    drop = ("since", *without)
    ended = told[index + 1].at if index + 1 < len(told) else event.at
    held: Mapping[str, Any] = plain(told[index], drop)
    return plain(event, drop) == held and told[index].at <= event.at and ended >= parse_timestamp(event.data["since"])


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab()
    yield made
    made.close()
    assert made.clock.failures == []
