"""How a part that serves HTTP starts, stops and closes its resources."""

from typing import Self

import pytest

from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, HttpSession, Request, Served, route


class Server:
    """Records the calls of its methods."""

    def __init__(self, notes: list[str]) -> None:
        self.url = "http://127.0.0.1:5000"
        self.notes = notes

    def start(self) -> None:
        self.notes.append("start")

    def stop(self) -> None:
        self.notes.append("stop")

    def join(self) -> None:
        self.notes.append("join")


class Stubborn(Server):
    def join(self) -> None:
        raise RuntimeError("a handler did not end")


class Resource:
    def __init__(self, name: str, notes: list[str]) -> None:
        self.name = name
        self.notes = notes

    def close(self) -> None:
        self.notes.append(f"close {self.name}")


class Registered(Served):
    """A part below a path of its server, which does more when it starts and stops."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.notes = server.notes
        self.url = f"{self.url}/v1"

    def start(self) -> Self:
        super().start()
        self.notes.append(f"register {self.url}")
        return self

    def stop(self) -> None:
        self.notes.append("unregister")
        super().stop()


class Greeter(Served):
    """A part like the actors: its application calls it, and is created before the part is complete."""

    def __init__(self, clock: WallClock, greeting: str) -> None:
        super().__init__(HttpServer(GreeterApi(self), name="greeter", clock=clock))
        self.http = self.close_at_end(HttpSession(clock))
        self.greeting = greeting


class GreeterApi(App):
    def __init__(self, greeter: Greeter) -> None:
        super().__init__()
        self._greeter = greeter

    @route("GET", "/")
    def greet(self, request: Request) -> Answer:
        return {"greeting": self._greeter.greeting, "url": self._greeter.url}


def test_a_part_lives_as_long_as_its_server() -> None:
    notes: list[str] = []
    part = Served(Server(notes))
    assert part.start() is part
    part.stop()
    part.join()
    assert (part.url, notes) == ("http://127.0.0.1:5000", ["start", "stop", "join"])


def test_a_part_may_do_more_when_it_starts_and_stops() -> None:
    notes: list[str] = []
    part = Registered(Server(notes)).start()
    part.stop()
    assert notes == ["start", "register http://127.0.0.1:5000/v1", "unregister", "stop"]


def test_what_is_named_for_the_end_is_closed_after_the_last_handler_the_last_one_first() -> None:
    notes: list[str] = []
    part = Served(Server(notes))
    first = Resource("first", notes)
    assert part.close_at_end(first) is first
    part.close_at_end(Resource("second", notes))
    part.stop()
    part.join()
    assert notes == ["stop", "join", "close second", "close first"]


def test_resources_are_closed_even_if_a_handler_does_not_end() -> None:
    notes: list[str] = []
    part = Served(Stubborn(notes))
    part.close_at_end(Resource("session", notes))
    with pytest.raises(RuntimeError, match="did not end"):
        part.join()
    assert notes == ["close session"]


def test_a_part_may_live_as_long_as_another_part() -> None:
    notes: list[str] = []
    inner = Registered(Server(notes))
    outer = Served(inner).start()
    outer.stop()
    outer.join()
    assert outer.url == inner.url
    assert notes == ["start", "register http://127.0.0.1:5000/v1", "unregister", "stop", "join"]


def test_an_application_answers_with_what_its_part_knows() -> None:
    clock = WallClock()
    greeter = Greeter(clock, "hello").start()
    assert greeter.http.get(greeter.url).json() == {"greeting": "hello", "url": greeter.url}
    greeter.stop()
    clock.stop()
    greeter.join()
