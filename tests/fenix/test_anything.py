"""Whatever is sent to Fenix's API, the answer is JSON and says what is wrong; nothing breaks."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

ODD: Sequence[Any] = (
    *(None, True, 0, -1, 1e308, float("nan"), 10**30, "", "x", "a" * 300, "é\u0000", "\ud800", [], {}, [[]], [{}]),
    *("MIGRATE", "MIGRATION", "ACK_MAINTENANCE", "NACK_MAINTENANCE", "ACK_INSTANCE_ACTION_DONE", "vnf", "compute-1"),
    *(
        "2030-01-01 00:00:30",
        "9999-12-31 23:59:59",
        "0001-01-01 00:00:00+23:59",
        "pre",
        "..:x",
        ":",
        "json:JSONEncoder",
    ),
)
"""Values that somebody might send."""
REQUESTS = 1200


class Sender:
    """Draws requests that are right but for a part, from a seed."""

    def __init__(self, lab: Any, seed: int) -> None:
        self.lab = lab
        self.draw = random.Random(seed)  # noqa: S311 # no secret
        self.instances = list(lab.world.app_managers["doctor"].application.ids.values())
        self.sessions = ["none"]

    def bodies(self) -> Sequence[Callable[[], dict[str, Any]]]:
        project, instance = self.lab.project(), self.instances[0]
        named = {"project_id": project, "group_id": "group", "resource_mitigation": True}
        bearable = {"max_interruption_time": 1, "migration_type": "MIGRATE", "lead_time": 4}
        counts = {"max_instances_per_host": 0, "max_impacted_members": 1, "recovery_time": 1}
        return (
            lambda: self.lab.request(workflow=self.draw.choice(["default", "vnf"])),
            lambda: {"instance_id": instance, "instance_name": "one", **named, **bearable},
            lambda: {"group_name": "ones", "anti_affinity_group": False, **named, **counts},
            lambda: {"state": "ACK_MAINTENANCE", "session_id": self.sessions[-1]},
            lambda: {"state": "ACK_PLANNED_MAINTENANCE", "instance_actions": dict.fromkeys(self.instances, "MIGRATE")},
            lambda: {"state": "ACK_PLANNED_MAINTENANCE", "instance_action": "MIGRATE"},
        )

    def body(self) -> bytes:
        found: Any = self.draw.choice(self.bodies())()
        for _ in range(self.draw.choice([0, 1, 1, 2])):
            found[self.draw.choice(list(found))] = self.draw.choice(ODD)
        found = self.draw.choice(ODD) if self.draw.random() < 0.1 else found
        raw = json.dumps(found).encode()
        return raw[: len(raw) // 2] if self.draw.random() < 0.05 else raw

    def path(self) -> str:
        session, instance = self.draw.choice(self.sessions[-3:]), self.draw.choice([*self.instances, "%2F", "%ff", "x"])
        project = self.draw.choice([self.lab.project(), "x"])
        of_session = ["", "/detail", f"/{project}", f"/{project}/{instance}"]
        return self.draw.choice(
            [
                "/maintenance",
                f"/maintenance/{session}{self.draw.choice(of_session)}",
                f"/instance/{instance}",
                f"/instance_group/{self.draw.choice(['group', instance])}",
            ]
        )


@pytest.mark.parametrize("seed", range(3))
def test_nothing_breaks_it(make_lab: Any, seed: int) -> None:
    lab = make_lab(instances=4, max_sessions=1000)
    sender = Sender(lab, seed)
    statuses = set()
    for _ in range(REQUESTS):
        method, path = sender.draw.choice(["GET", "PUT", "PUT", "POST", "DELETE"]), sender.path()
        who = sender.draw.choice(["admin", "doctor", "doctor", "other", ""])
        answer = lab.call(method, path, who=who, data=sender.body())
        statuses.add(answer.status_code)
        told = f"{method} {path} of {who or 'nobody'}: {answer.status_code} {answer.text}"
        assert answer.status_code < 500, told
        assert answer.status_code < 400 or set(answer.json()) == {"error"}, told
        if answer.ok and (method, path) == ("POST", "/maintenance"):
            sender.sessions.append(answer.json()["session_id"])
        if sender.draw.random() < 0.02:
            lab.clock.sleep(sender.draw.choice([0.1, 5, 40]))
    assert lab.clock.failures == []
    assert {200, 400, 401, 403, 404, 405} <= statuses
