"""Two VNFMs that deviate from Fenix's API reference in the same ways as the VNFMs of Doctor and Tacker."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pytest_doctor_maint.actors.app_manager.base.application import REDUNDANT
from pytest_doctor_maint.actors.app_manager.sample import AppManager
from pytest_doctor_maint.protocol import Action, ProjectMessage, Step
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

#: A JSON object. Any: its values are JSON of any kind.
Body = Mapping[str, Any]
GROUP = "5b0c7c52-2f6e-4b63-8b0e-4f2b6a1c0d11"
#: Seconds between two attempts of Tacker, and how many it makes.
PAUSE, ATTEMPTS = 5.0, 5


class Client(AppManager, ABC):
    """The common part of both, which gets messages and sends replies in another way than our own app manager."""

    taken: ClassVar[tuple[int, ...]] = (200,)

    def subscribe(self) -> str:
        self.answered: list[tuple[str, int]] = []
        self.gone: list[str] = []
        self.set_constraints()
        return super().subscribe()

    def unsubscribe(self) -> None:
        super().unsubscribe()
        self.delete_constraints()

    @abstractmethod
    def set_constraints(self) -> None:
        """Set the constraints, before any session."""

    @abstractmethod
    def delete_constraints(self) -> None:
        """Delete the constraints, after the last session."""

    def ask(self, method: str, path: str, body: Body | None = None) -> int:
        """Send a request to Fenix as its clients do; a status that is not in ``taken`` is an error."""
        answer = self.service.request(method, f"{self.service.endpoint}{path}", body)
        assert answer.status_code in self.taken, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.status_code

    def instance(self, name: str, group_id: str, **more: object) -> tuple[str, Body]:
        instance_id = self.application.ids[name]
        body = {
            "instance_id": instance_id,
            "project_id": self.project_id,
            "group_id": group_id,
            "instance_name": name,
            "max_interruption_time": 120,
            "resource_mitigation": True,
        }
        return f"/instance/{instance_id}", {**body, **more}

    def group(self, group_id: str, **more: object) -> tuple[str, Body]:
        body = {
            "group_id": group_id,
            "project_id": self.project_id,
            "anti_affinity_group": False,
            "max_instances_per_host": 0,
            "recovery_time": 2,
            "resource_mitigation": True,
        }
        return f"/instance_group/{group_id}", {**body, **more}

    def scale_in(self, count: int) -> None:
        alone = [name for name in self.application.ids if name not in REDUNDANT][-count:]
        self.gone += alone
        self.application.delete(self.application.release(alone), 300.0)

    def scale_out(self) -> None:
        self.application.restore(self.gone, 300.0)

    def switch_over(self, instance_id: str) -> None:
        if self.application.active in self.application.names_of([instance_id]):
            self.application.switch_over()


class DoctorVnfm(Client):
    """Sets groups before instances, calls a cold migration MIGRATION, and replies without the session's id.

    It never adapts the constraints to its own scaling. It removes the instances' constraints first, and treats 200 and
    204 alike.
    """

    taken = (200, 204)

    def set_constraints(self) -> None:
        alone = [name for name in self.application.ids if name not in REDUNDANT]
        impacted = 2 if len(alone) < 7 else len(alone) // 2 - 1
        pair = self.application.group_id
        groups = [
            self.group(GROUP, group_name="doctor_nonha_app_group", max_impacted_members=impacted),
            self.group(
                pair,
                group_name="doctor_ha_app_group",
                anti_affinity_group=True,
                max_instances_per_host=1,
                max_impacted_members=1,
                recovery_time=4,
            ),
        ]
        how = {"migration_type": "MIGRATION", "lead_time": 40}
        instances = [self.instance(name, pair if name in REDUNDANT else GROUP, **how) for name in self.application.ids]
        self.paths = [path for path, _ in [*instances, *groups]]
        for path, body in [*groups, *instances]:
            self.ask("PUT", path, body)

    def delete_constraints(self) -> None:
        for path in self.paths:
            self.ask("DELETE", path)

    def handle(self, step: Step, message: ProjectMessage) -> None:
        answer: dict[str, Any] = {"state": f"ACK_{message.state}"}
        match step:
            case Step.MAINTENANCE:
                fetched = self.service.request("GET", str(message.instance_ids))
                assert fetched.status_code == 200
                answer["instance_ids"] = fetched.json()["instance_ids"]
            case Step.DOWN_SCALE:
                self.scale_in(2)
                answer["instance_ids"] = list(self.application.ids.values())
            case Step.MAINTENANCE_COMPLETE:
                self.scale_out()
            case Step.PREPARE_MAINTENANCE | Step.PLANNED_MAINTENANCE:
                assert Action.MIGRATE in message.allowed_actions
                self.switch_over(message.instance_ids[0])
                answer["instance_action"] = "MIGRATE"
            case _:
                return
        status = self.service.request("PUT", message.reply_url, answer).status_code
        self.answered.append((message.state, status))


class TackerVnfm(Client):
    """Sets one group before the instances, and adapts the constraints to its scaling, one instance at each SCALE_IN.

    It sends some replies twice, and replies to messages that need no reply. Only 200 counts for it; after any other
    status it tries again, five times. It removes the group first, and expects lists in a message about one instance.
    """

    def set_constraints(self) -> None:
        self.ask("PUT", *self.group(GROUP, group_name="tacker_nonha_app_group", max_impacted_members=1))
        for name in self.application.ids:
            self.ask("PUT", *self.constraint(name))

    def constraint(self, name: str) -> tuple[str, Body]:
        return self.instance(name, GROUP, migration_type="MIGRATE", lead_time=60)

    def delete_constraints(self) -> None:
        self.ask("DELETE", f"/instance_group/{GROUP}")
        for instance_id in self.application.ids.values():
            self.ask("DELETE", f"/instance/{instance_id}")

    def receive(self, body: Body) -> None:
        event = body["reason_data"]["event"]
        seen = {
            name: ast.literal_eval(value) if kind == 1 and value[:1] in ("[", "{") else value
            for name, kind, value in event["traits"]
        }
        assert {"instance_ids", "session_id", "state", "reply_url"} <= seen.keys()
        if seen["state"] in ("PREPARE_MAINTENANCE", "PLANNED_MAINTENANCE"):
            assert isinstance(seen["allowed_actions"], list)
            assert isinstance(seen["instance_ids"], list)
        super().receive(body)

    def handle(self, step: Step, message: ProjectMessage) -> None:
        answer: dict[str, Any] = {"session_id": message.session_id, "state": f"ACK_{message.state}"}
        times = 1
        match step:
            case Step.DOWN_SCALE:
                (last,) = [name for name in self.application.ids if name not in REDUNDANT][-1:]
                path, _ = self.constraint(last)
                self.scale_in(1)
                self.ask("DELETE", path)
            case Step.MAINTENANCE_COMPLETE:
                self.scale_out()
                for name in self.gone:
                    self.ask("PUT", *self.constraint(name))
            case Step.PREPARE_MAINTENANCE | Step.PLANNED_MAINTENANCE:
                self.switch_over(message.instance_ids[0])
                answer["instance_action"] = "MIGRATE"
                times = 2
        if step in (Step.MAINTENANCE, Step.DOWN_SCALE, Step.MAINTENANCE_COMPLETE):
            answer["instance_ids"] = list(self.application.ids.values())
        for number in range(times):
            self.clock.spawn(lambda: self.insist(message, answer), f"tacker: answer {number + 1} to {message.state}")

    def insist(self, message: ProjectMessage, answer: Body) -> None:
        for _ in range(ATTEMPTS):
            status = self.service.request("PUT", message.reply_url, answer).status_code
            self.answered.append((message.state, status))
            if status == 200:
                return
            self.clock.sleep(PAUSE)


def fenix_with(client: type[Client]) -> Scenario:
    """Return a scenario with Fenix's vnf workflow and this VNFM."""
    scenario = Scenario(TestbedSettings(wire="memory")).played_by(admin_tool="fenix", app_manager="vnfm")
    return scenario.where(make_app_manager=client)
