"""The actions that a project may choose for an instance that must move."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.protocol import Action, Step

pytestmark = pytest.mark.maintenance(computes=(3, 4, 5, 8))


def test_every_instance_is_live_migrated(maintenance: Maintenance, computes: int) -> None:
    """LIVE_MIGRATE: the guests keep running while they move."""
    then = maintenance.when(maintenance.given(computes).full().deciding(action=Action.LIVE_MIGRATE))
    assert then.history.of("server", action="os-migrateLive")
    assert not then.history.of("server", action="migrate")
    then.holds()


def test_every_instance_is_recreated_by_its_project(maintenance: Maintenance, computes: int) -> None:
    """OWN_ACTION: the project creates each instance again on a maintained compute; the admin tool only waits."""
    then = maintenance.when(maintenance.given(computes).full().deciding(action=Action.OWN_ACTION))
    assert not then.sent(Step.ADMIN_ACTION_DONE)
    then.holds()
