"""OpenStack does not show whether a guest answers: the observer derives it from the state of the server."""

from pytest_doctor_maint.history import kinds
from tests.support.observed_cloud import ObservedCloud

UP_AND_REASON = ("up", "reason")


def test_a_guest_is_up_once_its_server_is_active(lab: ObservedCloud) -> None:
    lab.observer.start()
    server_id = lab.boot()
    assert lab.of(kinds.GUEST) == [{"server_id": server_id, "up": True, "reason": "derived: Nova says ACTIVE"}]
    assert lab.seen.of(kinds.GUEST)[0].at == lab.seen.of(kinds.SERVER, status="ACTIVE")[0].at


def test_a_guest_is_down_while_its_server_is_resized(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    lab.observer.start()
    lab.act(server_id, "migrate")
    lab.clock.sleep(20)
    lab.act(server_id, "confirmResize", by="doctor")
    lab.clock.sleep(5)
    assert lab.column(kinds.GUEST, *UP_AND_REASON) == [
        (True, "derived: Nova says ACTIVE"),
        (False, "derived: Nova says RESIZE"),
        (True, "derived: Nova says VERIFY_RESIZE"),
    ]
    assert [event.data["up"] for event in lab.reported.of(kinds.GUEST)] == [True, False, True]
    # Recorded at most one look after it happened.
    both = zip(lab.seen.of(kinds.GUEST), lab.reported.of(kinds.GUEST), strict=True)
    late = [seen.at - reported.at for seen, reported in both]
    assert all(0 <= each.total_seconds() <= 0.5 for each in late[1:])


def test_a_guest_stays_up_while_its_server_is_live_migrated(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    lab.observer.start()
    lab.live_migrate(server_id)
    lab.clock.sleep(20)
    assert "MIGRATING" in lab.column(kinds.SERVER, "status")
    assert lab.column(kinds.GUEST, "up") == [True]


def test_a_guest_is_down_with_its_compute(lab: ObservedCloud) -> None:
    server_id, spared = lab.boot("one"), lab.boot("two")
    host = lab.host_of(server_id)
    assert lab.host_of(spared) != host
    lab.observer.start()
    lab.service(host, forced_down=True)
    lab.clock.sleep(1)
    lab.service(host, forced_down=False)
    lab.clock.sleep(1)
    assert [tuple(each.values()) for each in lab.of(kinds.GUEST, server_id=server_id)] == [
        (server_id, True, "derived: Nova says ACTIVE"),
        (server_id, False, f"derived: Nova says ACTIVE, {host} is down"),
        (server_id, True, "derived: Nova says ACTIVE"),
    ]
    assert len(lab.of(kinds.GUEST, server_id=spared)) == 1


def test_a_guest_is_down_when_its_server_is_stopped_or_gone(lab: ObservedCloud) -> None:
    server_id = lab.boot()
    lab.observer.start()
    lab.act(server_id, "os-stop", by="doctor")
    lab.clock.sleep(10)
    lab.act(server_id, "os-start", by="doctor")
    lab.clock.sleep(10)
    lab.delete(server_id)
    lab.clock.sleep(10)
    assert lab.column(kinds.GUEST, *UP_AND_REASON) == [
        (True, "derived: Nova says ACTIVE"),
        (False, "derived: Nova says SHUTOFF"),
        (True, "derived: Nova says ACTIVE"),
        (False, "derived: Nova says DELETED"),
    ]


def test_a_guest_that_never_was_up_is_not_recorded(lab: ObservedCloud) -> None:
    lab.observer.start()
    server_id = lab.boot(wait=0.6)
    assert lab.column(kinds.SERVER, "status") == ["BUILD"]
    lab.delete(server_id)
    lab.clock.sleep(10)
    assert lab.of(kinds.GUEST) == []
