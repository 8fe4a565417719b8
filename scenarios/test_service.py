"""The service behind the floating IP does not stop, on whichever compute ACT is."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance

pytestmark = pytest.mark.maintenance(computes=(3, 4, 5, 8))


def test_act_is_on_the_first_compute(maintenance: Maintenance, computes: int) -> None:
    """ACT is moved first, before any compute is maintained."""
    maintenance.when(maintenance.given(computes).full_with_act_on(0)).holds()


def test_act_is_on_a_compute_in_the_middle(maintenance: Maintenance, computes: int) -> None:
    """ACT is moved when some computes have been maintained and some have not."""
    maintenance.when(maintenance.given(computes).full_with_act_on(computes // 2)).holds()


def test_act_is_on_the_last_compute(maintenance: Maintenance, computes: int) -> None:
    """ACT is moved last, STBY first."""
    maintenance.when(maintenance.given(computes).full_with_act_on(computes - 1)).holds()
