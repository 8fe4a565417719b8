"""Fenix's workflows over HTTP: states, times and notifications, and what a failed session restores."""

import pytest

from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.app_manager import AppManager
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.protocol import Step, from_wire
from tests.support.fenix import MakeLab

PROMPT = Policy()


def test_every_message_says_when_its_reply_is_due(make_lab: MakeLab) -> None:
    lab = make_lab(instances=6, policy=PROMPT)
    session_id = lab.begin()
    assert lab.end_of(session_id)["state"] == "MAINTENANCE_DONE"
    windows = {
        "MAINTENANCE": 20,
        "SCALE_IN": 60,
        "PREPARE_MAINTENANCE": 20,
        "PLANNED_MAINTENANCE": 20,
        "MAINTENANCE_COMPLETE": 60,
    }
    messages = lab.sent()
    assert {event.data["state"] for event in messages} == {*windows, "INSTANCE_ACTION_DONE"}
    for event in messages:
        word, data = event.data["state"], event.data
        assert data["session_id"] == session_id
        assert data["reply_url"] == f"http://admin_tool/v1/maintenance/{session_id}/{lab.project()}"
        if word == "INSTANCE_ACTION_DONE":
            assert (data["actions_at"], data["reply_at"], dict(data["metadata"])) == (None, None, {})
            assert (len(data["instance_ids"]), isinstance(data["instance_ids"], tuple)) == (1, True)
            continue
        left = (from_wire(data["reply_at"]) - event.at).total_seconds()
        assert windows[word] <= left < windows[word] + 1
        assert dict(data["metadata"]) == {"openstack_version": "2026.1"}
        assert data["instance_ids"] == data["reply_url"]
        if word == "MAINTENANCE":
            start = lab.testbed.history.of("session.created")[0].data["maintenance_at"]
            assert data["actions_at"] == start > data["reply_at"]
        else:
            assert data["actions_at"] == data["reply_at"]


def test_the_operator_sets_the_windows_by_fenixs_names(make_lab: MakeLab) -> None:
    lab = make_lab(FenixSettings(project_maintenance_reply=40.0, project_scale_in_reply=90.0), instances=4)
    windows = lab.testbed.history.of("run.started")[0].data["windows"]
    assert (windows["PLANNED_MAINTENANCE"], windows["MAINTENANCE_COMPLETE"], windows["DOWN_SCALE"]) == (40, 90, 90)
    # The reply to MAINTENANCE is due at the start at the latest, whatever its window.
    lab.begin()
    assert lab.sent()[0].data["reply_at"] == lab.sent()[0].data["actions_at"]


def test_the_admin_is_notified_of_every_change_of_state(make_lab: MakeLab) -> None:
    lab = make_lab(instances=6, policy=PROMPT)
    session_id = lab.begin()
    lab.end_of(session_id)
    assert lab.session_states(session_id) == [
        ("MAINTENANCE", 0),
        ("SCALE_IN", 0),
        ("PREPARE_MAINTENANCE", 0),
        ("START_MAINTENANCE", 0),
        ("PLANNED_MAINTENANCE", 33),
        ("PLANNED_MAINTENANCE", 66),
        ("MAINTENANCE_COMPLETE", 99),
        ("MAINTENANCE_DONE", 100),
    ]
    notifications = lab.sent("maintenance.session")
    assert {event.data["project_id"] for event in notifications} == {lab.testbed.admin.session.get_project_id()}


@pytest.mark.parametrize("step", [Step.MAINTENANCE, Step.PLANNED_MAINTENANCE, Step.MAINTENANCE_COMPLETE])
@pytest.mark.parametrize("how", ["refuse", "ignore"])
def test_a_project_that_refuses_or_is_silent_fails_the_session_and_everything_is_put_back(
    make_lab: MakeLab, step: Step, how: str
) -> None:
    lab = make_lab(instances=4, policy=Policy(refuse=[step]) if how == "refuse" else Policy(ignore=[step]))
    session_id = lab.begin()
    shown = lab.end_of(session_id)
    assert shown["state"] == "MAINTENANCE_FAILED"
    assert ("replied NACK_" if how == "refuse" else f"did not reply to {step}") in shown["reason"]
    assert set(lab.services().values()) == {"enabled"}
    assert lab.session_states(session_id)[-1][0] == "MAINTENANCE_FAILED"
    broken = {
        verdict.claim
        for verdict in judge(lab.testbed.history, ["failed_sessions_put_everything_back"]).verdicts
        if verdict.violations
    }
    assert broken == set()


@pytest.mark.parametrize("after", [5.0, 35.0, 100.0, 150.0])
@pytest.mark.parametrize(("workflow", "app_manager"), [("default", AppManager), ("vnf", Vnfm)], ids=["default", "vnf"])
def test_a_session_that_is_deleted_while_it_runs_puts_everything_back(
    make_lab: MakeLab, workflow: str, app_manager: type[AppManager], after: float
) -> None:
    lab = make_lab(instances=4, policy=PROMPT, app_manager=app_manager)
    session_id = lab.begin(workflow=workflow)
    lab.clock.sleep(after)
    assert lab.call("DELETE", f"/maintenance/{session_id}").status_code == 200
    # A move and the work on a compute may end.
    lab.clock.sleep(120)
    assert lab.call("GET", f"/maintenance/{session_id}").status_code == 404
    assert set(lab.services().values()) == {"enabled"}
    assert lab.session_states(session_id)[-1][0] == "MAINTENANCE_FAILED"
    hosts = [(event.data["host"], event.data["state"]) for event in lab.sent("maintenance.host")]
    assert all((host, "MAINTENANCE_COMPLETE") in hosts for host, state in hosts)
    statuses = {event.data["server_id"]: event.data["status"] for event in lab.testbed.history.of("server")}
    assert set(statuses.values()) == {"ACTIVE"}
    # The computes are free for another session.
    assert lab.call("POST", "/maintenance", lab.request()).status_code == 200


def test_a_session_that_waits_for_a_reply_can_be_deleted_at_once(make_lab: MakeLab) -> None:
    lab = make_lab(instances=4)
    session_id = lab.begin()
    lab.call("DELETE", f"/maintenance/{session_id}")
    lab.clock.sleep(0.5)
    assert lab.call("GET", f"/maintenance/{session_id}").status_code == 404


@pytest.mark.parametrize(
    ("seconds", "state"), [(295, "MAINTENANCE_DONE"), (305, "MAINTENANCE_FAILED")], ids=["in time", "too late"]
)
def test_a_compute_must_report_again_within_five_minutes_of_the_work(
    make_lab: MakeLab, seconds: float, state: str
) -> None:
    # given: work of two minutes, during which the compute is switched off
    lab = make_lab(FenixSettings(work_seconds=120))
    session_id = lab.begin(hosts=["compute-1"])
    lab.clock.sleep(60)
    lab.testbed.computes.power_off("compute-1")
    # when: it is switched on some time after the end of the work
    lab.clock.sleep(90 + seconds)
    lab.testbed.computes.power_on("compute-1")
    # then
    shown = lab.end_of(session_id)
    assert shown["state"] == state
    if state == "MAINTENANCE_FAILED":
        assert shown["reason"].startswith("after 300 s compute-1 is not up again after its maintenance")
