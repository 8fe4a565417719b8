"""The session prepares a request as requests does, in less time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http import HttpSession

URL = "http://127.0.0.1:8774/v2.1/servers"
#: Changes a session before its request is made.
Setting = Callable[[requests.Session], object]


@pytest.fixture
def session() -> Iterator[HttpSession]:
    clock = SimulatedClock()
    session = HttpSession(clock)
    yield session
    session.close()
    clock.stop()


@pytest.fixture
def plain() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.mark.parametrize(
    "request_",
    [
        requests.Request("get", URL),
        requests.Request("GET", f"{URL}?a=1", params={"b": ["2", "3"], "none": None}),
        requests.Request(
            "POST", URL, json={"server": {"name": "é"}}, headers={"X-Auth-Token": "t", "User-Agent": "me"}
        ),
        requests.Request("PUT", URL, data=b"bytes", headers={"accept-encoding": None, "Accept": "*/*"}),
        requests.Request("POST", URL, data={"key": "value"}),
        requests.Request("DELETE", "http://user:word@127.0.0.1/"),
        requests.Request("GET", URL, auth=("user", "word")),
        requests.Request("GET", URL, cookies={"name": "value"}),
        requests.Request("GET", "http://127.0.0.1/with space/é?q=é"),
    ],
    ids=lambda request: f"{request.method} {request.url}",
)
@pytest.mark.parametrize(
    "setting",
    [
        lambda session: None,
        lambda session: session.headers.update({"X-Of-Session": "1", "Accept": None}),
        lambda session: session.params.update({"of": "session"}),
        lambda session: session.cookies.set("of", "session"),
        lambda session: setattr(session, "auth", ("of", "session")),
    ],
    ids=["as it is", "headers", "params", "cookies", "auth"],
)
def test_a_request_is_that_of_requests(
    session: HttpSession, plain: requests.Session, request_: requests.Request, setting: Setting
) -> None:
    setting(session)
    setting(plain)

    ours, theirs = session.prepare_request(request_), plain.prepare_request(request_)

    assert (ours.method, ours.url, dict(ours.headers), ours.body, ours.hooks) == (
        theirs.method,
        theirs.url,
        dict(theirs.headers),
        theirs.body,
        theirs.hooks,
    )


def test_hooks_of_the_session_are_kept(session: HttpSession) -> None:
    def hook(response: requests.Response, **_: Any) -> None:
        """Do nothing."""

    session.hooks["response"].append(hook)
    assert session.prepare_request(requests.Request("GET", URL)).hooks == {"response": [hook]}


@pytest.mark.parametrize("given", [(None, None, None, None), ({"http": "http://p:1"}, True, "/ca", "/cert")])
def test_settings_are_those_of_requests_without_environment(
    session: HttpSession, plain: requests.Session, given: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/elsewhere")
    session.verify = plain.verify = "/of-session"
    assert session.merge_environment_settings(URL, *given) == plain.merge_environment_settings(URL, *given)
