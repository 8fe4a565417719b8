"""The time in which a project must reply."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance

pytestmark = pytest.mark.maintenance(computes=(3, 4, 5, 8))


def test_app_manager_answers_in_the_last_second_of_each_window(maintenance: Maintenance, computes: int) -> None:
    """A reply in the last second is in time."""
    maintenance.when(maintenance.given(computes).full().deciding(last_second=True)).holds()
