"""An admin tool on a server of its own: the base class of the sample admin tool and of Fenix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from pytest_doctor_maint.actors.admin_tool import ACTOR
from pytest_doctor_maint.actors.admin_tool.base.cloud_view import CloudView
from pytest_doctor_maint.actors.admin_tool.base.context import WorkflowContext
from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox
from pytest_doctor_maint.actors.admin_tool.base.moves import Moves
from pytest_doctor_maint.actors.admin_tool.base.sessions import RunningSession, Sessions
from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.actors.admin_tool.base.workflow import Workflow
from pytest_doctor_maint.actors.contract import AdminToolContext
from pytest_doctor_maint.actors.naming import Named
from pytest_doctor_maint.simtime.http import HttpServer, Served

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class AdminTool(Served, Named):
    """An admin tool as a server, from :meth:`start` to :meth:`stop`.

    A subclass makes its sessions and its API, and passes them to this constructor. It may override the class attributes
    and :meth:`workflow_context`.

    Args:
        context: The context from the testbed.
        cloud: The requests to OpenStack.
        sessions: The sessions; :meth:`carry_out` carries each of them out.
        api: The application that is served.
        path: The path that begins all paths of the API.

    Attributes:
        name: The admin tool's own name, for histories and reports. A subclass that does not set it has the name of its
            class.
        version: The admin tool's version; empty when it has none.
        workflows: The workflows by the names that requests for a session use.
        mailbox_class: The class of the sessions' mailboxes.
        url: The URL below which the API is served: ``http://HOST:PORT`` and the path.
        context: The context from the testbed.
        dialect: The words of the messages, with the windows of the operator.
        cloud: The requests to OpenStack.
        sessions: The sessions.

    Raises:
        OSError: The address cannot be bound.
    """

    workflows: ClassVar[Mapping[str, type[Workflow]]] = {"default": Workflow}
    mailbox_class: ClassVar[type[Mailbox]] = Mailbox

    def __init__(
        self,
        context: AdminToolContext[AdminToolSettings],
        *,
        cloud: CloudView,
        sessions: Sessions,
        api: WSGIApplication,
        path: str = "",
    ) -> None:
        settings = context.settings
        server = HttpServer(
            api,
            name=ACTOR,
            clock=context.clock,
            host=settings.host,
            port=settings.port,
            public_host=settings.public_host,
        )
        super().__init__(server)
        self.url = f"{self.url}{path}"
        self.context = context
        self.dialect = replace(settings.dialect, windows=settings.all_windows)
        self.cloud = cloud
        self.sessions = sessions

    def carry_out(self, running: RunningSession) -> None:
        """Carry out a session with the workflow that its request names; called in the session's own thread."""
        workflow = self.workflows[running.session.request.workflow]
        workflow(self.workflow_context(running)).run()

    def reply_base(self, session_id: str, project_id: str) -> str:
        """Return the URL below which a project replies in a session."""
        return self.url

    def workflow_context(self, running: RunningSession) -> WorkflowContext:
        """Return the context for the workflow of a session."""
        context = self.context
        return WorkflowContext(
            session=running.session,
            mailbox=running.mailbox,
            clock=context.clock,
            history=context.history,
            cloud=self.cloud,
            moves=Moves(context.connection, context.clock, context.settings.poll_seconds),
            notifier=context.notifier,
            settings=context.settings,
            reply_base=lambda project_id: self.reply_base(running.session.session_id, project_id),
            admin_project_id=context.admin_project_id,
            taken=self.sessions.hosts,
        )
