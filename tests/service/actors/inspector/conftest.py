"""An Inspector on a double of Nova, for all tests of the folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.inspectors import InspectorBench


@pytest.fixture
def bench() -> Iterator[InspectorBench]:
    """Return an Inspector on a Nova of two computes and three instances."""
    made = InspectorBench()
    yield made
    made.close()
    assert not made.clock.failures
