"""Fenix on an embedded cloud."""

from collections.abc import Iterator

import pytest

from tests.support.fenix import Lab, MakeLab, labs


@pytest.fixture
def make_lab() -> Iterator[MakeLab]:
    with labs() as make:
        yield make


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    """Three computes without any instance."""
    return make_lab()
