"""The routes of the services of an embedded cloud, and requests that reach them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pytest_doctor_maint.embedded import CloudSettings
from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http.routing import routing_of
from pytest_doctor_maint.simtime.http.wires import MemoryWire
from pytest_doctor_maint.simtime.ids import Ids

_PLACEHOLDER = re.compile(r"<(?:(\w+)(?:\(([^,)]*)[^)]*\))?:)?\w+>")


@contextmanager
def new_cloud() -> Iterator[CloudState]:
    """Yield the services of a cloud without computes and without a server."""
    clock = SimulatedClock(1, wire=MemoryWire())
    cloud = CloudState(clock, History(clock.now), Ids(1), CloudSettings())
    cloud.core.url = "http://cloud.test"
    yield cloud
    clock.stop()


@dataclass(frozen=True, slots=True)
class ServedRoute:
    """A method and path that a service of the cloud serves.

    Attributes:
        service: The path of the service below the cloud's URL (``/compute``).
        method: The HTTP method.
        path: A path below the service's, with an example in place of each value.
        options: The options of the route.
    """

    service: str
    method: str
    path: str
    # Any: each service reads options of its own.
    options: Mapping[str, Any]

    @property
    def is_public(self) -> bool:
        return bool(self.options.get("public"))

    def __str__(self) -> str:
        return f"{self.method} {self.service}{self.path}"


def served_routes() -> Iterator[ServedRoute]:
    """Yield every route of every service of the embedded cloud."""
    with new_cloud() as cloud:
        services = {path: type(app) for path, app in cloud.services().items()}
    for service, app in services.items():
        routing = routing_of(app)
        for rule in routing.map.iter_rules():
            for method in sorted(rule.methods or ()):
                yield ServedRoute(service, method, _example(rule.rule), routing.endpoints[rule.endpoint][1])


def _example(rule: str) -> str:
    """Return a path that the werkzeug rule matches."""
    return _PLACEHOLDER.sub(lambda match: "1" if match[1] == "int" else (match[2] or "example").strip("'\""), rule)
