"""A served cloud with an alarm subscriber."""

from collections.abc import Iterator

import pytest

from pytest_doctor_maint.simtime.clock import SimulatedClock
from tests.support.aodh import AodhLab, running_lab


@pytest.fixture
def lab() -> Iterator[AodhLab]:
    with running_lab(SimulatedClock(1)) as lab:
        yield lab
