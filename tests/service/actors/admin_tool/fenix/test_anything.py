"""Fenix's API answers every request in JSON, says what is wrong with it, and never breaks."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from tests.support.fenix import Json, Lab, MakeLab

# Any: values of every type of JSON.
ODD: Sequence[Any] = (
    *(None, True, 0, -1, 1e308, float("nan"), 10**30, "", "x", "a" * 300, "é\u0000", "\ud800", [], {}, [[]], [{}]),
    *("MIGRATE", "MIGRATION", "ACK_MAINTENANCE", "NACK_MAINTENANCE", "ACK_INSTANCE_ACTION_DONE", "vnf", "compute-1"),
    *("2030-01-01 00:00:30", "9999-12-31 23:59:59", "0001-01-01 00:00:00+23:59"),
    *("pre", "..:x", ":", "json:JSONEncoder"),
)
"""Values that a client might send."""
REQUESTS = 1200


class Sender:
    """Generates requests that are valid except for a part, from a seed."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.lab = lab
        self.draw = random.Random(seed)  # noqa: S311 # no secret
        self.instances = lab.instances()
        self.sessions = ["none"]

    def rights(self) -> Sequence[tuple[str, str, Json]]:
        """Return a valid request of each kind: method, path and body."""
        project, instance, session = self.lab.project(), self.draw.choice(self.instances), self.sessions[-1]
        replies = f"/maintenance/{session}/{project}"
        named = {"project_id": project, "group_id": "group", "resource_mitigation": True}
        bearable = {"max_interruption_time": 1, "migration_type": "MIGRATE", "lead_time": 4}
        counts = {"max_instances_per_host": 0, "max_impacted_members": 1, "recovery_time": 1}
        planned = {"state": "ACK_PLANNED_MAINTENANCE", "session_id": session}
        return (
            ("POST", "/maintenance", self.lab.request(workflow=self.draw.choice(["default", "vnf"]))),
            ("PUT", f"/instance/{instance}", {"instance_name": "one", **named, **bearable}),
            ("PUT", "/instance_group/group", {"group_name": "ones", "anti_affinity_group": False, **named, **counts}),
            ("PUT", replies, {"state": "ACK_MAINTENANCE", "session_id": session}),
            ("PUT", replies, {**planned, "instance_actions": dict.fromkeys(self.instances, "MIGRATE")}),
            ("PUT", f"{replies}/{instance}", {**planned, "instance_action": "MIGRATE"}),
            ("GET", f"/maintenance/{session}/detail", {}),
            ("DELETE", f"/instance/{instance}", {}),
            ("DELETE", f"/maintenance/{session}", {}),
        )

    def request(self) -> tuple[str, str, bytes]:
        """Return a request that is valid except for one part, now and then for several."""
        method, path, body = self.draw.choice(self.rights())
        sent: object = body
        for _ in range(self.draw.choice([0, 1, 1, 1, 2]) if body else 0):
            body[self.draw.choice(list(body))] = self.draw.choice(ODD)
        if self.draw.random() < 0.1:
            method = self.draw.choice(["GET", "PUT", "POST", "DELETE", "PATCH"])
        if self.draw.random() < 0.1:
            part = self.draw.choice(path.split("/")[1:])
            path = path.replace(part, self.draw.choice(["%2F", "%ff", "x", "", "a" * 300]))
        if self.draw.random() < 0.1:
            sent = self.draw.choice(ODD)
        raw = json.dumps(sent).encode()
        return method, path, raw[: len(raw) // 2] if self.draw.random() < 0.05 else raw


@pytest.mark.parametrize("seed", range(3))
def test_nothing_breaks_it(make_lab: MakeLab, seed: int) -> None:
    lab = make_lab(FenixSettings(max_sessions=1000), instances=4)
    sender = Sender(lab, seed)
    statuses = set()
    for _ in range(REQUESTS):
        method, path, body = sender.request()
        who = sender.draw.choice(["admin", "admin", "doctor", "doctor", "doctor", "other", ""])
        answer = lab.call(method, path, who=who, data=body)
        statuses.add(answer.status_code)
        seen = f"{method} {path} of {who or 'nobody'}: {answer.status_code} {answer.text}"
        assert answer.status_code < 500, seen
        assert answer.status_code < 400 or set(answer.json()) == {"error"}, seen
        if answer.ok and (method, path) == ("POST", "/maintenance"):
            sender.sessions.append(answer.json()["session_id"])
        if sender.draw.random() < 0.02:
            lab.clock.sleep(sender.draw.choice([0.1, 5, 40]))
    assert lab.clock.failures == []
    assert {200, 400, 401, 403, 404, 405} <= statuses
