"""A cloud without sockets, for requests to Placement."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.nova import TWO_COMPUTES, NovaBench, nova_bench


@pytest.fixture
def bench() -> Iterator[NovaBench]:
    with nova_bench(TWO_COMPUTES) as made:
        yield made
