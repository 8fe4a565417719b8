"""What VNFMs let the admin tool do with their instances and groups.

The fields are those of Fenix's calls; their meaning is that of NfviMaintenanceInfo in ETSI's IFA011 and SOL001, whose
names stand with each.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import Action, explain

ACTOR = "admin_tool"
#: A time longer than a year is a mistake.
YEAR = 366 * 86400

Seconds = Annotated[float, Field(ge=0, le=YEAR, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Name = Annotated[str, Field(min_length=1, max_length=255)]


class InstanceConstraint(BaseModel):
    """What one instance can bear.

    Attributes:
        instance_id: Nova's id of it.
        project_id: Whose it is.
        group_id: Its group; an instance is in one.
        instance_name: What it is called.
        max_interruption_time: Seconds that a live migration may stop it, so that the application does not notice and
            begin to recover (maxUndetectableInterruptionTime, which ETSI defines for live migration alone).
        migration_type: What it is moved by (supportedMigrationType).
        resource_mitigation: Whether resources like its own must be there for it when the message about it is sent, and
            be kept for it until it uses them (isImpactMitigationRequested): room on the compute that it will move to.
            Without it, the message may be sent while that room is still being made.
        lead_time: Seconds between the message and what it announces, at least (impactNotificationLeadTime).
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    instance_id: Name
    project_id: Name
    group_id: Name
    instance_name: Annotated[str, Field(max_length=255)] = ""
    max_interruption_time: Seconds
    migration_type: Action
    resource_mitigation: bool = False
    lead_time: Seconds


class GroupConstraint(BaseModel):
    """What a group of instances can bear.

    Attributes:
        group_id: Its id: a Nova server group's, or any other that the VNFM chose.
        project_id: Whose it is.
        group_name: What it is called.
        anti_affinity_group: Whether no two of its instances may share a compute.
        max_instances_per_host: How many of its instances may share a compute; 0: any number.
        max_impacted_members: How many of its instances may be hit at one time (maxNumberOfImpactedInstances). 0 holds
            all maintenance off until it is raised.
        recovery_time: Seconds that an instance is given after a hit before the next one begins, at least
            (minRecoveryTimeBetweenImpacts).
        resource_mitigation: As for an instance, for all of the group's.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    group_id: Name
    project_id: Name
    group_name: Annotated[str, Field(max_length=255)] = ""
    anti_affinity_group: bool = False
    max_instances_per_host: Count = 0
    max_impacted_members: Count
    recovery_time: Seconds
    resource_mitigation: bool = False

    @property
    def per_host(self) -> int:
        """How many of its instances may share a compute; 0: any number."""
        return 1 if self.anti_affinity_group else self.max_instances_per_host


Constraint = TypeVar("Constraint", InstanceConstraint, GroupConstraint)


class ConstraintStore:
    """All constraints that hold now. Threads may read and change them at the same time.

    An instance may name a group that is not there (yet, or any more): clients set and remove them in either order.

    Args:
        history: Where changes are recorded.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._lock = threading.Lock()
        self._instances: dict[str, InstanceConstraint] = {}
        self._groups: dict[str, GroupConstraint] = {}

    def put_instance(self, instance_id: str, body: Mapping[str, Any]) -> InstanceConstraint:
        """Set the constraint of an instance, in place of the former one.

        Raises:
            ValueError: A field is missing or wrong, or the body is about another instance; nothing has changed.
        """
        constraint = _read(InstanceConstraint, "instance_id", instance_id, body)
        with self._lock:
            self._instances[instance_id] = constraint
            self._record(kinds.CONSTRAINT_INSTANCE, constraint, deleted=False)
        return constraint

    def put_group(self, group_id: str, body: Mapping[str, Any]) -> GroupConstraint:
        """Set the constraint of a group, in place of the former one.

        Raises:
            ValueError: A field is missing or wrong, or the body is about another group; nothing has changed.
        """
        constraint = _read(GroupConstraint, "group_id", group_id, body)
        with self._lock:
            self._groups[group_id] = constraint
            self._record(kinds.CONSTRAINT_GROUP, constraint, deleted=False)
        return constraint

    def delete_instance(self, instance_id: str) -> bool:
        """Forget an instance's constraint; says whether there was one."""
        with self._lock:
            constraint = self._instances.pop(instance_id, None)
            if constraint is not None:
                self._record(kinds.CONSTRAINT_INSTANCE, constraint, deleted=True)
        return constraint is not None

    def delete_group(self, group_id: str) -> bool:
        """Forget a group's constraint; says whether there was one."""
        with self._lock:
            constraint = self._groups.pop(group_id, None)
            if constraint is not None:
                self._record(kinds.CONSTRAINT_GROUP, constraint, deleted=True)
        return constraint is not None

    def instance(self, instance_id: str) -> InstanceConstraint | None:
        """The instance's constraint, if any."""
        with self._lock:
            return self._instances.get(instance_id)

    def group(self, group_id: str) -> GroupConstraint | None:
        """The group's constraint, if any."""
        with self._lock:
            return self._groups.get(group_id)

    def group_of(self, instance_id: str) -> GroupConstraint | None:
        """The constraint of the instance's group, if any."""
        with self._lock:
            instance = self._instances.get(instance_id)
            return None if instance is None else self._groups.get(instance.group_id)

    def members(self, group_id: str) -> list[str]:
        """The ids of the instances that name this group, in the order in which they were first set."""
        with self._lock:
            return [key for key, instance in self._instances.items() if instance.group_id == group_id]

    def _record(self, kind: str, constraint: BaseModel, *, deleted: bool) -> None:
        self._history.append(ACTOR, kind, {**constraint.model_dump(mode="json"), "deleted": deleted})


def _read(model: type[Constraint], key: str, value: str, body: Mapping[str, Any]) -> Constraint:
    if body.get(key, value) != value:
        raise ValueError(f"{key}: {body[key]} is not what the URL names, {value}")
    try:
        return model.model_validate({**body, key: value})
    except ValidationError as error:
        raise ValueError(explain(error)) from error
