"""A served cloud for tests of Neutron."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.cloud import EmbeddedCloud
from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.http.wires import MemoryWire
from pytest_doctor_maint.simtime.ids import Ids
from tests.support.json import Json

_MEMBER = frozenset({"member", "reader"})
CALLERS = {
    "admin": Caller("u-admin", "admin", "p-admin", "admin", frozenset({"admin", "member", "reader"})),
    "ann": Caller("u-ann", "ann", "p1", "one", _MEMBER),
    "bob": Caller("u-bob", "bob", "p2", "two", _MEMBER),
    "reader": Caller("u-reader", "reader", "p1", "one", frozenset({"reader"})),
}


@dataclass
class NeutronLab:
    """A cloud with callers whose tokens are their names."""

    clock: SimulatedClock
    cloud: EmbeddedCloud
    history: History
    session: HttpSession
    tokens: dict[str, Caller] = field(default_factory=lambda: dict(CALLERS))

    @property
    def neutron(self) -> Neutron:
        return self.cloud.neutron

    def call(
        self, method: str, path: str, body: Json = None, *, who: str = "ann", headers: dict[str, str] | None = None
    ) -> requests.Response:
        return self.session.request(
            method, f"{self.cloud.url}/networking{path}", json=body, headers={"X-Auth-Token": who, **(headers or {})}
        )

    def get(self, path: str, *, who: str = "ann") -> Json:
        answer = self.call("GET", f"/v2.0/{path}", who=who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, collection: str, *, who: str = "ann", **attributes: Json) -> Json:
        """Create a resource and return it."""
        name = collection.removesuffix("s").replace("-", "_")
        answer = self.call("POST", f"/v2.0/{collection}", {name: attributes}, who=who)
        assert answer.status_code == 201, answer.text
        return answer.json()[name]

    def update(self, collection: str, record_id: str, *, who: str = "ann", **attributes: Json) -> Json:
        """Change a resource and return it."""
        name = collection.removesuffix("s").replace("-", "_")
        answer = self.call("PUT", f"/v2.0/{collection}/{record_id}", {name: attributes}, who=who)
        assert answer.status_code == 200, answer.text
        return answer.json()[name]

    def refused(self, method: str, path: str, body: Json = None, *, who: str = "ann") -> tuple[int, str]:
        """Return the status and the error's type of a request that must be refused."""
        answer = self.call(method, f"/v2.0/{path}", body, who=who)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["NeutronError"]
        assert set(error) == {"type", "message", "detail"}
        return answer.status_code, error["type"]

    def project_network(self, cidr: str = "10.1.0.0/24", *, who: str = "ann") -> tuple[Json, Json, Json]:
        """Create a network with a subnet behind a router with a gateway, and return the three."""
        network = self.make("networks", who=who, name="net")
        subnet = self.make("subnets", who=who, network_id=network["id"], ip_version=4, cidr=cidr)
        gateway = {"network_id": self.neutron.public["id"]}
        router = self.make("routers", who=who, name="router", external_gateway_info=gateway)
        answer = self.call(
            "PUT", f"/v2.0/routers/{router['id']}/add_router_interface", {"subnet_id": subnet["id"]}, who=who
        )
        assert answer.status_code == 200, answer.text
        return network, subnet, router


@contextmanager
def running_lab(seed: int = 1) -> Iterator[NeutronLab]:
    """Serve a lab of two computes."""
    clock = SimulatedClock(seed, wire=MemoryWire())
    history = History(clock.now)
    settings = CloudSettings(computes=[ComputeSpec("compute-1"), ComputeSpec("compute-2")])
    cloud = EmbeddedCloud(clock, history, Ids(seed), settings)
    with HttpSession(clock) as session:
        lab = NeutronLab(clock, cloud, history, session)
        cloud.keystone.validate = lab.tokens.get  # type: ignore[method-assign, assignment]
        cloud.start()
        try:
            yield lab
        finally:
            cloud.stop()
            clock.stop()
            cloud.join()
    assert clock.failures == []
