"""The messages to projects and to infrastructure services, with their fields checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pytest_doctor_maint.protocol.errors import InvalidBody, explain
from pytest_doctor_maint.protocol.steps import Action, Step, step_of
from pytest_doctor_maint.protocol.times import from_wire

#: An id that is no URL. Doctor's admin tool writes the instance of INSTANCE_ACTION_DONE so, not in a list.
_ID = re.compile(r"[0-9A-Za-z_-]+", re.ASCII)
#: The steps whose message may be about a single instance.
_ABOUT_ONE = (Step.ADMIN_ACTION_DONE, Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)


# Any: the values of traits are JSON of any kind; pydantic checks what these functions return.
def _moment(value: Any) -> Any:
    return from_wire(value) if isinstance(value, str) else value


def _none_as_empty_list(value: Any) -> Any:
    return [] if value is None else value


def as_list(value: Any) -> Any:
    """Return the id of a single instance as a list; any other value unchanged, a URL among them."""
    return [value] if isinstance(value, str) and _ID.fullmatch(value) else value


def _none_as_empty_dict(value: Any) -> Any:
    return {} if value is None else value


Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class ProjectMessage(BaseModel):
    """``maintenance.scheduled``: a message of the admin tool to a project.

    Attributes:
        session_id: The maintenance session.
        project_id: The project.
        state: The step in the admin tool's dialect.
        instance_ids: The instances that the message is about: their ids, or a URL of the admin tool at which the ids
            can be read. A single id is a list, too.
        allowed_actions: The actions that the project may choose for each instance.
        actions_at: The time at which the admin tool acts (UTC).
        reply_at: The time at which the reply is due (UTC), where it differs from ``actions_at``.
        reply_url: The URL for the reply.
        metadata: The metadata of the session.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str = Field(min_length=1)
    project_id: str = Field(min_length=1)
    state: str
    instance_ids: Annotated[str | list[str], BeforeValidator(_none_as_empty_list)] = Field(default_factory=list)
    allowed_actions: Annotated[list[Action], BeforeValidator(_none_as_empty_list)] = Field(default_factory=list)
    actions_at: Moment = None
    reply_at: Moment = None
    reply_url: str = ""
    metadata: Annotated[dict[str, Any], BeforeValidator(_none_as_empty_dict)] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _list_single_instance(cls, traits: Any) -> Any:
        if isinstance(traits, Mapping) and step_of(str(traits.get("state"))) in _ABOUT_ONE:
            return {**traits, "instance_ids": as_list(traits.get("instance_ids"))}
        return traits

    def without_times(self) -> ProjectMessage:
        """Return the message without the times at which the admin tool acts and the reply is due."""
        return self.model_copy(update={"actions_at": None, "reply_at": None})

    @property
    def step(self) -> Step | None:
        """The step, in either spelling; None when the state is not the word for a step."""
        return step_of(self.state)

    @property
    def due(self) -> datetime | None:
        """The time at which the reply is due (UTC)."""
        return self.reply_at or self.actions_at


class HostMessage(BaseModel):
    """``maintenance.host``: a message that a compute goes out of use, or comes back into use.

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
    """Return the message that the traits of a ``maintenance.scheduled`` event hold.

    Raises:
        InvalidBody: A field is missing or wrong.
    """
    try:
        return ProjectMessage.model_validate(dict(traits))
    except ValidationError as error:
        raise InvalidBody(f"not a message to a project: {explain(error)}") from error


def parse_host_message(traits: Mapping[str, Any]) -> HostMessage:
    """Return the message that the traits of a ``maintenance.host`` event hold.

    Raises:
        InvalidBody: A field is missing or wrong.
    """
    try:
        return HostMessage.model_validate(dict(traits))
    except ValidationError as error:
        raise InvalidBody(f"not a message about a host: {explain(error)}") from error
