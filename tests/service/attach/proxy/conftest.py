"""The recording proxy in front of a stub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.proxied_admin_tools import ProxyBench


@pytest.fixture
def bench() -> Iterator[ProxyBench]:
    """Return a stub of an admin tool with the proxy in front of it."""
    made = ProxyBench()
    yield made
    made.close()
    assert made.clock.failures == []
