"""The test case without demands on any actor, so that all of them may run elsewhere."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance


@pytest.mark.maintenance(computes=(3, 4, 5, 8))
def test_any_application(maintenance: Maintenance, computes: int) -> None:
    """All computes are maintained, whichever application runs on them."""
    maintenance.when(maintenance.given(computes).with_any_application()).holds()
