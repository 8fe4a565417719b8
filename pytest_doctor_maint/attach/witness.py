"""A subscriber to the notifications of an admin tool that runs elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.openstack.alarm_api import AlarmApi
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.subscriptions import Subscriptions
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, SESSION_EVENT, AlarmBody, parse_alarm
from pytest_doctor_maint.protocol.message import parse_host_message, parse_project_message
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpServer
from pytest_doctor_maint.simtime.http.lifecycle import Served

if TYPE_CHECKING:
    from openstack.connection import Connection


class Witness(Served):
    """Has an alarm of its own in each project, and records the notifications of an admin tool that runs elsewhere.

    It also records notifications that reach no actor. If the alarm has the time at which the cloud received the
    notification, the recorded notification has this time as ``emitted_at``.

    Args:
        clock: The clock of the run.
        history: Where notifications are recorded.

    Attributes:
        alarms: The alarms of the witness.
    """

    def __init__(self, clock: Clock, history: WatchedHistory) -> None:
        api = AlarmApi(self.receive)
        super().__init__(HttpServer(api, name="witness", clock=clock))
        self.alarms = Subscriptions(self.url, api)
        self._history = history
        history.is_witnessed = True

    def subscribe(self, admin: Connection, project_id: str, event_type: str) -> None:
        """Create an alarm for the events of ``event_type`` of a project, as an admin.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        name = f"doctor_maint_witness_{event_type}"
        self.alarms.subscribe(admin, name=name, event_type=event_type, project_id=project_id)

    def subscribe_to_all(self, admin: Connection, admin_project: str, project_ids: Iterable[str]) -> None:
        """Create the alarms for the messages of an admin tool to these projects, as an admin.

        An event reaches only the alarms of the project that it names. So that a message about a compute is seen that
        names a wrong one, there are alarms for these messages in every project, and for the name of each project, which
        Fenix's release of 2019 sends in place of the id.

        Args:
            admin: A connection with the admin role.
            admin_project: The id of the project to which the messages about computes are due.
            project_ids: The ids of the projects with an application.

        Raises:
            openstack.exceptions.HttpException: Keystone or Aodh refused.
        """
        self.subscribe(admin, admin_project, SESSION_EVENT)
        for project_id in project_ids:
            self.subscribe(admin, project_id, SCHEDULED_EVENT)
        for project_id in dict.fromkeys([admin_project, *project_ids]):
            name = str(call(admin.identity, "GET", f"/projects/{project_id}")["project"]["name"])
            self.subscribe(admin, project_id, HOST_EVENT)
            self.subscribe(admin, name, HOST_EVENT)

    def unsubscribe(self) -> None:
        """Delete the alarms.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        self.alarms.unsubscribe()

    def receive(self, body: Mapping[str, object]) -> None:
        """Record the notification behind an alarm, once.

        Raises:
            ValueError: The alarm is not about a notification of an admin tool; the text says what is wrong.
        """
        alarm = parse_alarm(body)
        _check(alarm)
        self._history.append_witnessed({**alarm.notification, **alarm.identity})


def _check(alarm: AlarmBody) -> None:
    """Raise ValueError, with the reason, for a notification that is not one of an admin tool."""
    if alarm.event_type == SCHEDULED_EVENT:
        parse_project_message(alarm.traits)
    elif alarm.event_type == HOST_EVENT:
        parse_host_message(alarm.traits)
    elif alarm.event_type != SESSION_EVENT:
        raise ValueError(
            f"invalid event_type {alarm.event_type!r}; allowed: {SCHEDULED_EVENT}, {HOST_EVENT}, {SESSION_EVENT}"
        )
    elif missing := [name for name in ("session_id", "project_id", "state") if not alarm.traits.get(name)]:
        raise ValueError(f"not a message about a session: it has no {', '.join(missing)}")
