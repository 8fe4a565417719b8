"""An app manager on a cloud that answers from a table, and an admin tool that takes down what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from pytest_doctor_maint.app_manager import AppManager, Policy
from pytest_doctor_maint.clock import SimulatedClock
from pytest_doctor_maint.history import History
from pytest_doctor_maint.net import Answer, App, Request, Server, Session, route
from pytest_doctor_maint.protocol import to_wire

PROJECT = "82b153615199441880830ac9b6a9ea15"


class AdminToolDouble(App):
    """Takes answers, and tells the instances of the message at hand."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self.clock = clock
        self.instance_ids: list[str] = []
        self.answers: list[tuple[float, dict[str, Any]]] = []
        self.status = 200
        self.began = clock.now()

    @route("PUT", "/maintenance/<session>/<project>")
    def answer(self, request: Request, session: str, project: str) -> Answer:
        self.answers.append(((self.clock.now() - self.began).total_seconds(), request.json_object()))
        return self.status, {}

    @route("GET", "/maintenance/<session>/<project>")
    def instances(self, request: Request, session: str, project: str) -> Answer:
        return {"instance_ids": self.instance_ids}


class Bench:
    """One app manager and what is around it."""

    def __init__(self, policy: Policy) -> None:
        self.clock = SimulatedClock(1)
        self.history = History(self.clock.now)
        self.admin_tool = AdminToolDouble(self.clock)
        self.server = Server(self.admin_tool, name="admin_tool", clock=self.clock).start()
        # No step that these tests send makes it call the cloud.
        self.manager = AppManager(
            self.clock,
            self.history,
            None,  # type: ignore[arg-type]
            project_id=PROJECT,
            name="doctor",
            policy=policy,
        ).start()
        self.http = Session(self.clock)

    @property
    def answers(self) -> list[tuple[float, dict[str, Any]]]:
        return self.admin_tool.answers

    def alarm(self, state: str, *, window: float = 30.0, message_id: str = "m", **changed: Any) -> dict[str, Any]:
        """The body that Aodh posts for a message of this state."""
        url = f"{self.server.url}/maintenance/s/{PROJECT}"
        due = to_wire(self.clock.now() + timedelta(seconds=window)).replace(" ", "T")
        traits = {
            "session_id": "s",
            "project_id": PROJECT,
            "state": state,
            "instance_ids": url,
            "allowed_actions": "['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']",
            "actions_at": due,
            "reply_at": due,
            "reply_url": url,
            "metadata": "{'openstack_version': '2026.1'}",
            **changed,
        }
        return {
            "alarm_name": "doctor_maintenance",
            "alarm_id": "a",
            "severity": "moderate",
            "previous": "insufficient data",
            "current": "alarm",
            "reason": "",
            "reason_data": {
                "type": "event",
                "event": {
                    "message_id": message_id,
                    "event_type": "maintenance.scheduled",
                    "generated": "2030-01-01T00:00:00.000000",
                    "raw": {},
                    "traits": [[name, 1, value] for name, value in traits.items() if value is not None],
                },
            },
        }

    def post(self, body: Any, path: str = "/maintenance") -> Any:
        return self.http.post(f"{self.manager.url}{path}", json=body)

    def close(self) -> None:
        self.manager.stop()
        self.server.stop()
        self.clock.stop()
        self.manager.join()
        self.server.join()
        self.http.close()


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    benches: list[Bench] = []

    def make(**policy: Any) -> Bench:
        benches.append(Bench(Policy(**policy)))
        return benches[-1]

    yield make
    for bench in reversed(benches):
        bench.close()
        assert not bench.clock.failures


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()
