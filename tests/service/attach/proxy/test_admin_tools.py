"""In front of a real admin tool the proxy records what that one records itself."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import requests

from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.app_manager import AppManager
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy, Vnfm
from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import to_wire
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, lay_out

#: What passes over the admin tool's wire.
WIRE = (
    kinds.SESSION_CREATED,
    kinds.SESSION_REFUSED,
    kinds.SESSION_STATE,
    kinds.SESSION_DELETED,
    kinds.REPLY,
    kinds.REPLY_REFUSED,
    kinds.CONSTRAINT_INSTANCE,
    kinds.CONSTRAINT_GROUP,
)
FENIX: dict[str, Any] = {"make_admin_tool": Fenix, "admin_tool": FenixSettings()}
VNF = {**FENIX, "make_app_manager": Vnfm, "constraints": {"doctor": ConstraintPolicy()}, "workflow": "vnf"}


class Place:
    """A world whose admin tool is reached through a proxy, which has a history of its own."""

    def __init__(self, world: Testbed) -> None:
        self.world = world
        self.clock = world.clock
        self.history = History(world.clock.now)
        self.proxy = RemoteAdminTool(world.admin_tool.url, world.clock, self.history).start()
        for manager in world.app_managers.values():
            assert isinstance(manager, AppManager)
            manager.reply_through(self.proxy.detour())
        world.deploy()

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Ask the admin tool, as the admin, through the proxy."""
        session = self.world.admin.session
        answer: requests.Response = session.request(f"{self.proxy.url}{path}", method, json=body, raise_exc=False)
        return answer

    def begin(self, **changes: Any) -> requests.Response:
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(self.clock.now() + timedelta(seconds=60)),
            "hosts": self.world.topology.hosts,
            "metadata": {"openstack_version": "2026.1"},
            "workflow": self.world.settings.workflow,
        }
        return self.call("POST", "/maintenance", {**body, **changes})

    def wait(self, session_id: str) -> str:
        while not (state := self.call("GET", f"/maintenance/{session_id}").json()["state"]).endswith(
            ("DONE", "FAILED")
        ):
            self.clock.sleep(1)
        return str(state)

    def both(self, *which: str) -> list[list[tuple[Any, ...]]]:
        """What the admin tool and the proxy recorded."""
        return [
            [(event.kind, event.actor, event.cause, event.data) for event in history.of(*(which or WIRE))]
            for history in (self.world.history, self.history)
        ]


@pytest.fixture
def make_place() -> Iterator[Callable[..., Place]]:
    with ExitStack() as stack:

        def make(settings: dict[str, Any]) -> Place:
            hosts = ["compute-1", "compute-2", "compute-3"]
            doctor = ApplicationSpec("doctor", 4)
            doctor = ApplicationSpec("doctor", 4, lay_out(doctor.names, hosts[:2]))
            world = stack.enter_context(Testbed(Topology((2, 2, 2), (doctor,)), TestbedSettings(**settings)))
            place = Place(world)
            stack.callback(place.proxy.join)
            stack.callback(world.clock.stop)
            stack.callback(place.proxy.stop)
            return place

        yield make


@pytest.mark.parametrize(
    "settings", [pytest.param({}, id="sample"), pytest.param(FENIX, id="fenix"), pytest.param(VNF, id="vnf")]
)
def test_a_whole_session(make_place: Callable[..., Place], settings: dict[str, Any]) -> None:
    place = make_place(settings)
    session_id = place.begin().json()["session_id"]
    assert place.wait(session_id) == "MAINTENANCE_DONE"
    assert place.call("DELETE", f"/maintenance/{session_id}").ok
    place.world.withdraw()
    own, proxys = place.both()
    assert own == proxys
    counts = {kind: len(place.history.of(kind)) for kind in WIRE}
    assert counts[kinds.SESSION_CREATED] == counts[kinds.SESSION_DELETED] == 1
    assert counts[kinds.SESSION_STATE] >= 3
    assert counts[kinds.REPLY] >= 4
    vnf = settings is VNF
    assert (counts[kinds.CONSTRAINT_INSTANCE] >= 8) == (counts[kinds.CONSTRAINT_GROUP] >= 4) == vnf
    # Each answer knows its notification, through app manager, detour, proxy and admin tool.
    assert {place.world.history.event(cause).kind for _, _, cause, _ in place.both(kinds.REPLY)[1]} == {"notification"}
    assert "127.0.0.1" not in "".join(event.to_json() for event in place.history)
    assert place.clock.failures == []


@pytest.mark.parametrize("settings", [pytest.param({}, id="sample"), pytest.param(FENIX, id="fenix")])
def test_what_is_refused(make_place: Callable[..., Place], settings: dict[str, Any]) -> None:
    place = make_place(settings)
    assert place.begin(hosts=["compute-9"]).status_code == 400
    assert place.begin(maintenance_at="2020-01-01 00:00:00").status_code == 400
    session_id = place.begin().json()["session_id"]
    place.clock.sleep(5)
    # The app manager has agreed already.
    (project_id,) = {event.data["project_id"] for event in place.history.of(kinds.REPLY)}
    late = place.call("PUT", f"/maintenance/{session_id}/{project_id}", {"state": "NACK_MAINTENANCE"})
    # To Fenix the admin is not the project either.
    assert late.status_code == (403 if settings else 409)
    assert place.call("DELETE", f"/maintenance/{session_id}").status_code == (409 if settings == {} else 200)
    own, proxys = place.both()
    # Nobody said what that answer follows from, and the proxy's history has no notifications.
    assert [(kind, actor, data) for kind, actor, _, data in own] == [
        (kind, actor, data) for kind, actor, _, data in proxys
    ]
    refused = [str(event.data["error"]) for event in place.history.of(kinds.SESSION_REFUSED)]
    assert ["compute-9" in refused[0], "past" in refused[1], len(refused)] == [True, True, 2]
    (not_taken,) = place.history.of(kinds.REPLY_REFUSED)
    assert (not_taken.data["status"], not_taken.data["error"]) == (late.status_code, late.json()["error"])


def test_fenix_asks_who_it_is_through_the_proxy(make_place: Callable[..., Place]) -> None:
    """A token passes it; without one nobody is let in, and the proxy has none to lend."""
    place = make_place(FENIX)
    assert place.call("GET", "/maintenance").status_code == 200
    refused = place.world.http.get(f"{place.proxy.url}/maintenance")
    assert refused.status_code == 401
    token = place.world.admin.session.get_token()
    assert token
    assert token not in "".join(event.to_json() for event in place.history)
