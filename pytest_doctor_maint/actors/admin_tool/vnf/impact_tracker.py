"""Which groups are being hit, and which still recover: whether one more of their instances may be hit now."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_doctor_maint.actors.admin_tool.vnf.constraints import GroupConstraint


@dataclass(frozen=True, slots=True)
class NotYet:
    """Why an instance may not be hit now.

    Attributes:
        reason: In a few words.
        until: When to ask again (UTC); None: when something has changed.
    """

    reason: str
    until: datetime | None = None


class ImpactTracker:
    """The hits of all sessions, by group. Every session's deciding thread uses it.

    A hit lasts from the begin of the action until the instance can be used again; only then the recovery begins. Within
    it none of the group is hit, also while others of the group are being hit still: ETSI speaks of the time between
    consecutive impacts of the group, not of a single instance.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._told: dict[str, str] = {}
        self._hit: dict[str, str] = {}
        self._ended: dict[str, datetime] = {}

    def tell(self, instance_id: str, group: GroupConstraint | None) -> NotYet | None:
        """Let the instance's project be told of it, unless as many of ``group`` are on their way as may be hit."""
        if group is None:
            return None
        with self._lock:
            told = sum(1 for group_id in self._told.values() if group_id == group.group_id)
            if told >= group.max_impacted_members:
                limit = group.max_impacted_members
                return NotYet(f"{told} instances of group {group.group_id} are on their way, and {limit} may be hit")
            self._told[instance_id] = group.group_id
        return None

    def admit(self, instance_id: str, group: GroupConstraint | None, now: datetime) -> NotYet | None:
        """Let the instance be hit from ``now`` on, unless its group may not be: gives why, or None."""
        with self._lock:
            if (refusal := self.refusal(group, now)) is None:
                self.begin(instance_id, group)
            return refusal

    def refusal(self, group: GroupConstraint | None, now: datetime) -> NotYet | None:
        """Why no further instance of ``group`` may be hit ``now``; None when one may. Instances without a group may."""
        if group is None:
            return None
        with self._lock:
            hit = sum(1 for group_id in self._hit.values() if group_id == group.group_id)
            ended = self._ended.get(group.group_id)
        if hit >= group.max_impacted_members:
            limit = group.max_impacted_members
            return NotYet(f"{hit} instances of group {group.group_id} are being hit, and {limit} may be hit")
        if ended is not None:
            recovered = ended + timedelta(seconds=group.recovery_time)
            if now < recovered:
                return NotYet(f"group {group.group_id} recovers until {recovered:%H:%M:%S}", recovered)
        return None

    def begin(self, instance_id: str, group: GroupConstraint | None) -> None:
        """The instance is being hit from now on."""
        if group is not None:
            with self._lock:
                self._hit[instance_id] = group.group_id

    def end(self, instance_id: str, now: datetime) -> None:
        """The instance can be used again."""
        with self._lock:
            self._told.pop(instance_id, None)
            if (group_id := self._hit.pop(instance_id, None)) is not None:
                self._ended[group_id] = max(now, self._ended.get(group_id, now))

    def forget(self, instance_ids: Iterable[str]) -> None:
        """These instances' session is over: nothing more happens to them."""
        with self._lock:
            for instance_id in instance_ids:
                self._told.pop(instance_id, None)
                self._hit.pop(instance_id, None)
