"""An Inspector that runs elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pytest_doctor_maint.attach.relay import AlarmRelay
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import HOST_EVENT
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http.lifecycle import Served

if TYPE_CHECKING:
    from openstack.connection import Connection


class RemoteInspector(Served):
    """Stands for an Inspector that runs elsewhere. It gets an alarm for messages about computes, and nothing else.

    Messages to the Inspector pass a relay, which records them. Reports of monitors to it are not seen here, and its
    fault management is seen only by its effects on the cloud.

    Args:
        url: The URL at which the Inspector takes alarms.
        clock: The clock of the run.
        history: Where the alarms are recorded.
        connection: A connection with the admin role. The project of its token owns the Inspector's alarm.

    Attributes:
        url: The URL at which the Inspector takes alarms.
    """

    name: ClassVar[str] = "remote"
    version: ClassVar[str] = ""

    def __init__(self, url: str, clock: Clock, history: History, connection: Connection) -> None:
        owner = str(connection.session.get_project_id())
        self._relay = AlarmRelay(url, clock, history, actor="inspector", subscriber_id=owner)
        super().__init__(self._relay)
        self.url = url
        self._connection = connection

    def subscribe(self) -> str:
        """Create the Inspector's alarm, and return the alarm's id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        return self._relay.alarms.subscribe(self._connection, name="inspector_maintenance", event_type=HOST_EVENT)

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        self._relay.alarms.unsubscribe()
