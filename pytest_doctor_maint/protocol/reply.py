"""A project's reply to a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pytest_doctor_maint.protocol.errors import InvalidBody, explain
from pytest_doctor_maint.protocol.steps import Action


def _names(value: object) -> tuple[str, ...]:
    """Return the items of a list as text; any other value is ignored, since nothing depends on this field."""
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


class Reply(BaseModel):
    """The body that a project sends with PUT to a message's ``reply_url``.

    Attributes:
        session_id: The session; Doctor's VNFM leaves it out.
        state: ACK_… or NACK_… of the message's state.
        instance_actions: The action for each instance, by id, in reply to PREPARE_MAINTENANCE and PLANNED_MAINTENANCE.
        instance_action: The action in reply to a message about a single instance (Fenix's ``vnf`` workflow).
        instance_ids: The instances that the project has now, which some VNFMs of Fenix add. They only distinguish one
            reply from another.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str | None = None
    state: str = Field(min_length=1)
    instance_actions: dict[str, Action] = Field(default_factory=dict)
    instance_action: Action | None = None
    instance_ids: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()


# Any: the values of a JSON object.
def parse_reply(body: Mapping[str, Any]) -> Reply:
    """Return the reply whose JSON body is `body`.

    Raises:
        InvalidBody: A field is missing or wrong; the message names it and says what is allowed.
    """
    try:
        return Reply.model_validate(body)
    except ValidationError as error:
        raise InvalidBody(explain(error)) from error
