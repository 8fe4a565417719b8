"""Fenix in Keystone's catalog."""

from typing import Any

from pytest_doctor_maint.actors.app_manager.base.service import MaintenanceService
from pytest_doctor_maint.openstack.calls import call

DOCTOR = "doctor"


def endpoints(lab: Any) -> list[tuple[str, str]]:
    identity = lab.world.admin.identity
    ids = [service["id"] for service in call(identity, "GET", "/services", type="maintenance")["services"]]
    found = call(identity, "GET", "/endpoints")["endpoints"]
    return [(item["interface"], item["url"]) for item in found if item["service_id"] in ids]


def test_clients_find_it_by_its_service_type(lab: Any) -> None:
    assert endpoints(lab) == [(interface, lab.url) for interface in ("public", "internal", "admin")]
    session = lab.world.app_managers["doctor"].connection.session
    assert session.get_endpoint(service_type="maintenance", region_name="RegionOne") == lab.url
    assert lab.url.endswith("/v1")


def test_it_leaves_the_catalog_when_it_stops(lab: Any) -> None:
    lab.fenix.stop()
    assert endpoints(lab) == []


def test_it_leaves_the_catalog_once_and_may_come_back(lab: Any) -> None:
    lab.fenix.unregister()
    lab.fenix.unregister()
    assert endpoints(lab) == []
    lab.fenix.register()
    assert len(endpoints(lab)) == 3


def test_it_replaces_what_an_earlier_run_left_and_nothing_else(lab: Any) -> None:
    identity = lab.world.admin.identity
    foreign = {"type": "maintenance", "name": "fenix", "description": "the real one"}
    kept = call(identity, "POST", "/services", {"service": foreign})["service"]["id"]
    # As if it had never been stopped.
    lab.fenix._entry._service_id = ""
    lab.fenix.register()
    services = call(identity, "GET", "/services", type="maintenance")["services"]
    assert (len(services), kept in [service["id"] for service in services]) == (2, True)
    assert len(endpoints(lab)) == 3


def test_it_stops_without_a_word_when_keystone_is_gone(lab: Any) -> None:
    lab.world.ground.stop()
    lab.fenix.stop()


def test_an_app_manager_that_was_there_first_finds_it_when_it_is_asked_who_it_is(lab: Any) -> None:
    """Its token, and the catalog that came with it, are older than the admin tool's place there."""
    lab.fenix.unregister()
    service = MaintenanceService(lab.world.app_managers[DOCTOR].connection, lab.world.http)
    assert service.endpoint == ""
    lab.fenix.register()
    assert service.endpoint == ""
    answer = service.request("GET", f"{lab.url}/maintenance/none/{lab.project()}")
    assert (answer.status_code, answer.json()["error"]) == (404, "Invalid session")
    assert service.endpoint == lab.url


def test_a_token_is_given_to_nobody_else_who_asks(lab: Any) -> None:
    lab.fenix.unregister()
    service = MaintenanceService(lab.world.app_managers[DOCTOR].connection, lab.world.http)
    assert service.request("GET", f"{lab.url}/maintenance/none/{lab.project()}").status_code == 401
    assert service.endpoint == ""
