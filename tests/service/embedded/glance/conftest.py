"""Glance of a cloud of two computes, called without sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.ids import Ids

COMPUTES = (ComputeSpec("compute-1", 4, 8192, 100), ComputeSpec("compute-2", 4, 8192, 100))


class Bench:
    """The API and callers whose tokens are their names: ``admin``, and ``ann`` and ``bob`` of projects of their own."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(1)
        self.world = CloudState(self.clock, History(self.clock.now), Ids(1), CloudSettings(computes=COMPUTES))
        keystone = self.world.keystone
        self.projects = {"admin": keystone.admin_project_id}
        for name in ("ann", "bob"):
            self.projects[name] = keystone.create_project(name).id
        self.callers = {
            name: Caller(f"u-{name}", name, project_id, name, frozenset({"admin" if name == "admin" else "member"}))
            for name, project_id in self.projects.items()
        }
        # Who holds which token is Keystone's business, and is tested with it.
        keystone.validate = self.callers.get  # type: ignore[method-assign, assignment]
        self._client = Client(self.world.services()["/image"])

    def ask(self, method: str, path: str, body: Any = None, *, who: str = "ann", **kwargs: Any) -> TestResponse:
        """The API's answer. Bytes are sent as they are, everything else as JSON."""
        headers = {"X-Auth-Token": who, **kwargs.pop("headers", {})}
        if body is not None and not isinstance(body, bytes):
            kwargs = {"content_type": "application/json", **kwargs}
            body = json.dumps(body)
        return self._client.open(path, method=method, data=body, headers=headers, **kwargs)

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **kwargs: Any) -> Any:
        """The JSON of an answer that must have this status."""
        answer = self.ask(method, path, body, **kwargs)
        assert answer.status_code == status, answer.text
        return answer.json if answer.data else None


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.clock.stop()
    assert not made.clock.failures
