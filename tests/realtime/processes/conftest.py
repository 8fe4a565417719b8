"""Runs of pytest in processes of their own, some with workers of xdist, without settings of the machine."""

from __future__ import annotations

import pytest

from tests.support.plugin_runs import hide_surroundings, write_one_test


@pytest.fixture(autouse=True)
def plain_surroundings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the variables and the clouds.yaml of the machine."""
    hide_surroundings(pytester, monkeypatch)


@pytest.fixture
def one_test(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with one maintenance test, which prints its settings."""
    return write_one_test(pytester)
