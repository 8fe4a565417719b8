"""The body of an alarm, as Aodh posts it to the alarm's URL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard

from pydantic import BaseModel, ConfigDict, ValidationError

from pytest_doctor_maint.protocol.errors import InvalidBody, explain
from pytest_doctor_maint.protocol.times import from_wire, to_wire
from pytest_doctor_maint.simtime.literals import parse_literal

#: No list or dict of the protocol has more brackets as text than this.
_MOST_BRACKETS = 100
#: The traits that Aodh writes as times in its own form.
_TIMES = ("actions_at", "reply_at")


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    message_id: str = ""
    event_type: str
    generated: str = ""
    traits: list[tuple[str, int, Any]]


class _ReasonData(BaseModel):
    model_config = ConfigDict(extra="ignore")

    event: _Event


class AlarmBody(BaseModel):
    """The body of an alarm, reduced to the fields that matter for maintenance.

    Attributes:
        alarm_id: The id of the alarm that fired.
        reason_data: Holds the event behind the alarm.
    """

    model_config = ConfigDict(extra="ignore")

    alarm_id: str
    reason_data: _ReasonData

    @property
    def event_type(self) -> str:
        """The type of the event behind the alarm."""
        return self.reason_data.event.event_type

    @property
    def message_id(self) -> str:
        """The id of the notification, the same in each delivery of it; empty when the body has none."""
        return self.reason_data.event.message_id

    @property
    def generated(self) -> datetime | None:
        """The time at which the cloud received the notification (UTC); None when the body has none."""
        try:
            return from_wire(self.reason_data.event.generated)
        except ValueError:
            return None

    @property
    def identity(self) -> dict[str, str]:
        """The fields that identify a notification where no cause travels with it: ``message_id``, and ``emitted_at``,
        the moment at which the cloud got the notification (UTC). A field that the body does not have is left out.
        """
        emitted = "" if self.generated is None else self.generated.isoformat(timespec="microseconds")
        found = {"message_id": self.message_id, "emitted_at": emitted}
        return {name: value for name, value in found.items() if value}

    @property
    def traits(self) -> dict[str, Any]:
        """The event's traits by name. Ceilometer turns lists and dicts into text; here they are lists and dicts."""
        return {name: _literal(value) for name, _, value in self.reason_data.event.traits}

    @property
    def notification(self) -> dict[str, Any]:
        """The notification as the admin tool emitted it: its event type and its traits, times in the protocol's form.

        Aodh writes times in another form.
        """
        traits = self.traits
        times = {name: to_wire(from_wire(value)) for name in _TIMES if _is_time(value := traits.get(name))}
        return {"event_type": self.event_type, **traits, **times}


def parse_alarm(body: object) -> AlarmBody:
    """Return the alarm whose JSON body is `body`.

    Raises:
        InvalidBody: It is not the body of an event alarm.
    """
    try:
        return AlarmBody.model_validate(body)
    except ValidationError as error:
        raise InvalidBody(f"not the body of an event alarm: {explain(error)}") from error


def _is_time(value: object) -> TypeGuard[str]:
    try:
        from_wire(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


# Any: the values of traits are JSON of any kind.
def _literal(value: Any) -> Any:
    """Return the list, dict or None that `value` is the text of, as Python or JSON; any other value unchanged."""
    if not isinstance(value, str) or not value.startswith(("[", "{", "None", "null")):
        return value
    if value.count("[") + value.count("{") > _MOST_BRACKETS:
        # Nothing in the protocol is nested like that, and reading it could exhaust the stack.
        return value
    for parse in (json.loads, parse_literal):
        try:
            parsed = parse(value)
        except ValueError:
            continue
        if parsed is None or isinstance(parsed, list | Mapping):
            return parsed
    return value
