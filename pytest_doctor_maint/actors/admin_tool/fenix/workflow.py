"""Fenix's ``default`` workflow: the use case in Fenix's words, with action plug-ins and notifications to the admin."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_doctor_maint.actors.admin_tool.base.session import START_MAINTENANCE, HostState
from pytest_doctor_maint.actors.admin_tool.base.workflow import Workflow
from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionType
from pytest_doctor_maint.actors.admin_tool.fenix.context import FenixWorkflowContext
from pytest_doctor_maint.actors.admin_tool.fenix.sessions import FenixRequest
from pytest_doctor_maint.protocol import SESSION_EVENT


class FenixWorkflow(Workflow):
    """Carries out one session as Fenix does.

    Args:
        context: The context of the workflow; the session's request is a :class:`FenixRequest`.

    Attributes:
        actions: The session's action plug-ins.
        constraints: The constraints that VNFMs have set; this workflow ignores them.
        controllers: The hosts to maintain that are not computes.
    """

    def __init__(self, context: FenixWorkflowContext) -> None:
        super().__init__(context)
        self.actions = context.actions
        self.constraints = context.constraints
        request = context.session.request
        self.controllers = list(request.controllers) if isinstance(request, FenixRequest) else []
        context.session.hosts = {
            **dict.fromkeys(self.controllers, HostState.PENDING),
            **context.session.hosts,
        }
        self._notified: tuple[str, int] | None = None

    def enter(self, state: str) -> None:
        """Set the session's state, and notify the admin when the state or the progress has changed."""
        super().enter(state)
        progress = (state, self.session.percent_done)
        if progress == self._notified:
            return
        self._notified = progress
        self.context.notifier.emit(
            SESSION_EVENT,
            {
                "session_id": self.session.session_id,
                "project_id": self.context.admin_project_id,
                "state": state,
                "percent_done": self.session.percent_done,
            },
        )

    def wait_for_start(self) -> None:
        """Wait for the announced start of maintenance; then prepare the infrastructure and maintain the controllers.

        The session stays in its state until it is known what is needed first: SCALE_IN, PREPARE_MAINTENANCE or neither.
        """
        self.mailbox.pause(self.clock.until(self.session.request.maintenance_at))
        self.actions.run(ActionType.PRE)
        for host in self.controllers:
            self.mailbox.check()
            self.session.hosts[host] = HostState.IN_MAINTENANCE
            self.actions.run(ActionType.HOST, host)
            self.actions.run(ActionType.CONTROLLER, host)
            self.session.hosts[host] = HostState.MAINTAINED

    def ask_to_scale_down(self, projects: Iterable[str]) -> None:
        """Ask the projects to free capacity, and ask again as long as they free some, but not enough.

        Some VNFMs remove one instance at a time. Projects that remove none are not asked again: the session then finds
        no room, and fails.
        """
        projects = list(projects)
        before = len(self.cloud.instances(self.hosts))
        while True:
            super().ask_to_scale_down(projects)
            left = len(self.cloud.instances(self.hosts))
            if left >= before or self.empty_hosts() or self.host_with_room():
                return
            before = left

    def disable_hosts(self) -> None:
        """Disable the computes, so that Nova schedules nothing to them: maintenance starts."""
        self.enter(START_MAINTENANCE)
        super().disable_hosts()

    def do_work(self, host: str) -> None:
        """Do the work on a compute: the action plug-ins for it are the work, where there are any."""
        if not self.actions.any(ActionType.HOST, ActionType.COMPUTE):
            super().do_work(host)
        self.actions.run(ActionType.HOST, host)
        self.actions.run(ActionType.COMPUTE, host)

    def complete(self, projects: Iterable[str]) -> None:
        """Finish the work on the infrastructure, and ask the projects to return to their full capacity."""
        self.actions.run(ActionType.POST)
        super().complete(projects)
