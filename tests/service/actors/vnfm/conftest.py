"""Benches of VNFMs on an embedded cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pytest_doctor_maint.actors.app_manager import Policy
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy
from tests.support.vnfms import VnfmBench


@pytest.fixture
def make_bench() -> Iterator[Callable[..., VnfmBench]]:
    """Make a VNFM on an embedded cloud; it takes constraints and a policy."""
    benches: list[VnfmBench] = []

    def make(
        constraints: ConstraintPolicy | None = None, policy: Policy | None = None, *, in_catalog: bool = True
    ) -> VnfmBench:
        benches.append(VnfmBench(policy or Policy(), constraints, in_catalog=in_catalog))
        return benches[-1]

    yield make
    for bench in benches:
        bench.close()
        assert not bench.clock.failures
