"""The notification bus as HTTP."""

from __future__ import annotations

from pytest_doctor_maint.cloud.embedded.service import Service


class NotificationsApi(Service):
    """The notification bus as HTTP."""
