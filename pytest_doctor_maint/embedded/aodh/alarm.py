"""Alarms, and the changes that were made to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypedDict
from urllib.parse import urlsplit

from pytest_doctor_maint.embedded.aodh.times import show_time

OK, ALARM, INSUFFICIENT_DATA = "ok", "alarm", "insufficient data"
STATES = (OK, ALARM, INSUFFICIENT_DATA)
SEVERITIES = ("low", "moderate", "critical")
ACTIONS = ("ok_actions", "alarm_actions", "insufficient_data_actions")

NOT_EVALUATED = "Not evaluated yet"
SET_BY_HAND = "Manually set via API"

CREATION, RULE_CHANGE, STATE_TRANSITION = "creation", "rule change", "state transition"


def presented_action(url: str) -> str:
    """Return an action's URL as the API shows it.

    The id of a trust is removed from ``trust+…`` URLs. ``test://`` is shown as ``test:``, because Aodh splits URLs and
    joins them again.
    """
    parts = urlsplit(url)
    if parts.scheme.startswith("trust+"):
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.netloc or parts.scheme in ("http", "https"):
        return parts.geturl()
    return f"{parts.scheme}:{parts._replace(scheme='').geturl().removeprefix('//')}"


class Settings(TypedDict):
    """The fields of an :class:`Alarm` that a request sets, other than the owner."""

    name: str
    description: str
    type: str
    rule: Mapping[str, Any]
    enabled: bool
    state: str
    severity: str
    ok_actions: tuple[str, ...]
    alarm_actions: tuple[str, ...]
    insufficient_data_actions: tuple[str, ...]
    repeat_actions: bool
    time_constraints: tuple[Mapping[str, Any], ...]


class Owner(NamedTuple):
    """The project and the user that own an alarm."""

    project_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm. It is immutable: a change creates another object.

    Attributes:
        alarm_id: UUID.
        name: Not unique.
        description: A text for people.
        type: The type of the rule. Only ``event`` alarms fire on the embedded cloud.
        rule: The rule of that type, as the API shows it.
        enabled: True if the alarm can fire.
        state: ok, alarm or insufficient data.
        state_reason: The reason for the state.
        severity: low, moderate or critical.
        ok_actions: The URLs to call when the state becomes ok.
        alarm_actions: The URLs to call when the alarm fires.
        insufficient_data_actions: The URLs to call when there is no data.
        repeat_actions: True if every matching event calls the URLs; False if only a change of the state does.
        time_constraints: When the alarm is in force. Like Aodh's, event alarms ignore them.
        project_id: The project that owns the alarm.
        user_id: The user that owns the alarm.
        timestamp: Time of the last change of the definition, UTC.
        state_timestamp: Time of the last change of the state by a request, UTC.
        evaluate_timestamp: Time of the creation, UTC; None after a change of the definition. (Aodh's evaluator, which
            updates it, ignores event alarms.)
    """

    alarm_id: str
    name: str
    description: str
    type: str
    rule: Mapping[str, Any]
    enabled: bool
    state: str
    state_reason: str
    severity: str
    ok_actions: tuple[str, ...]
    alarm_actions: tuple[str, ...]
    insufficient_data_actions: tuple[str, ...]
    repeat_actions: bool
    time_constraints: tuple[Mapping[str, Any], ...]
    project_id: str
    user_id: str
    timestamp: datetime
    state_timestamp: datetime
    evaluate_timestamp: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return the alarm as the API shows it."""
        return {
            "alarm_id": self.alarm_id,
            "name": self.name,
            "description": self.description,
            "type": self.type,
            f"{self.type}_rule": dict(self.rule),
            **self._settings(),
            "project_id": self.project_id,
            "user_id": self.user_id,
            "timestamp": show_time(self.timestamp),
            "state": self.state,
            "state_timestamp": show_time(self.state_timestamp),
            "state_reason": self.state_reason,
            "severity": self.severity,
            "evaluate_timestamp": show_time(self.evaluate_timestamp) if self.evaluate_timestamp else None,
        }

    def record(self) -> dict[str, Any]:
        """Return the alarm as its history shows it: the rule has the same name for all types."""
        shown = self.as_dict()
        shown["rule"] = shown.pop(f"{self.type}_rule")
        del shown["evaluate_timestamp"]
        return shown

    def _settings(self) -> dict[str, Any]:
        return {
            "enabled": self.enabled,
            "ok_actions": [presented_action(url) for url in self.ok_actions],
            "alarm_actions": [presented_action(url) for url in self.alarm_actions],
            "insufficient_data_actions": [presented_action(url) for url in self.insufficient_data_actions],
            "repeat_actions": self.repeat_actions,
            "time_constraints": [dict(constraint) for constraint in self.time_constraints],
        }


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """A change of an alarm.

    Attributes:
        event_id: UUID of the change.
        alarm_id: The alarm.
        type: creation, rule change or state transition.
        detail: The changed fields, as a JSON string.
        user_id: The user that made the change; None if Aodh made it.
        project_id: That user's project.
        on_behalf_of: The project that may see the change.
        timestamp: Time of the change, UTC.
        severity: The alarm's severity, if the change names it.
    """

    event_id: str
    alarm_id: str
    type: str
    detail: str
    user_id: str | None
    project_id: str | None
    on_behalf_of: str
    timestamp: datetime
    severity: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the change as the API shows it."""
        return {
            "event_id": self.event_id,
            "alarm_id": self.alarm_id,
            "type": self.type,
            "detail": self.detail,
            "user_id": self.user_id,
            "project_id": self.project_id,
            "on_behalf_of": self.on_behalf_of,
            "timestamp": show_time(self.timestamp),
        }
