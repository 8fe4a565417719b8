from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from pytest_doctor_maint.embedded import CloudSettings
from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.ids import Ids


class Api:
    """A client of Keystone that logs in as users and speaks JSON."""

    def __init__(self, world: CloudState) -> None:
        self.world = world
        self.keystone = world.keystone
        self._client = Client(world.services()["/identity"])

    def call(self, method: str, path: str, body: object = None, token: str = "", **headers: str) -> TestResponse:
        found = {"X-Auth-Token": token} if token else {}
        found.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self._client.open(path, method=method, json=body, headers=found)

    def json(self, method: str, path: str, body: object = None, token: str = "", status: int | None = None) -> Any:
        """The answer's JSON; its status must be ``status``, or any that means success."""
        answer = self.call(method, path, body, token)
        assert answer.status_code == status if status else answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()

    def login(
        self, name: str, password: str, scope: Mapping[str, Any] | str | None = None, *, status: int = 201
    ) -> TestResponse:
        user = {"name": name, "password": password, "domain": {"id": "default"}}
        auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": user}}}
        if scope is not None:
            auth["scope"] = scope
        answer = self.call("POST", "/v3/auth/tokens", {"auth": auth})
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer

    def token(self, name: str, password: str, scope: Mapping[str, Any] | str | None = None) -> str:
        return self.login(name, password, scope).headers["X-Subject-Token"]

    @property
    def admin(self) -> str:
        """A token of the admin for the project ``admin``."""
        return self.token("admin", "admin", {"project": {"id": self.keystone.admin_project_id}})


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    found = SimulatedClock(seed=1)
    yield found
    found.stop()


@pytest.fixture
def world(clock: SimulatedClock) -> CloudState:
    found = CloudState(clock, History(clock.now), Ids(1), CloudSettings())
    found.core.url = "http://cloud.test"
    return found


@pytest.fixture
def api(world: CloudState) -> Api:
    return Api(world)
