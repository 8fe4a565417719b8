"""A cloud that refuses or loses requests of one actor."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from pytest_doctor_maint.actors.contract import AdminToolActor, AdminToolContext
from pytest_doctor_maint.openstack.calls import NOT_TAKEN
from pytest_doctor_maint.simtime.clock import Clock

#: Decides about a request: None lets it through, a status answers it, an exception is raised.
Verdict = int | Exception | None
#: The trouble that a request meets.
Trouble = Callable[[requests.PreparedRequest, Clock], Verdict]


class LostAnswer(requests.ConnectionError):
    """The connection breaks after the request was carried out."""


class TroubledAdapter(HTTPAdapter):
    """Hands requests to another adapter, except those that meet trouble."""

    def __init__(self, inner: HTTPAdapter, trouble: Trouble, clock: Clock) -> None:
        super().__init__()
        self._inner = inner
        self._trouble = trouble
        self._clock = clock

    # Any: the parameters of requests' own method.
    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        verdict = self._trouble(request, self._clock)
        if isinstance(verdict, int):
            return _answer(request, verdict)
        if isinstance(verdict, Exception) and not isinstance(verdict, LostAnswer):
            raise verdict
        answer = self._inner.send(request, *args, **kwargs)
        if verdict is not None:
            answer.close()
            raise verdict
        return answer

    def close(self) -> None:
        super().close()
        self._inner.close()


@dataclass
class EachOnce:
    """Each request to a service that the actor has not made before fails once.

    A notification fails only where the answer says that it was not taken: nobody can be asked whether it was.

    Attributes:
        way: What happens to the request.
        seen: The method, the URL and the body of each request that has failed.
    """

    way: int | type[Exception]
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def __call__(self, request: requests.PreparedRequest, clock: Clock) -> Verdict:
        key = (request.method or "", request.url or "", str(request.body))
        is_lost = is_notification(request) and self.way not in NOT_TAKEN
        if key in self.seen or "/identity/" in key[1] or is_lost:
            return None
        self.seen.add(key)
        return self.way if isinstance(self.way, int) else self.way("connection reset by peer")


@dataclass
class Outage:
    """Every request meets one trouble for some time, from the first one that matches.

    Attributes:
        matches: Returns True for the request at which the time begins.
        seconds: The time (clock seconds).
        way: A status, or an exception.
        only: True if only requests that match fail.
        spared: Returns True for requests that never fail.
    """

    matches: Callable[[requests.PreparedRequest], bool]
    seconds: float
    way: int | type[Exception]
    only: bool = False
    spared: Callable[[requests.PreparedRequest], bool] = lambda request: False
    began: list[float] = field(default_factory=list)

    def __call__(self, request: requests.PreparedRequest, clock: Clock) -> Verdict:
        now = clock.now().timestamp()
        is_match = self.matches(request)
        if is_match and not self.began:
            self.began.append(now)
        if (
            self.spared(request)
            or not self.began
            or now - self.began[0] >= self.seconds
            or (self.only and not is_match)
        ):
            return None
        return self.way if isinstance(self.way, int) else self.way("connection reset by peer")


def is_notification(request: requests.PreparedRequest) -> bool:
    """Return True for a request that emits a notification."""
    return "notifications" in (request.url or "")


def acts(*names: str) -> Callable[[requests.PreparedRequest], bool]:
    """Return a function that is True for requests for one of these actions on a server."""

    def matches(request: requests.PreparedRequest) -> bool:
        if not (request.url or "").endswith("/action") or not request.body:
            return False
        return next(iter(json.loads(request.body))) in names

    return matches


def admin_tool_in(
    trouble: Trouble, make: Callable[[Any], AdminToolActor]
) -> Callable[[AdminToolContext[Any]], AdminToolActor]:
    """Return a function that makes an admin tool, whose requests to the cloud meet this trouble."""

    def made(context: AdminToolContext[Any]) -> AdminToolActor:
        trouble_for(context.connection.session.session, trouble, context.clock)
        return make(context)

    return made


def trouble_for(session: requests.Session, trouble: Trouble, clock: Clock) -> None:
    """Let the requests of a session meet this trouble."""
    adapter = session.get_adapter("http://cloud")
    assert isinstance(adapter, HTTPAdapter)
    session.mount("http://", TroubledAdapter(adapter, trouble, clock))


def _answer(request: requests.PreparedRequest, status: int) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer.request = request
    answer.url = request.url or ""
    answer.reason = "trouble"
    answer.headers["Content-Type"] = "application/json"
    answer._content = json.dumps({"error": {"message": "there is trouble", "code": status}}).encode()
    return answer
