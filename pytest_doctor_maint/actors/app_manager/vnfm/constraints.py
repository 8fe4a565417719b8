"""What a VNFM's instances and groups can bear, as values; the defaults are those of Doctor's own VNFM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_doctor_maint.protocol import Action, Step

#: From so many instances in a group on, a part of it may be hit at once, and not only two.
LARGE_GROUP = 7


@dataclass(frozen=True, slots=True)
class InstanceConstraint:
    """What one instance can bear.

    Attributes:
        max_interruption_time: Seconds that a live migration may take without the application noticing (ETSI's
            maxUndetectableInterruptionTime).
        migration_type: What is done with it when it must leave its compute (supportedMigrationType); None takes
            what the VNFM's :class:`Policy` has for all of its instances.
        lead_time: Seconds that lie between the message about it and the action, at least (impactNotificationLeadTime).
        resource_mitigation: Whether the resources that it will move to must be kept for it before it is told
            (isImpactMitigationRequested).
    """

    max_interruption_time: int = 120
    migration_type: Action | None = None
    lead_time: int = 40
    resource_mitigation: bool = False


@dataclass(frozen=True, slots=True)
class GroupConstraint:
    """What a group of instances can bear.

    Attributes:
        anti_affinity_group: Whether its instances are on different computes.
        max_instances_per_host: How many of them may share a compute; 0 for any number.
        max_impacted_members: How many of them may be hit at once (maxNumberOfImpactedInstances); None takes what suits
            the group's size.
        recovery_time: Seconds that lie between the end of one hit and the next, at least
            (minRecoveryTimeBetweenImpacts).
        resource_mitigation: As for an instance, for all of the group's.
    """

    anti_affinity_group: bool = False
    max_instances_per_host: int = 0
    max_impacted_members: int | None = None
    recovery_time: int = 2
    resource_mitigation: bool = False

    def impacted(self, members: int) -> int:
        """How many of ``members`` may be hit at once: two in a small group, one less than half of a large one."""
        if self.max_impacted_members is not None:
            return self.max_impacted_members
        return 2 if members < LARGE_GROUP else members // 2 - 1


@dataclass(frozen=True, slots=True)
class ConstraintPolicy:
    """Which constraints a VNFM sets. They are checked by the admin tool alone, so a policy can also hold bad ones.

    Attributes:
        instance: The constraint of every instance.
        instances: Those of single instances that have another, by the instances' names.
        redundant: The constraint of the ACT-STBY pair's group.
        alone: The constraint of the other instances' group.
        later: What holds instead from the first message of a step on: the VNFM changes its constraints when that
            arrives, before it answers. A policy in there may change again by its own ``later``.
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
        """The constraint of the instance of this name."""
        return self.instances.get(name, self.instance)
