"""The parts of request bodies that all admin tools have in common, each checked with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationError, WithJsonSchema

from pytest_doctor_maint.protocol import explain, from_wire
from pytest_doctor_maint.simtime.http import HttpError

#: The number of characters after which Aodh cuts a trait off; a trait that was cut off cannot be read any more.
TRAIT_LENGTH = 255


def invalid_body(error: ValidationError, request: object) -> HttpError:
    """Return the answer to a request whose body is not what its model demands: 400."""
    return HttpError(400, explain(error))


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("must be a time of the form YYYY-MM-DD HH:MM:SS (UTC)")
    return from_wire(value)


def _each_once(hosts: list[str]) -> list[str]:
    if twice := sorted({host for host in hosts if hosts.count(host) > 1}):
        raise ValueError(f"{', '.join(twice)} is named more than once")
    return hosts


def _short(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(str(metadata)) > TRAIT_LENGTH:
        raise ValueError(f"takes {len(str(metadata))} characters as text; alarms carry {TRAIT_LENGTH} at most")
    return metadata


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "examples": ["2030-01-01 01:00:00"], "description": "YYYY-MM-DD HH:MM:SS, UTC"}),
]
"""A time of the protocol's form."""
EachOnce = AfterValidator(_each_once)
"""Refuses a list of hosts in which a host is named twice."""
Metadata = Annotated[dict[str, Any], AfterValidator(_short)]
"""A session's metadata, short enough for an alarm."""
