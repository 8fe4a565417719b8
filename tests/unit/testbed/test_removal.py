"""What is removed after a run, and what is listed with the command that removes it."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator

import pytest

from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.servers import list_servers
from pytest_doctor_maint.openstack.waiters import wait_for_server
from pytest_doctor_maint.testbed.projects import ProjectAccess
from pytest_doctor_maint.testbed.removal import Step, project_steps, remove
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt: a shell starts its background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def fail() -> None:
    raise ConnectionRefusedError(111, "Connection refused")


def test_what_cannot_be_removed_is_listed_and_the_rest_is_removed() -> None:
    removed, left = [], list[str]()
    steps = [
        Step("the alarm\x1b[2J", fail, "openstack alarm delete ID"),
        Step("the project", lambda: removed.append("the project"), "openstack project delete ID"),
    ]
    remove(steps, "lab", left, patience=60.0)
    assert removed == ["the project"]
    assert left == [
        "the alarm\\x1b[2J could not be removed from lab: Connection refused; remove it with: openstack alarm delete ID"
    ]


def test_a_second_interrupt_ends_the_removal_and_lists_what_is_left(interruptible: None) -> None:
    left, is_over = list[str](), threading.Event()

    def hang() -> None:
        _thread.interrupt_main()
        is_over.wait()

    steps = [
        Step("the alarm", lambda: None, "openstack alarm delete ID"),
        Step("the project doctor", hang, "openstack project delete ID"),
    ]
    with pytest.raises(KeyboardInterrupt):
        remove(steps, "lab", left, patience=60.0)
    is_over.set()
    assert left == [
        "the project doctor could not be removed from lab: the removal was interrupted; remove it with: "
        "openstack project delete ID"
    ]


def test_a_service_that_hangs_does_not_keep_the_run() -> None:
    left, is_over = list[str](), threading.Event()
    remove([Step("the flavor", is_over.wait, "openstack flavor delete ID")], "lab", left, patience=0.01)
    is_over.set()
    assert left == [
        "the flavor could not be removed from lab: not within 0.01 s; remove it with: openstack flavor delete ID"
    ]


def test_a_move_in_the_project_of_an_app_manager_elsewhere_is_confirmed_or_named() -> None:
    scenario = Scenario(TestbedSettings(wire="memory")).on(3).with_empty_computes(2)
    with Testbed(scenario.topology, scenario.settings) as testbed:
        testbed.deploy()
        first, second = list_servers(testbed.admin, all_tenants=1)
        project = ProjectAccess(first.project_id, "vnf", "")
        (step,) = project_steps(testbed.admin, [project], is_ours=False)

        def act(server_id: str, action: str) -> None:
            call(testbed.admin.compute, "POST", f"/servers/{server_id}/action", {action: None})

        act(first.id, "migrate")
        wait_for_server(testbed.clock, testbed.admin, first.id, {"VERIFY_RESIZE"}, timeout=60)
        act(second.id, "migrate")
        with pytest.raises(RuntimeError, match=rf"^{second.name} \({second.id}\) is RESIZE$"):
            step.remove()
        wait_for_server(testbed.clock, testbed.admin, first.id, {"ACTIVE"}, timeout=60)
        wait_for_server(testbed.clock, testbed.admin, second.id, {"VERIFY_RESIZE"}, timeout=60)
        step.remove()
        wait_for_server(testbed.clock, testbed.admin, second.id, {"ACTIVE"}, timeout=60)
        testbed.withdraw()
    assert "openstack server resize confirm ID" in step.command
