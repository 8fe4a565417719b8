from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_doctor_maint.claims.availability import all_down, guest_outages, services
from pytest_doctor_maint.history import Event, frozen

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def events(*told: tuple[float, str, dict[str, Any]]) -> list[Event]:
    return [
        Event(number, EPOCH + timedelta(seconds=at), "cloud", kind, frozen(data))
        for number, (at, kind, data) in enumerate(told, start=1)
    ]


def guest(at: float, name: str, up: bool, reason: str = "migration") -> tuple[float, str, dict[str, Any]]:
    return at, "guest", {"server_id": name, "up": up, "reason": reason}


def leads(at: float, name: str | None, address: str = "10.0.0.9") -> tuple[float, str, dict[str, Any]]:
    data = {"floating_ip_id": f"fip-{address}", "address": address, "project_id": "p", "server_id": name}
    return at, "floating_ip", data


def deleted(at: float, name: str) -> tuple[float, str, dict[str, Any]]:
    return at, "server", {"server_id": name, "name": name, "status": "DELETED"}


def end(at: float) -> tuple[float, str, dict[str, Any]]:
    return at, "run.ended", {}


def spans(*told: tuple[float, str, dict[str, Any]]) -> list[tuple[float, float]]:
    (service,) = services(events(*told))
    return [((gap.began.at - EPOCH).total_seconds(), (gap.ended.at - EPOCH).total_seconds()) for gap in service.outages]


def test_before_it_is_first_up_nothing_is_down() -> None:
    assert spans(leads(0, "a"), guest(5, "a", True), end(9)) == []


def test_an_outage_is_as_long_as_its_events_are_apart() -> None:
    assert spans(guest(0, "a", True), leads(0, "a"), guest(3, "a", False), guest(3.25, "a", True), end(9)) == [
        (3, 3.25)
    ]


def test_an_outage_lasts_until_the_end_if_nothing_ends_it() -> None:
    assert spans(guest(0, "a", True), leads(0, "a"), guest(3, "a", False), end(9)) == [(3, 9)]


def test_a_switch_in_one_instant_is_no_outage() -> None:
    assert spans(guest(0, "a", True), guest(0, "b", True), leads(1, "a"), leads(2, None), leads(2, "b"), end(9)) == []


def test_a_switch_to_a_server_that_is_down_is_one() -> None:
    assert spans(guest(0, "a", True), leads(1, "a"), leads(2, "b"), guest(4, "b", True), end(9)) == [(2, 4)]


def test_outages_that_touch_are_one() -> None:
    told = [guest(0, "a", True), leads(0, "a"), guest(1, "a", False), guest(2, "a", True), guest(2, "a", False)]
    assert spans(*told, guest(3, "a", True), end(9)) == [(1, 3)]


def test_who_is_not_behind_the_floating_ip_does_not_matter() -> None:
    assert spans(guest(0, "a", True), guest(0, "b", True), leads(0, "a"), guest(1, "b", False), end(9)) == []


def test_a_deleted_server_is_down() -> None:
    assert spans(guest(0, "a", True), leads(0, "a"), deleted(4, "a"), end(9)) == [(4, 9)]


def test_longest_and_total() -> None:
    told = [guest(0, "a", True), leads(0, "a"), guest(1, "a", False), guest(2, "a", True), guest(4, "a", False)]
    (service,) = services(events(*told, guest(7, "a", True), end(9)))
    assert (service.longest, service.total) == (3, 4)
    assert service.outages[0].reason == "a is down (migration)"


def test_each_floating_ip_is_a_service_of_its_own() -> None:
    told = [guest(0, "a", True), guest(0, "b", True), leads(0, "a"), leads(0, "b", "10.0.0.8"), guest(1, "b", False)]
    found = {service.address: service.total for service in services(events(*told, end(9)))}
    assert found == {"10.0.0.9": 0, "10.0.0.8": 8}


def test_a_floating_ip_that_never_leads_anywhere_is_none() -> None:
    assert services(events(leads(0, None), end(9))) == ()


def test_a_service_that_is_never_up() -> None:
    (service,) = services(events(leads(0, "a"), end(9)))
    assert service.first_up is None
    assert service.outages == ()


def test_guests_have_outages_of_their_own() -> None:
    found = guest_outages(events(guest(0, "a", True), guest(1, "a", False), guest(3, "a", True), end(9)))
    assert [gap.seconds for gap in found["a"]] == [2]


def test_all_down_counts_only_when_no_member_answers() -> None:
    told = [guest(0, "a", True), guest(0, "b", True), guest(1, "a", False), guest(2, "b", False), guest(5, "a", True)]
    (gap,) = all_down(events(*told, end(9)), ["a", "b"])
    assert gap.seconds == 3
    assert gap.reason == "a is down (migration); b is down (migration)"


def test_booting_one_after_the_other_is_no_outage() -> None:
    assert all_down(events(guest(0, "a", True), guest(1, "a", False), guest(2, "b", True), end(9)), ["a", "b"]) == ()
