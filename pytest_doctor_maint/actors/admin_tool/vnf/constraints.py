"""The constraints that VNFMs have set for their instances and groups."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import BaseModel, Field, ValidationError

from pytest_doctor_maint.actors.admin_tool import ACTOR
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import InvalidBody, explain
from pytest_doctor_maint.protocol.constraints import GroupConstraintFields, InstanceConstraintFields

Name = Annotated[str, Field(min_length=1, max_length=255)]


def group_key(project_id: str, group_id: str) -> str:
    """Return the key of a project's group.

    Ids of groups are chosen by VNFMs: two projects may use the same id, and none may set the limits of the other.
    """
    return f"{project_id}/{group_id}"


class InstanceConstraintBody(InstanceConstraintFields):
    """The constraint of an instance, as Fenix's API takes it.

    Attributes:
        instance_id: Nova's id of the instance.
        project_id: The instance's project.
        group_id: The instance's group; an instance is in one group.
        instance_name: The instance's name.
    """

    instance_id: Name
    project_id: Name
    group_id: Name
    instance_name: Annotated[str, Field(max_length=255)] = ""

    @property
    def group_key(self) -> str:
        """The key of the instance's group, which is one of its project."""
        return group_key(self.project_id, self.group_id)


class GroupConstraintBody(GroupConstraintFields):
    """The constraint of a group of instances, as Fenix's API takes it.

    Attributes:
        group_id: The group's id: that of a Nova server group, or any other id that the VNFM chose.
        project_id: The group's project.
        group_name: The group's name.
    """

    group_id: Name
    project_id: Name
    group_name: Annotated[str, Field(max_length=255)] = ""

    @property
    def key(self) -> str:
        """The key of the group, see :func:`group_key`."""
        return group_key(self.project_id, self.group_id)

    @property
    def per_host(self) -> int:
        """The number of the group's instances that may share a compute; 0 is any number."""
        return 1 if self.anti_affinity_group else self.max_instances_per_host


class ConstraintReader(Protocol):
    """The constraints that are in force now. A VNFM may change them at any time."""

    def instance(self, instance_id: str) -> InstanceConstraintBody | None:
        """Return the constraint of an instance; None if no constraint is set."""

    def group(self, key: str) -> GroupConstraintBody | None:
        """Return the constraint of the group with this key; None if no constraint is set."""

    def group_of(self, instance_id: str) -> GroupConstraintBody | None:
        """Return the constraint of the instance's group; None if no constraint is set."""

    def members(self, key: str) -> list[str]:
        """Return the ids of the instances in the group with this key, in the order in which they were first set."""


Constraint = TypeVar("Constraint", InstanceConstraintBody, GroupConstraintBody)


class ConstraintStore:
    """Holds all constraints. Several threads may read and change them at the same time.

    An instance may name a group that does not exist (yet, or any more): clients set and remove them in either order.

    Args:
        history: Changes are recorded here.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._lock = threading.Lock()
        self._instances: dict[str, InstanceConstraintBody] = {}
        self._groups: dict[str, GroupConstraintBody] = {}

    def put_instance(self, instance_id: str, body: Mapping[str, Any]) -> InstanceConstraintBody:
        """Set the constraint of an instance, in place of the previous one, and return it.

        Raises:
            InvalidBody: A field is missing or wrong, or the body is about another instance; nothing has changed.
        """
        constraint = _read(InstanceConstraintBody, "instance_id", instance_id, body)
        with self._lock:
            self._instances[instance_id] = constraint
            self._record(kinds.CONSTRAINT_INSTANCE, constraint, deleted=False)
        return constraint

    def put_group(self, group_id: str, body: Mapping[str, Any]) -> GroupConstraintBody:
        """Set the constraint of a group, in place of the previous one, and return it.

        Raises:
            InvalidBody: A field is missing or wrong, or the body is about another group; nothing has changed.
        """
        constraint = _read(GroupConstraintBody, "group_id", group_id, body)
        with self._lock:
            self._groups[constraint.key] = constraint
            self._record(kinds.CONSTRAINT_GROUP, constraint, deleted=False)
        return constraint

    def delete_instance(self, instance_id: str) -> bool:
        """Remove the constraint of an instance; return True if it existed."""
        with self._lock:
            constraint = self._instances.pop(instance_id, None)
            if constraint is not None:
                self._record(kinds.CONSTRAINT_INSTANCE, constraint, deleted=True)
        return constraint is not None

    def delete_group(self, key: str) -> bool:
        """Remove the constraint of the group with this key; return True if it existed."""
        with self._lock:
            constraint = self._groups.pop(key, None)
            if constraint is not None:
                self._record(kinds.CONSTRAINT_GROUP, constraint, deleted=True)
        return constraint is not None

    def instance(self, instance_id: str) -> InstanceConstraintBody | None:
        """Return the constraint of an instance; None if no constraint is set."""
        with self._lock:
            return self._instances.get(instance_id)

    def group(self, key: str) -> GroupConstraintBody | None:
        """Return the constraint of the group with this key; None if no constraint is set."""
        with self._lock:
            return self._groups.get(key)

    def groups_named(self, group_id: str) -> list[GroupConstraintBody]:
        """Return the constraints of the groups with this id, of all projects."""
        with self._lock:
            return [group for group in self._groups.values() if group.group_id == group_id]

    def group_of(self, instance_id: str) -> GroupConstraintBody | None:
        """Return the constraint of the instance's group; None if no constraint is set."""
        with self._lock:
            instance = self._instances.get(instance_id)
            return None if instance is None else self._groups.get(instance.group_key)

    def members(self, key: str) -> list[str]:
        """Return the ids of the instances in the group with this key, in the order in which they were first set."""
        with self._lock:
            return [instance_id for instance_id, body in self._instances.items() if body.group_key == key]

    def _record(self, kind: str, constraint: BaseModel, *, deleted: bool) -> None:
        self._history.append(ACTOR, kind, {**constraint.model_dump(mode="json"), "deleted": deleted})


def _read(model: type[Constraint], key: str, value: str, body: Mapping[str, Any]) -> Constraint:
    if body.get(key, value) != value:
        raise InvalidBody(f"{key}: {body[key]} differs from the {key} in the URL, {value}")
    try:
        return model.model_validate({**body, key: value})
    except ValidationError as error:
        raise InvalidBody(explain(error)) from error
