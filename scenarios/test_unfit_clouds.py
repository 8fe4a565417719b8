"""Computes on which the test case cannot run: a failure that says what is needed, before anything starts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance


@pytest.mark.parametrize(
    ("vcpus", "needed"),
    [
        pytest.param([2, 2], "at least 3 computes; there are 2", id="two-computes"),
        pytest.param([2, 3, 2], "an even number of VCPUs, 2 at least", id="odd-VCPUs"),
        pytest.param([2, 2, 4], "all computes need the same number of VCPUs", id="unequal-VCPUs"),
        pytest.param([2, 2, 0], "an even number of VCPUs, 2 at least", id="no-VCPUs"),
    ],
)
@pytest.mark.maintenance
def test_unfit_computes_are_refused(maintenance: Maintenance, vcpus: Sequence[int], needed: str) -> None:
    """Too few computes, or VCPUs that cannot be halved."""
    with pytest.raises(AssertionError, match=needed):
        maintenance.when(maintenance.nothing().on_computes_with(vcpus).full())
