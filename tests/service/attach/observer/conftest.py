"""An embedded cloud with an observer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.observed_cloud import ObservedCloud


@pytest.fixture
def lab() -> Iterator[ObservedCloud]:
    """Return a cloud that is observed from outside."""
    made = ObservedCloud()
    yield made
    made.close()
    assert made.clock.failures == []
