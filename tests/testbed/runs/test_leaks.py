"""Many scenarios in one process leave nothing behind."""

import gc
import os
import threading

import pytest

from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings

SCENARIOS = 200


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.realtime(seconds=100)
def test_200_scenarios_leave_no_thread_and_no_socket() -> None:
    scenario = Scenario(TestbedSettings()).on(3).with_one_empty_compute()
    scenario.carry_out()
    gc.collect()
    threads, files = threading.active_count(), open_files()
    for _ in range(SCENARIOS):
        scenario.carry_out()
    # Before the collector runs: what is left to it is not given back in time.
    assert (threading.active_count(), open_files()) == (threads, files), threading.enumerate()
