"""Fenix on a server of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

import requests
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession
from pytest_doctor_maint.actors.admin_tool.base.sessions import Running
from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionPlugin, Actions, ActionType
from pytest_doctor_maint.actors.admin_tool.fenix.api import FenixApi
from pytest_doctor_maint.actors.admin_tool.fenix.catalog import CatalogEntry
from pytest_doctor_maint.actors.admin_tool.fenix.sessions import MAX_SESSIONS, FenixRequest, FenixSessions, Hosts
from pytest_doctor_maint.actors.admin_tool.fenix.tokens import Tokens
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.sample import AdminTool, AdminToolSettings
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore
from pytest_doctor_maint.actors.admin_tool.vnf.impact_tracker import ImpactTracker
from pytest_doctor_maint.actors.admin_tool.vnf.workflow import VnfWorkflow
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import FENIX, FENIX_REPLY, FENIX_SCALE_IN_REPLY, Dialect, Step
from pytest_doctor_maint.simtime.clock import Clock, ClockError, ClockStopped
from pytest_doctor_maint.simtime.http import App
from pytest_doctor_maint.simtime.ids import Ids

if TYPE_CHECKING:
    from openstack.connection import Connection

    from pytest_doctor_maint.actors.admin_tool.base.workflow import Notifier


@dataclass(frozen=True, slots=True)
class FenixSettings(AdminToolSettings):
    """What an operator may set, with Fenix's names.

    Attributes:
        project_maintenance_reply: Seconds to answer MAINTENANCE, PREPARE_MAINTENANCE and PLANNED_MAINTENANCE.
        project_scale_in_reply: Seconds to answer SCALE_IN and MAINTENANCE_COMPLETE.
        max_sessions: How many sessions there may be at once.
        plugins: Action plug-ins by name, besides those that entry points and import paths lead to.
    """

    profile: Dialect = FENIX
    project_maintenance_reply: float = FENIX_REPLY
    project_scale_in_reply: float = FENIX_SCALE_IN_REPLY
    max_sessions: int = MAX_SESSIONS
    plugins: Mapping[str, type[ActionPlugin]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        reply, scale_in = self.project_maintenance_reply, self.project_scale_in_reply
        named = {
            Step.MAINTENANCE: reply,
            Step.DOWN_SCALE: scale_in,
            Step.PREPARE_MAINTENANCE: reply,
            Step.PLANNED_MAINTENANCE: reply,
            Step.MAINTENANCE_COMPLETE: scale_in,
        }
        object.__setattr__(self, "windows", {**named, **self.windows})


class Fenix(AdminTool):
    """A Fenix-compatible admin tool as a server, from :meth:`start` to :meth:`stop`.

    Args:
        clock: Its time.
        history: Where its wire is recorded.
        ids: Where session ids come from.
        connection: A connection with the admin role.
        notifier: Where its events go.
        admin_project_id: Whose alarms events about computes and sessions reach.
        settings: What the operator set.

    Attributes:
        url: Where its API is served (``http://HOST:PORT/v1``).
        constraints: What VNFMs have set.
        workflows: What carries out a session, by the name that its request gives.

    Raises:
        OSError: The address cannot be bound.
    """

    path = "/v1"
    workflows: ClassVar[Mapping[str, type[FenixWorkflow]]] = {"default": FenixWorkflow, "vnf": VnfWorkflow}

    def __init__(
        self,
        clock: Clock,
        history: History,
        ids: Ids,
        connection: Connection,
        notifier: Notifier,
        admin_project_id: str,
        settings: FenixSettings | None = None,
    ) -> None:
        self._fenix_settings = settings or FenixSettings()
        self.constraints = ConstraintStore(history)
        self._ledger = ImpactTracker()
        # Gone with the session that they belong to.
        self._actions: WeakKeyDictionary[MaintenanceSession, Actions] = WeakKeyDictionary()
        super().__init__(clock, history, ids, connection, notifier, admin_project_id, self._fenix_settings)
        self._entry = CatalogEntry(connection, self.url)

    def start(self) -> Fenix:
        """Begin to answer, and stand in the catalog.

        Raises:
            openstack.exceptions.SDKException: Keystone does not let us in.
        """
        super().start()
        self.register()
        return self

    def stop(self) -> None:
        """Answer no more, and leave the catalog if Keystone can still be asked."""
        # The cloud or the clock may be gone already; so is the catalog then.
        with suppress(SDKException, ClientException, requests.RequestException, ClockStopped, ClockError):
            self.unregister()
        super().stop()

    def register(self) -> None:
        """Stand in Keystone's catalog as the service of type ``maintenance``.

        Raises:
            openstack.exceptions.SDKException: Keystone refused.
        """
        self._entry.add()

    def unregister(self) -> None:
        """Leave the catalog.

        Raises:
            openstack.exceptions.SDKException: Keystone refused.
        """
        self._entry.remove()

    def _make_sessions(self, ids: Ids) -> FenixSessions:
        self._fenix_sessions = FenixSessions(
            self._clock,
            ids,
            run=self._run,
            known_hosts=self._cloud.computes,
            hosts=lambda: Hosts(self._cloud.computes(), self._cloud.controllers()),
            least_notice=self._settings.profile.least_notice,
            max_sessions=self._fenix_settings.max_sessions,
        )
        return self._fenix_sessions

    def _make_api(self) -> App:
        return FenixApi(
            self._fenix_sessions,
            self.constraints,
            Tokens(self._connection, self._clock),
            workflows=self.workflows,
            plugins=self._fenix_settings.plugins,
            runs=lambda session: actions.runs if (actions := self._actions.get(session)) else (),
            owner=self._cloud.owner,
        )

    def _run(self, running: Running) -> None:
        session = running.session
        request = session.request
        actions = Actions(
            request.actions if isinstance(request, FenixRequest) else (),
            session.session_id,
            request.metadata,
            clock=self._clock,
            connection=self._connection,
            history=self._history,
        )
        self._actions[session] = actions
        equipment = self._equipment(session, partial(self._work_with, actions))
        workflow = self.workflows[request.workflow]
        workflow(
            session, running.mailbox, actions=actions, constraints=self.constraints, ledger=self._ledger, **equipment
        ).run()

    def _work_with(self, actions: Actions, host: str) -> None:
        """The real work on one compute: the plug-ins are it, where there are any."""
        if not actions.any(ActionType.HOST, ActionType.COMPUTE):
            self._do_work(host)
        actions.run(ActionType.HOST, host)
        actions.run(ActionType.COMPUTE, host)
