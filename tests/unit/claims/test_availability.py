"""When a service was down, from events written by hand."""

from __future__ import annotations

from datetime import timedelta

from pytest_doctor_maint.claims.availability import all_down, guest_outages, services
from pytest_doctor_maint.history import Event, frozen
from tests.support.history_builder import EPOCH, Data

#: The seconds of an event, its kind and its data.
Entry = tuple[float, str, Data]


def events(*entries: Entry) -> list[Event]:
    return [
        Event(number, EPOCH + timedelta(seconds=at), "cloud", kind, frozen(data))
        for number, (at, kind, data) in enumerate(entries, start=1)
    ]


def guest(at: float, name: str, up: bool, reason: str = "migration") -> Entry:
    return at, "guest", {"server_id": name, "up": up, "reason": reason}


def leads_to(at: float, name: str | None, address: str = "10.0.0.9") -> Entry:
    data = {"floating_ip_id": f"fip-{address}", "address": address, "project_id": "p", "server_id": name}
    return at, "floating_ip", data


def deleted(at: float, name: str) -> Entry:
    return at, "server", {"server_id": name, "name": name, "status": "DELETED"}


def end(at: float) -> Entry:
    return at, "run.ended", {}


def spans(*entries: Entry) -> list[tuple[float, float]]:
    (service,) = services(events(*entries))
    return [((gap.began.at - EPOCH).total_seconds(), (gap.ended.at - EPOCH).total_seconds()) for gap in service.outages]


def test_before_it_is_first_up_nothing_is_down() -> None:
    assert spans(leads_to(0, "a"), guest(5, "a", True), end(9)) == []


def test_an_outage_is_as_long_as_its_events_are_apart() -> None:
    assert spans(guest(0, "a", True), leads_to(0, "a"), guest(3, "a", False), guest(3.25, "a", True), end(9)) == [
        (3, 3.25)
    ]


def test_an_outage_lasts_until_the_end_if_nothing_ends_it() -> None:
    assert spans(guest(0, "a", True), leads_to(0, "a"), guest(3, "a", False), end(9)) == [(3, 9)]


def test_a_switch_in_one_instant_is_not_an_outage() -> None:
    assert (
        spans(guest(0, "a", True), guest(0, "b", True), leads_to(1, "a"), leads_to(2, None), leads_to(2, "b"), end(9))
        == []
    )


def test_a_switch_to_a_server_that_is_down_is_an_outage() -> None:
    assert spans(guest(0, "a", True), leads_to(1, "a"), leads_to(2, "b"), guest(4, "b", True), end(9)) == [(2, 4)]


def test_outages_that_touch_are_one() -> None:
    entries = [guest(0, "a", True), leads_to(0, "a"), guest(1, "a", False), guest(2, "a", True), guest(2, "a", False)]
    assert spans(*entries, guest(3, "a", True), end(9)) == [(1, 3)]


def test_a_server_that_is_not_behind_the_floating_ip_does_not_matter() -> None:
    assert spans(guest(0, "a", True), guest(0, "b", True), leads_to(0, "a"), guest(1, "b", False), end(9)) == []


def test_a_deleted_server_is_down() -> None:
    assert spans(guest(0, "a", True), leads_to(0, "a"), deleted(4, "a"), end(9)) == [(4, 9)]


def test_a_soft_deleted_server_is_down() -> None:
    at, kind, data = deleted(4, "a")
    entries = [guest(0, "a", True), leads_to(0, "a"), (at, kind, {**data, "status": "SOFT_DELETED"})]
    assert spans(*entries, end(9)) == [(4, 9)]


def test_longest_and_total() -> None:
    entries = [guest(0, "a", True), leads_to(0, "a"), guest(1, "a", False), guest(2, "a", True), guest(4, "a", False)]
    (service,) = services(events(*entries, guest(7, "a", True), end(9)))
    assert (service.longest, service.total) == (3, 4)
    assert service.outages[0].reason == "a is down (migration)"


def test_each_floating_ip_is_a_service() -> None:
    entries = [
        guest(0, "a", True),
        guest(0, "b", True),
        leads_to(0, "a"),
        leads_to(0, "b", "10.0.0.8"),
        guest(1, "b", False),
    ]
    found = {service.address: service.total for service in services(events(*entries, end(9)))}
    assert found == {"10.0.0.9": 0, "10.0.0.8": 8}


def test_a_floating_ip_that_never_leads_to_a_server_is_not_a_service() -> None:
    assert services(events(leads_to(0, None), end(9))) == ()


def test_a_service_that_is_never_up() -> None:
    (service,) = services(events(leads_to(0, "a"), end(9)))
    assert service.first_up is None
    assert service.outages == ()


def test_guests_have_outages_too() -> None:
    found = guest_outages(events(guest(0, "a", True), guest(1, "a", False), guest(3, "a", True), end(9)))
    assert [gap.seconds for gap in found["a"]] == [2]


def test_all_down_counts_only_when_no_member_answers() -> None:
    entries = [
        guest(0, "a", True),
        guest(0, "b", True),
        guest(1, "a", False),
        guest(2, "b", False),
        guest(5, "a", True),
    ]
    (gap,) = all_down(events(*entries, end(9)), {"group": ["a", "b"]})["group"]
    assert gap.seconds == 3
    assert gap.reason == "a is down (migration); b is down (migration)"


def test_booting_one_after_the_other_is_not_an_outage() -> None:
    boots = events(guest(0, "a", True), guest(1, "a", False), guest(2, "b", True), end(9))
    assert all_down(boots, {"group": ["a", "b"]}) == {}


def test_a_group_with_one_member_that_answers_is_not_down() -> None:
    entries = [*(guest(0, name, True) for name in "abc"), guest(1, "a", False), guest(2, "b", False)]
    assert all_down(events(*entries, end(9)), {"group": ["a", "b", "c"]})["group"] == ()


def test_guests_of_others_do_not_matter() -> None:
    entries = [*(guest(0, name, True) for name in "abc"), guest(1, "a", False), guest(2, "b", False)]
    (gap,) = all_down(events(*entries, end(9)), {"group": ["a", "b"]})["group"]
    assert gap.seconds == 7


def test_the_reason_of_an_outage_is_that_of_its_beginning() -> None:
    entries = [guest(0, "a", True), leads_to(0, "a"), leads_to(1, None), leads_to(2, "b"), guest(3, "b", True)]
    (service,) = services(events(*entries, end(9)))
    (gap,) = service.outages
    assert (gap.seconds, gap.reason) == (2, "it leads to no server")


def test_the_reason_may_be_a_guest_that_never_answered() -> None:
    entries = [guest(0, "a", True), leads_to(0, "a"), leads_to(1, "b"), guest(3, "b", True)]
    (service,) = services(events(*entries, end(9)))
    assert service.outages[0].reason == "b is down (it never answered)"


def test_a_deleted_server_is_named_as_the_reason() -> None:
    entries = [guest(0, "a", True), leads_to(0, "a"), deleted(4, "a")]
    (service,) = services(events(*entries, end(9)))
    assert service.outages[0].reason == "a is down (deleted)"
