"""What becomes of a notification on its way to Aodh: an event with typed traits, as ceilometer makes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_doctor_maint.protocol.times import from_wire

STRING, INTEGER, FLOAT, DATETIME = 1, 2, 3, 4

#: The traits that come first, in this order; whatever else a payload holds follows in the payload's own order.
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

#: ceilometer cuts the text of a trait to this many characters (Trait.convert_value in its event models), and says
#: nothing of it; Aodh passes on what it gets. A list of seven server ids is longer, and ends as no Python literal.
MAX_TEXT = 255

Trait = tuple[str, int, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """An event as ceilometer hands it to Aodh.

    Attributes:
        message_id: The id of the notification behind it.
        event_type: Such as ``maintenance.scheduled``.
        generated: When, UTC, ISO 8601 without a zone.
        traits: (name, type, value) each; a name comes once.
    """

    message_id: str
    event_type: str
    generated: str
    traits: tuple[Trait, ...]

    @property
    def project_id(self) -> str:
        """The project whose alarms the event can reach; empty for none."""
        owner = ""
        for name, _, value in self.traits:
            if name in ("tenant_id", "project_id"):
                owner = str(value)
        return owner

    def as_dict(self) -> dict[str, Any]:
        """The event as it stands in ``reason_data`` of an alarm's body."""
        body: dict[str, Any] = {
            "message_id": self.message_id,
            "event_type": self.event_type,
            "generated": self.generated,
            "traits": [list(trait) for trait in self.traits],
            "raw": {},
        }
        # ceilometer signs with a secret that only its own services know; to others it is a hex number of 64 digits.
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        return {**body, "message_signature": digest}


def traits_of(payload: Mapping[str, Any], publisher_id: str | None = None) -> tuple[Trait, ...]:
    """The traits of a notification.

    Null values make no trait. Texts are cut to 255 characters; lists, dicts and booleans become the text of a Python
    literal.

    Args:
        payload: The notification's payload.
        publisher_id: Who sent it; it is the trait ``service`` when the payload has none.

    Raises:
        ValueError: ``actions_at`` or ``reply_at`` is no time. (ceilometer loses such a notification.)
    """
    values = {"service": publisher_id, **payload}
    names = [*(name for name in ORDER if name in values), *(name for name in values if name not in ORDER)]
    return tuple(trait for name in names if (trait := _trait(name, values[name])) is not None)


def _trait(name: str, value: Any) -> Trait | None:
    if value is None:
        return None
    if name in DATETIMES:
        if value == "":
            # Services write an empty text for "no time".
            return None
        try:
            moment = from_wire(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None:
            raise ValueError(f"{name} must be a time such as 2030-01-01 12:00:00 (UTC), not {value!r}")
        return name, DATETIME, moment.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, int) and not isinstance(value, bool):
        return name, INTEGER, value
    if isinstance(value, float):
        return name, FLOAT, value
    return name, STRING, str(value)[:MAX_TEXT]
