"""What all admin tools answer."""

from __future__ import annotations

from pydantic import BaseModel


class SessionState(BaseModel):
    """The state of a session, and the reason if it failed."""

    state: str
    reason: str = ""


class InstanceIds(BaseModel):
    """The project's instances that the current message is about."""

    instance_ids: list[str]
