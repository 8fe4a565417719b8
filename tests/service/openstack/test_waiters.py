"""Waiting for servers, in simulated time."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_doctor_maint.openstack.waiters import WaitError, WaitTimeoutError, wait_for, wait_for_gone, wait_for_server

BUILD = {"status": "BUILD", "OS-EXT-STS:task_state": "spawning"}


def test_a_server_is_waited_for(bench: Any) -> None:
    bench.cloud.plan = [(0.0, BUILD), (5.5, {"status": "ACTIVE"})]
    server = wait_for_server(bench.clock, bench.connection, "s", {"ACTIVE"}, timeout=30)
    assert server.status == "ACTIVE"
    assert bench.elapsed == 6.0


def test_a_server_that_nova_still_works_on_is_waited_for(bench: Any) -> None:
    bench.cloud.plan = [
        (0.0, {"status": "ACTIVE", "OS-EXT-STS:task_state": "resize_prep"}),
        (3.0, {"status": "ACTIVE", "OS-EXT-STS:task_state": None}),
    ]
    wait_for_server(bench.clock, bench.connection, "s", {"ACTIVE"}, timeout=30)
    assert bench.elapsed == 3.0


def test_a_timeout_says_what_is_and_what_was_wanted(bench: Any) -> None:
    bench.cloud.plan = [(0.0, BUILD)]
    with pytest.raises(
        WaitTimeoutError, match=r"after 4.5 s server web \(s\) is BUILD, task spawning; wanted: ACTIVE or SHUTOFF"
    ):
        wait_for_server(bench.clock, bench.connection, "s", {"ACTIVE", "SHUTOFF"}, timeout=4.5, interval=2)
    assert bench.elapsed == 4.5


def test_an_error_ends_the_wait_with_novas_words(bench: Any) -> None:
    bench.cloud.plan = [(0.0, BUILD), (2.0, {"status": "ERROR", "fault": {"message": "No valid host was found. "}})]
    with pytest.raises(WaitError, match=r"is ERROR, fault 'No valid host was found.'; wanted: ACTIVE"):
        wait_for_server(bench.clock, bench.connection, "s", {"ACTIVE"}, timeout=30)
    assert bench.elapsed == 2.0


def test_an_error_can_be_what_is_wanted(bench: Any) -> None:
    bench.cloud.plan = [(0.0, {"status": "ERROR"})]
    assert wait_for_server(bench.clock, bench.connection, "s", {"ERROR"}, timeout=30).status == "ERROR"


def test_a_server_is_waited_for_until_it_is_gone(bench: Any) -> None:
    bench.cloud.plan = [(0.0, {"status": "ACTIVE"}), (2.0, None)]
    wait_for_gone(bench.clock, bench.connection, "s", timeout=30)
    assert bench.elapsed == 2.0


def test_a_server_that_does_not_go_is_named(bench: Any) -> None:
    with pytest.raises(WaitTimeoutError, match=r"after 3 s server web \(s\) is ACTIVE; wanted: gone"):
        wait_for_gone(bench.clock, bench.connection, "s", timeout=3)


def test_the_last_look_is_at_the_deadline(bench: Any) -> None:
    began = bench.clock.now()
    found = wait_for(
        bench.clock, lambda: True if bench.clock.until(began) <= -2.5 else None, lambda: "no", timeout=2.5, interval=2
    )
    assert found is True


def test_no_time_at_all_is_one_look(bench: Any) -> None:
    looks = []
    with pytest.raises(WaitTimeoutError):
        wait_for(bench.clock, lambda: looks.append(1), lambda: "nothing", timeout=0)
    assert len(looks) == 1
