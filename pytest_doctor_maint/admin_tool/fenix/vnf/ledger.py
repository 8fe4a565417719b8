"""Which groups are being hit, and which still recover: whether one more of their instances may be hit now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_doctor_maint.admin_tool.fenix.vnf.constraints import GroupConstraint


@dataclass(frozen=True, slots=True)
class NotYet:
    """Why an instance may not be hit now.

    Attributes:
        reason: In a few words.
        until: When to ask again (UTC); None: when something has changed.
    """

    reason: str
    until: datetime | None = None


class Ledger:
    """The hits of a session, by group. Only one thread uses it.

    A hit lasts from the begin of the action until the instance can be used again; only then the recovery begins. Within
    it none of the group is hit, also while others of the group are being hit still: ETSI speaks of the time between
    consecutive impacts of the group, not of a single instance.
    """

    def __init__(self) -> None:
        self._hit: dict[str, str] = {}
        self._ended: dict[str, datetime] = {}

    def refusal(self, group: GroupConstraint | None, now: datetime) -> NotYet | None:
        """Why no further instance of ``group`` may be hit ``now``; None when one may. Instances without a group may."""
        if group is None:
            return None
        hit = sum(1 for group_id in self._hit.values() if group_id == group.group_id)
        if hit >= group.max_impacted_members:
            limit = group.max_impacted_members
            return NotYet(f"{hit} instances of group {group.group_id} are being hit, and {limit} may be hit")
        if (ended := self._ended.get(group.group_id)) is not None:
            recovered = ended + timedelta(seconds=group.recovery_time)
            if now < recovered:
                return NotYet(f"group {group.group_id} recovers until {recovered:%H:%M:%S}", recovered)
        return None

    def begin(self, instance_id: str, group: GroupConstraint | None) -> None:
        """The instance is being hit from now on."""
        if group is not None:
            self._hit[instance_id] = group.group_id

    def end(self, instance_id: str, now: datetime) -> None:
        """The instance can be used again."""
        if (group_id := self._hit.pop(instance_id, None)) is not None:
            self._ended[group_id] = max(now, self._ended.get(group_id, now))
