"""The bodies that Fenix's API takes, with their fields checked. Fields that nobody knows are ignored, as Fenix does."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from pytest_doctor_maint.admin_tool.api import TRAIT_LENGTH
from pytest_doctor_maint.admin_tool.fenix.actions import ActionType
from pytest_doctor_maint.protocol import from_wire


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("must be a time of the form YYYY-MM-DD HH:MM:SS (UTC)")
    try:
        return from_wire(value)
    except OverflowError as error:
        raise ValueError(f"{value!r} is no time that can come") from error


Name = Annotated[str, Field(min_length=1, max_length=255)]


class ActionBody(BaseModel):
    """One of ``actions`` in the body of POST /v1/maintenance."""

    model_config = ConfigDict(extra="ignore")

    plugin: Name
    type: ActionType
    metadata: dict[str, Any] = Field(default_factory=dict)


class Download(BaseModel):
    """One of ``download`` in the body of POST /v1/maintenance: a package for the plug-ins."""

    model_config = ConfigDict(extra="ignore", strict=True)

    url: str
    size: str | int | None = None


class SessionBody(BaseModel):
    """The body of POST /v1/maintenance."""

    model_config = ConfigDict(extra="ignore")

    hosts: list[Name]
    state: Literal["MAINTENANCE"] = "MAINTENANCE"
    maintenance_at: Annotated[datetime, BeforeValidator(_moment)]
    workflow: str = "default"
    metadata: dict[str, Any] = Field(default_factory=dict)
    actions: list[ActionBody] = Field(default_factory=list)
    download: list[str | Download] = Field(default_factory=list)

    @field_validator("hosts")
    @classmethod
    def _each_once(cls, hosts: list[str]) -> list[str]:
        if twice := sorted({host for host in hosts if hosts.count(host) > 1}):
            raise ValueError(f"{', '.join(twice)} is named more than once")
        return hosts

    @field_validator("metadata")
    @classmethod
    def _short(cls, metadata: dict[str, Any]) -> dict[str, Any]:
        if len(str(metadata)) > TRAIT_LENGTH:
            raise ValueError(f"takes {len(str(metadata))} characters as text; alarms carry {TRAIT_LENGTH} at most")
        return metadata
