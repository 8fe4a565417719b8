"""Runs in which everything goes right, which tests change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint

import pytest

from pytest_doctor_maint import registry
from pytest_doctor_maint.claims import CLAIMS
from tests.support.fenix_runs import default_workflow, vnf_workflow
from tests.support.history_builder import HistoryBuilder, full_cloud


@pytest.fixture
def run() -> HistoryBuilder:
    """A run of the sample admin tool."""
    return full_cloud()


@pytest.fixture
def fenix_run() -> HistoryBuilder:
    """A run of Fenix's default workflow."""
    return default_workflow()


@pytest.fixture
def vnf_run() -> HistoryBuilder:
    """A run of Fenix's vnf workflow, with constraints."""
    return vnf_workflow()


@pytest.fixture
def install() -> Iterator[Callable[[str, str], None]]:
    """Install a claim of another distribution: the name of its entry point, and where it is."""
    points: list[EntryPoint] = []

    def entry_points(*, group: str) -> list[EntryPoint]:
        return [point for point in points if point.group == group]

    def add(name: str, value: str) -> None:
        points.append(EntryPoint(name, value, "pytest_doctor_maint.claims"))
        CLAIMS.refresh()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "entry_points", entry_points)
        yield add
    CLAIMS.refresh()
