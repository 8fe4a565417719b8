"""The notification bus, served over HTTP.

OpenStack's services and admin tools send their notifications to a message bus, from which ceilometer takes those for
Aodh. The embedded cloud has no message bus: notifications are posted, and Aodh gets them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pytest_doctor_maint.embedded.aodh.events import InvalidPayload
from pytest_doctor_maint.embedded.aodh.models import Aodh
from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.service import Authenticator, Service, ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, HttpError, route

_FIELDS = ("event_type", "publisher_id", "payload")


class NotificationsApi(Service):
    """The notification bus over HTTP. Only admins may use it, as only services reach the real message bus."""

    kind = "doctor-maint-notifications"
    writing_role = "admin"
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {
        InvalidPayload: lambda error, request: HttpError(400, f"payload: {error}"),
    }

    def __init__(self, core: Core, keystone: Authenticator, aodh: Aodh) -> None:
        super().__init__(core, keystone)
        self.aodh = aodh

    @route("POST", "/")
    def emit(self, request: ServiceRequest) -> Answer:
        """Take a notification ``{"event_type", "publisher_id", "payload"}``; ``publisher_id`` may be left out.

        The status 202 says that the alarms' URLs are called later.
        """
        body = request.json_object()
        if unknown := [name for name in body if name not in _FIELDS]:
            raise HttpError(400, f"unknown field {unknown[0]!r}; a notification has {', '.join(_FIELDS)}")
        event_type, publisher_id, payload = (body.get(name) for name in _FIELDS)
        if not isinstance(event_type, str) or not event_type:
            raise HttpError(400, f"event_type must be a string such as 'maintenance.scheduled', not {event_type!r}")
        if not isinstance(publisher_id, str | None):
            raise HttpError(400, f"publisher_id must be a string, not {publisher_id!r}")
        if not isinstance(payload, dict):
            raise HttpError(400, f"payload must be an object, not {payload!r}")
        event = self.aodh.publish(event_type, payload, publisher_id)
        return 202, {"message_id": event.message_id}
