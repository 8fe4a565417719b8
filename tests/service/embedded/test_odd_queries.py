"""Odd numbers and times in the queries and paths of every route are refused, by whichever service."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from pytest_doctor_maint.embedded.caller import Caller
from tests.support.routes import ServedRoute, new_cloud, served_routes

NUMBERS = ("²", "٣", "9" * 4400, "-1", "1_0", "")
TIMES = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")
NUMBER_NAMES = ("limit", "offset", "minRam", "minDisk", "min_ram", "size_min", "resources", "detailed", "vcpus")
TIME_NAMES = ("changes-since", "changes-before", "changed_since", "created_at", "updated_at", "start", "end")
QUERIES = [
    *("&".join(f"{name}={quote(number)}" for name in NUMBER_NAMES) for number in NUMBERS),
    *("&".join(f"{name}={quote(time)}" for name in TIME_NAMES) for time in TIMES),
    *(f"q.field=timestamp&q.op=lt&q.value={quote(text)}" for text in (*NUMBERS, *TIMES)),
    *(f"limit={quote(number)}" for number in NUMBERS),
    *(f"q.field=search_offset&q.value={quote(number)}&q.field=timestamp&q.value=2030-01-01" for number in NUMBERS),
    f"resources=VCPU:{quote('²')}",
    f"resources=VCPU:{'9' * 4400}",
    *(f"{name}=gt:{quote(time)}" for name in ("created_at", "updated_at") for time in TIMES),
    *(f"{name}={quote(time)}" for name in TIME_NAMES for time in TIMES),
]

HEADERS = {"X-Auth-Token": "t", "OpenStack-API-Version": "compute 2.79, placement 1.36"}


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Client]]:
    """Clients of all services, by path; any token is an admin's."""
    with new_cloud() as cloud:
        admin = Caller("u", "admin", cloud.keystone.admin_project_id, "admin", frozenset({"admin"}))
        cloud.keystone.validate = lambda token_id: admin  # type: ignore[method-assign]
        yield {path: Client(app) for path, app in cloud.services().items()}


@pytest.mark.parametrize("route", [route for route in served_routes() if route.method == "GET"], ids=str)
def test_no_query_is_a_server_error(clients: dict[str, Client], route: ServedRoute) -> None:
    for query in QUERIES:
        answer = clients[route.service].get(f"{route.path}?{query}", headers=HEADERS)
        assert answer.status_code < 500 or answer.status_code == 501, query[:80]


@pytest.mark.parametrize("number", NUMBERS[:3])
def test_no_number_in_a_path_is_a_server_error(clients: dict[str, Client], number: str) -> None:
    for route in served_routes():
        path = route.path.replace("example", quote(number)).replace("/1", f"/{quote(number)}")
        answer = clients[route.service].open(path, method=route.method, json={}, headers=HEADERS)
        assert answer.status_code < 500 or answer.status_code == 501, str(route)
