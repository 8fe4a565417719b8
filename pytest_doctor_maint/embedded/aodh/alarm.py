"""An alarm, and a change of one, as Aodh keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

OK, ALARM, INSUFFICIENT_DATA = "ok", "alarm", "insufficient data"
STATES = (OK, ALARM, INSUFFICIENT_DATA)
SEVERITIES = ("low", "moderate", "critical")
ACTIONS = ("ok_actions", "alarm_actions", "insufficient_data_actions")

NOT_EVALUATED = "Not evaluated yet"
SET_BY_HAND = "Manually set via API"

CREATION, RULE_CHANGE, STATE_TRANSITION = "creation", "rule change", "state transition"


def stamp(moment: datetime) -> str:
    """``moment`` (aware) as Aodh writes times: UTC, ISO 8601, no zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def presented_action(url: str) -> str:
    """An action's URL as the API shows it.

    The id of a trust is taken out of ``trust+…`` URLs, and ``test://`` comes back as ``test:``, because Aodh takes URLs
    apart and puts them together again.
    """
    parts = urlsplit(url)
    if parts.scheme.startswith("trust+"):
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.netloc or parts.scheme in ("http", "https"):
        return parts.geturl()
    return f"{parts.scheme}:{parts._replace(scheme='').geturl().removeprefix('//')}"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm; a change makes a new one.

    Attributes:
        alarm_id: UUID.
        name: Need not be unique.
        description: For people.
        type: Which kind of rule it has; only ``event`` alarms ever fire here.
        rule: The rule of that type, as the API shows it.
        enabled: Whether it can fire.
        state: ok, alarm or insufficient data.
        state_reason: Why it is in that state.
        severity: low, moderate or critical.
        ok_actions: URLs to call when it becomes ok.
        alarm_actions: URLs to call when it fires.
        insufficient_data_actions: URLs to call when there is no data.
        repeat_actions: Whether it calls them for every matching event, or just when its state changes.
        time_constraints: When it is in force. Event alarms do not look at them, in Aodh neither.
        project_id: The owner.
        user_id: The owner's user.
        timestamp: When its definition was changed last, UTC.
        state_timestamp: When its state was changed last, UTC.
        evaluate_timestamp: When it was made, UTC; None once its definition was changed. (Aodh's evaluator, which keeps
            it up to date, passes over event alarms.)
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
        """The alarm as the API shows it."""
        return {
            "alarm_id": self.alarm_id,
            "name": self.name,
            "description": self.description,
            "type": self.type,
            f"{self.type}_rule": dict(self.rule),
            **self._settings(),
            "project_id": self.project_id,
            "user_id": self.user_id,
            "timestamp": stamp(self.timestamp),
            "state": self.state,
            "state_timestamp": stamp(self.state_timestamp),
            "state_reason": self.state_reason,
            "severity": self.severity,
            "evaluate_timestamp": stamp(self.evaluate_timestamp) if self.evaluate_timestamp else None,
        }

    def record(self) -> dict[str, Any]:
        """The alarm as its history shows it: with one name for the rules of all types."""
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
    """Something that was done to an alarm.

    Attributes:
        event_id: UUID of the change.
        alarm_id: The alarm.
        type: creation, rule change or state transition.
        detail: What changed, as JSON text.
        user_id: Who did it; None for Aodh itself.
        project_id: That user's project.
        on_behalf_of: The project that may see the change.
        timestamp: When, UTC.
        severity: The alarm's, where the change tells it.
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
        """The change as the API shows it."""
        return {
            "event_id": self.event_id,
            "alarm_id": self.alarm_id,
            "type": self.type,
            "detail": self.detail,
            "user_id": self.user_id,
            "project_id": self.project_id,
            "on_behalf_of": self.on_behalf_of,
            "timestamp": stamp(self.timestamp),
        }
