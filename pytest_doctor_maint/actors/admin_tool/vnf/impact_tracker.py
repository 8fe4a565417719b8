"""The impacts of all sessions: which groups are impacted or recover, and so whether an instance may be impacted now."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_doctor_maint.actors.admin_tool.vnf.constraints import GroupConstraintBody


@dataclass(frozen=True, slots=True)
class Delay:
    """The reason why an instance must wait.

    Attributes:
        reason: The reason in a few words.
        until: The time at which to ask again (UTC); None: when something has changed.
    """

    reason: str
    until: datetime | None = None


class ImpactTracker:
    """The impacts of all sessions, by group. The scheduling thread of every session uses it.

    An impact lasts from the begin of the action until the instance can be used again; then the recovery begins. During
    the recovery no instance of the group may be impacted, even while others of the group still are: ETSI speaks of the
    time between consecutive impacts of the group, not of a single instance.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._notified: dict[str, str] = {}
        self._impacted: dict[str, str] = {}
        self._ended: dict[str, datetime] = {}

    def notify(self, instance_id: str, group: GroupConstraintBody | None) -> Delay | None:
        """Record that the instance's project is notified, unless the limit of `group` forbids a further message.

        Returns:
            The reason why the project must not be notified now, or None.
        """
        if group is None:
            return None
        with self._lock:
            notified = sum(1 for key in self._notified.values() if key == group.key)
            limit = group.max_impacted_members
            if notified >= limit:
                return Delay(
                    f"the project was notified of {notified} instances of group {group.group_id}, and {limit} may be "
                    "impacted"
                )
            self._notified[instance_id] = group.key
        return None

    def admit(self, instance_id: str, group: GroupConstraintBody | None, now: datetime) -> Delay | None:
        """Record that the instance is impacted from `now` on, unless the constraint of its group forbids that.

        Returns:
            The reason why the instance must not be impacted now, or None.
        """
        with self._lock:
            if (delay := self.delay(group, now)) is None:
                self.begin(instance_id, group)
            return delay

    def delay(self, group: GroupConstraintBody | None, now: datetime) -> Delay | None:
        """Return the reason why no further instance of `group` may be impacted `now`; None if there is no reason.

        An instance without a group may always be impacted.
        """
        if group is None:
            return None
        with self._lock:
            impacted = sum(1 for key in self._impacted.values() if key == group.key)
            ended = self._ended.get(group.key)
        limit = group.max_impacted_members
        if impacted >= limit:
            return Delay(f"{impacted} instances of group {group.group_id} are impacted, and {limit} may be impacted")
        if ended is not None:
            recovered = ended + timedelta(seconds=group.recovery_time)
            if now < recovered:
                return Delay(f"group {group.group_id} recovers until {recovered:%H:%M:%S}", recovered)
        return None

    def begin(self, instance_id: str, group: GroupConstraintBody | None) -> None:
        """Record that the instance is impacted from now on."""
        if group is not None:
            with self._lock:
                self._impacted[instance_id] = group.key

    def end(self, instance_id: str, now: datetime) -> None:
        """Record that the instance can be used again since `now`."""
        with self._lock:
            self._notified.pop(instance_id, None)
            if (key := self._impacted.pop(instance_id, None)) is not None:
                self._ended[key] = max(now, self._ended.get(key, now))

    def forget(self, instance_ids: Iterable[str]) -> None:
        """Remove instances whose session has ended: nothing more happens to them."""
        with self._lock:
            for instance_id in instance_ids:
                self._notified.pop(instance_id, None)
                self._impacted.pop(instance_id, None)
