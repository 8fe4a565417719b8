"""Keeps the constraints that an admin tool has of a project equal to the project's application."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from pytest_doctor_maint.actors.app_manager.base.application import REDUNDANT, Application
from pytest_doctor_maint.actors.app_manager.base.handover_guard import CannotComply
from pytest_doctor_maint.actors.app_manager.base.service import MaintenanceService
from pytest_doctor_maint.actors.app_manager.vnfm.constraints import (
    ConstraintPolicy,
    GroupConstraint,
    InstanceConstraint,
)
from pytest_doctor_maint.protocol import Action, Step
from pytest_doctor_maint.protocol.constraints import GROUP_FIELDS, INSTANCE_FIELDS, ConstraintField

Body = Mapping[str, Any]


class ConstraintRefused(CannotComply):
    """The admin tool refused a constraint; the message names the constraint and quotes the answer."""


class ConstraintSync:
    """Sets, changes and deletes constraints through the admin tool's API. Several threads may use it.

    Args:
        service: Sends requests to the admin tool.
        application: The application that the constraints are about.
        project_id: The project.
        name: The project's name, with which the groups' names begin.
        policy: The constraints to set.
        action: The migration type of instances for which ``policy`` has none.
    """

    def __init__(
        self,
        service: MaintenanceService,
        application: Application,
        project_id: str,
        name: str,
        policy: ConstraintPolicy,
        action: Action = Action.MIGRATE,
    ) -> None:
        self._service = service
        self._application = application
        self._project_id = project_id
        self._name = name
        self._policy = policy
        self._action = action
        self._lock = threading.Lock()
        self._groups: dict[str, Body] = {}
        self._instances: dict[str, Body] = {}

    @property
    def alone_group_id(self) -> str:
        """The id of the group of the instances outside the pair.

        Nova has no group for them, so the id is derived from the project's id.
        """
        return str(uuid5(UUID(self._project_id), "alone"))

    def begin_step(self, step: Step) -> bool:
        """Switch to the policy that holds from ``step`` on, and return True if there is one."""
        with self._lock:
            later = self._policy.later.get(step)
            self._policy = later or self._policy
        return later is not None

    def update(self) -> None:
        """Set the constraints of the application as it is now; only those that differ are sent.

        Groups come before instances, since the constraint of an instance names its group.

        Raises:
            LookupError: The catalog has no admin tool.
            ConstraintRefused: The admin tool refused a constraint.
        """
        # The differences are computed with the lock and sent without it: other threads then find no difference.
        with self._lock:
            groups, instances = self._wanted_groups(), self._wanted_instances()
            gone = [key for key in self._instances if key not in instances]
            changed_groups = {key: body for key, body in groups.items() if self._groups.get(key) != body}
            changed = {key: body for key, body in instances.items() if self._instances.get(key) != body}
            self._groups, self._instances = groups, instances
        for group_id, body in changed_groups.items():
            self._set("instance_group", group_id, body)
        for instance_id in gone:
            self._remove("instance", instance_id)
        for instance_id, body in changed.items():
            self._set("instance", instance_id, body)

    def clear(self) -> None:
        """Delete every constraint: those of the instances, then those of the groups.

        Raises:
            ConstraintRefused: The admin tool refused to delete a constraint.
        """
        with self._lock:
            instances, groups = list(self._instances), list(self._groups)
            self._instances, self._groups = {}, {}
        for instance_id in instances:
            self._remove("instance", instance_id)
        for group_id in groups:
            self._remove("instance_group", group_id)

    def _wanted_groups(self) -> dict[str, Body]:
        names = list(self._application.ids)
        alone = len([name for name in names if name not in REDUNDANT])
        return {
            self._application.group_id: self._group("ha", self._application.group_id, len(names) - alone),
            self.alone_group_id: self._group("nonha", self.alone_group_id, alone),
        }

    def _group(self, kind: str, group_id: str, members: int) -> Body:
        constraint = self._policy.redundant if kind == "ha" else self._policy.alone
        return {
            "group_id": group_id,
            "project_id": self._project_id,
            "group_name": f"{self._name}_{kind}_group",
            **_values(GROUP_FIELDS, constraint.for_size(members)),
        }

    def _wanted_instances(self) -> dict[str, Body]:
        return {server_id: self._instance(name, server_id) for name, server_id in self._application.ids.items()}

    def _instance(self, name: str, server_id: str) -> Body:
        return {
            "instance_id": server_id,
            "project_id": self._project_id,
            "group_id": self._application.group_id if name in REDUNDANT else self.alone_group_id,
            "instance_name": name,
            **_values(INSTANCE_FIELDS, self._policy.of_instance(name).by_default(self._action)),
        }

    def _set(self, kind: str, key: str, body: Body) -> None:
        self._send("PUT", kind, key, body, (200, 201, 204))

    def _remove(self, kind: str, key: str) -> None:
        # An admin tool may have dropped the constraint of an instance that no longer exists.
        self._send("DELETE", kind, key, None, (200, 204, 404))

    def _send(self, method: str, kind: str, key: str, body: Body | None, accepted: tuple[int, ...]) -> None:
        endpoint = self._service.endpoint
        if not endpoint:
            raise LookupError("the catalog has no service of type maintenance, with which a VNFM sets constraints")
        answer = self._service.request(method, f"{endpoint}/{kind}/{key}", body)
        if answer.status_code not in accepted:
            raise ConstraintRefused(f"{method} {kind} {key}: {answer.status_code} {answer.text[:200]}")


def _values(fields: Iterable[ConstraintField], constraint: InstanceConstraint | GroupConstraint) -> Body:
    """Return the values of a constraint by the fields' names in Fenix's API."""
    return {field.name: getattr(constraint, field.name) for field in fields}
