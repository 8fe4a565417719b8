"""The reports that a monitor sends to the Inspector."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from pytest_doctor_maint.protocol import explain, from_wire


def _time(value: Any) -> Any:
    """Return `value`; raise ValueError if it is a string but not a time."""
    if isinstance(value, str):
        from_wire(value)
    return value


class Details(BaseModel):
    """The failed compute. Further fields of a monitor are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    hostname: str = Field(min_length=1)
    status: Literal["down"] = "down"


class MonitorEvent(BaseModel):
    """The report that a compute is down, in the form of Doctor's monitor.

    Attributes:
        time: When the monitor found it (ISO 8601), if the monitor reports that.
        type: ``compute.host.down``.
        details: The compute.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    time: Annotated[str | None, BeforeValidator(_time)] = None
    type: Literal["compute.host.down"]
    details: Details


MonitorEvents = Annotated[list[MonitorEvent], Field(min_length=1)]
"""The body of PUT ``/events``."""
_EVENTS: TypeAdapter[list[MonitorEvent]] = TypeAdapter(MonitorEvents)


def parse_events(body: object) -> list[MonitorEvent]:
    """Read the body of PUT ``/events``.

    Raises:
        ValueError: The body is not a list of events; the message names the invalid event and the reason.
    """
    try:
        return _EVENTS.validate_python(body)
    except ValidationError as error:
        raise ValueError(f"not a list of events: {explain(error)}") from error
