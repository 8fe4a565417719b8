"""The bodies that Fenix's API takes, with their fields checked. Unknown fields are ignored, as Fenix does."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pytest_doctor_maint.actors.admin_tool.base.schemas import EachOnce, Metadata, Moment
from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionType

Name = Annotated[str, Field(min_length=1, max_length=255)]


class ActionBody(BaseModel):
    """An item of ``actions`` in the body of POST /v1/maintenance."""

    model_config = ConfigDict(extra="ignore")

    plugin: Name
    type: ActionType
    metadata: dict[str, Any] = Field(default_factory=dict)


class Download(BaseModel):
    """An item of ``download`` in the body of POST /v1/maintenance: a package for the plug-ins."""

    model_config = ConfigDict(extra="ignore", strict=True)

    url: str
    size: str | int | None = None


class SessionBody(BaseModel):
    """The body of POST /v1/maintenance."""

    model_config = ConfigDict(extra="ignore")

    hosts: Annotated[list[Name], EachOnce]
    state: Literal["MAINTENANCE"] = "MAINTENANCE"
    maintenance_at: Moment
    workflow: str = "default"
    metadata: Metadata = Field(default_factory=dict)
    actions: list[ActionBody] = Field(default_factory=list)
    download: list[str | Download] = Field(default_factory=list)
