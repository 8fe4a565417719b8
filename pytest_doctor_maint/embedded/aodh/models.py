"""Aodh's state: alarms, their changes, and the events that fire them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.aodh.alarm import (
    ALARM,
    CREATION,
    NOT_EVALUATED,
    RULE_CHANGE,
    SET_BY_HAND,
    STATE_TRANSITION,
    Alarm,
    AlarmChange,
    Owner,
    Settings,
)
from pytest_doctor_maint.embedded.aodh.delivery import AlarmCaller
from pytest_doctor_maint.embedded.aodh.errors import OverQuota
from pytest_doctor_maint.embedded.aodh.events import CeilometerEvent, traits_of
from pytest_doctor_maint.embedded.aodh.matching import hits
from pytest_doctor_maint.embedded.aodh.times import show_time
from pytest_doctor_maint.embedded.aodh.trusts import AlarmTrusts
from pytest_doctor_maint.embedded.events import ALARM_CREATED, ALARM_DELETED

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core
    from pytest_doctor_maint.embedded.keystone.models import Keystone

#: No limit, Aodh's default.
UNLIMITED = -1


class Aodh:
    """Aodh's state.

    Args:
        core: What all services share.
        keystone: Keeps the trusts by which ``trust+http`` URLs are called.

    Attributes:
        alarms: All alarms by id, the oldest first.
        changes: All changes of alarms, the oldest first, those of deleted alarms included.
        quotas: The largest number of alarms of a project. Projects that are not named have no limit.
    """

    def __init__(self, core: Core, *, keystone: Keystone) -> None:
        self.core = core
        self.alarms: dict[str, Alarm] = {}
        self.changes: list[AlarmChange] = []
        self.quotas: dict[str, int] = {}
        self._trusts = AlarmTrusts(core, keystone)
        self._alarm_caller = AlarmCaller(core, self._trusts)

    def create(self, settings: Settings, owner: Owner, caller: Caller) -> Alarm:
        """Create an alarm.

        Args:
            settings: The checked and complete definition.
            owner: The alarm's owner.
            caller: The user that creates the alarm.

        Raises:
            OverQuota: The owner's project must not have more alarms.
            Invalid: An action needs a trust, and the caller cannot make one.
        """
        limit = self.quotas.get(owner.project_id, UNLIMITED)
        if limit != UNLIMITED and sum(alarm.project_id == owner.project_id for alarm in self.alarms.values()) >= limit:
            raise OverQuota(f"Alarm quota exceeded for user {owner.user_id} on project {owner.project_id}")
        settings = self._trusts.grant(settings, caller)
        now = self.core.clock.now()
        alarm = Alarm(
            **settings,
            alarm_id=self.core.ids.uuid("alarm"),
            state_reason=NOT_EVALUATED,
            project_id=owner.project_id,
            user_id=owner.user_id,
            timestamp=now,
            state_timestamp=now,
            evaluate_timestamp=now,
        )
        self.alarms[alarm.alarm_id] = alarm
        self._record(alarm, CREATION, alarm.record(), caller, on_behalf_of=caller.project_id)
        self.core.recorder.append(
            "aodh",
            ALARM_CREATED,
            {
                "alarm_id": alarm.alarm_id,
                "name": alarm.name,
                "project_id": alarm.project_id,
                "event_type": alarm.rule.get("event_type"),
            },
        )
        return alarm

    def update(self, alarm: Alarm, settings: Settings, owner: Owner, caller: Caller) -> Alarm:
        """Replace the definition of ``alarm``. A change of the state counts as made by hand.

        Raises:
            Invalid: An action needs a trust, and the caller cannot make one.
        """
        settings = self._trusts.grant(settings, caller, alarm)
        now = self.core.clock.now()
        changed = replace(
            alarm,
            **settings,
            project_id=owner.project_id,
            user_id=owner.user_id,
            timestamp=now,
            evaluate_timestamp=None,
        )
        if changed.state != alarm.state:
            changed = replace(changed, state_timestamp=now, state_reason=SET_BY_HAND)
        self.alarms[alarm.alarm_id] = changed
        before, after = alarm.record(), changed.record()
        unwatched = ("timestamp", "state_timestamp")
        detail = {key: value for key, value in after.items() if value != before[key] and key not in unwatched}
        if detail:
            self._record(changed, RULE_CHANGE, detail, caller)
        return changed

    def set_state(self, alarm: Alarm, state: str, caller: Caller) -> Alarm:
        """Set the state of ``alarm`` by hand. No action is called."""
        now = self.core.clock.now()
        changed = replace(alarm, state=state, state_timestamp=now, state_reason=SET_BY_HAND)
        self.alarms[alarm.alarm_id] = changed
        self._record(changed, STATE_TRANSITION, {"state": state, "state_reason": SET_BY_HAND}, caller)
        return changed

    def delete(self, alarm: Alarm) -> None:
        """Delete ``alarm``. Calls that have been started still reach their URL.

        Aodh announces the deletion on the message bus, but does not record it among the alarm's changes.
        """
        self._trusts.revoke(alarm)
        del self.alarms[alarm.alarm_id]
        self.core.recorder.append("aodh", ALARM_DELETED, {"alarm_id": alarm.alarm_id, "project_id": alarm.project_id})

    def publish(self, event_type: str, payload: Mapping[str, Any], publisher_id: str | None = None) -> CeilometerEvent:
        """Take a notification and fire the alarms that it hits. Return at once; other threads call the URLs.

        An event reaches only the alarms of the project in its trait ``project_id``.

        Args:
            event_type: Such as ``maintenance.scheduled``.
            payload: The fields that become traits.
            publisher_id: The sender.

        Returns:
            The event.

        Raises:
            InvalidPayload: A time in ``payload`` is not a time.
        """
        event = CeilometerEvent(
            message_id=self.core.ids.uuid("notification"),
            event_type=event_type,
            generated=show_time(self.core.clock.now()),
            traits=traits_of(payload, publisher_id),
        )
        for alarm in list(self.alarms.values()):
            if (
                alarm.type == "event"
                and alarm.enabled
                and alarm.project_id == event.project_id != ""
                and (alarm.repeat_actions or alarm.state != ALARM)
                and hits(event, alarm.rule)
            ):
                self._fire(alarm, event)
        return event

    def close(self) -> None:
        """Close the connections to the URLs of alarms. The clock must have been stopped."""
        self._alarm_caller.close()

    def _fire(self, alarm: Alarm, event: CeilometerEvent) -> None:
        query = json.dumps(alarm.rule["query"], sort_keys=True)
        reason = f"Event <id={event.message_id},event_type={event.event_type}> hits the query <query={query}>."
        # As in Aodh, only a request changes state_timestamp.
        fired = replace(alarm, state=ALARM, state_reason=reason)
        self.alarms[alarm.alarm_id] = fired
        self._record(fired, STATE_TRANSITION, {"state": ALARM, "transition_reason": reason}, None)
        if not alarm.alarm_actions:
            return
        body = {
            "alarm_name": alarm.name,
            "alarm_id": alarm.alarm_id,
            "severity": alarm.severity,
            "previous": alarm.state,
            "current": ALARM,
            "reason": reason,
            "reason_data": {"type": "event", "event": event.as_dict()},
        }
        self._alarm_caller.call(alarm.alarm_actions, body)

    def _record(
        self, alarm: Alarm, kind: str, detail: Mapping[str, Any], caller: Caller | None, *, on_behalf_of: str = ""
    ) -> None:
        self.changes.append(
            AlarmChange(
                event_id=self.core.ids.uuid("alarm-change"),
                alarm_id=alarm.alarm_id,
                type=kind,
                detail=json.dumps(detail),
                user_id=caller.user_id if caller else None,
                project_id=caller.project_id if caller else None,
                on_behalf_of=on_behalf_of or alarm.project_id,
                timestamp=self.core.clock.now(),
                severity=detail.get("severity", None if caller else alarm.severity),
            )
        )
