"""An app manager that runs elsewhere, with an application of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pytest_doctor_maint.attach.relay import AlarmRelay
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import SCHEDULED_EVENT
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http.lifecycle import Served

if TYPE_CHECKING:
    from openstack.connection import Connection


class RemoteAppManager(Served):
    """Stands for an app manager that runs elsewhere. It gets an alarm for its project's messages, and nothing else.

    Messages to the app manager pass a relay, which records them. Its replies go to the admin tool directly.

    Args:
        url: The URL at which the app manager takes alarms.
        clock: The clock of the run.
        history: Where the alarms are recorded.
        admin: A connection with the admin role, which may create an alarm for another project.
        project_id: The id of the app manager's project.
        project_name: The name of that project.

    Attributes:
        url: The URL at which the app manager takes alarms.
    """

    name: ClassVar[str] = "remote"
    version: ClassVar[str] = ""

    def __init__(
        self, url: str, clock: Clock, history: History, admin: Connection, *, project_id: str, project_name: str
    ) -> None:
        self._relay = AlarmRelay(url, clock, history, actor="app_manager", subscriber_id=project_id)
        super().__init__(self._relay)
        self.url = url
        self.project_id = project_id
        self.project_name = project_name
        self._admin = admin

    def deploy(
        self,
        *,
        image: str,
        flavor: str,
        external_network: str,
        instances: int,
        placement: Mapping[str, str],
        placer: Connection | None,
    ) -> None:
        """Do nothing: the application exists."""

    def withdraw(self, clock: Clock | None = None) -> None:
        """Do nothing: the application stays."""

    def subscribe(self) -> str:
        """Create the alarm for the project's messages, and return the alarm's id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        return self._relay.alarms.subscribe(
            self._admin,
            name=f"{self.project_name}_maintenance",
            event_type=SCHEDULED_EVENT,
            project_id=self.project_id,
        )

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        self._relay.alarms.unsubscribe()
