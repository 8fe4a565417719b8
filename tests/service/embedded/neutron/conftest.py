from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.cloud import EmbeddedCloud
from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.ids import Ids

MEMBER = frozenset({"member", "reader"})
CALLERS = {
    "admin": Caller("u-admin", "admin", "p-admin", "admin", frozenset({"admin", "member", "reader"})),
    "ann": Caller("u-ann", "ann", "p1", "one", MEMBER),
    "bob": Caller("u-bob", "bob", "p2", "two", MEMBER),
    "reader": Caller("u-reader", "reader", "p1", "one", frozenset({"reader"})),
}


@dataclass
class Lab:
    """A cloud whose tokens are the callers' names."""

    clock: SimulatedClock
    cloud: EmbeddedCloud
    history: History
    session: HttpSession
    tokens: dict[str, Caller] = field(default_factory=lambda: dict(CALLERS))

    @property
    def neutron(self) -> Neutron:
        return self.cloud.neutron

    def call(
        self, method: str, path: str, body: Any = None, *, who: str = "ann", headers: dict[str, str] | None = None
    ) -> requests.Response:
        return self.session.request(
            method,
            f"{self.cloud.url}/networking{path}",
            json=body,
            headers={"X-Auth-Token": who, **(headers or {})},
        )

    def get(self, path: str, *, who: str = "ann") -> Any:
        answer = self.call("GET", f"/v2.0/{path}", who=who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, collection: str, *, who: str = "ann", **attributes: Any) -> Any:
        name = collection.removesuffix("s").replace("-", "_")
        answer = self.call("POST", f"/v2.0/{collection}", {name: attributes}, who=who)
        assert answer.status_code == 201, answer.text
        return answer.json()[name]

    def update(self, collection: str, record_id: str, *, who: str = "ann", **attributes: Any) -> Any:
        name = collection.removesuffix("s").replace("-", "_")
        answer = self.call("PUT", f"/v2.0/{collection}/{record_id}", {name: attributes}, who=who)
        assert answer.status_code == 200, answer.text
        return answer.json()[name]

    def refused(self, method: str, path: str, body: Any = None, *, who: str = "ann") -> tuple[int, str]:
        """The status and the error's type of a request that is refused."""
        answer = self.call(method, f"/v2.0/{path}", body, who=who)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["NeutronError"]
        assert set(error) == {"type", "message", "detail"}
        return answer.status_code, error["type"]

    def project_network(self, cidr: str = "10.1.0.0/24", *, who: str = "ann") -> tuple[Any, Any, Any]:
        """A network with a subnet behind a router with a gateway."""
        network = self.make("networks", who=who, name="net")
        subnet = self.make("subnets", who=who, network_id=network["id"], ip_version=4, cidr=cidr)
        gateway = {"network_id": self.neutron.public["id"]}
        router = self.make("routers", who=who, name="router", external_gateway_info=gateway)
        answer = self.call(
            "PUT", f"/v2.0/routers/{router['id']}/add_router_interface", {"subnet_id": subnet["id"]}, who=who
        )
        assert answer.status_code == 200, answer.text
        return network, subnet, router


@pytest.fixture
def make_lab() -> Iterator[Callable[..., Lab]]:
    labs: list[Lab] = []

    def make(seed: int = 1) -> Lab:
        clock = SimulatedClock(seed)
        history = History(clock.now)
        settings = CloudSettings(computes=[ComputeSpec("compute-1"), ComputeSpec("compute-2")])
        cloud = EmbeddedCloud(clock, history, Ids(seed), settings)
        lab = Lab(clock, cloud, history, HttpSession(clock))
        setattr(cloud.keystone, "validate", lab.tokens.get)  # noqa: B010 - mypy knows it as a method
        labs.append(lab)
        cloud.start()
        return lab

    yield make
    for lab in labs:
        lab.session.close()
        lab.cloud.stop()
        lab.clock.stop()
        lab.cloud.join()
        assert lab.clock.failures == []


@pytest.fixture
def lab(make_lab: Callable[..., Lab]) -> Lab:
    return make_lab()
