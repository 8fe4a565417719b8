"""The HTTP API of the sample admin tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pytest_doctor_maint.actors.admin_tool.base.answers import InstanceIds, SessionState
from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, Message
from pytest_doctor_maint.actors.admin_tool.base.reply_secrets import ReplySecrets
from pytest_doctor_maint.actors.admin_tool.base.schemas import EachOnce, Metadata, Moment, invalid_body
from pytest_doctor_maint.actors.admin_tool.base.session import Refused, SessionRequest
from pytest_doctor_maint.actors.admin_tool.base.sessions import Sessions
from pytest_doctor_maint.actors.admin_tool.base.tokens import KeystoneSilent, Tokens, Unauthorized
from pytest_doctor_maint.openstack.client_app import CloudClientApp
from pytest_doctor_maint.protocol import InvalidBody, Reply, parse_reply
from pytest_doctor_maint.secret_keys import REPLIES
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, HttpError, Request, route, with_its_status

PROJECT = "/maintenance/<session_id>/<project_id>"
WITH_SECRET = f"{REPLIES}/<secret>{PROJECT}"


class SessionBody(BaseModel):
    """The body of POST /maintenance."""

    model_config = ConfigDict(extra="forbid", strict=True)

    state: Literal["MAINTENANCE"] = "MAINTENANCE"
    maintenance_at: Moment
    hosts: Annotated[list[str], Field(min_length=1), EachOnce]
    metadata: Metadata = Field(default_factory=dict)
    workflow: Literal["default"] = "default"


class SessionBegun(BaseModel):
    """A new session."""

    session_id: str
    state: str


class SampleApi(CloudClientApp):
    """Sessions for the admin, and replies of the projects.

    A project's own URLs need no token, because Doctor's app managers send none. They hold a secret instead, which the
    project finds in the ``reply_url`` and the ``instance_ids`` of its messages.

    Args:
        sessions: The sessions that the API serves.
        secrets: The secrets of the projects' URLs.
        tokens: Finds the owner of a token, which the admin's requests must then have; None to take them without one.
    """

    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {
        ValidationError: invalid_body,
        InvalidBody: 400,
        Refused: with_its_status,
        Unauthorized: 401,
        KeystoneSilent: 503,
    }

    def __init__(self, sessions: Sessions, secrets: ReplySecrets, tokens: Tokens | None = None) -> None:
        super().__init__()
        self._sessions = sessions
        self._secrets = secrets
        self._tokens = tokens

    @classmethod
    def refusals(cls, options: Mapping[str, Any]) -> frozenset[int]:
        return super().refusals(options) | ({401, 403} if options.get("admin") else set())

    @classmethod
    def security(cls, options: Mapping[str, Any]) -> list[dict[str, list[str]]]:
        # Whether the admin's requests need a token is a setting.
        return [{}, {"token": []}] if options.get("admin") else []

    # Any: as in the base class.
    def dispatch(
        self, request: Any, handler: Callable[..., Answer], options: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Answer:
        if self._tokens is not None and options.get("admin"):
            token = request.headers.get("X-Auth-Token", "")
            if not self._tokens.caller(token, at_once=request.method != "GET").is_admin:
                raise HttpError(403, "the admin role is needed")
        return super().dispatch(request, handler, options, values)

    @route("POST", "/maintenance", admin=True, body=SessionBody, answer=SessionBegun, refuses=(409,))
    def create(self, request: Request) -> Answer:
        """Create a session."""
        body = SessionBody.model_validate(request.json_object())
        session = self._sessions.create(
            SessionRequest(tuple(body.hosts), body.maintenance_at, body.workflow, body.metadata)
        )
        return SessionBegun(session_id=session.session_id, state=session.state).model_dump()

    @route("GET", "/maintenance/<session_id>", admin=True, answer=SessionState, refuses=(404,))
    def show(self, request: Request, session_id: str) -> Answer:
        """Show the session's state, and the reason if it failed."""
        session = self._sessions.get(session_id).session
        return SessionState(state=session.state, reason=session.reason).model_dump(exclude_defaults=True)

    @route("DELETE", "/maintenance/<session_id>", admin=True, refuses=(404, 409))
    def delete(self, request: Request, session_id: str) -> Answer:
        """Remove a session; a session that runs is interrupted, and everything put back, before it is removed."""
        self._sessions.delete(session_id)
        return {}

    @route("GET", PROJECT, answer=InstanceIds, refuses=(403, 404))
    @route("GET", WITH_SECRET, answer=InstanceIds, refuses=(403, 404))
    def instances(self, request: Request, session_id: str, project_id: str, secret: str = "") -> Answer:
        """Show the project's instances that the current message is about."""
        self._secrets.check(session_id, project_id, secret)
        _, message = self._current(session_id, project_id)
        return InstanceIds(instance_ids=list(message.instance_ids)).model_dump()

    @route("PUT", PROJECT, body=Reply, refuses=(403, 404, 409))
    @route("PUT", WITH_SECRET, body=Reply, refuses=(403, 404, 409))
    def reply(self, request: Request, session_id: str, project_id: str, secret: str = "") -> Answer:
        """Take the project's reply to its current message."""
        self._secrets.check(session_id, project_id, secret)
        mailbox, _ = self._current(session_id, project_id)
        mailbox.receive(project_id, parse_reply(request.json_object()))
        return {}

    def _current(self, session_id: str, project_id: str) -> tuple[Mailbox, Message]:
        mailbox = self._sessions.get(session_id).mailbox
        message = mailbox.current(project_id)
        if message is None:
            raise HttpError(404, f"session {session_id} does not concern project {project_id}")
        return mailbox, message
