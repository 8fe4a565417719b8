"""On which terms an instance may be moved: what its constraints, as they are at the moment, say about it."""

from __future__ import annotations

from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore
from pytest_doctor_maint.protocol import Action

#: Seconds for which a live migration is expected to stop an instance: Nova's default of live_migration_downtime.
LIVE_INTERRUPTION = 0.5


class ConstraintView:
    """Asked anew each time: a VNFM may change its constraints whenever it likes.

    Args:
        constraints: What VNFMs have set.
        anything: What may be done with an instance of which nothing is said.
    """

    def __init__(self, constraints: ConstraintStore, anything: tuple[Action, ...]) -> None:
        self._constraints = constraints
        self._anything = anything

    def allowed(self, instance_id: str) -> tuple[Action, ...]:
        """What its project may choose for the instance."""
        constraint = self._constraints.instance(instance_id)
        if constraint is None:
            return self._anything
        if constraint.migration_type is Action.LIVE_MIGRATE and self.interrupts_too_long(instance_id):
            return (Action.MIGRATE,)
        return (constraint.migration_type,)

    def interrupts_too_long(self, instance_id: str) -> bool:
        """Whether a live migration is expected to stop the instance for longer than nobody notices."""
        constraint = self._constraints.instance(instance_id)
        return constraint is not None and constraint.max_interruption_time < LIVE_INTERRUPTION

    def wants_room(self, instance_id: str) -> bool:
        """Whether resources for the instance must be there when its project is told."""
        constraint, group = self._constraints.instance(instance_id), self._constraints.group_of(instance_id)
        return any(each is not None and each.resource_mitigation for each in (constraint, group))

    def lead_time(self, instance_id: str) -> float:
        """Seconds between the message about the instance and the action, at least."""
        constraint = self._constraints.instance(instance_id)
        return 0.0 if constraint is None else constraint.lead_time
