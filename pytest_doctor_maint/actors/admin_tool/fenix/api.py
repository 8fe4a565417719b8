"""Fenix's HTTP API, version 1.

Source: Fenix's API reference, and what its known clients send.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from openstack.exceptions import SDKException
from pydantic import ValidationError

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, ReplyRefused
from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession
from pytest_doctor_maint.actors.admin_tool.base.sessions import Running, SessionRefused
from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionPlugin, ActionRun, WantedAction, find_plugin
from pytest_doctor_maint.actors.admin_tool.fenix.auth import ApiRequest
from pytest_doctor_maint.actors.admin_tool.fenix.constraint_routes import ConstraintRoutes
from pytest_doctor_maint.actors.admin_tool.fenix.schemas import SessionBody
from pytest_doctor_maint.actors.admin_tool.fenix.sessions import FenixRequest, FenixSessions
from pytest_doctor_maint.actors.admin_tool.fenix.tokens import Tokens
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore
from pytest_doctor_maint.protocol import explain, parse_reply, to_wire
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

SESSION = "/v1/maintenance/<session_id>"
PROJECT = f"{SESSION}/<project_id>"
INSTANCE = f"{PROJECT}/<instance_id>"


class FenixApi(ConstraintRoutes):
    """Sessions for the admin; answers and constraints for the projects.

    Args:
        sessions: The sessions behind the API.
        constraints: The constraints behind the API.
        tokens: Tells whose a token is.
        workflows: The names of the workflows that there are.
        plugins: Action plug-ins by name, besides those that can be found.
        runs: The plug-ins of a session that have begun.
        owner: The project of a server, None where Nova has no such server.
    """

    request_class: ClassVar[type[ApiRequest]] = ApiRequest

    def __init__(
        self,
        sessions: FenixSessions,
        constraints: ConstraintStore,
        tokens: Tokens,
        *,
        workflows: Mapping[str, Any],
        plugins: Mapping[str, type[ActionPlugin]],
        runs: Callable[[MaintenanceSession], Sequence[ActionRun]],
        owner: Callable[[str], str | None],
    ) -> None:
        super().__init__(tokens, constraints, owner)
        self._sessions = sessions
        self._workflows = workflows
        self._plugins = plugins
        self._runs = runs

    @route("GET", "/", public=True)
    @route("GET", "/v1", public=True)
    def versions(self, request: ApiRequest) -> Answer:
        """Which versions there are."""
        link = {"rel": "self", "href": f"{request.host_url}v1"}
        return {"versions": [{"id": "v1.0", "status": "CURRENT", "links": [link]}]}

    # -- for the admin -----------------------------------------------------------------------------------------------

    @route("POST", "/v1/maintenance", admin=True)
    def create(self, request: ApiRequest) -> Answer:
        """Begin a session."""
        try:
            body = SessionBody.model_validate(request.json_object())
            actions = tuple(
                WantedAction(item.plugin, item.type, find_plugin(item.plugin, self._plugins), item.metadata)
                for item in body.actions
            )
        except ValidationError as error:
            raise HttpError(400, explain(error)) from error
        except ValueError as error:
            raise HttpError(400, f"actions: {error}") from error
        if body.workflow not in self._workflows:
            raise HttpError(400, f"workflow: there is no {body.workflow}; there are {', '.join(self._workflows)}")
        try:
            session = self._sessions.begin(body.hosts, body.maintenance_at, body.workflow, body.metadata, actions)
        except SessionRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal
        except SDKException as error:
            raise HttpError(503, f"Nova does not tell which hosts there are: {error}") from error
        # Fenix answers with the id alone; the hosts tell what was found where none were named.
        return {"session_id": session.session_id, "state": session.state, "hosts": list(session.request.hosts)}

    @route("GET", "/v1/maintenance", admin=True)
    def list_sessions(self, request: ApiRequest) -> Answer:
        """The ids of all sessions: the running Fenix calls the list ``sessions``, its reference ``session_id``."""
        ids = self._sessions.ids()
        return {"sessions": ids, "session_id": ids}

    @route("GET", SESSION, admin=True)
    def show(self, request: ApiRequest, session_id: str) -> Answer:
        """Where the session is, and why it failed if it did."""
        return _shown(self._running(session_id).session)

    @route("GET", f"{SESSION}/detail", admin=True)
    def detail(self, request: ApiRequest, session_id: str) -> Answer:
        """How far the session is, with every host and plug-in."""
        session = self._running(session_id).session
        asked = session.request
        controllers = asked.controllers if isinstance(asked, FenixRequest) else ()
        return {
            **_shown(session),
            "percent_done": session.percent_done,
            "workflow": asked.workflow,
            "maintenance_at": to_wire(asked.maintenance_at),
            "metadata": dict(asked.metadata),
            "hosts": [
                {"hostname": host, "type": "controller" if host in controllers else "compute", "state": state.value}
                for host, state in session.hosts.items()
            ],
            "actions": [
                {"plugin": run.plugin, "type": run.type.value, "hostname": run.host, "state": run.state}
                for run in self._runs(session)
            ],
        }

    @route("PUT", SESSION, admin=True)
    def update(self, request: ApiRequest, session_id: str) -> Answer:
        """Accepted and answered as the running Fenix does, which changes nothing by it."""
        request.json_object()
        self._running(session_id)
        return {"maintenance": request.base_url, "session_id": session_id}

    @route("DELETE", SESSION, admin=True)
    def delete(self, request: ApiRequest, session_id: str) -> Answer:
        """Forget a session; one that still runs is broken off, and everything put back, before it is gone."""
        try:
            self._sessions.delete(session_id)
        except SessionRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal
        return {}

    # -- for the projects --------------------------------------------------------------------------------------------

    @route("GET", PROJECT)
    def instances(self, request: ApiRequest, session_id: str, project_id: str) -> Answer:
        """The project's instances of the state at hand."""
        self.must_own(request, project_id, or_admin=True)
        return {"instance_ids": list(self._mailbox(session_id, project_id).instance_ids(project_id))}

    @route("PUT", PROJECT)
    def answer(self, request: ApiRequest, session_id: str, project_id: str) -> Answer:
        """The project's answer to the state at hand."""
        return self._answer(request, session_id, project_id, "")

    @route("GET", INSTANCE)
    def instance(self, request: ApiRequest, session_id: str, project_id: str, instance_id: str) -> Answer:
        """The instance, if the project was asked about it alone."""
        self.must_own(request, project_id, or_admin=True)
        mailbox = self._mailbox(session_id, project_id, instance_id)
        return {"instance_ids": list(mailbox.instance_ids(project_id, instance_id))}

    @route("PUT", INSTANCE)
    def answer_for_instance(self, request: ApiRequest, session_id: str, project_id: str, instance_id: str) -> Answer:
        """The project's answer to the message about this one instance."""
        return self._answer(request, session_id, project_id, instance_id)

    def _answer(self, request: ApiRequest, session_id: str, project_id: str, instance_id: str) -> Answer:
        self.must_own(request, project_id)
        mailbox = self._mailbox(session_id, project_id, instance_id)
        try:
            reply = parse_reply(request.json_object())
            mailbox.answer(project_id, reply, instance_id)
        except ValueError as error:
            raise HttpError(400, str(error)) from error
        except ReplyRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal
        # Fenix gives back what it took.
        return reply.model_dump(mode="json", exclude_defaults=True)

    def _running(self, session_id: str) -> Running:
        try:
            return self._sessions.get(session_id)
        except SessionRefused as refusal:
            raise HttpError(refusal.status, str(refusal)) from refusal

    def _mailbox(self, session_id: str, project_id: str, instance_id: str = "") -> Mailbox:
        mailbox = self._running(session_id).mailbox
        if not mailbox.knows(project_id, instance_id):
            whom = f"instance {instance_id} of project {project_id}" if instance_id else f"project {project_id}"
            raise HttpError(404, f"session {session_id} has told nothing to {whom}")
        return mailbox


def _shown(session: MaintenanceSession) -> dict[str, Any]:
    reason = {"reason": session.reason} if session.reason else {}
    return {"session_id": session.session_id, "state": session.state, **reason}
