"""Without a valid token each service except Keystone answers 401, whether or not the route exists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.test import Client, TestResponse

from tests.support.routes import ServedRoute, new_cloud, served_routes

ROUTES = tuple(served_routes())
#: Keystone, which authenticates the caller only after it has found the route, is tested below.
PROTECTED = [each for each in ROUTES if not each.is_public and each.service != "/identity"]
SERVICES = sorted({each.service for each in PROTECTED})

#: Versions that the services refuse with 400 (malformed) and 406 (out of range).
VERSIONS = ("compute 99.0", "compute nonsense", "placement 99.0", "placement nonsense", "compute 2.1", "")


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Client]]:
    """A client of each service, by the service's path."""
    with new_cloud() as cloud:
        yield {path: Client(app) for path, app in cloud.services().items()}


@pytest.fixture(params=["", "nonsense"], ids=["no token", "an unknown token"])
def token(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def send(client: Client, method: str, path: str, token: str, version: str = "", body: bytes = b"") -> TestResponse:
    headers = {"OpenStack-API-Version": version, "Content-Type": "application/json"}
    if token:
        headers["X-Auth-Token"] = token
    return client.open(path, method=method, headers=headers, data=body)


# -- every service except Keystone -------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", PROTECTED, ids=str)
def test_a_route_needs_a_token_whatever_the_method_version_query_and_body(
    clients: dict[str, Client], route: ServedRoute, token: str
) -> None:
    client = clients[route.service]
    for method in (route.method, "GET", "POST", "DELETE", "TRACE"):
        assert send(client, method, route.path, token).status_code == 401
    for version in VERSIONS:
        assert send(client, route.method, route.path, token, version).status_code == 401
    assert send(client, route.method, f"{route.path}?limit=many&marker=", token, body=b"{").status_code == 401


@pytest.mark.parametrize("path", ["/nowhere", "/v2.1/nowhere", "/v2.0/nowhere", "/v2/nowhere", "/v1/", "/%ff"])
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("method", ["GET", "PUT", "NONSENSE"])
def test_a_path_that_does_not_exist_needs_a_token(
    clients: dict[str, Client], service: str, path: str, method: str, token: str
) -> None:
    answer = send(clients[service], method, path, token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Keystone uri=")
    assert answer.headers["x-openstack-request-id"].startswith("req-")


PUBLIC = {
    ("/compute", "/"): 200,
    ("/compute", "/v2"): 200,
    ("/compute", "/v2/"): 200,
    ("/compute", "/v2.1"): 200,
    ("/compute", "/v2.1/"): 200,
    ("/placement", "/"): 200,
    ("/networking", "/"): 200,
    ("/image", "/"): 300,
    ("/image", "/versions"): 200,
    ("/alarming", "/"): 200,
    ("/volume", "/"): 300,
    ("/identity", "/"): 300,
    ("/identity", "/v3"): 200,
    ("/identity", "/v3/"): 200,
}


@pytest.mark.parametrize(("service", "path"), PUBLIC, ids="".join)
@pytest.mark.parametrize("version", VERSIONS)
def test_version_documents_need_no_token(clients: dict[str, Client], service: str, path: str, version: str) -> None:
    assert send(clients[service], "GET", path, "", version).status_code == PUBLIC[service, path]


@pytest.mark.parametrize(("service", "path"), [each for each in PUBLIC if each[0] != "/identity"], ids="".join)
def test_version_documents_are_shown_to_an_unknown_token_too(
    clients: dict[str, Client], service: str, path: str
) -> None:
    assert send(clients[service], "GET", path, "nonsense").status_code == PUBLIC[service, path]
    assert send(clients[service], "DELETE", path, "nonsense").status_code == 405


def test_only_version_documents_and_the_ways_to_a_token_are_public() -> None:
    shown = {(each.service, each.path) for each in ROUTES if each.is_public and each.method in ("GET", "HEAD")}
    # A final slash means nothing, and the path /compute/v2 is an alias of /compute/v2.1.
    paths = {(service, path) for service, path in PUBLIC if path == "/" or path[-1] != "/"}
    assert shown == paths - {("/compute", "/v2")}
    assert {str(each) for each in ROUTES if each.is_public and each.method not in ("GET", "HEAD")} == {
        "POST /identity/v3/auth/tokens",
        "POST /identity/v3/users/example/password",
    }


# -- Keystone ----------------------------------------------------------------------------------------------------------

IDENTITY = [each for each in ROUTES if each.service == "/identity"]


@pytest.mark.parametrize("route", [each for each in IDENTITY if not each.is_public], ids=str)
def test_a_route_of_keystone_needs_a_token(clients: dict[str, Client], route: ServedRoute, token: str) -> None:
    assert send(clients["/identity"], route.method, route.path, token, body=b"{").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/v3/nowhere", 404), ("PUT", "/v3/users", 405), ("DELETE", "/v3", 405)],
)
def test_keystone_searches_the_route_of_a_request_without_a_token_first(
    clients: dict[str, Client], method: str, path: str, status: int
) -> None:
    assert send(clients["/identity"], method, path, "").status_code == status


@pytest.mark.parametrize("path", ["/", "/v3", "/v3/nowhere", "/v3/users", "/v3/auth/tokens"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_keystone_refuses_an_unknown_token_everywhere(clients: dict[str, Client], method: str, path: str) -> None:
    answer = send(clients["/identity"], method, path, "nonsense")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Keystone uri="http://localhost"'
