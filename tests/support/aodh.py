"""A served cloud with an alarm subscriber, for tests of Aodh and of the notification bus."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import requests

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.cloud import EmbeddedCloud
from pytest_doctor_maint.embedded.core import CloudSettings
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import App, HttpServer, HttpSession, Request, route
from pytest_doctor_maint.simtime.ids import Ids
from tests.support.json import Json

CALLERS = {
    "admin": Caller("u-admin", "admin", "p-admin", "admin", frozenset({"admin", "member", "reader"})),
    "ann": Caller("u-ann", "ann", "p1", "one", frozenset({"member", "reader"})),
    "bob": Caller("u-bob", "bob", "p2", "two", frozenset({"member", "reader"})),
    "reader": Caller("u-reader", "reader", "p1", "one", frozenset({"reader"})),
}


class Subscriber(App):
    """Records the calls of its URL ``/alarm``."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.calls: list[Json] = []
        self.causes: list[int | None] = []
        self.content_types: list[str] = []
        self.alarm_tokens: list[str | None] = []
        self.times: list[datetime] = []
        self.arrived = clock.signal("an alarm")

    @route("POST", "/alarm")
    def alarm(self, request: Request) -> None:
        self.content_types.append(request.content_type or "")
        self.alarm_tokens.append(request.headers.get("X-Auth-Token"))
        self.calls.append(request.json_object())
        self.causes.append(current_cause())
        self.times.append(self.clock.now())
        self.arrived.set()

    @property
    def names(self) -> list[str]:
        return [call["alarm_name"] for call in self.calls]


@dataclass
class AodhLab:
    """A cloud with callers whose tokens are their names, and a subscriber."""

    clock: Clock
    cloud: EmbeddedCloud
    history: History
    subscriber: Subscriber
    subscriber_url: str
    session: HttpSession
    tokens: dict[str, Caller] = field(default_factory=lambda: dict(CALLERS))

    def call(self, method: str, path: str, body: Json = None, *, who: str = "ann") -> requests.Response:
        return self.session.request(method, f"{self.cloud.url}{path}", json=body, headers={"X-Auth-Token": who})

    def aodh(self, method: str, path: str, body: Json = None, *, who: str = "ann", status: int = 200) -> Json:
        """Return the JSON of an answer that must have this status."""
        answer = self.call(method, f"/alarming{path}", body, who=who)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def fault(self, method: str, path: str, body: Json = None, *, who: str = "ann", status: int = 400) -> str:
        """Return the message of an answer that must be an error with this status."""
        message = self.aodh(method, path, body, who=who, status=status)["error_message"]
        assert (message["debuginfo"], message["faultcode"]) == (None, "Client")
        text = message["faultstring"]
        assert isinstance(text, str)
        assert text
        return text

    def alarm(self, *, who: str = "ann", name: str = "a", **settings: object) -> Json:
        """Create an event alarm that calls the subscriber."""
        settings.setdefault("event_rule", {"event_type": "maintenance.scheduled"})
        settings.setdefault("alarm_actions", [f"{self.subscriber_url}/alarm"])
        return self.aodh("POST", "/v2/alarms", {"name": name, "type": "event", **settings}, who=who, status=201)

    def publish(self, payload: Mapping[str, object], event_type: str = "maintenance.scheduled") -> None:
        """Publish a notification, and wait until all alarms have been delivered."""
        with self.cloud.core.lock:
            self.cloud.aodh.publish(event_type, payload)
        self.clock.sleep(1.0)


def definition(**settings: object) -> dict[str, object]:
    """Return the definition of an event alarm."""
    return {"name": "a", "type": "event", "event_rule": {}, **settings}


@contextmanager
def running_lab(clock: Clock, seed: int | None = 1, *, own_tokens: bool = True) -> Iterator[AodhLab]:
    """Serve a lab; with ``own_tokens``, the callers' names are valid tokens in place of Keystone's."""
    history = History(clock.now)
    cloud = EmbeddedCloud(clock, history, Ids(seed), CloudSettings())
    subscriber = Subscriber(clock)
    server = HttpServer(subscriber, name="subscriber", clock=clock)
    with HttpSession(clock) as session:
        lab = AodhLab(clock, cloud, history, subscriber, server.url, session)
        if own_tokens:
            cloud.keystone.validate = lab.tokens.get  # type: ignore[method-assign,assignment]
        cloud.start()
        server.start()
        try:
            yield lab
        finally:
            server.stop()
            cloud.stop()
            clock.stop()
            server.join()
            cloud.join()
    assert clock.failures == []
