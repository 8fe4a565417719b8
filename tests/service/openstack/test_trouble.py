"""Requests to a cloud in trouble: which are repeated, for how long, and what is raised in the end."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field

import pytest
import requests
from openstack.exceptions import HttpException, NotFoundException, SDKException

from pytest_doctor_maint.openstack.calls import PATIENCE, call, change, patient
from pytest_doctor_maint.openstack.servers import get_server
from pytest_doctor_maint.simtime.clock import Clock
from tests.support.mini_cloud import MiniCloudBench
from tests.support.troubled_cloud import LostAnswer, Verdict, trouble_for

PASSING = [409, 429, 500, 502, 503, 504, requests.ConnectionError, requests.ReadTimeout, LostAnswer]


@dataclass
class Times:
    """Requests with a method fail so many times.

    Attributes:
        way: A status, or an exception.
        times: The number of requests that fail.
        method: The method of the requests.
        at: The times of all requests with the method, failed or not (seconds since the start).
    """

    way: int | type[Exception]
    times: int
    method: str
    bench: MiniCloudBench
    at: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        get_server(self.bench.connection, "s")
        trouble_for(self.bench.connection.session.session, self, self.bench.clock)

    def __call__(self, request: requests.PreparedRequest, clock: Clock) -> Verdict:
        if request.method != self.method:
            return None
        self.at.append(self.bench.elapsed)
        if len(self.at) > self.times:
            return None
        return self.way if isinstance(self.way, int) else self.way("reset")


@pytest.mark.parametrize("way", PASSING, ids=str)
def test_a_question_is_asked_again_until_it_is_answered(bench: MiniCloudBench, way: int | type[Exception]) -> None:
    trouble = Times(way, 5, "GET", bench)
    with patient(bench.clock):
        assert get_server(bench.connection, "s").status == "ACTIVE"
    assert trouble.at == [0, 1, 3, 7, 15, 23]


@pytest.mark.parametrize("way", [503, requests.ConnectionError], ids=str)
def test_no_request_is_repeated_by_a_caller_who_is_not_patient(
    bench: MiniCloudBench, way: int | type[Exception]
) -> None:
    trouble = Times(way, 1, "GET", bench)
    with pytest.raises(SDKException):
        get_server(bench.connection, "s")
    assert len(trouble.at) == 1


@pytest.mark.parametrize("way", [400, 403, 404], ids=str)
def test_a_refusal_is_final(bench: MiniCloudBench, way: int) -> None:
    trouble = Times(way, 1, "GET", bench)
    with patient(bench.clock), pytest.raises(HttpException, match="there is trouble"):
        get_server(bench.connection, "s")
    assert len(trouble.at) == 1


def test_a_request_is_repeated_until_the_end_of_the_patience(bench: MiniCloudBench) -> None:
    trouble = Times(503, 1000, "GET", bench)
    with patient(bench.clock), pytest.raises(HttpException, match="there is trouble"):
        get_server(bench.connection, "s")
    assert trouble.at[-1] == PATIENCE


def test_a_window_is_not_exceeded(bench: MiniCloudBench) -> None:
    trouble = Times(requests.ConnectionError, 1000, "GET", bench)
    due = bench.clock.now().replace(second=bench.clock.now().second + 10)
    with patient(bench.clock, until=due):
        for _ in range(2):
            with pytest.raises(SDKException, match="Unable to establish connection"):
                get_server(bench.connection, "s")
    assert trouble.at == [0, 1, 3, 7, 10, 10]


@pytest.mark.parametrize("way", [409, 429, 503], ids=str)
def test_a_change_that_was_not_made_is_made_later(bench: MiniCloudBench, way: int) -> None:
    trouble = Times(way, 2, "POST", bench)
    with patient(bench.clock):
        call(bench.connection.alarm, "POST", f"{bench.server.url}/alarming/v2/alarms", {"name": "x"})
    assert trouble.at == [0, 1, 3]


@pytest.mark.parametrize("way", [500, requests.ConnectionError, LostAnswer], ids=str)
def test_a_change_that_may_have_been_made_is_not_made_twice(bench: MiniCloudBench, way: int | type[Exception]) -> None:
    trouble = Times(way, 1, "POST", bench)
    with patient(bench.clock), pytest.raises(SDKException):
        call(bench.connection.alarm, "POST", f"{bench.server.url}/alarming/v2/alarms", {"name": "x"})
    assert len(trouble.at) == 1


@pytest.mark.parametrize("way", PASSING, ids=str)
@pytest.mark.parametrize("taken", [True, False])
def test_a_change_that_can_be_looked_at_is_repeated_unless_it_was_made(
    bench: MiniCloudBench, way: int | type[Exception], taken: bool
) -> None:
    trouble = Times(way, 1, "POST", bench)
    with patient(bench.clock):
        url = f"{bench.server.url}/alarming/v2/alarms"
        change(bench.connection.alarm, "POST", url, {"name": "x"}, is_taken=lambda: taken)
    assert len(trouble.at) == (1 if taken else 2)


@pytest.mark.parametrize(
    ("ways", "is_error"), [([LostAnswer("reset"), 404], False), ([503, 404], False), ([404], True)]
)
def test_what_is_to_be_deleted_may_be_gone_the_second_time(
    bench: MiniCloudBench, ways: list[Verdict], is_error: bool
) -> None:
    def trouble(request: requests.PreparedRequest, clock: Clock) -> Verdict:
        return ways.pop(0) if request.method == "DELETE" else None

    trouble_for(bench.connection.session.session, trouble, bench.clock)
    with patient(bench.clock), pytest.raises(NotFoundException) if is_error else nullcontext():
        call(bench.connection.alarm, "DELETE", f"{bench.server.url}/alarming/v2/alarms/a")
    assert ways == []


def test_an_answer_that_is_not_json_is_an_error_of_the_cloud(
    bench: MiniCloudBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Html(requests.Session):
        def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:
            answer = requests.Response()
            answer.status_code, answer._content, answer.request = 200, b"<html>", request
            return answer

    get_server(bench.connection, "s")
    monkeypatch.setattr(bench.connection.session, "session", Html())
    with pytest.raises(SDKException, match="the answer to GET /servers/s is not JSON"):
        get_server(bench.connection, "s")
