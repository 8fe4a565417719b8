"""The test case as it comes: nothing is asked of any actor, so it can be played by those that run elsewhere."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance


@pytest.mark.maintenance(computes=(3, 4, 5, 8))
def test_any_application(maintenance: Maintenance, computes: int) -> None:
    """All computes are maintained under whatever application there is."""
    maintenance.when(maintenance.given(computes).with_any_application()).holds()
