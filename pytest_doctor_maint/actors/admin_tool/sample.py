"""The sample admin tool: the use case's own words, on a server of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.actors.admin_tool.base.api import AdminToolApi
from pytest_doctor_maint.actors.admin_tool.base.cloud_view import CloudView
from pytest_doctor_maint.actors.admin_tool.base.moves import Moves
from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession
from pytest_doctor_maint.actors.admin_tool.base.sessions import Running, Sessions
from pytest_doctor_maint.actors.admin_tool.base.workflow import Notifier, Workflow, WorkflowSettings
from pytest_doctor_maint.attach.wire_recorder import ACTOR, WireRecorder
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import SAMPLE, Action, Dialect, Step
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import App, HttpServer
from pytest_doctor_maint.simtime.ids import Ids

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Clock seconds that the real work on one compute takes by default.
WORK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class AdminToolSettings:
    """What an operator may set.

    Attributes:
        profile: The words and default windows.
        windows: Seconds to answer each step, where they differ from the profile's.
        allowed_actions: What projects may choose for an instance that must move.
        work_seconds: Clock seconds that the real work on one compute takes.
        host: The address to listen on.
        port: The port; 0 takes a free one.
    """

    profile: Dialect = SAMPLE
    windows: Mapping[Step, float] = field(default_factory=dict)
    allowed_actions: tuple[Action, ...] = (Action.MIGRATE, Action.LIVE_MIGRATE, Action.OWN_ACTION)
    work_seconds: float = WORK_SECONDS
    host: str = "127.0.0.1"
    port: int = 0


class AdminTool:
    """The admin tool as a server, from :meth:`start` to :meth:`stop`.

    Args:
        clock: Its time.
        history: Where its wire is recorded.
        ids: Where session ids come from.
        connection: A connection with the admin role.
        notifier: Where its events go.
        admin_project_id: Whose alarms events about computes reach.
        settings: What the operator set.

    Attributes:
        url: Where its API is served: ``http://HOST:PORT``, and :attr:`path` where its API has one.
        path: What all paths of its API begin with.
        sessions: Its sessions.
        workflow: What carries out a session; a subclass may have another.

    Raises:
        OSError: The address cannot be bound.
    """

    workflow: type[Workflow] = Workflow
    path: str = ""

    def __init__(
        self,
        clock: Clock,
        history: History,
        ids: Ids,
        connection: Connection,
        notifier: Notifier,
        admin_project_id: str,
        settings: AdminToolSettings | None = None,
    ) -> None:
        self._clock = clock
        self._history = history
        self._connection = connection
        self._notifier = notifier
        self._admin_project_id = admin_project_id
        self._settings = settings or AdminToolSettings()
        self._cloud = CloudView(connection)
        self.sessions = self._make_sessions(ids)
        app = WireRecorder(self._make_api(), history, lambda: self._server.url)
        self._server = HttpServer(app, name=ACTOR, clock=clock, host=self._settings.host, port=self._settings.port)
        self.url = f"{self._server.url}{self.path}"
        history.alias(self._server.url, ACTOR)

    def start(self) -> AdminTool:
        """Begin to answer."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Answer no more; workflows end when the clock is stopped."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last handlers, after the clock was stopped."""
        self._server.join()

    def _make_sessions(self, ids: Ids) -> Sessions:
        return Sessions(
            self._clock,
            ids,
            run=self._run,
            known_hosts=self._cloud.computes,
            least_notice=self._settings.profile.least_notice,
        )

    def _make_api(self) -> App:
        return AdminToolApi(self.sessions)

    def _run(self, running: Running) -> None:
        self.workflow(running.session, running.mailbox, **self._equipment(running.session, self._do_work)).run()

    def _do_work(self, host: str) -> None:
        """The real work on one compute."""
        self._clock.sleep(self._settings.work_seconds)

    def _equipment(self, session: MaintenanceSession, do_work: Callable[[str], None]) -> dict[str, Any]:
        """What a workflow works with, besides its session and mailbox."""

        def work(host: str) -> None:
            data = {"host": host, "session_id": session.session_id}
            self._history.append(ACTOR, kinds.HOST_WORK, {**data, "phase": "started"})
            do_work(host)
            self._history.append(ACTOR, kinds.HOST_WORK, {**data, "phase": "ended"})

        return {
            "clock": self._clock,
            "cloud": self._cloud,
            "moves": Moves(self._connection, self._clock),
            "notifier": self._notifier,
            "settings": WorkflowSettings(
                profile=self._settings.profile,
                work=work,
                windows=self._settings.windows,
                allowed_actions=self._settings.allowed_actions,
            ),
            "url": self.url,
            "admin_project_id": self._admin_project_id,
            "taken": self.sessions.hosts,
        }
