"""Makes the actors of a run: those of this process, and the stand-ins for actors elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_doctor_maint.actors.contract import (
    AdminToolActor,
    AdminToolContext,
    AppManagerActor,
    AppManagerContext,
    InspectorActor,
    InspectorContext,
    Notifier,
)
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.attach.remote_app_manager import RemoteAppManager
from pytest_doctor_maint.attach.remote_inspector import RemoteInspector
from pytest_doctor_maint.attach.wire_recorder import ACTOR, WireRecorder
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.bus_notifier import BusNotifier
from pytest_doctor_maint.openstack.notifier import HttpNotifier
from pytest_doctor_maint.openstack.transport import Transport
from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.simtime.http.wires import wire_of
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.cloud_under_test import CloudUnderTest
from pytest_doctor_maint.testbed.projects import ProjectAccess
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.topology import ApplicationSpec

if TYPE_CHECKING:
    from openstack.connection import Connection


class Casting:
    """Makes the actors of a run.

    Args:
        settings: The parts and values of the run.
        cloud: The cloud.
        history: The history of the run.
        ids: The source of identifiers.
        admin: A connection with the admin role.
        admin_project: The id of the project whose alarms messages about computes reach.
        transport: The message bus on which the admin tool emits; None to emit to the cloud's notification service.
    """

    def __init__(
        self,
        settings: TestbedSettings,
        cloud: CloudUnderTest,
        history: History,
        ids: Ids,
        admin: Connection,
        admin_project: str,
        transport: Transport | None,
    ) -> None:
        self._settings = settings
        self._cloud = cloud
        self._clock = cloud.clock
        self._history = history
        self._ids = ids
        self._admin = admin
        self._admin_project = admin_project
        self._transport = transport

    def admin_tool(self) -> AdminToolActor:
        """Make the admin tool, and record what goes over its wire.

        Raises:
            UnsuitableCloud: A message bus is to be used in simulated time.
        """
        settings = self._settings
        if settings.attached.admin_tool:
            return RemoteAdminTool(settings.attached.admin_tool, self._clock, self._history, settings.dialect)
        connection = self._cloud.connect_admin()
        made = settings.make_admin_tool(
            AdminToolContext(
                clock=self._clock,
                history=self._history,
                ids=self._ids,
                connection=connection,
                notifier=self._notifier(connection),
                admin_project_id=self._admin_project,
                settings=self._operator_settings(),
            )
        )
        root = urlsplit(made.url)._replace(path="").geturl()
        self._history.alias(root, ACTOR)
        wire_of(self._clock).wrap(root, lambda app: WireRecorder(app, self._history, lambda: root))
        return made

    def _operator_settings(self) -> Any:  # each admin tool has settings of its own type
        given = self._settings.admin_tool
        return replace(given, is_open=True) if self._settings.is_open and hasattr(given, "is_open") else given

    def inspector(self) -> InspectorActor:
        """Make the Inspector."""
        connection = self._cloud.connect_admin()
        if self._settings.attached.inspector:
            return RemoteInspector(self._settings.attached.inspector, self._clock, self._history, connection)
        return self._settings.make_inspector(
            InspectorContext(self._clock, self._history, connection, is_open=self._settings.is_open)
        )

    def app_manager(
        self, application: ApplicationSpec, project: ProjectAccess, admin_tool: AdminToolActor
    ) -> AppManagerActor:
        """Make the app manager of an application."""
        settings = self._settings
        if settings.attached.app_manager:
            return RemoteAppManager(
                settings.attached.app_manager,
                self._clock,
                self._history,
                self._admin,
                project_id=project.project_id,
                project_name=project.name,
            )
        manager = settings.make_app_manager(
            AppManagerContext(
                clock=self._clock,
                history=self._history,
                connection=self._cloud.connect(project.name, project.password, project.name),
                project_id=project.project_id,
                project_name=application.name,
                policy=settings.policies.get(application.name),
                constraints=settings.constraints.get(application.name),
                is_open=settings.is_open,
            )
        )
        reply_through = getattr(manager, "reply_through", None)
        if isinstance(admin_tool, RemoteAdminTool) and reply_through is not None:
            # The proxy records the requests of the app manager to an admin tool elsewhere.
            reply_through(admin_tool.detour())
        return manager

    def _notifier(self, connection: Connection) -> Notifier:
        if self._transport is None:
            return HttpNotifier(connection, self._history)
        if not isinstance(self._clock, WallClock):
            raise UnsuitableCloud("a message bus works in real time; the embedded cloud has simulated time")
        return BusNotifier(self._transport, self._history, self._clock)
