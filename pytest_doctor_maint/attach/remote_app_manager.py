"""An app manager that already runs somewhere, with an application of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.attach.relay import AlarmRelay
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe
from pytest_doctor_maint.protocol import SCHEDULED_EVENT
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection


class RemoteAppManager:
    """Stands for an app manager elsewhere. It is subscribed to its project's messages, and otherwise left alone.

    What it is told passes a relay, which records it. What it answers goes to the admin tool directly.

    Args:
        url: Where it takes alarms.
        clock: Its time.
        history: Where its alarms are recorded.
        admin: A connection with the admin role, which may make an alarm for another project.
        project_id: Its project.
        name: Its project's name.
    """

    def __init__(
        self, url: str, clock: Clock, history: History, admin: Connection, *, project_id: str, name: str
    ) -> None:
        self.url = url
        self.project_id = project_id
        self.name = name
        self._admin = admin
        self._alarm_id = ""
        self._relay = AlarmRelay(url, clock, history, actor="app_manager", subscriber_id=project_id)

    def start(self) -> RemoteAppManager:
        """Begin to pass its alarms on."""
        self._relay.start()
        return self

    def stop(self) -> None:
        """Pass on no more; it runs on."""
        self._relay.stop()

    def join(self) -> None:
        """Wait for the last alarms, after the clock was stopped."""
        self._relay.join()

    def deploy(self, **details: Any) -> None:
        """Nothing to do: its application is there."""

    def withdraw(self) -> None:
        """Its application stays."""

    def subscribe(self) -> str:
        """Create the alarm for its project's messages; gives the alarm's id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        self._alarm_id = subscribe(
            self._admin,
            name=f"{self.name}_maintenance",
            event_type=SCHEDULED_EVENT,
            url=self._relay.url,
            project_id=self.project_id,
        )
        return self._alarm_id

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        if self._alarm_id:
            unsubscribe(self._admin, self._alarm_id)
            self._alarm_id = ""
