"""The messages to projects and to infrastructure services, with their fields checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pytest_doctor_maint.protocol.alarm import explain
from pytest_doctor_maint.protocol.steps import Action, Step, step_of
from pytest_doctor_maint.protocol.times import from_wire


def _moment(value: Any) -> Any:
    return from_wire(value) if isinstance(value, str) else value


def _none_as_empty(value: Any) -> Any:
    return [] if value is None else value


def _no_dict(value: Any) -> Any:
    return {} if value is None else value


Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class ProjectMessage(BaseModel):
    """``maintenance.scheduled``: the admin tool tells a project something.

    Attributes:
        session_id: The maintenance session.
        project_id: The project.
        state: The step in the admin tool's spelling.
        instance_ids: The instances it is about: a URL of the admin tool where they can be read, or the ids themselves.
        allowed_actions: What the project may choose for each instance.
        actions_at: When the admin tool acts (UTC).
        reply_at: When the answer is due (UTC), where that is not ``actions_at``.
        reply_url: Where the answer goes.
        metadata: What the maintenance brings.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str = Field(min_length=1)
    project_id: str = Field(min_length=1)
    state: str
    instance_ids: str | list[str] = Field(default_factory=list)
    allowed_actions: Annotated[list[Action], BeforeValidator(_none_as_empty)] = Field(default_factory=list)
    actions_at: Moment = None
    reply_at: Moment = None
    reply_url: str = ""
    metadata: Annotated[dict[str, Any], BeforeValidator(_no_dict)] = Field(default_factory=dict)

    @property
    def step(self) -> Step | None:
        """The step, whichever the spelling; None for a word of no step."""
        return step_of(self.state)

    @property
    def due(self) -> datetime | None:
        """When the answer is due (UTC)."""
        return self.reply_at or self.actions_at


class HostMessage(BaseModel):
    """``maintenance.host``: a compute goes out of use, or comes back.

    Attributes:
        session_id: The maintenance session.
        project_id: The admin project.
        host: The compute's host name.
        state: IN_MAINTENANCE or MAINTENANCE_COMPLETE.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str = Field(min_length=1)
    project_id: str = Field(min_length=1)
    host: str = Field(min_length=1)
    state: Literal["IN_MAINTENANCE", "MAINTENANCE_COMPLETE"]


def parse_project_message(traits: Mapping[str, Any]) -> ProjectMessage:
    """Read the traits of a ``maintenance.scheduled`` event.

    Raises:
        ValueError: A field is missing or wrong; the message names it.
    """
    try:
        return ProjectMessage.model_validate(dict(traits))
    except ValidationError as error:
        raise ValueError(f"not a message to a project: {explain(error)}") from error


def parse_host_message(traits: Mapping[str, Any]) -> HostMessage:
    """Read the traits of a ``maintenance.host`` event.

    Raises:
        ValueError: A field is missing or wrong; the message names it.
    """
    try:
        return HostMessage.model_validate(dict(traits))
    except ValidationError as error:
        raise ValueError(f"not a message about a host: {explain(error)}") from error
