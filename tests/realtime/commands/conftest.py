"""A cloud for all tests of a module, and what else the commands need."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.support.doubles import Double, serving_double
from tests.support.labs import Lab, running_lab


@pytest.fixture(scope="module")
def one_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A cloud of three computes with room for two instances each, whose operations take almost no time."""
    size = ("--computes", "3", "--vcpus", "4", "--speed", "100")
    with running_lab(tmp_path_factory.mktemp("lab"), *size) as lab:
        yield lab


@pytest.fixture
def lab(one_lab: Lab) -> Iterator[Lab]:
    """The cloud of the module, which every test leaves as it was."""
    before = one_lab.inventory()
    yield one_lab
    assert one_lab.inventory() == before


@pytest.fixture
def admin_tool() -> Iterator[Double]:
    """A double of an admin tool that accepts replies and constraints."""
    with serving_double() as double:
        yield double


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which another server listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
