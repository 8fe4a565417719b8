"""What was there at the first look, and is not as it should be, is nobody's fault."""

from __future__ import annotations

from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.alarms import unsubscribe
from pytest_doctor_maint.openstack.calls import call
from tests.support.observed_cloud import ObservedCloud


def test_an_alarm_that_was_there_is_neither_made_nor_deleted(lab: ObservedCloud) -> None:
    there = lab.alarm("billing")
    lab.observer.start()
    made = lab.alarm("maintenance")
    lab.observer.look()
    unsubscribe(lab.users["doctor"], there)
    lab.observer.look()
    assert lab.column(kinds.ALARM_CREATED, "alarm_id") == [made]
    assert lab.of(kinds.ALARM_DELETED) == []


def test_a_compute_that_was_not_in_use_is_left_out_and_one_that_changes_is_not(lab: ObservedCloud) -> None:
    nova = lab.cloud.nova
    nova.set_service(nova.computes["compute-1"], status="disabled")
    lab.observer.start()
    nova.set_service(nova.computes["compute-2"], status="disabled")
    lab.observer.look()
    nova.set_service(nova.computes["compute-1"], status="enabled")
    lab.observer.look()
    assert {str(host) for host in lab.column(kinds.COMPUTE, "host")} == {"compute-2", "compute-3"}
    assert lab.column(kinds.COMPUTE, "host", "status")[-1] == ("compute-2", "disabled")


def test_a_server_that_did_not_run_is_left_out(lab: ObservedCloud) -> None:
    stopped, runs = lab.boot("stopped"), lab.boot("runs")
    call(lab.users["doctor"].compute, "POST", f"/servers/{stopped}/action", {"os-stop": None})
    lab.clock.sleep(60)
    lab.observer.start()
    call(lab.users["doctor"].compute, "POST", f"/servers/{runs}/action", {"os-stop": None})
    lab.clock.sleep(60)
    assert {str(server) for server in lab.column(kinds.SERVER, "server_id")} == {runs}
    assert lab.of(kinds.SERVER)[-1]["status"] == "SHUTOFF", "one that stops during the run is somebody's"
    assert {str(server) for server in lab.column(kinds.GUEST, "server_id")} == {runs}
