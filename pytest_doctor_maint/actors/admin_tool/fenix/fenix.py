"""Fenix on a server of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import ClassVar, Self
from weakref import WeakKeyDictionary

from pytest_doctor_maint.actors.admin_tool.base.cloud_view import CloudView
from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession
from pytest_doctor_maint.actors.admin_tool.base.sessions import RunningSession
from pytest_doctor_maint.actors.admin_tool.base.tokens import Tokens
from pytest_doctor_maint.actors.admin_tool.base.tool import AdminTool
from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionRun, Actions
from pytest_doctor_maint.actors.admin_tool.fenix.api import FenixApi
from pytest_doctor_maint.actors.admin_tool.fenix.catalog import CatalogEntry
from pytest_doctor_maint.actors.admin_tool.fenix.context import FenixWorkflowContext
from pytest_doctor_maint.actors.admin_tool.fenix.sessions import FenixRequest, FenixSessions, Hosts
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore
from pytest_doctor_maint.actors.admin_tool.vnf.impact_tracker import ImpactTracker
from pytest_doctor_maint.actors.admin_tool.vnf.workflow import VnfWorkflow
from pytest_doctor_maint.actors.contract import AdminToolContext
from pytest_doctor_maint.openstack.calls import CLIENT_PATIENCE, cloud_errors, patient
from pytest_doctor_maint.simtime.clock import ClockError, ClockStopped


class Fenix(AdminTool):
    """A Fenix-compatible admin tool as a server, from :meth:`start` to :meth:`stop`.

    Args:
        context: The context from the testbed.

    Attributes:
        url: The URL below which the API is served (``http://HOST:PORT/v1``).
        workflows: The workflows by the names that requests for a session use.
        api_class: The class of the API.
        constraints: The constraints that VNFMs have set.

    Raises:
        OSError: The address cannot be bound.
    """

    name = "fenix"
    workflows: ClassVar[Mapping[str, type[FenixWorkflow]]] = {"default": FenixWorkflow, "vnf": VnfWorkflow}
    api_class: ClassVar[type[FenixApi]] = FenixApi

    def __init__(self, context: AdminToolContext[FenixSettings]) -> None:
        settings, cloud = context.settings, CloudView(context.connection)
        self.constraints = ConstraintStore(context.history)
        self._impacts = ImpactTracker()
        # An entry is dropped with its session.
        self._actions: WeakKeyDictionary[MaintenanceSession, Actions] = WeakKeyDictionary()
        sessions = FenixSessions(
            context.clock,
            context.ids,
            run=self.carry_out,
            known_hosts=cloud.computes,
            hosts=lambda: Hosts(cloud.computes(), cloud.controllers()),
            least_notice=settings.dialect.least_notice,
            make_mailbox=partial(self.mailbox_class, tolerant=True),
            max_sessions=settings.max_sessions,
        )
        api = self.api_class(
            sessions,
            self.constraints,
            Tokens(context.connection, context.clock),
            workflows=self.workflows,
            plugins=settings.plugins,
            runs=self._runs,
            owner=self._owner,
        )
        super().__init__(context, cloud=cloud, sessions=sessions, api=api, path="/v1")
        self._entry = CatalogEntry(context.connection, self.url)

    def start(self) -> Self:
        """Begin to accept requests, and register in Keystone's catalog.

        Raises:
            openstack.exceptions.SDKException: Keystone refused the registration.
        """
        super().start()
        self.register()
        return self

    def stop(self) -> None:
        """Accept no more requests, and leave Keystone's catalog if Keystone still answers."""
        # The cloud or the clock may have been stopped already, and the catalog with it.
        with suppress(*cloud_errors(), ClockStopped, ClockError):
            self.unregister()
        super().stop()

    def register(self) -> None:
        """Register in Keystone's catalog as the service of type ``maintenance``.

        Raises:
            openstack.exceptions.SDKException: Keystone refused.
        """
        self._entry.add()

    def unregister(self) -> None:
        """Leave Keystone's catalog.

        Raises:
            openstack.exceptions.SDKException: Keystone refused.
        """
        self._entry.remove()

    def workflow_context(self, running: RunningSession) -> FenixWorkflowContext:
        session = running.session
        request = session.request
        actions = Actions(
            request.actions if isinstance(request, FenixRequest) else (),
            session.session_id,
            request.metadata,
            clock=self.context.clock,
            connection=self.context.connection,
            history=self.context.history,
        )
        self._actions[session] = actions
        return FenixWorkflowContext.extending(
            super().workflow_context(running), actions=actions, constraints=self.constraints, impacts=self._impacts
        )

    def _owner(self, server_id: str) -> str | None:
        """Return the project of a server; None when Nova has no such server."""
        with patient(self.context.clock, CLIENT_PATIENCE):
            return self.cloud.owner(server_id)

    def _runs(self, session: MaintenanceSession) -> Sequence[ActionRun]:
        """Return the runs of the session's action plug-ins that have begun."""
        actions = self._actions.get(session)
        return () if actions is None else actions.runs
