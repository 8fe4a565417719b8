"""Many runs in one process leave nothing behind."""

from __future__ import annotations

import gc
import os
import threading

import pytest

from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

#: The number of runs on each wire.
RUNS = {"socket": 30, "memory": 170}


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.realtime(seconds=60)
def test_200_runs_leave_no_thread_and_no_socket() -> None:
    scenarios = {wire: Scenario(TestbedSettings(wire=wire)).on(3).with_one_empty_compute() for wire in RUNS}
    for scenario in scenarios.values():
        scenario.carry_out()
    gc.collect()
    threads, files = threading.active_count(), open_files()
    for wire, runs in RUNS.items():
        for _ in range(runs):
            scenarios[wire].carry_out()
        # Before the garbage collector runs: what only the collector closes was not closed in time.
        assert (threading.active_count(), open_files()) == (threads, files), threading.enumerate()
