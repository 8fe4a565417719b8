"""What Aodh posts to an alarm's URL."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard

from pydantic import BaseModel, ConfigDict, ValidationError

from pytest_doctor_maint.protocol.times import from_wire, to_wire

#: A literal with more brackets than this is no list or dict of the protocol's.
_MOST_BRACKETS = 100
#: The traits that Aodh writes as times of its own form.
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
    """The body of an alarm, as far as it matters here.

    Attributes:
        alarm_id: Which alarm fired.
        reason_data: Carries the event.
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
        """Which notification it was: the same in every delivery of it; empty when the body does not say."""
        return self.reason_data.event.message_id

    @property
    def generated(self) -> datetime | None:
        """When the cloud got the notification (UTC); None when the body does not say."""
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
        """The event's traits by name. Lists and dicts, which ceilometer turns into text, are lists and dicts again."""
        return {name: _literal(value) for name, _, value in self.reason_data.event.traits}

    @property
    def told(self) -> dict[str, Any]:
        """What the admin tool said: the event's type and its traits, times in the protocol's form and not in Aodh's."""
        traits = self.traits
        times = {name: to_wire(from_wire(told)) for name in _TIMES if _is_time(told := traits.get(name))}
        return {"event_type": self.event_type, **traits, **times}


def parse_alarm(body: object) -> AlarmBody:
    """Read an alarm's body.

    Raises:
        ValueError: It is none; the message says what is missing or wrong.
    """
    try:
        return AlarmBody.model_validate(body)
    except ValidationError as error:
        raise ValueError(f"not the body of an event alarm: {explain(error)}") from error


def explain(error: ValidationError) -> str:
    """What is wrong, in one line: ``field: reason`` for each fault."""
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc']) or 'body'}: {fault['msg']}" for fault in error.errors()
    )


def _is_time(value: Any) -> TypeGuard[str]:
    try:
        from_wire(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def _literal(value: Any) -> Any:
    """Lists, dicts and None arrive as Python or JSON literals in a string; every other string is just a string."""
    if not isinstance(value, str) or not value.startswith(("[", "{", "None", "null")):
        return value
    if value.count("[") + value.count("{") > _MOST_BRACKETS:
        # Nothing of the protocol is nested like that, and reading it could take more stack than there is.
        return value
    for parse in (json.loads, ast.literal_eval):
        try:
            parsed = parse(value)
        except (ValueError, SyntaxError):
            continue
        if parsed is None or isinstance(parsed, list | Mapping):
            return parsed
    return value
