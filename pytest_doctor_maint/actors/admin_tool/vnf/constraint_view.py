"""The constraints of an instance, as the workflow needs them."""

from __future__ import annotations

from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintReader
from pytest_doctor_maint.protocol import Action

#: Seconds for which a live migration is expected to stop an instance: Nova's default of live_migration_downtime.
LIVE_INTERRUPTION = 0.5


class ConstraintView:
    """Reads the constraints at each call: a VNFM may change them at any time.

    Args:
        constraints: The constraints that VNFMs have set.
        default_actions: The actions that are allowed for an instance without a constraint.
    """

    def __init__(self, constraints: ConstraintReader, default_actions: tuple[Action, ...]) -> None:
        self._constraints = constraints
        self._default_actions = default_actions

    def allowed(self, instance_id: str) -> tuple[Action, ...]:
        """Return the actions that the project may choose for the instance."""
        constraint = self._constraints.instance(instance_id)
        if constraint is None:
            return self._default_actions
        if constraint.migration_type is Action.LIVE_MIGRATE and self.interrupts_too_long(instance_id):
            return (Action.MIGRATE,)
        return (constraint.migration_type,)

    def interrupts_too_long(self, instance_id: str) -> bool:
        """Return True if a live migration is expected to stop the instance for longer than its constraint allows."""
        constraint = self._constraints.instance(instance_id)
        return constraint is not None and constraint.max_interruption_time < LIVE_INTERRUPTION

    def needs_room(self, instance_id: str) -> bool:
        """Return True if there must be room for the instance when the message about it is sent."""
        constraint, group = self._constraints.instance(instance_id), self._constraints.group_of(instance_id)
        return any(each is not None and each.resource_mitigation for each in (constraint, group))

    def lead_time(self, instance_id: str) -> float:
        """Return the least number of seconds between the message about the instance and the action."""
        constraint = self._constraints.instance(instance_id)
        return 0.0 if constraint is None else constraint.lead_time
