"""A project's answer to a message."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pytest_doctor_maint.protocol.alarm import explain
from pytest_doctor_maint.protocol.steps import Action


class Reply(BaseModel):
    """The body that a project PUTs to a message's ``reply_url``.

    Attributes:
        session_id: The session it answers; Doctor's VNFM leaves it out.
        state: ACK_… or NACK_… of the message's state.
        instance_actions: For PREPARE_MAINTENANCE and PLANNED_MAINTENANCE, what to do with each instance, by id.
        instance_action: The same for a message about one instance alone (Fenix's ``vnf`` workflow).
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str | None = None
    state: str = Field(min_length=1)
    instance_actions: dict[str, Action] = Field(default_factory=dict)
    instance_action: Action | None = None


def parse_reply(body: dict[str, Any]) -> Reply:
    """Read an answer.

    Raises:
        ValueError: A field is missing or wrong; the message names it and what is allowed.
    """
    try:
        return Reply.model_validate(body)
    except ValidationError as error:
        raise ValueError(explain(error)) from error
