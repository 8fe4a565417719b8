"""Glance without sockets."""

from collections.abc import Iterator

import pytest

from tests.support.glance import GlanceBench, glance_bench


@pytest.fixture
def bench() -> Iterator[GlanceBench]:
    with glance_bench() as bench:
        yield bench
