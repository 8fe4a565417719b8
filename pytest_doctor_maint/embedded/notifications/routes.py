"""The notification bus as HTTP.

OpenStack's services, and admin tools, hand their notifications to a message bus, from which ceilometer takes those for
Aodh. There is no message bus here: what would be emitted is posted, and Aodh gets it at once.
"""

from __future__ import annotations

from pytest_doctor_maint.embedded.aodh.models import Aodh
from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.service import Authenticator, Service, ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

_FIELDS = ("event_type", "publisher_id", "payload")


class NotificationsApi(Service):
    """The notification bus as HTTP; admins alone may use it, as they alone reach the real one."""

    admin_only = True

    def __init__(self, core: Core, keystone: Authenticator, aodh: Aodh) -> None:
        super().__init__(core, keystone)
        self.aodh = aodh

    @route("POST", "/")
    def emit(self, request: ServiceRequest) -> Answer:
        """Take ``{"event_type", "publisher_id" (may be left out), "payload"}``; 202 says that it is on its way."""
        body = request.json_object()
        if unknown := [name for name in body if name not in _FIELDS]:
            raise HttpError(400, f"unknown field {unknown[0]!r}; a notification has {', '.join(_FIELDS)}")
        event_type, publisher_id, payload = (body.get(name) for name in _FIELDS)
        if not isinstance(event_type, str) or not event_type:
            raise HttpError(400, f"event_type must be a text such as 'maintenance.scheduled', not {event_type!r}")
        if not isinstance(publisher_id, str | None):
            raise HttpError(400, f"publisher_id must be a text, not {publisher_id!r}")
        if not isinstance(payload, dict):
            raise HttpError(400, f"payload must be an object, not {payload!r}")
        try:
            event = self.aodh.publish(event_type, payload, publisher_id)
        except ValueError as error:
            raise HttpError(400, f"payload: {error}") from error
        return 202, {"message_id": event.message_id}
