"""A clock of each kind."""

from collections.abc import Iterator

import pytest

from pytest_doctor_maint.simtime.clock import Clock, SimulatedClock, WallClock


@pytest.fixture(params=["simulated", "wall"])
def clock(request: pytest.FixtureRequest) -> Iterator[Clock]:
    made: Clock = SimulatedClock(seed=1, watchdog=5.0) if request.param == "simulated" else WallClock()
    yield made
    made.stop()
