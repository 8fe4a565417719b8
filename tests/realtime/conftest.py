"""Clouds and actors in processes of their own, in real time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.labs import SMALL, Lab, MakeLab, running_lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("realtime") is None:
            item.add_marker(pytest.mark.realtime)


@pytest.fixture
def make_lab(tmp_path: Path) -> Iterator[MakeLab]:
    """Starts a cloud, whose clouds.yaml is in the folder of the test."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(running_lab(tmp_path, *arguments))


@pytest.fixture
def small_lab(make_lab: MakeLab) -> Lab:
    """A cloud of three computes with room for two instances each."""
    return make_lab(*SMALL)
