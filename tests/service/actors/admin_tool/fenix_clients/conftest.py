"""Scenarios with Fenix and the VNFMs of Doctor and Tacker."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.testbed.scenario import Scenario
from tests.support.fenix_clients import Client, DoctorVnfm, TackerVnfm, fenix_with


@pytest.fixture(params=[DoctorVnfm, TackerVnfm], ids=["doctor", "tacker"])
def client(request: pytest.FixtureRequest) -> type[Client]:
    """One of the two VNFMs."""
    chosen: type[Client] = request.param
    return chosen


@pytest.fixture
def given(client: type[Client]) -> Scenario:
    """A scenario with Fenix and one of the two VNFMs."""
    return fenix_with(client)


@pytest.fixture
def given_tacker() -> Scenario:
    """A scenario with Fenix and Tacker's VNFM."""
    return fenix_with(TackerVnfm)
