"""The constraints that a VNFM sets, as values.

The attributes have the names of the fields in :mod:`pytest_doctor_maint.protocol.constraints`, where their meaning is
written; the defaults are those of Doctor's own VNFM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pytest_doctor_maint.protocol import Action, Step

#: In groups of this size or larger a part of the group may be impacted at once, not only two instances.
LARGE_GROUP = 7


@dataclass(frozen=True, slots=True)
class InstanceConstraint:
    """The constraint of one instance.

    Attributes:
        max_interruption_time: Seconds that a live migration may take without the application noticing (ETSI's
            maxUndetectableInterruptionTime).
        migration_type: The action when the instance must leave its compute (supportedMigrationType); None takes the
            action that the VNFM's :class:`Policy` has for all instances.
        lead_time: The least number of seconds between the message about the instance and the action
            (impactNotificationLeadTime).
        resource_mitigation: True if the resources to which the instance will move must be reserved before the message
            about it (isImpactMitigationRequested).
    """

    max_interruption_time: int = 120
    migration_type: Action | None = None
    lead_time: int = 40
    resource_mitigation: bool = False

    def by_default(self, action: Action) -> InstanceConstraint:
        """Return this constraint with ``action`` as its migration type, where it has none."""
        return self if self.migration_type is not None else replace(self, migration_type=action)


@dataclass(frozen=True, slots=True)
class GroupConstraint:
    """The constraint of a group of instances.

    Attributes:
        anti_affinity_group: True if the instances must be on different computes.
        max_instances_per_host: The number of instances that may share a compute; 0 for any number.
        max_impacted_members: The number of instances that may be impacted at once (maxNumberOfImpactedInstances); None
            takes the number that suits the group's size.
        recovery_time: The least number of seconds between the end of one impact and the next one
            (minRecoveryTimeBetweenImpacts).
        resource_mitigation: As for an instance, for all instances of the group.
    """

    anti_affinity_group: bool = False
    max_instances_per_host: int = 0
    max_impacted_members: int | None = None
    recovery_time: int = 2
    resource_mitigation: bool = False

    def for_size(self, members: int) -> GroupConstraint:
        """Return this constraint with a maximum of impacted members, where it has none.

        The maximum for ``members`` instances is two, or one less than half of a large group.
        """
        if self.max_impacted_members is not None:
            return self
        return replace(self, max_impacted_members=2 if members < LARGE_GROUP else members // 2 - 1)


@dataclass(frozen=True, slots=True)
class ConstraintPolicy:
    """The constraints that a VNFM sets. Only the admin tool checks them, so a policy may also hold invalid ones.

    Attributes:
        instance: The constraint of every instance.
        instances: The constraints of single instances that differ, by the instances' names.
        redundant: The constraint of the group of the ACT-STBY pair.
        alone: The constraint of the group of the other instances.
        later: The policy that replaces this one from the first message of a step on: the VNFM changes its constraints
            when that message arrives, before it replies. The other policy may have a ``later`` of its own.
    """

    instance: InstanceConstraint = field(default_factory=InstanceConstraint)
    instances: Mapping[str, InstanceConstraint] = field(default_factory=dict)
    redundant: GroupConstraint = field(
        default_factory=lambda: GroupConstraint(
            anti_affinity_group=True, max_instances_per_host=1, max_impacted_members=1, recovery_time=4
        )
    )
    alone: GroupConstraint = field(default_factory=GroupConstraint)
    later: Mapping[Step, ConstraintPolicy] = field(default_factory=dict)

    def of_instance(self, name: str) -> InstanceConstraint:
        """Return the constraint of the instance of this name."""
        return self.instances.get(name, self.instance)
