"""What an app manager must expect to go wrong while it carries out a step."""

from __future__ import annotations

from pytest_doctor_maint.actors.app_manager.base.handover_guard import CannotComply
from pytest_doctor_maint.openstack.calls import cloud_errors
from pytest_doctor_maint.openstack.waiters import WaitError


def is_trouble(error: Exception) -> bool:
    """Return True for trouble with the cloud, the admin tool or the time; False for a fault of the program."""
    return isinstance(error, (CannotComply, WaitError, *cloud_errors()))
