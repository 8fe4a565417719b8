"""A server and a session of one run, on any clock and wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.clock import Clock, SimulatedClock, WallClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, HttpServer, HttpSession, Request, route
from pytest_doctor_maint.simtime.http.wires import WIRES, wire_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Echo(App):
    """An application that echoes, waits, relays or crashes, depending on the path."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    @route("GET", "/sleep/<seconds>")
    def sleep(self, request: Request, seconds: str) -> Answer:
        self._clock.sleep(float(seconds))
        return {"cause": current_cause()}

    @route("GET", "/relay/<path:path>")
    def relay(self, request: Request, path: str) -> Answer:
        with HttpSession(self._clock) as session:
            return {"relayed": session.get(request.host_url + path).json()}

    @route("POST", "/echo")
    def echo(self, request: Request) -> Answer:
        return 201, request.json_object(), {"X-Seen": "yes"}

    @route("DELETE", "/echo")
    def nothing(self, request: Request) -> Answer:
        return None

    @route("GET", "/teapot")
    def teapot(self, request: Request) -> Answer:
        raise HttpError(418, "short and stout", headers={"X-Handle": "here"})

    @route("GET", "/crash")
    def crash(self, request: Request) -> Answer:
        raise KeyError("lost")


class Pair:
    """A running server, and a session on the same clock."""

    def __init__(self, clock: Clock, app: WSGIApplication | None = None) -> None:
        self.clock = clock
        self.server = HttpServer(app or Echo(clock), name="echo", clock=clock).start()
        self.session = HttpSession(clock)

    def url(self, path: str) -> str:
        return self.server.url + path

    def foreign_session(self) -> requests.Session:
        """Return a session on the same wire that does not use the clock."""
        session = requests.Session()
        session.mount("http://", wire_of(self.clock).adapter())
        return session

    def stop(self) -> None:
        self.server.stop()
        self.clock.stop()
        self.server.join()
        self.session.close()


def make_clock(kind: str, wire: str) -> Clock:
    """Return a clock.

    Args:
        kind: ``simulated`` or ``wall``.
        wire: The name of its wire.
    """
    if kind == "simulated":
        return SimulatedClock(watchdog=5.0, wire=WIRES[wire]())
    return WallClock(WIRES[wire]())
