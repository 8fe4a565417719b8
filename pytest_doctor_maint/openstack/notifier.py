"""How an admin tool, or any service of the infrastructure, tells the world: it emits a notification."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.history import History
from pytest_doctor_maint.history.kinds import NOTIFICATION
from pytest_doctor_maint.protocol.times import to_wire
from pytest_doctor_maint.simtime.cause import caused_by

if TYPE_CHECKING:
    from openstack.connection import Connection

#: The service that takes notifications over HTTP, in Keystone's catalog.
SERVICE_TYPE = "doctor-maint-notifications"


class NotificationLost(Exception):
    """A notification could not be handed over, so that nobody hears of it; the text says why, without any password."""


class Notifier(ABC):
    """Emits notifications, which become events and fire alarms.

    Args:
        history: Gets the event.
        publisher_id: The sender's name; subscribers see it as the trait ``service``.
    """

    def __init__(self, history: History, publisher_id: str) -> None:
        self._history = history
        self._publisher_id = publisher_id

    def emit(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Record the notification in the history, then send it. What follows from it has that event as its cause.

        Args:
            event_type: ``maintenance.scheduled`` or ``maintenance.host``.
            payload: The traits: ``session_id``, ``project_id``, ``state``, and the others. Datetimes are written as the
                protocol has them.

        Raises:
            ValueError: The payload lacks something.
            NotificationLost: It could not be sent.
        """
        plain = {name: to_wire(value) if isinstance(value, datetime) else value for name, value in payload.items()}
        event = self._history.append("admin_tool", NOTIFICATION, {"event_type": event_type, **plain})
        with caused_by(event.seq):
            self._send(event_type, plain)

    @abstractmethod
    def _send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Send what was recorded; ``payload`` is plain data, as JSON has it.

        Raises:
            NotificationLost: It could not be sent.
        """


class HttpNotifier(Notifier):
    """Hands notifications to a cloud over HTTP: one request for each, after the connection got its token.

    Args:
        connection: An admin's connection. The service is found in its catalog.
        history: Gets the event.
        publisher_id: The sender's name; subscribers see it as the trait ``service``.
    """

    def __init__(self, connection: Connection, history: History, *, publisher_id: str = "maintenance") -> None:
        super().__init__(history, publisher_id)
        self._connection = connection
        self._url = ""

    def _send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        from keystoneauth1.exceptions import ConnectFailure, HttpServerError

        body = {"event_type": event_type, "publisher_id": self._publisher_id, "payload": dict(payload)}
        try:
            self._connection.session.post(self._endpoint(), json=body)
        except (ConnectFailure, HttpServerError) as error:
            raise NotificationLost(f"the notification {event_type} did not reach the cloud: {error}") from error

    def _endpoint(self) -> str:
        """Where notifications go. Looked up once: the catalog is large, and is copied for each look-up."""
        if not self._url:
            region = self._connection.config.get_region_name()
            base = self._connection.session.get_endpoint(
                service_type=SERVICE_TYPE, interface="public", region_name=region
            )
            if base is None:
                raise LookupError(f"the catalog has no service of type {SERVICE_TYPE} in region {region}")
            self._url = f"{base.rstrip('/')}/"
        return self._url
