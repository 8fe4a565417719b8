"""How an admin tool, or any service of the infrastructure, emits a notification."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pytest_doctor_maint.openstack.calls import repeated, was_not_taken
from pytest_doctor_maint.openstack.plain import as_json
from pytest_doctor_maint.simtime.cause import caused_by

if TYPE_CHECKING:
    from openstack.connection import Connection

#: The type of the service that takes notifications over HTTP, in Keystone's catalog.
SERVICE_TYPE = "doctor-maint-notifications"
#: The actor and the kind of event with which a notification is recorded.
ACTOR, KIND = "admin_tool", "notification"


class Recorded(Protocol):
    """A recorded event."""

    @property
    def seq(self) -> int:
        """The number of the event, which later events name as their cause."""


class Recorder(Protocol):
    """Where notifications are recorded. A history satisfies this protocol."""

    def append(self, actor: str, kind: str, data: Mapping[str, Any]) -> Recorded:
        """Record an event with the present time, and return it.

        Raises:
            ValueError: `data` lacks a field that events of this kind have.
        """


class NotificationLost(Exception):
    """A notification could not be handed over, so it reaches no subscriber; the text says why, without passwords."""


class RecordingNotifier(ABC):
    """Records notifications, then sends them. The cloud turns them into events, which fire alarms.

    Args:
        recorder: Records the notification.
        publisher_id: The sender's name; subscribers see it as the trait ``service``.
    """

    def __init__(self, recorder: Recorder, publisher_id: str) -> None:
        self._recorder = recorder
        self._publisher_id = publisher_id

    def emit(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Record the notification, then send it. What follows from the notification has the event as its cause.

        Args:
            event_type: ``maintenance.scheduled``, ``maintenance.host`` or ``maintenance.session``.
            payload: The traits: ``session_id``, ``project_id``, ``state``, and others. Datetimes are written in the
                form of the protocol: ``YYYY-MM-DD HH:MM:SS``, UTC.

        Raises:
            ValueError: The payload lacks a trait, or holds what a notification cannot carry.
            NotificationLost: The notification could not be sent.
        """
        plain: dict[str, Any] = as_json(payload)
        event = self._recorder.append(ACTOR, KIND, {"event_type": event_type, **plain})
        with caused_by(event.seq):
            self._send(event_type, plain)

    @abstractmethod
    def _send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Send the notification that was recorded; ``payload`` is plain JSON data.

        Raises:
            NotificationLost: The notification could not be sent.
        """


class HttpNotifier(RecordingNotifier):
    """Sends notifications to a cloud over HTTP: one request for each, after the connection has its token.

    Args:
        connection: A connection with the admin role. The service is found in its catalog.
        recorder: Records the notification.
        publisher_id: The sender's name; subscribers see it as the trait ``service``.
    """

    def __init__(self, connection: Connection, recorder: Recorder, *, publisher_id: str = "maintenance") -> None:
        super().__init__(recorder, publisher_id)
        self._connection = connection
        self._url = ""

    def _send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        from keystoneauth1.exceptions import ClientException

        body = {"event_type": event_type, "publisher_id": self._publisher_id, "payload": dict(payload)}
        try:
            repeated(lambda: self._connection.session.post(self._endpoint(), json=body), was_not_taken)
        except ClientException as error:
            raise NotificationLost(f"the notification {event_type} did not reach the cloud: {error}") from error

    def _endpoint(self) -> str:
        """Return the URL of the service.

        It is looked up once: the catalog is large, and is copied for each look-up.

        Raises:
            LookupError: The catalog has no such service.
        """
        if not self._url:
            region = self._connection.config.get_region_name()
            base = self._connection.session.get_endpoint(
                service_type=SERVICE_TYPE, interface="public", region_name=region
            )
            if base is None:
                raise LookupError(f"the catalog has no service of type {SERVICE_TYPE} in region {region}")
            self._url = f"{base.rstrip('/')}/"
        return self._url
