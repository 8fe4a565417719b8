"""An Inspector that already runs somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.attach.relay import AlarmRelay
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe
from pytest_doctor_maint.protocol import HOST_EVENT
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection


class RemoteInspector:
    """Stands for an Inspector elsewhere. It is subscribed to the messages about computes, and otherwise left alone.

    What it hears passes a relay, which records it. What monitors report to it is not seen here, and what it does about
    failures shows on the cloud alone.

    Args:
        url: Where it takes alarms.
        clock: Its time.
        history: Where its alarms are recorded.
        connection: An admin's. The project of its token is the one whose alarm the Inspector gets.
    """

    def __init__(self, url: str, clock: Clock, history: History, connection: Connection) -> None:
        self.url = url
        self._connection = connection
        self._alarm_id = ""
        owner = str(connection.session.get_project_id())
        self._relay = AlarmRelay(url, clock, history, actor="inspector", subscriber_id=owner)

    def start(self) -> RemoteInspector:
        """Begin to pass its alarms on."""
        self._relay.start()
        return self

    def stop(self) -> None:
        """Pass on no more; it runs on."""
        self._relay.stop()

    def join(self) -> None:
        """Wait for the last alarms, after the clock was stopped."""
        self._relay.join()

    def subscribe(self) -> str:
        """Create its alarm; gives the alarm's id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        self._alarm_id = subscribe(
            self._connection, name="inspector_maintenance", event_type=HOST_EVENT, url=self._relay.url
        )
        return self._alarm_id

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        if self._alarm_id:
            unsubscribe(self._connection, self._alarm_id)
            self._alarm_id = ""
