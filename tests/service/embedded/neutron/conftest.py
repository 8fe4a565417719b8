"""A served cloud of two computes."""

from collections.abc import Iterator

import pytest

from tests.support.neutron import NeutronLab, running_lab


@pytest.fixture
def lab() -> Iterator[NeutronLab]:
    with running_lab() as lab:
        yield lab
