"""Events with typed traits, which ceilometer makes of notifications and passes to Aodh."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_doctor_maint.embedded.aodh.times import parse_time

STRING, INTEGER, FLOAT, DATETIME = 1, 2, 3, 4

#: The traits that come first, in this order. All others follow in the order of the payload.
ORDER = (
    "service",
    "project_id",
    "allowed_actions",
    "instance_ids",
    "reply_url",
    "actions_at",
    "reply_at",
    "state",
    "host",
    "session_id",
    "metadata",
)
DATETIMES = frozenset({"actions_at", "reply_at"})

#: ceilometer cuts the text of a trait to this number of characters (Trait.convert_value in its event models) without a
#: warning, and Aodh passes the cut text on. A list of seven server ids is longer: its end is cut off, and it cannot be
#: parsed as a Python literal.
MAX_TEXT = 255

Trait = tuple[str, int, Any]


class InvalidPayload(ValueError):
    """The payload of a notification cannot be made into traits."""


@dataclass(frozen=True, slots=True)
class CeilometerEvent:
    """An event as ceilometer passes it to Aodh.

    Attributes:
        message_id: The id of the notification.
        event_type: Such as ``maintenance.scheduled``.
        generated: Time of the notification, UTC, ISO 8601 without a zone.
        traits: Name, type and value of each trait. Names are unique.
    """

    message_id: str
    event_type: str
    generated: str
    traits: tuple[Trait, ...]

    @property
    def project_id(self) -> str:
        """The project whose alarms the event can reach; empty if no trait names a project."""
        owner = ""
        for name, _, value in self.traits:
            if name in ("tenant_id", "project_id"):
                owner = str(value)
        return owner

    def as_dict(self) -> dict[str, Any]:
        """Return the event as ``reason_data`` of an alarm's body has it."""
        body: dict[str, Any] = {
            "message_id": self.message_id,
            "event_type": self.event_type,
            "generated": self.generated,
            "traits": [list(trait) for trait in self.traits],
            "raw": {},
        }
        # ceilometer signs with a secret of its services. For all others the signature is a hex number of 64 digits.
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        return {**body, "message_signature": digest}


def traits_of(payload: Mapping[str, Any], publisher_id: str | None = None) -> tuple[Trait, ...]:
    """Return the traits of a notification.

    A null value makes no trait. Texts are cut to 255 characters. Lists, dictionaries and booleans become the text of a
    Python literal.

    Args:
        payload: The notification's payload.
        publisher_id: The notification's sender. It is the trait ``service`` if the payload has no such field.

    Raises:
        InvalidPayload: ``actions_at`` or ``reply_at`` is not a time. (ceilometer drops such a notification.)
    """
    values = {"service": publisher_id, **payload}
    names = [*(name for name in ORDER if name in values), *(name for name in values if name not in ORDER)]
    return tuple(trait for name in names if (trait := _trait(name, values[name])) is not None)


def _trait(name: str, value: Any) -> Trait | None:
    if value is None:
        return None
    if name in DATETIMES:
        if value == "":
            # Services write an empty string for "no time".
            return None
        try:
            moment = parse_time(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None:
            raise InvalidPayload(f"{name} must be a time such as 2030-01-01 12:00:00 (UTC), not {value!r}")
        return name, DATETIME, moment.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, int) and not isinstance(value, bool):
        return name, INTEGER, value
    if isinstance(value, float):
        return name, FLOAT, value
    return name, STRING, str(value)[:MAX_TEXT]
