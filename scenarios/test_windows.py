"""The time that a project has to answer."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance

pytestmark = pytest.mark.maintenance(computes=(3, 4, 5, 8))


def test_app_manager_answers_in_the_last_second_of_each_window(maintenance: Maintenance, computes: int) -> None:
    """Slow but punctual is good enough."""
    maintenance.when(maintenance.given(computes).full().deciding(last_second=True)).holds()
