"""The alarms of one receiver, each of which has a secret of its own in its URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.openstack.alarm_api import PATH, AlarmApi
from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe

if TYPE_CHECKING:
    from openstack.connection import Connection


class Subscriptions:
    """The alarms that post to one :class:`~pytest_doctor_maint.openstack.alarm_api.AlarmApi`.

    Aodh keeps an alarm's URL for the alarm's project and for admins. Other clients do not know its secret, so they
    cannot send an alarm.

    Args:
        url: Where the API is served (``http://HOST:PORT``).
        api: The API.
    """

    def __init__(self, url: str, api: AlarmApi) -> None:
        self._url = url
        self._secrets = api.secrets
        self._alarms: list[tuple[Connection, str, str]] = []

    def subscribe(self, connection: Connection, *, name: str, event_type: str, project_id: str | None = None) -> str:
        """Create an alarm; see :func:`pytest_doctor_maint.openstack.alarms.subscribe`. Return the alarm's id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        secret = self._secrets.issue()
        try:
            alarm_id = subscribe(
                connection, name=name, event_type=event_type, url=self._with(secret), project_id=project_id
            )
        except BaseException:
            self._secrets.end(secret)
            raise
        self._alarms.append((connection, alarm_id, secret))
        return alarm_id

    def unsubscribe(self) -> None:
        """Delete all alarms, whose secrets end.

        Raises:
            openstack.exceptions.HttpException: Aodh refused. The secret of that alarm has ended, and another call
                deletes the alarm.
        """
        while self._alarms:
            connection, alarm_id, secret = self._alarms[-1]
            self._secrets.end(secret)
            unsubscribe(connection, alarm_id)
            self._alarms.pop()

    def new_url(self) -> str:
        """Return a new URL for the alarm of another client. It is valid as long as the server."""
        return self._with(self._secrets.issue())

    def _with(self, secret: str) -> str:
        return f"{self._url}{PATH}/{secret}" if secret else f"{self._url}{PATH}"
