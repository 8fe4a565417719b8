"""What a monitor reports to the Inspector."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from pytest_doctor_maint.protocol import explain, from_wire


def _time(value: Any) -> Any:
    if isinstance(value, str):
        from_wire(value)
    return value


class Details(BaseModel):
    """Where it happened. Monitors add more, which is not needed here."""

    model_config = ConfigDict(extra="ignore", strict=True)

    hostname: str = Field(min_length=1)
    status: Literal["down"] = "down"


class MonitorEvent(BaseModel):
    """A compute that is down, as Doctor's monitor reports it.

    Attributes:
        time: When that was seen (ISO 8601), if the monitor says.
        type: ``compute.host.down``.
        details: Which compute.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    time: Annotated[str | None, BeforeValidator(_time)] = None
    type: Literal["compute.host.down"]
    details: Details


_EVENTS = TypeAdapter(Annotated[list[MonitorEvent], Field(min_length=1)])


def parse_events(body: object) -> list[MonitorEvent]:
    """Read the body of PUT /events.

    Raises:
        ValueError: It is no list of events; the message says which one is wrong, and why.
    """
    try:
        return _EVENTS.validate_python(body)
    except ValidationError as error:
        raise ValueError(f"not a list of events: {explain(error)}") from error
