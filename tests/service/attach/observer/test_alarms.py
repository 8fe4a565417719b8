"""How an observer from outside records alarms."""

from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe
from tests.support.observed_cloud import ObservedCloud


def test_alarms_that_are_made_and_deleted(lab: ObservedCloud) -> None:
    lab.observer.start()
    first, second = lab.alarm("first"), lab.alarm("second")
    lab.clock.sleep(1)
    unsubscribe(lab.users["doctor"], first)
    lab.clock.sleep(5)
    doctor = lab.project("doctor")
    assert sorted(lab.of(kinds.ALARM_CREATED), key=lambda each: str(each["name"])) == [
        {"alarm_id": first, "name": "first", "project_id": doctor, "event_type": "maintenance.scheduled"},
        {"alarm_id": second, "name": "second", "project_id": doctor, "event_type": "maintenance.scheduled"},
    ]
    assert lab.of(kinds.ALARM_DELETED) == [{"alarm_id": first, "project_id": doctor}]
    assert lab.agrees(kinds.ALARM_CREATED) == 2
    assert lab.agrees(kinds.ALARM_DELETED) == 1


def test_alarms_of_others_are_not_looked_at(lab: ObservedCloud) -> None:
    """The project of an alarm decides, not the user who created it."""
    lab.observer.start()
    lab.alarm(by="other")
    doctor = lab.project("doctor")
    for_doctor = subscribe(
        lab.admin, name="by the admin", event_type="maintenance.host", url="http://nowhere.invalid", project_id=doctor
    )
    lab.observer.look()
    assert lab.column(kinds.ALARM_CREATED, "alarm_id", "event_type") == [(for_doctor, "maintenance.host")]


def test_alarms_that_wait_for_no_event_are_passed_over(lab: ObservedCloud) -> None:
    lab.observer.start()
    ours = lab.alarm()
    rule = {
        "metric": "cpu",
        "resource_id": "r",
        "resource_type": "instance",
        "threshold": 1.0,
        "aggregation_method": "mean",
    }
    body = {"name": "busy", "type": "gnocchi_resources_threshold", "gnocchi_resources_threshold_rule": rule}
    answer = lab.users["doctor"].session.post(f"{lab.cloud.url}/alarming/v2/alarms", json=body)
    assert answer.status_code == 201, answer.text
    lab.observer.look()
    assert lab.column(kinds.ALARM_CREATED, "alarm_id") == [ours]
