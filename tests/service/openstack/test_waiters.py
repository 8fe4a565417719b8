"""Waiting for servers, in simulated time."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.openstack.waiters import WaitError, WaitTimeoutError, wait_for, wait_for_gone, wait_for_server
from tests.support.mini_cloud import Json, MiniCloudBench

BUILD: Json = {"status": "BUILD", "OS-EXT-STS:task_state": "spawning"}


def test_a_server_is_waited_for(bench: MiniCloudBench) -> None:
    bench.cloud.plan = [(0.0, BUILD), (5.5, {"status": "ACTIVE"})]
    server = wait_for_server(bench.clock, bench.connection, "s", {"ACTIVE"}, timeout=30)
    assert server.status == "ACTIVE"
    assert bench.elapsed == 6.0


def test_a_server_with_a_task_state_is_waited_for(bench: MiniCloudBench) -> None:
    bench.cloud.plan = [
        (0.0, {"status": "ACTIVE", "OS-EXT-STS:task_state": "resize_prep"}),
        (3.0, {"status": "ACTIVE", "OS-EXT-STS:task_state": None}),
    ]
    wait_for_server(bench.clock, bench.connection, "s", {"ACTIVE"}, timeout=30)
    assert bench.elapsed == 3.0


def test_a_timeout_says_what_is_and_what_was_wanted(bench: MiniCloudBench) -> None:
    bench.cloud.plan = [(0.0, BUILD)]
    with pytest.raises(
        WaitTimeoutError, match=r"after 4.5 s server web \(s\) is BUILD, task spawning; wanted: ACTIVE or SHUTOFF"
    ):
        wait_for_server(bench.clock, bench.connection, "s", {"ACTIVE", "SHUTOFF"}, timeout=4.5, interval=2)
    assert bench.elapsed == 4.5


def test_an_error_ends_the_wait_with_novas_words(bench: MiniCloudBench) -> None:
    bench.cloud.plan = [(0.0, BUILD), (2.0, {"status": "ERROR", "fault": {"message": "No valid host was found. "}})]
    with pytest.raises(WaitError, match=r"is ERROR, fault 'No valid host was found.'; wanted: ACTIVE"):
        wait_for_server(bench.clock, bench.connection, "s", {"ACTIVE"}, timeout=30)
    assert bench.elapsed == 2.0


def test_an_error_can_be_what_is_wanted(bench: MiniCloudBench) -> None:
    bench.cloud.plan = [(0.0, {"status": "ERROR"})]
    assert wait_for_server(bench.clock, bench.connection, "s", {"ERROR"}, timeout=30).status == "ERROR"


def test_a_server_is_waited_for_until_it_is_gone(bench: MiniCloudBench) -> None:
    bench.cloud.plan = [(0.0, {"status": "ACTIVE"}), (2.0, None)]
    wait_for_gone(bench.clock, bench.connection, "s", timeout=30)
    assert bench.elapsed == 2.0


def test_a_server_that_does_not_go_is_named(bench: MiniCloudBench) -> None:
    with pytest.raises(WaitTimeoutError, match=r"after 3 s server web \(s\) is ACTIVE; wanted: gone"):
        wait_for_gone(bench.clock, bench.connection, "s", timeout=3)


def test_the_last_look_is_at_the_deadline(bench: MiniCloudBench) -> None:
    began = bench.clock.now()
    found = wait_for(
        bench.clock, lambda: True if bench.clock.until(began) <= -2.5 else None, lambda: "no", timeout=2.5, interval=2
    )
    assert found is True


class Looks:
    """A function that returns something at the call of this number; never, if the number is None."""

    def __init__(self, found_at: int | None = None) -> None:
        self.count = 0
        self._found_at = found_at

    def __call__(self) -> str | None:
        self.count += 1
        return "found" if self.count == self._found_at else None


def test_a_timeout_of_zero_allows_one_look(bench: MiniCloudBench) -> None:
    looks = Looks()
    with pytest.raises(WaitTimeoutError, match="after 0 s nothing was found"):
        wait_for(bench.clock, looks, timeout=0)
    assert looks.count == 1


def test_without_a_timeout_the_wait_has_no_limit(bench: MiniCloudBench) -> None:
    assert wait_for(bench.clock, Looks(found_at=10_001), timeout=None, interval=2) == "found"
    assert bench.elapsed == 20_000.0


def test_an_exception_of_a_look_ends_the_wait(bench: MiniCloudBench) -> None:
    def look() -> str | None:
        if bench.elapsed >= 3:
            raise ZeroDivisionError("a bug")
        return None

    with pytest.raises(ZeroDivisionError):
        wait_for(bench.clock, look, timeout=None)
    assert bench.elapsed == 3.0
