"""Keystone without a server, and a client of its API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_doctor_maint.embedded import CloudSettings
from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.keystone.records import Project
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.ids import Ids
from tests.support.keystone import IdentityClient


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    found = SimulatedClock(seed=1)
    yield found
    found.stop()


@pytest.fixture
def history(clock: SimulatedClock) -> History:
    return History(clock.now)


@pytest.fixture
def cloud(clock: SimulatedClock, history: History) -> CloudState:
    found = CloudState(clock, history, Ids(1), CloudSettings())
    found.core.url = "http://cloud.test"
    return found


@pytest.fixture
def api(cloud: CloudState) -> IdentityClient:
    return IdentityClient(cloud)


@pytest.fixture
def admin(api: IdentityClient) -> str:
    """A token of the admin."""
    return api.admin


@pytest.fixture
def project(api: IdentityClient) -> Project:
    """The project ``blue``."""
    return api.keystone.create_project("blue")
