"""A cloud of one Keystone and one Nova with one server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.mini_cloud import MiniCloudBench


@pytest.fixture
def bench() -> Iterator[MiniCloudBench]:
    """Return a small cloud and a connection to it."""
    made = MiniCloudBench()
    yield made
    made.close()
    assert not made.clock.failures
