"""A RabbitMQ for all tests of a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.broker import Relay, running_broker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a broker, as oslo.messaging reads it."""
    with running_broker(tmp_path_factory.mktemp("rabbitmq")) as url:
        yield url


@pytest.fixture
def relay(broker: str) -> Iterator[Relay]:
    """A relay in front of the broker that can break connections or stop answering."""
    relay = Relay(broker)
    yield relay
    relay.cut()
