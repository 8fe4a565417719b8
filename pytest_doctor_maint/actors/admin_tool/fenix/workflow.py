"""Fenix's ``default`` workflow: the use case in Fenix's words, with plug-ins and the admin's own events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox
from pytest_doctor_maint.actors.admin_tool.base.session import START_MAINTENANCE, HostState, MaintenanceSession
from pytest_doctor_maint.actors.admin_tool.base.workflow import Workflow
from pytest_doctor_maint.actors.admin_tool.fenix.actions import Actions, ActionType
from pytest_doctor_maint.actors.admin_tool.fenix.sessions import FenixRequest
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore
from pytest_doctor_maint.actors.admin_tool.vnf.impact_tracker import ImpactTracker
from pytest_doctor_maint.protocol import SESSION_EVENT


class FenixWorkflow(Workflow):
    """Carries out one session as Fenix does.

    Args:
        session: What to do; its request is a :class:`FenixRequest`.
        mailbox: Where answers arrive.
        actions: The session's plug-ins.
        constraints: What VNFMs have set; ``default`` does not heed it.
        ledger: Which instances all sessions hit; one of its own when None. ``default`` does not keep it.
        more: See :class:`Workflow`.
    """

    def __init__(
        self,
        session: MaintenanceSession,
        mailbox: Mailbox,
        *,
        actions: Actions,
        constraints: ConstraintStore,
        ledger: ImpactTracker | None = None,
        **more: Any,
    ) -> None:
        super().__init__(session, mailbox, **more)
        self._actions = actions
        self._constraints = constraints
        self._ledger = ledger or ImpactTracker()
        request = session.request
        self._controllers = list(request.controllers) if isinstance(request, FenixRequest) else []
        session.hosts = {**dict.fromkeys(self._controllers, HostState.PENDING), **session.hosts}
        self._told: tuple[str, int] | None = None

    def enter(self, state: str) -> None:
        """The workflow has come to ``state``: the admin is told, and how much is done."""
        super().enter(state)
        told = (state, self._session.percent_done)
        if told == self._told:
            return
        self._told = told
        self._notifier.emit(
            SESSION_EVENT,
            {
                "session_id": self._session.session_id,
                "project_id": self._admin_project_id,
                "state": state,
                "percent_done": self._session.percent_done,
            },
        )

    def wait_for_start(self) -> None:
        """Do nothing before the time that was announced; then prepare the infrastructure and maintain the controllers.

        The session stays in its state until it is known what is needed first: SCALE_IN, PREPARE_MAINTENANCE or neither.
        """
        self._mailbox.pause(self._clock.until(self._session.request.maintenance_at))
        self._actions.run(ActionType.PRE)
        for host in self._controllers:
            self._mailbox.check()
            self._session.hosts[host] = HostState.IN_MAINTENANCE
            self._actions.run(ActionType.HOST, host)
            self._actions.run(ActionType.CONTROLLER, host)
            self._session.hosts[host] = HostState.MAINTAINED

    def ask_to_scale_down(self, projects: Iterable[str]) -> None:
        """Let the projects free capacity, and again as long as they free some, but not enough.

        Some VNFMs give one instance at a time. One that gives none is not asked for ever: the session then finds no
        room, and fails.
        """
        projects = list(projects)
        before = len(self._cloud.instances(self._hosts))
        while True:
            super().ask_to_scale_down(projects)
            left = len(self._cloud.instances(self._hosts))
            if left >= before or self.empty_hosts() or self.host_with_room():
                return
            before = left

    def disable_hosts(self) -> None:
        """Let nothing new be scheduled to the computes: maintenance starts."""
        self.enter(START_MAINTENANCE)
        super().disable_hosts()

    def complete(self, projects: Iterable[str]) -> None:
        """Finish the work on the infrastructure, and tell the projects that they may have their full capacity again."""
        self._actions.run(ActionType.POST)
        super().complete(projects)
