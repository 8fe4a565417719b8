"""When the observer looks at the cloud, how many requests it sends, and which times it records."""

from datetime import timedelta

import pytest

from pytest_doctor_maint.attach.observer import ACTOR, Observer
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.simtime.moments import parse_moment
from tests.support.observed_cloud import ObservedCloud

SERVICES = "/compute/v2.1/os-services"


def look(lab: ObservedCloud) -> int:
    """Look once, and return how often the cloud was asked for its computes."""
    lab.tap.asked.clear()
    lab.observer.look()
    return int(lab.tap.asked.count(SERVICES))


def set_service(lab: ObservedCloud, host: str, status: str) -> None:
    """Change the status of a compute without a request."""
    nova = lab.cloud.nova
    nova.set_service(nova.computes[host], status=status)


def test_it_looks_when_it_starts_and_then_again_and_again(lab: ObservedCloud) -> None:
    lab.clock.sleep(1)
    began = lab.clock.now()
    lab.observer.start()
    assert {event.at for event in lab.seen} == {began}
    assert {event.actor for event in lab.seen} == {ACTOR}
    lab.clock.sleep(0.6)
    set_service(lab, "compute-1", "disabled")
    lab.clock.sleep(0.39)
    assert lab.of(kinds.COMPUTE, status="disabled") == []
    lab.clock.sleep(0.02)
    (disabled,) = lab.seen.of(kinds.COMPUTE, status="disabled")
    assert disabled.at == began + timedelta(seconds=1)


def test_since_is_the_start_of_the_look_before(lab: ObservedCloud) -> None:
    made = lab.clock.now()
    lab.clock.sleep(0.25)
    began = lab.clock.now()
    lab.observer.start()
    assert [parse_moment(event.data["since"]) for event in lab.seen] == [made] * 3
    lab.clock.sleep(2.1)
    set_service(lab, "compute-1", "disabled")
    lab.clock.sleep(0.5)
    (disabled,) = lab.seen.of(kinds.COMPUTE, status="disabled")
    assert parse_moment(disabled.data["since"]) == began + timedelta(seconds=2)
    assert disabled.data["since"].endswith("+00:00")


def test_a_look_in_between_shortens_the_time_since(lab: ObservedCloud) -> None:
    lab.observer.start()
    lab.clock.sleep(0.2)
    lab.observer.look()
    looked = lab.clock.now()
    lab.clock.sleep(0.1)
    set_service(lab, "compute-1", "disabled")
    lab.observer.look()
    (disabled,) = lab.seen.of(kinds.COMPUTE, status="disabled")
    assert parse_moment(disabled.data["since"]) == looked
    assert disabled.at == looked + timedelta(seconds=0.1)


def test_a_long_look_is_stamped_with_its_end_and_the_next_with_its_beginning(lab: ObservedCloud) -> None:
    lab.observer.every = 10.0
    lab.observer.start()
    began = lab.clock.now()

    def dawdle(path: str) -> None:
        if path == SERVICES:
            lab.clock.sleep(1)

    lab.clock.sleep(2)
    lab.tap.before = dawdle
    set_service(lab, "compute-1", "disabled")
    lab.observer.look()
    lab.tap.before = lambda path: None
    set_service(lab, "compute-2", "disabled")
    lab.observer.look()
    first, second = lab.seen.of(kinds.COMPUTE, status="disabled")
    # It found a change, and sent all requests again to confirm it.
    assert first.at == began + timedelta(seconds=4)
    assert parse_moment(first.data["since"]) == began
    assert parse_moment(second.data["since"]) == began + timedelta(seconds=2)


def test_a_steady_cloud_is_asked_once_a_look(lab: ObservedCloud) -> None:
    lab.boot()
    lab.observer.start()
    assert [look(lab) for _ in range(3)] == [1, 1, 1]


def test_a_cloud_that_has_changed_is_asked_until_it_says_the_same_twice(lab: ObservedCloud) -> None:
    lab.observer.start()
    set_service(lab, "compute-1", "disabled")
    assert look(lab) == 2
    assert look(lab) == 1


def test_what_is_recorded_was_true_at_one_moment(lab: ObservedCloud) -> None:
    """A compute is disabled and an alarm deleted between two requests: neither is recorded without the other."""
    lab.observer.every = 100.0
    lab.observer.start()
    # An alarm that was there at the first poll is left out.
    alarm_id = lab.alarm()
    lab.observer.look()
    aodh = lab.cloud.aodh
    lab.alarm("new")

    def change(path: str) -> None:
        if path.endswith("/v2/alarms"):
            lab.tap.before = lambda path: None
            set_service(lab, "compute-1", "disabled")
            aodh.delete(aodh.alarms[alarm_id])

    lab.tap.before = change
    # Once before the change, once after it, and once more to confirm it.
    assert look(lab) == 3
    assert lab.of(kinds.COMPUTE, status="disabled") != []
    assert lab.of(kinds.ALARM_DELETED) != []


def test_a_cloud_that_keeps_changing_is_recorded_as_it_is_at_the_last_look(lab: ObservedCloud) -> None:
    lab.observer.every = 100.0
    lab.observer.start()
    nova = lab.cloud.nova

    def restless(path: str) -> None:
        if path == SERVICES:
            flipped = "enabled" if nova.computes["compute-1"].status == "disabled" else "disabled"
            set_service(lab, "compute-1", flipped)

    lab.tap.before = restless
    assert look(lab) == 6
    assert lab.column(kinds.COMPUTE, "status", host="compute-1") == ["enabled"]
    set_service(lab, "compute-2", "disabled")
    assert look(lab) == 6
    assert lab.column(kinds.COMPUTE, "status", host="compute-2") == ["enabled", "disabled"]


def test_nothing_is_looked_at_before_the_start(lab: ObservedCloud) -> None:
    assert look(lab) == 0
    assert len(lab.seen) == 0


def test_when_it_stops_it_looks_for_the_last_time(lab: ObservedCloud) -> None:
    lab.observer.start()
    lab.clock.sleep(0.1)
    set_service(lab, "compute-1", "disabled")
    lab.observer.stop()
    assert lab.column(kinds.COMPUTE, "status", host="compute-1") == ["enabled", "disabled"]
    set_service(lab, "compute-1", "enabled")
    lab.clock.sleep(5)
    assert look(lab) == 0
    assert len(lab.of(kinds.COMPUTE)) == 4


def test_when_it_is_abandoned_it_looks_no_more(lab: ObservedCloud) -> None:
    lab.observer.start()
    lab.clock.sleep(0.1)
    set_service(lab, "compute-1", "disabled")
    lab.observer.abandon()
    lab.tap.asked.clear()
    lab.clock.sleep(5)
    lab.observer.stop()
    assert lab.tap.asked == []
    assert len(lab.of(kinds.COMPUTE)) == 3


def test_looks_at_the_same_time_record_a_change_once(lab: ObservedCloud) -> None:
    lab.observer.start()
    set_service(lab, "compute-1", "disabled")
    tasks = [lab.clock.spawn(lab.observer.look, f"looker {number}") for number in range(3)]
    for task in tasks:
        task.join()
    assert len(lab.of(kinds.COMPUTE, status="disabled")) == 1


def test_a_refusal_is_raised_to_the_caller(lab: ObservedCloud) -> None:
    from openstack.exceptions import ForbiddenException

    observer = Observer(lab.clock, lab.seen, lab.users["doctor"])
    with pytest.raises(ForbiddenException):
        observer.start()
    assert len(lab.seen) == 0
