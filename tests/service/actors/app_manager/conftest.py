"""Benches of app managers, without a cloud or on an embedded one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from pytest_doctor_maint.actors.app_manager import Policy
from tests.support.app_managers import AppManagerBench, CloudBench

AnyBench = TypeVar("AnyBench", bound=AppManagerBench)


@contextmanager
def _factory(kind: type[AnyBench]) -> Iterator[Callable[..., AnyBench]]:
    benches: list[AnyBench] = []

    def make(policy: Policy | None = None) -> AnyBench:
        benches.append(kind(policy or Policy()))
        return benches[-1]

    yield make
    for bench in reversed(benches):
        bench.close()
        assert not bench.clock.failures


@pytest.fixture
def make_cloud_bench() -> Iterator[Callable[..., CloudBench]]:
    """Make an app manager on an embedded cloud; it takes a policy."""
    with _factory(CloudBench) as make:
        yield make


@pytest.fixture
def make_bench() -> Iterator[Callable[..., AppManagerBench]]:
    """Make an app manager without a cloud; it takes a policy."""
    with _factory(AppManagerBench) as make:
        yield make


@pytest.fixture
def bench(make_bench: Callable[..., AppManagerBench]) -> AppManagerBench:
    """Return an app manager without a cloud, with the default policy."""
    return make_bench()
