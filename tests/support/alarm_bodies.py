"""Bodies of alarms, as Aodh posts them."""

from __future__ import annotations

from collections.abc import Mapping

#: JSON as tests build it: nested dicts and lists of plain values.
Json = dict[str, object]

#: The time of the notification in a body, unless a test passes another one.
GENERATED = "2030-01-01T00:00:00.000000"
#: Ceilometer's number for a trait of type string, the type of all traits unless a test passes another one.
_STRING = 1


def alarm_body(
    event_type: str,
    traits: Mapping[str, object],
    *,
    message_id: str = "m",
    generated: str = GENERATED,
    kinds: Mapping[str, int] | None = None,
) -> Json:
    """Return the body of an alarm about an event.

    Args:
        event_type: The type of the event.
        traits: The traits by name; those that are None are left out.
        message_id: The id of the notification.
        generated: When the cloud got the notification.
        kinds: Ceilometer's number of the type, for traits that are not strings.
    """
    event = {
        "message_id": message_id,
        "event_type": event_type,
        "generated": generated,
        "raw": {},
        "traits": [
            [name, (kinds or {}).get(name, _STRING), value] for name, value in traits.items() if value is not None
        ],
    }
    return {
        "alarm_name": "an alarm",
        "alarm_id": "a",
        "severity": "moderate",
        "previous": "insufficient data",
        "current": "alarm",
        "reason": "",
        "reason_data": {"type": "event", "event": event},
    }


def event_in(body: Json) -> Json:
    """Return the event in a body, to be changed by a test."""
    reason = body["reason_data"]
    assert isinstance(reason, dict)
    event = reason["event"]
    assert isinstance(event, dict)
    return event
