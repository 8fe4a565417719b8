"""What the bodies of requests to any admin tool are made of, each checked with its reason."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from pytest_doctor_maint.protocol import from_wire

#: Aodh cuts a trait off after so many characters, and what is cut off cannot be read any more.
TRAIT_LENGTH = 255


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("must be a time of the form YYYY-MM-DD HH:MM:SS (UTC)")
    try:
        return from_wire(value)
    except OverflowError as error:
        raise ValueError(f"{value!r} is no time that can come") from error


def _each_once(hosts: list[str]) -> list[str]:
    if twice := sorted({host for host in hosts if hosts.count(host) > 1}):
        raise ValueError(f"{', '.join(twice)} is named more than once")
    return hosts


def _short(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(str(metadata)) > TRAIT_LENGTH:
        raise ValueError(f"takes {len(str(metadata))} characters as text; alarms carry {TRAIT_LENGTH} at most")
    return metadata


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A time of the protocol's form."""
EachOnce = AfterValidator(_each_once)
"""Of a list of hosts: none is named twice."""
Metadata = Annotated[dict[str, Any], AfterValidator(_short)]
"""What the maintenance brings: short enough to travel in an alarm."""
