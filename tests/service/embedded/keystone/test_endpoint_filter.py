"""Endpoints and endpoint groups of projects: how they are assigned, and the catalogs that follow from it."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.embedded.keystone.records import Project
from tests.support.json import Json
from tests.support.keystone import IdentityClient

FILTER = "/v3/OS-EP-FILTER"
GROUPS = f"{FILTER}/endpoint_groups"


@pytest.fixture
def group(api: IdentityClient, admin: str) -> str:
    """The id of a group of the public endpoints."""
    body = {"endpoint_group": {"name": "public", "filters": {"interface": "public"}}}
    return str(api.json("POST", GROUPS, body, admin, status=201)["endpoint_group"]["id"])


@pytest.fixture
def alice(api: IdentityClient, project: Project) -> str:
    """A user of the project ``blue``."""
    return api.keystone.create_user("alice", "secret", project.id).id


def catalog(api: IdentityClient) -> Json:
    return api.login("alice", "secret").get_json()["token"]["catalog"]


def endpoint(api: IdentityClient, kind: str, interface: str) -> str:
    services = api.keystone.catalog.services
    return next(
        each.id
        for each in api.keystone.catalog.endpoints.values()
        if (services[each.service_id].type, each.interface) == (kind, interface)
    )


def test_a_group_is_assigned_shown_listed_and_withdrawn(
    api: IdentityClient, admin: str, project: Project, group: str
) -> None:
    path = f"{GROUPS}/{group}/projects/{project.id}"
    api.json("GET", path, token=admin, status=404)
    api.json("DELETE", path, token=admin, status=404)
    assert api.status("PUT", path, token=admin) == 204
    api.json("PUT", path, token=admin, status=409)
    shown = api.json("GET", path, token=admin)["project_endpoint_group"]
    assert shown == {
        "endpoint_group_id": group,
        "project_id": project.id,
        "links": {"self": f"http://localhost{path}"},
    }
    assert api.status("HEAD", path, token=admin) == 200
    projects = api.json("GET", f"{GROUPS}/{group}/projects", token=admin)["projects"]
    assert [each["id"] for each in projects] == [project.id]
    of_project = api.json("GET", f"{FILTER}/projects/{project.id}/endpoint_groups", token=admin)["endpoint_groups"]
    assert [(each["id"], each["description"]) for each in of_project] == [(group, None)]
    in_group = api.json("GET", f"{GROUPS}/{group}/endpoints", token=admin)["endpoints"]
    assert {each["interface"] for each in in_group} == {"public"}
    assert api.json("GET", f"{FILTER}/projects/{project.id}/endpoints", token=admin)["endpoints"] == in_group
    assert api.status("DELETE", path, token=admin) == 204
    assert api.status("HEAD", path, token=admin) == 404


def test_an_endpoint_is_assigned_shown_listed_and_withdrawn(api: IdentityClient, admin: str, project: Project) -> None:
    key = endpoint(api, "compute", "public")
    path = f"{FILTER}/projects/{project.id}/endpoints/{key}"
    assert api.status("HEAD", path, token=admin) == 404
    assert api.status("PUT", path, token=admin) == 204
    assert api.status("PUT", path, token=admin) == 409
    assert api.status("HEAD", path, token=admin) == api.status("GET", path, token=admin) == 204
    projects = api.json("GET", f"{FILTER}/endpoints/{key}/projects", token=admin)["projects"]
    assert [each["name"] for each in projects] == ["blue"]
    assert api.status("DELETE", path, token=admin) == 204
    assert api.status("DELETE", path, token=admin) == 404


def test_only_what_is_assigned_is_in_the_catalog_of_the_project(
    api: IdentityClient, admin: str, project: Project, alice: str, group: str
) -> None:
    everything = catalog(api)
    key = endpoint(api, "compute", "admin")
    api.status("PUT", f"{FILTER}/projects/{project.id}/endpoints/{key}", token=admin)
    assert [(each["type"], [one["id"] for one in each["endpoints"]]) for each in catalog(api)] == [("compute", [key])]
    api.status("PUT", f"{GROUPS}/{group}/projects/{project.id}", token=admin)
    token = api.token("alice", "secret")
    shown = api.json("GET", "/v3/auth/catalog", token=token)["catalog"]
    assert {each["type"]: len(each["endpoints"]) for each in shown} == {
        each["type"]: 2 if each["type"] == "compute" else 1 for each in everything
    }
    # Other projects have all endpoints.
    assert [len(each["endpoints"]) for each in api.json("GET", "/v3/auth/catalog", token=api.admin)["catalog"]] == [
        len(each["endpoints"]) for each in everything
    ]
    api.status("DELETE", f"/v3/endpoints/{key}", token=admin)
    api.status("DELETE", f"{GROUPS}/{group}", token=admin)
    left = sum(len(each["endpoints"]) for each in catalog(api))
    assert left == sum(len(each["endpoints"]) for each in everything) - 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_does_not_exist_is_not_assigned(
    api: IdentityClient, admin: str, project: Project, group: str, method: str
) -> None:
    key = endpoint(api, "compute", "public")
    for path in (
        f"{GROUPS}/nothing/projects/{project.id}",
        f"{GROUPS}/{group}/projects/nothing",
        f"{FILTER}/projects/nothing/endpoints/{key}",
        f"{FILTER}/projects/{project.id}/endpoints/nothing",
    ):
        assert api.status(method, path, token=admin) == 404


def test_assigning_is_for_admins(api: IdentityClient, project: Project, alice: str, group: str) -> None:
    token = api.token("alice", "secret")
    for path in (f"{GROUPS}/{group}/projects/{project.id}", f"{FILTER}/projects/{project.id}/endpoints/x"):
        for method in ("GET", "PUT", "DELETE"):
            assert api.status(method, path, token=token) == 403


def test_a_refused_endpoint_leaves_no_region(api: IdentityClient) -> None:
    """With the old field ``region`` a missing region is created, and only together with the endpoint."""
    service, endpoint = (
        next(iter(api.json("GET", f"/v3/{kind}", token=api.admin)[kind])) for kind in ("services", "endpoints")
    )
    unknown = {"service_id": "unknown", "interface": "public", "url": "http://a/", "region": "new"}
    for method, path in (("POST", "/v3/endpoints"), ("PATCH", f"/v3/endpoints/{endpoint['id']}")):
        assert api.status(method, path, {"endpoint": unknown}, api.admin) == 400
        assert api.status("GET", "/v3/regions/new", token=api.admin) == 404
    made = api.json("POST", "/v3/endpoints", {"endpoint": {**unknown, "service_id": service["id"]}}, api.admin)
    assert made["endpoint"]["region_id"] == "new"
    assert api.status("GET", "/v3/regions/new", token=api.admin) == 200
