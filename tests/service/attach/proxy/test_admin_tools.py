"""The proxy in front of an admin tool of this package records the same events as the admin tool itself."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

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

#: The kinds of events about requests to the admin tool.
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
SAMPLE = TestbedSettings()
FENIX = TestbedSettings(make_admin_tool=Fenix, admin_tool=FenixSettings())
VNF = replace(FENIX, make_app_manager=Vnfm, constraints={"doctor": ConstraintPolicy()}, workflow="vnf")

#: Kind, actor, cause and data of an event.
Recorded = tuple[str, str, int | None, Mapping[str, object]]


class Place:
    """A testbed whose admin tool is reached through a proxy, which has a history of its own."""

    def __init__(self, testbed: Testbed) -> None:
        self.testbed = testbed
        self.clock = testbed.clock
        self.history = History(testbed.clock.now)
        self.proxy = RemoteAdminTool(testbed.admin_tool.url, testbed.clock, self.history).start()
        for manager in testbed.app_managers.values():
            assert isinstance(manager, AppManager)
            manager.reply_through(self.proxy.detour())
        testbed.deploy()

    def call(self, method: str, path: str, body: object = None) -> requests.Response:
        """Send a request to the admin tool, as the admin, through the proxy."""
        session = self.testbed.admin.session
        answer: requests.Response = session.request(f"{self.proxy.url}{path}", method, json=body, raise_exc=False)
        return answer

    def begin(self, **changes: object) -> requests.Response:
        """Ask for a session of all computes."""
        body = {
            "state": "MAINTENANCE",
            "maintenance_at": to_wire(self.clock.now() + timedelta(seconds=60)),
            "hosts": self.testbed.topology.hosts,
            "metadata": {"openstack_version": "2026.1"},
            "workflow": self.testbed.settings.workflow,
        }
        return self.call("POST", "/maintenance", {**body, **changes})

    def wait(self, session_id: str) -> str:
        """Wait for the end of a session, and return its last state."""
        while not (state := self.call("GET", f"/maintenance/{session_id}").json()["state"]).endswith(
            ("DONE", "FAILED")
        ):
            self.clock.sleep(1)
        return str(state)

    def both(self, *which: str) -> list[list[Recorded]]:
        """Return the events of these kinds (by default of :data:`WIRE`) of the admin tool, and those of the proxy."""
        return [
            [(event.kind, event.actor, event.cause, event.data) for event in history.of(*(which or WIRE))]
            for history in (self.testbed.history, self.history)
        ]


@pytest.fixture
def make_place() -> Iterator[Callable[..., Place]]:
    with ExitStack() as stack:

        def make(settings: TestbedSettings) -> Place:
            hosts = ["compute-1", "compute-2", "compute-3"]
            doctor = ApplicationSpec("doctor", 4)
            doctor = ApplicationSpec("doctor", 4, lay_out(doctor.names, hosts[:2]))
            testbed = stack.enter_context(Testbed(Topology((2, 2, 2), (doctor,)), settings))
            place = Place(testbed)
            stack.callback(place.proxy.join)
            stack.callback(testbed.clock.stop)
            stack.callback(place.proxy.stop)
            return place

        yield make


@pytest.mark.parametrize(
    "settings", [pytest.param(SAMPLE, id="sample"), pytest.param(FENIX, id="fenix"), pytest.param(VNF, id="vnf")]
)
def test_a_whole_session(make_place: Callable[..., Place], settings: TestbedSettings) -> None:
    place = make_place(settings)
    session_id = place.begin().json()["session_id"]
    assert place.wait(session_id) == "MAINTENANCE_DONE"
    assert place.call("DELETE", f"/maintenance/{session_id}").ok
    place.testbed.withdraw()
    own, proxys = place.both()
    assert own == proxys
    counts = {kind: len(place.history.of(kind)) for kind in WIRE}
    assert counts[kinds.SESSION_CREATED] == counts[kinds.SESSION_DELETED] == 1
    assert counts[kinds.SESSION_STATE] >= 3
    assert counts[kinds.REPLY] >= 4
    vnf = settings is VNF
    assert (counts[kinds.CONSTRAINT_INSTANCE] >= 8) == (counts[kinds.CONSTRAINT_GROUP] >= 4) == vnf
    # The cause of each reply is its notification, through app manager, detour, proxy and admin tool.
    causes = {cause or 0 for _, _, cause, _ in place.both(kinds.REPLY)[1]}
    assert {place.testbed.history.event(cause).kind for cause in causes} == {"notification"}
    assert "127.0.0.1" not in "".join(event.to_json() for event in place.history)
    assert place.clock.failures == []


@pytest.mark.parametrize("settings", [pytest.param(SAMPLE, id="sample"), pytest.param(FENIX, id="fenix")])
def test_what_is_refused(make_place: Callable[..., Place], settings: TestbedSettings) -> None:
    place = make_place(settings)
    assert place.begin(hosts=["compute-9"]).status_code == 400
    assert place.begin(maintenance_at="2020-01-01 00:00:00").status_code == 400
    session_id = place.begin().json()["session_id"]
    place.clock.sleep(5)
    # The app manager has agreed already.
    (project_id,) = {event.data["project_id"] for event in place.history.of(kinds.REPLY)}
    late = place.call("PUT", f"/maintenance/{session_id}/{project_id}", {"state": "NACK_MAINTENANCE"})
    # The admin is not the project either: Fenix asks for its token, the sample for the secret of its messages.
    assert late.status_code == 403
    assert place.call("DELETE", f"/maintenance/{session_id}").status_code == 200
    own, proxys = place.both()
    # That reply names no cause, and the proxy's history has no notifications.
    assert [(kind, actor, data) for kind, actor, _, data in own] == [
        (kind, actor, data) for kind, actor, _, data in proxys
    ]
    refused = [str(event.data["error"]) for event in place.history.of(kinds.SESSION_REFUSED)]
    assert ["compute-9" in refused[0], "past" in refused[1], len(refused)] == [True, True, 2]
    (not_taken,) = place.history.of(kinds.REPLY_REFUSED)
    assert (not_taken.data["status"], not_taken.data["error"]) == (late.status_code, late.json()["error"])


def test_fenix_authenticates_through_the_proxy(make_place: Callable[..., Place]) -> None:
    """The proxy passes a token on; a request without one is refused, because the proxy has no token of its own."""
    place = make_place(FENIX)
    assert place.call("GET", "/maintenance").status_code == 200
    refused = place.testbed.http.get(f"{place.proxy.url}/maintenance")
    assert refused.status_code == 401
    token = place.testbed.admin.session.get_token()
    assert token
    assert token not in "".join(event.to_json() for event in place.history)
