"""Fenix's HTTP API, version 1.

Source: Fenix's API reference, and the requests of its known clients.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import ValidationError

from pytest_doctor_maint.actors.admin_tool.base.answers import InstanceIds
from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, Message
from pytest_doctor_maint.actors.admin_tool.base.schemas import invalid_body
from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession, Refused
from pytest_doctor_maint.actors.admin_tool.base.tokens import Tokens
from pytest_doctor_maint.actors.admin_tool.fenix.actions import (
    ActionPlugin,
    ActionRun,
    PluginNotFound,
    WantedAction,
    find_plugin,
)
from pytest_doctor_maint.actors.admin_tool.fenix.answers import (
    ActionShown,
    HostShown,
    Link,
    SessionBegun,
    SessionDetail,
    SessionIds,
    SessionShown,
    SessionUpdated,
    Version,
    Versions,
)
from pytest_doctor_maint.actors.admin_tool.fenix.auth import ApiRequest
from pytest_doctor_maint.actors.admin_tool.fenix.constraint_routes import ConstraintRoutes
from pytest_doctor_maint.actors.admin_tool.fenix.schemas import SessionBody
from pytest_doctor_maint.actors.admin_tool.fenix.sessions import FenixRequest, FenixSessions
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore
from pytest_doctor_maint.protocol import Reply, parse_reply, to_wire
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, HttpError, route, with_its_status

SESSION = "/v1/maintenance/<session_id>"
PROJECT = f"{SESSION}/<project_id>"
INSTANCE = f"{PROJECT}/<instance_id>"


def plugin_not_found(error: PluginNotFound, request: object) -> HttpError:
    """Return the answer to a request that names a plug-in which cannot be used: 400."""
    return HttpError(400, f"actions: {error}")


class FenixApi(ConstraintRoutes):
    """Sessions for the admin; replies and constraints for the projects.

    Args:
        sessions: The sessions that the API serves.
        constraints: The constraints that the API serves.
        tokens: Finds the owner of a token.
        workflows: The names of the workflows.
        plugins: Action plug-ins by name, in addition to those that entry points and import paths name.
        runs: Returns the runs of a session's action plug-ins that have begun.
        owner: Returns the project of a server; None when Nova has no such server.
    """

    request_class: ClassVar[type[ApiRequest]] = ApiRequest
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {
        ValidationError: invalid_body,
        PluginNotFound: plugin_not_found,
        Refused: with_its_status,
    }

    def __init__(
        self,
        sessions: FenixSessions,
        constraints: ConstraintStore,
        tokens: Tokens,
        *,
        workflows: Collection[str],
        plugins: Mapping[str, type[ActionPlugin]],
        runs: Callable[[MaintenanceSession], Sequence[ActionRun]],
        owner: Callable[[str], str | None],
    ) -> None:
        super().__init__(tokens, constraints, owner)
        self._sessions = sessions
        self._workflows = workflows
        self._plugins = plugins
        self._runs = runs

    @route("GET", "/", public=True, answer=Versions)
    @route("GET", "/v1", public=True, answer=Versions)
    def versions(self, request: ApiRequest) -> Answer:
        """List the versions of the API."""
        link = Link(rel="self", href=f"{request.host_url}v1")
        return Versions(versions=[Version(id="v1.0", status="CURRENT", links=[link])]).model_dump()

    # -- for the admin -----------------------------------------------------------------------------------------------

    @route("POST", "/v1/maintenance", admin=True, body=SessionBody, answer=SessionBegun, refuses=(409, 509))
    def create(self, request: ApiRequest) -> Answer:
        """Create a session."""
        body = SessionBody.model_validate(request.json_object())
        actions = tuple(
            WantedAction(item.plugin, item.type, find_plugin(item.plugin, self._plugins), item.metadata)
            for item in body.actions
        )
        if body.workflow not in self._workflows:
            raise HttpError(400, f"workflow: unknown {body.workflow!r}; allowed: {', '.join(self._workflows)}")
        session = self._sessions.begin(body.hosts, body.maintenance_at, body.workflow, body.metadata, actions)
        hosts = list(session.request.hosts)
        return SessionBegun(session_id=session.session_id, state=session.state, hosts=hosts).model_dump()

    @route("GET", "/v1/maintenance", admin=True, answer=SessionIds)
    def list_sessions(self, request: ApiRequest) -> Answer:
        """List the ids of all sessions."""
        ids = self._sessions.ids()
        return SessionIds(sessions=ids, session_id=ids).model_dump()

    @route("GET", SESSION, admin=True, answer=SessionShown, refuses=(404,))
    def show(self, request: ApiRequest, session_id: str) -> Answer:
        """Show the session's state, and the reason if it failed."""
        session = self._sessions.get(session_id).session
        shown = SessionShown(session_id=session.session_id, state=session.state, reason=session.reason)
        return shown.model_dump(exclude_defaults=True)

    @route("GET", f"{SESSION}/detail", admin=True, answer=SessionDetail, refuses=(404,))
    def detail(self, request: ApiRequest, session_id: str) -> Answer:
        """Show the progress of the session, with every host and every run of a plug-in."""
        session = self._sessions.get(session_id).session
        asked = session.request
        controllers = asked.controllers if isinstance(asked, FenixRequest) else ()
        return SessionDetail(
            session_id=session.session_id,
            state=session.state,
            reason=session.reason,
            percent_done=session.percent_done,
            workflow=asked.workflow,
            maintenance_at=to_wire(asked.maintenance_at),
            metadata=dict(asked.metadata),
            hosts=[
                HostShown(hostname=host, type="controller" if host in controllers else "compute", state=state)
                for host, state in session.hosts.items()
            ],
            actions=[
                ActionShown(plugin=run.plugin, type=run.type, hostname=run.host, state=run.state)
                for run in self._runs(session)
            ],
        ).model_dump(mode="json", exclude_defaults=True)

    @route("PUT", SESSION, admin=True, body=dict[str, Any], answer=SessionUpdated, refuses=(404,))
    def update(self, request: ApiRequest, session_id: str) -> Answer:
        """Accept an update, and answer as Fenix does; nothing changes, as in Fenix."""
        request.json_object()
        self._sessions.require(session_id)
        return SessionUpdated(maintenance=request.base_url, session_id=session_id).model_dump()

    @route("DELETE", SESSION, admin=True, refuses=(404,))
    def delete(self, request: ApiRequest, session_id: str) -> Answer:
        """Remove a session; a session that runs is interrupted, and everything put back, before it is removed."""
        self._sessions.delete(session_id)
        return {}

    # -- for the projects --------------------------------------------------------------------------------------------

    @route("GET", PROJECT, answer=InstanceIds, refuses=(404,))
    def instances(self, request: ApiRequest, session_id: str, project_id: str) -> Answer:
        """Show the project's instances that the current message is about."""
        return self._instances(request, session_id, project_id, "")

    @route("PUT", PROJECT, body=Reply, answer=Reply, refuses=(404, 409))
    def reply(self, request: ApiRequest, session_id: str, project_id: str) -> Answer:
        """Take the project's reply to its current message."""
        return self._reply(request, session_id, project_id, "")

    @route("GET", INSTANCE, answer=InstanceIds, refuses=(404,))
    def instance(self, request: ApiRequest, session_id: str, project_id: str, instance_id: str) -> Answer:
        """Show the instance, if the project was asked about it alone."""
        return self._instances(request, session_id, project_id, instance_id)

    @route("PUT", INSTANCE, body=Reply, answer=Reply, refuses=(404, 409))
    def reply_for_instance(self, request: ApiRequest, session_id: str, project_id: str, instance_id: str) -> Answer:
        """Take the project's reply to the message about this instance alone."""
        return self._reply(request, session_id, project_id, instance_id)

    def _instances(self, request: ApiRequest, session_id: str, project_id: str, instance_id: str) -> Answer:
        self.must_own(request, project_id, or_admin=True)
        _, message = self._current(session_id, project_id, instance_id)
        return InstanceIds(instance_ids=list(message.instance_ids)).model_dump()

    def _reply(self, request: ApiRequest, session_id: str, project_id: str, instance_id: str) -> Answer:
        self.must_own(request, project_id)
        mailbox, _ = self._current(session_id, project_id, instance_id)
        reply = parse_reply(request.json_object())
        mailbox.receive(project_id, reply, instance_id)
        # Fenix answers with the reply that it took.
        return reply.model_dump(mode="json", exclude_defaults=True)

    def _current(self, session_id: str, project_id: str, instance_id: str) -> tuple[Mailbox, Message]:
        mailbox = self._sessions.get(session_id).mailbox
        message = mailbox.current(project_id, instance_id)
        if message is None:
            about = f" about instance {instance_id}" if instance_id else ""
            raise HttpError(404, f"session {session_id} has sent no message to project {project_id}{about}")
        return mailbox, message
