"""Fenix adds itself to Keystone's catalog and leaves it again, and clients find it there."""

from pytest_doctor_maint.actors.admin_tool.fenix.catalog import CatalogEntry
from pytest_doctor_maint.actors.app_manager.base.service import MaintenanceService
from pytest_doctor_maint.openstack.calls import call
from tests.support.fenix import DOCTOR, Lab


def endpoints(lab: Lab) -> list[tuple[str, str]]:
    identity = lab.testbed.admin.identity
    ids = [service["id"] for service in call(identity, "GET", "/services", type="maintenance")["services"]]
    found = call(identity, "GET", "/endpoints")["endpoints"]
    return [(item["interface"], item["url"]) for item in found if item["service_id"] in ids]


def test_clients_find_it_by_its_service_type(lab: Lab) -> None:
    assert endpoints(lab) == [(interface, lab.url) for interface in ("public", "internal", "admin")]
    session = lab.connection(DOCTOR).session
    assert session.get_endpoint(service_type="maintenance", region_name="RegionOne") == lab.url
    assert lab.url.endswith("/v1")


def test_it_leaves_the_catalog_when_it_stops(lab: Lab) -> None:
    lab.fenix.stop()
    assert endpoints(lab) == []


def test_it_leaves_the_catalog_once_and_may_come_back(lab: Lab) -> None:
    lab.fenix.unregister()
    lab.fenix.unregister()
    assert endpoints(lab) == []
    lab.fenix.register()
    assert len(endpoints(lab)) == 3


def test_it_replaces_what_an_earlier_run_left_and_nothing_else(lab: Lab) -> None:
    # given: the entry of an installed Fenix, and one of ours that was never removed
    identity = lab.testbed.admin.identity
    foreign = {"type": "maintenance", "name": "fenix", "description": "the real one"}
    kept = call(identity, "POST", "/services", {"service": foreign})["service"]["id"]
    entry = CatalogEntry(lab.testbed.admin, lab.url)
    # when
    entry.add()
    # then
    services = call(identity, "GET", "/services", type="maintenance")["services"]
    assert (len(services), kept in [service["id"] for service in services]) == (2, True)
    assert len(endpoints(lab)) == 3


def test_it_stops_without_an_error_when_keystone_is_gone(lab: Lab) -> None:
    lab.testbed.cloud.stop()
    lab.fenix.stop()


def test_an_app_manager_that_was_there_first_finds_it_when_it_must_authenticate(lab: Lab) -> None:
    """Its token, and the catalog in the token, are older than the entry of the admin tool."""
    lab.fenix.unregister()
    service = MaintenanceService(lab.connection(DOCTOR), lab.testbed.http)
    assert service.endpoint == ""
    lab.fenix.register()
    assert service.endpoint == ""
    answer = service.request("GET", f"{lab.url}/maintenance/none/{lab.project()}")
    assert (answer.status_code, answer.json()["error"]) == (404, "Invalid session")
    assert service.endpoint == lab.url


def test_a_token_is_sent_to_no_other_server(lab: Lab) -> None:
    lab.fenix.unregister()
    service = MaintenanceService(lab.connection(DOCTOR), lab.testbed.http)
    assert service.request("GET", f"{lab.url}/maintenance/none/{lab.project()}").status_code == 401
    assert service.endpoint == ""
