"""Servers in the process of the test that stand for an actor or a receiver of alarms, on the wall clock."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, Request, route
from tests.support.json import Json

#: A request: its method, its path without the first slash, and its body.
Call = tuple[str, str, Json]


class Double(App):
    """Accepts every request, and answers each with the same status.

    Attributes:
        calls: The requests in order.
        status: The status of the answers.
        url: Where it is served.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: queue.Queue[Call] = queue.Queue()
        self.status = 200
        self.url = ""

    def new_calls(self) -> list[Call]:
        """Return the requests since the last call of this method."""
        return [self.calls.get_nowait() for _ in range(self.calls.qsize())]

    @route("POST", "/<path:path>")
    def post(self, request: Request, path: str) -> Answer:
        return self._take("POST", path, request.json_object())

    @route("PUT", "/<path:path>")
    def put(self, request: Request, path: str) -> Answer:
        return self._take("PUT", path, request.json_object())

    @route("DELETE", "/<path:path>")
    def delete(self, request: Request, path: str) -> Answer:
        return self._take("DELETE", path, None)

    def _take(self, method: str, path: str, body: Json) -> Answer:
        self.calls.put((method, path, body))
        return self.status, {}


@contextmanager
def serving_double() -> Iterator[Double]:
    """Serve a double."""
    double, clock = Double(), WallClock()
    server = HttpServer(double, name="double", clock=clock).start()
    double.url = server.url
    try:
        yield double
    finally:
        server.stop()
        clock.stop()
        server.join()
