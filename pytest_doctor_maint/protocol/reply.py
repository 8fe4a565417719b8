"""A project's answer to a message."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pytest_doctor_maint.protocol.alarm import explain
from pytest_doctor_maint.protocol.steps import Action


def _names(value: Any) -> Any:
    """Nobody acts on it, so nothing that a client writes there is wrong."""
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


class Reply(BaseModel):
    """The body that a project PUTs to a message's ``reply_url``.

    Attributes:
        session_id: The session it answers; Doctor's VNFM leaves it out.
        state: ACK_… or NACK_… of the message's state.
        instance_actions: For PREPARE_MAINTENANCE and PLANNED_MAINTENANCE, what to do with each instance, by id.
        instance_action: The same for a message about one instance alone (Fenix's ``vnf`` workflow).
        instance_ids: The instances that the project has now, as VNFMs of Fenix tell unasked. It only tells one answer
            from another.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str | None = None
    state: str = Field(min_length=1)
    instance_actions: dict[str, Action] = Field(default_factory=dict)
    instance_action: Action | None = None
    instance_ids: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()


def parse_reply(body: dict[str, Any]) -> Reply:
    """Read an answer.

    Raises:
        ValueError: A field is missing or wrong; the message names it and what is allowed.
    """
    try:
        return Reply.model_validate(body)
    except ValidationError as error:
        raise ValueError(explain(error)) from error
