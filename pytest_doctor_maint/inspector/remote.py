"""An Inspector that already runs somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.cloud.alarms import subscribe, unsubscribe
from pytest_doctor_maint.protocol import HOST_EVENT

if TYPE_CHECKING:
    from openstack.connection import Connection


class RemoteInspector:
    """Stands for an Inspector elsewhere. It is subscribed to the messages about computes, and otherwise left alone.

    What it hears, and what it does about failures, is not seen here.

    Args:
        url: Where it takes alarms.
        connection: An admin's. The project of its token is the one whose alarm the Inspector gets.
    """

    def __init__(self, url: str, connection: Connection) -> None:
        self.url = url
        self._connection = connection
        self._alarm_id = ""

    def start(self) -> RemoteInspector:
        """Nothing to do: it runs."""
        return self

    def stop(self) -> None:
        """It runs on."""

    def join(self) -> None:
        """Nothing to wait for."""

    def subscribe(self) -> str:
        """Create its alarm; gives the alarm's id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        self._alarm_id = subscribe(self._connection, name="inspector_maintenance", event_type=HOST_EVENT, url=self.url)
        return self._alarm_id

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        if self._alarm_id:
            unsubscribe(self._connection, self._alarm_id)
            self._alarm_id = ""
