"""The sample admin tool's HTTP API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, ReplyRefused
from pytest_doctor_maint.actors.admin_tool.base.schemas import EachOnce, Metadata, Moment
from pytest_doctor_maint.actors.admin_tool.base.session import SessionRequest
from pytest_doctor_maint.actors.admin_tool.base.sessions import SessionRefused, Sessions
from pytest_doctor_maint.protocol import explain, parse_reply
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, Request, route


class SessionBody(BaseModel):
    """The body of POST /maintenance."""

    model_config = ConfigDict(extra="forbid", strict=True)

    state: Literal["MAINTENANCE"] = "MAINTENANCE"
    maintenance_at: Moment
    hosts: Annotated[list[str], Field(min_length=1), EachOnce]
    metadata: Metadata = Field(default_factory=dict)
    workflow: Literal["default"] = "default"


class AdminToolApi(App):
    """Sessions for the admin, answers for the projects.

    Args:
        sessions: The sessions behind the API.
    """

    def __init__(self, sessions: Sessions) -> None:
        super().__init__()
        self._sessions = sessions

    @route("POST", "/maintenance")
    def create(self, request: Request) -> Answer:
        """Begin a session."""
        try:
            body = SessionBody.model_validate(request.json_object())
        except ValidationError as error:
            raise HttpError(400, explain(error)) from error
        wanted = SessionRequest(tuple(body.hosts), body.maintenance_at, body.workflow, body.metadata)
        try:
            session = self._sessions.create(wanted)
        except SessionRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal
        return {"session_id": session.session_id, "state": session.state}

    @route("GET", "/maintenance/<session_id>")
    def show(self, request: Request, session_id: str) -> Answer:
        """Where the session is, and why it failed if it did."""
        try:
            session = self._sessions.get(session_id).session
        except SessionRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal
        return {"state": session.state, **({"reason": session.reason} if session.reason else {})}

    @route("DELETE", "/maintenance/<session_id>")
    def delete(self, request: Request, session_id: str) -> Answer:
        """Forget an ended session."""
        try:
            self._sessions.delete(session_id)
        except SessionRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal
        return {}

    @route("GET", "/maintenance/<session_id>/<project_id>")
    def instances(self, request: Request, session_id: str, project_id: str) -> Answer:
        """The project's instances of the state at hand."""
        return {"instance_ids": list(self._mailbox(session_id, project_id).instance_ids(project_id))}

    @route("PUT", "/maintenance/<session_id>/<project_id>")
    def answer(self, request: Request, session_id: str, project_id: str) -> Answer:
        """The project's answer to the state at hand."""
        mailbox = self._mailbox(session_id, project_id)
        try:
            mailbox.answer(project_id, parse_reply(request.json_object()))
        except ValueError as error:
            raise HttpError(400, str(error)) from error
        except ReplyRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal
        return {}

    def _mailbox(self, session_id: str, project_id: str) -> Mailbox:
        try:
            mailbox = self._sessions.get(session_id).mailbox
        except SessionRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal
        if not mailbox.knows(project_id):
            raise HttpError(404, f"session {session_id} does not concern project {project_id}")
        return mailbox
