"""A cloud without sockets, for requests to Nova."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.nova import NovaBench, nova_bench


@pytest.fixture
def bench() -> Iterator[NovaBench]:
    with nova_bench() as made:
        yield made
