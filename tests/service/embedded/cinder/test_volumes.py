"""Block storage without volumes: what clients ask for before they start, and on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openstack.block_storage.v3._proxy import Proxy
from openstack.connection import Connection
from openstack.exceptions import HttpException

from pytest_doctor_maint.embedded.cinder.routes import ADMIN_LISTS, LISTS
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.simtime.clock import SimulatedClock
from tests.support.embedded_lab import EmbeddedLab


@pytest.fixture
def lab() -> Iterator[EmbeddedLab]:
    clock = SimulatedClock(1)
    made = EmbeddedLab(clock, History(clock.now))
    project = made.cloud.keystone.create_project("blue")
    made.cloud.keystone.create_user("ann", "secret", project.id)
    yield made
    made.stop()
    clock.stop()
    made.join()


@pytest.fixture
def ann(lab: EmbeddedLab) -> Connection:
    """A member of the project ``blue``."""
    return lab.connect("blue", "ann", "secret")


def storage(connection: Connection) -> Proxy:
    proxy = connection.block_storage
    assert isinstance(proxy, Proxy)
    return proxy


def test_a_client_finds_version_3_and_nothing_in_it(ann: Connection) -> None:
    assert ann.has_service("block-storage")
    data = storage(ann).get_endpoint_data()
    assert data is not None
    assert (data.api_version, data.max_microversion) == ((3, 0), (3, 71))
    assert list(storage(ann).volumes()) == list(storage(ann).snapshots()) == list(storage(ann).types()) == []
    assert list(storage(ann).backups()) == []
    assert storage(ann).get_limits().absolute.max_total_volumes == 0


@pytest.mark.parametrize("collection", [*LISTS, *ADMIN_LISTS])
def test_every_list_is_empty(lab: EmbeddedLab, ann: Connection, collection: str) -> None:
    for path in (f"/{collection}", f"/{collection}/detail"):
        assert call(lab.admin.block_storage, "GET", path) == {{**LISTS, **ADMIN_LISTS}[collection]: []}
        if collection in ADMIN_LISTS:
            assert storage(ann).get(path).status_code == 403
    if collection in LISTS:
        for method in ("GET", "PUT", "DELETE"):
            answer = storage(ann).request(f"/{collection}/nothing", method, raise_exc=False)
            assert (answer.status_code, answer.json()["itemNotFound"]["code"]) == (404, 404)


def test_the_quotas_are_zero_and_nothing_is_created(lab: EmbeddedLab, ann: Connection) -> None:
    own, other = str(ann.session.get_project_id()), str(lab.admin.session.get_project_id())
    quotas = call(storage(ann), "GET", f"/os-quota-sets/{own}", usage="True")["quota_set"]
    assert quotas["volumes"] == {"limit": 0, "in_use": 0, "reserved": 0}
    assert call(storage(ann), "GET", f"/os-quota-sets/{own}/defaults")["quota_set"]["gigabytes"] == 0
    assert storage(ann).get(f"/os-quota-sets/{other}").status_code == 403
    with pytest.raises(HttpException, match="VolumeLimitExceeded"):
        storage(ann).create_volume(size=1)
    assert call(storage(ann), "GET", "/volumes/summary")["volume-summary"]["total_count"] == 0
    assert call(lab.admin.block_storage, "GET", "/scheduler-stats/get_pools") == {"pools": []}
    assert call(storage(ann), "GET", "/os-availability-zone")["availabilityZoneInfo"][0]["zoneName"] == "nova"


def test_older_clients_find_it_by_its_old_type_and_with_the_project_in_its_url(ann: Connection) -> None:
    catalog = call(ann.identity, "GET", "/auth/catalog")["catalog"]
    (service,) = [each for each in catalog if each["type"] == "volumev3"]
    (endpoint,) = [each["url"] for each in service["endpoints"] if each["interface"] == "public"]
    assert endpoint.endswith(f"/volume/v3/{ann.session.get_project_id()}")
    assert ann.session.get(f"{endpoint}/volumes/detail").json() == {"volumes": []}


@pytest.mark.parametrize(
    ("asked", "status", "answered"),
    [
        ("", 200, "3.0"),
        ("3.0", 200, "3.0"),
        ("3.71", 200, "3.71"),
        ("latest", 200, "3.71"),
        ("3.72", 406, "3.0"),
        ("2.9", 406, "3.0"),
        ("9999999.1", 406, "3.0"),
        ("3", 400, "3.0"),
        ("3." + "1" * 5000, 400, "3.0"),
    ],
)
def test_a_microversion_is_negotiated(ann: Connection, asked: str, status: int, answered: str) -> None:
    headers = {"OpenStack-API-Version": f"volume {asked}"} if asked else {}
    answer = storage(ann).get("/volumes", headers=headers, raise_exc=False)
    assert answer.status_code == status
    assert answer.headers["OpenStack-API-Version"] == f"volume {answered}"
