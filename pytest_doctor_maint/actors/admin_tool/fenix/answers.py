"""What Fenix's API answers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from pytest_doctor_maint.actors.admin_tool.base.answers import SessionState
from pytest_doctor_maint.actors.admin_tool.base.session import HostState
from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionType


class Link(BaseModel):
    """Where something is."""

    rel: str
    href: str


class Version(BaseModel):
    """A version of the API."""

    id: str
    status: str
    links: list[Link]


class Versions(BaseModel):
    """The versions of the API."""

    versions: list[Version]


class SessionBegun(BaseModel):
    """A new session. Fenix answers with the id alone; the hosts show what was found when the request named none."""

    session_id: str
    state: str
    hosts: list[str]


class SessionIds(BaseModel):
    """The ids of all sessions. Fenix calls the list ``sessions``, and Fenix's API reference ``session_id``."""

    sessions: list[str]
    session_id: list[str]


class SessionShown(SessionState):
    """A session."""

    session_id: str


class HostShown(BaseModel):
    """The progress of a session with a host."""

    hostname: str
    type: Literal["compute", "controller"]
    state: HostState


class ActionShown(BaseModel):
    """The run of an action plug-in."""

    plugin: str
    type: ActionType
    hostname: str | None
    state: str


class SessionDetail(SessionShown):
    """The progress of a session, with every host and every run of a plug-in."""

    percent_done: int
    workflow: str
    maintenance_at: str
    metadata: dict[str, Any]
    hosts: list[HostShown]
    actions: list[ActionShown]


class SessionUpdated(BaseModel):
    """The answer to an update: where the session is."""

    maintenance: str
    session_id: str
