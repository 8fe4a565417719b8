from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def admin(api: Any) -> str:
    return str(api.admin)


@pytest.fixture
def project(api: Any) -> Any:
    return api.keystone.create_project("blue")


@pytest.fixture
def alice(api: Any, project: Any) -> Any:
    return api.keystone.create_user("alice", "secret", project.id)


COLLECTIONS = [
    ("domains", "domain", {"name": "one"}, {"description": "new"}),
    ("projects", "project", {"name": "one"}, {"description": "new"}),
    ("users", "user", {"name": "one", "password": "x", "email": "one@example.org"}, {"email": "new@example.org"}),
    ("groups", "group", {"name": "one"}, {"description": "new"}),
    ("roles", "role", {"name": "one"}, {"description": "new"}),
    ("regions", "region", {"description": "one"}, {"description": "new"}),
    ("services", "service", {"type": "maintenance", "name": "one"}, {"enabled": False}),
    ("policies", "policy", {"type": "text", "blob": "one"}, {"blob": "new"}),
    ("credentials", "credential", {"type": "cert", "blob": "one"}, {"blob": "new"}),
    ("OS-OAUTH1/consumers", "consumer", {"description": "one"}, {"description": "new"}),
    ("OS-EP-FILTER/endpoint_groups", "endpoint_group", {"name": "one", "filters": {}}, {"description": "new"}),
]


@pytest.mark.parametrize(
    ("collection", "member", "values", "changes"), COLLECTIONS, ids=[row[1] for row in COLLECTIONS]
)
def test_each_resource_is_created_shown_listed_changed_and_deleted(
    api: Any, admin: str, collection: str, member: str, values: dict[str, Any], changes: dict[str, Any]
) -> None:
    made = api.json("POST", f"/v3/{collection}", {member: values}, admin, status=201)[member]
    path = f"/v3/{collection}/{made['id']}"
    assert made["links"]["self"] == f"http://localhost{path}"
    assert all(made[key] == value for key, value in values.items() if key != "password")
    assert "password" not in made
    listed = api.json("GET", f"/v3/{collection}", token=admin)
    assert made["id"] in [each["id"] for each in listed[collection.rpartition("/")[2]]]
    assert set(listed["links"]) == {"self", "previous", "next"}
    api.json("PATCH", path, {member: changes}, admin, status=200)
    shown = api.json("GET", path, token=admin, status=200)[member]
    assert all(shown[key] == value for key, value in changes.items())
    if member == "domain":
        api.json("DELETE", path, token=admin, status=403)
        api.json("PATCH", path, {member: {"enabled": False}}, admin)
    assert api.call("DELETE", path, token=admin).status_code == 204
    for method, body in (("GET", None), ("PATCH", {member: changes}), ("DELETE", None)):
        assert api.json(method, path, body, admin, status=404)["error"]["title"] == "Not Found"


@pytest.mark.parametrize(
    ("collection", "member", "values"),
    [
        ("projects", "project", {"name": ""}),
        ("projects", "project", {"name": "x" * 65}),
        ("projects", "project", {}),
        ("projects", "project", {"name": "x", "enabled": "yes"}),
        ("projects", "project", {"name": "x", "domain_id": "nowhere"}),
        ("projects", "project", {"name": "x", "parent_id": "nowhere"}),
        ("projects", "project", {"name": "x", "tags": ["a", "a"]}),
        ("projects", "project", {"name": "x", "tags": ["a/b"]}),
        ("projects", "project", ["x"]),
        ("users", "user", {"name": 7}),
        ("users", "user", {"name": "x", "password": 7}),
        ("users", "user", {"name": "x", "default_project_id": "default"}),
        ("groups", "group", {"name": None}),
        ("roles", "role", {"name": " "}),
        ("services", "service", {"name": "x"}),
        ("endpoints", "endpoint", {"service_id": "nowhere", "interface": "public", "url": "http://x"}),
        ("endpoints", "endpoint", {"service_id": "nowhere", "interface": "side", "url": "http://x"}),
        ("credentials", "credential", {"type": "ec2", "blob": "no json"}),
        ("credentials", "credential", {"type": "ec2", "blob": '{"access": "a"}'}),
        ("registered_limits", "registered_limits", []),
        ("limits", "limits", [{"service_id": "x"}]),
        ("OS-TRUST/trusts", "trust", {"trustor_user_id": "x"}),
    ],
)
def test_bad_values_are_refused(api: Any, admin: str, collection: str, member: str, values: Any) -> None:
    api.json("POST", f"/v3/{collection}", {member: values}, admin, status=400)
    api.json("POST", f"/v3/{collection}", {}, admin, status=400)
    api.json("POST", f"/v3/{collection}", [], admin, status=400)


@pytest.mark.parametrize("name", ["domains", "projects", "users", "groups", "roles"])
def test_a_name_is_taken_once(api: Any, admin: str, name: str) -> None:
    body = {name[:-1]: {"name": "twice"}}
    api.json("POST", f"/v3/{name}", body, admin, status=201)
    assert api.json("POST", f"/v3/{name}", body, admin, status=409)["error"]["title"] == "Conflict"
    other = api.json("POST", f"/v3/{name}", {name[:-1]: {"name": "other"}}, admin)[name[:-1]]
    api.json("PATCH", f"/v3/{name}/{other['id']}", body, admin, status=409)


def test_another_id_cannot_be_given(api: Any, admin: str, project: Any) -> None:
    api.json("PATCH", f"/v3/projects/{project.id}", {"project": {"id": "other"}}, admin, status=400)


def test_lists_are_filtered(api: Any, admin: str, project: Any) -> None:
    def names(query: str) -> list[str]:
        return [each["name"] for each in api.json("GET", f"/v3/projects?{query}", token=admin)["projects"]]

    api.json("PUT", f"/v3/projects/{project.id}/tags", {"tags": ["gold", "slow"]}, admin)
    assert names("name=blue") == ["blue"]
    assert names("name__contains=lu") == ["blue"]
    assert names("name=none") == []
    assert names("enabled=false") == []
    assert names("is_domain=true") == ["Default"]
    assert names("tags=gold,slow") == ["blue"]
    assert names("not-tags-any=gold") == ["admin"]
    assert names("") == ["admin", "blue"]


def test_long_lists_come_in_pages(api: Any, admin: str, project: Any) -> None:
    first = api.json("GET", "/v3/projects?limit=1", token=admin)
    assert [each["name"] for each in first["projects"]] == ["admin"]
    following = first["links"]["next"].removeprefix("http://localhost")
    second = api.json("GET", following, token=admin)
    assert [each["name"] for each in second["projects"]] == ["blue"]
    assert second["links"]["next"] is None
    api.json("GET", "/v3/projects?limit=many", token=admin, status=400)


def test_project_trees(api: Any, admin: str, project: Any) -> None:
    child = api.json("POST", "/v3/projects", {"project": {"name": "child", "parent_id": project.id}}, admin)["project"]
    assert child["domain_id"] == "default"
    path = f"/v3/projects/{project.id}"
    shown = api.json("GET", f"/v3/projects/{child['id']}?parents_as_ids", token=admin)["project"]
    assert shown["parents"] == {project.id: {"default": None}}
    assert api.json("GET", f"{path}?subtree_as_ids", token=admin)["project"]["subtree"] == {child["id"]: None}
    listed = api.json("GET", f"{path}?subtree_as_list", token=admin)["project"]["subtree"]
    assert [each["project"]["name"] for each in listed] == ["child"]
    api.json("GET", f"{path}?subtree_as_list&subtree_as_ids", token=admin, status=400)
    api.json("DELETE", path, token=admin, status=403)
    api.json("PATCH", path, {"project": {"enabled": False}}, admin, status=403)
    api.json("PATCH", f"/v3/projects/{child['id']}", {"project": {"parent_id": "default"}}, admin, status=403)


def test_tags(api: Any, admin: str, project: Any) -> None:
    path = f"/v3/projects/{project.id}/tags"
    assert api.call("PUT", f"{path}/gold", token=admin).status_code == 201
    assert api.call("HEAD", f"{path}/gold", token=admin).status_code == 204
    assert api.call("HEAD", f"{path}/lead", token=admin).status_code == 404
    assert api.json("GET", path, token=admin)["tags"] == ["gold"]
    assert api.call("DELETE", f"{path}/gold", token=admin).status_code == 204
    assert api.call("DELETE", f"{path}/gold", token=admin).status_code == 404


def test_deleting_a_domain_takes_everything_in_it(api: Any, admin: str) -> None:
    domain = api.json("POST", "/v3/domains", {"domain": {"name": "acme"}}, admin)["domain"]["id"]
    made = {
        name: api.json("POST", f"/v3/{name}s", {name: {"name": "x", "domain_id": domain}}, admin)[name]["id"]
        for name in ("project", "user", "group", "role")
    }
    api.json("PATCH", f"/v3/domains/{domain}", {"domain": {"enabled": False}}, admin)
    assert api.call("DELETE", f"/v3/domains/{domain}", token=admin).status_code == 204
    for name, key in made.items():
        api.json("GET", f"/v3/{name}s/{key}", token=admin, status=404)


def test_membership(api: Any, admin: str, alice: Any) -> None:
    group = api.json("POST", "/v3/groups", {"group": {"name": "crew"}}, admin)["group"]["id"]
    path = f"/v3/groups/{group}/users/{alice.id}"
    assert api.call("HEAD", path, token=admin).status_code == 404
    assert api.call("PUT", path, token=admin).status_code == 204
    assert api.call("HEAD", path, token=admin).status_code == 204
    assert [each["name"] for each in api.json("GET", f"/v3/groups/{group}/users", token=admin)["users"]] == ["alice"]
    assert [each["id"] for each in api.json("GET", f"/v3/users/{alice.id}/groups", token=admin)["groups"]] == [group]
    assert api.call("DELETE", path, token=admin).status_code == 204
    assert api.call("DELETE", path, token=admin).status_code == 404
    assert api.call("PUT", f"/v3/groups/{group}/users/nobody", token=admin).status_code == 404


def test_a_user_changes_its_own_password(api: Any, alice: Any) -> None:
    path = f"/v3/users/{alice.id}/password"
    body = {"user": {"original_password": "wrong", "password": "new"}}
    api.json("POST", path, body, status=401)
    api.json("POST", path, {"user": {"password": "new"}}, status=400)
    assert api.call("POST", path, {"user": {**body["user"], "original_password": "secret"}}).status_code == 204
    api.login("alice", "secret", status=401)
    api.login("alice", "new")


def test_a_new_service_shows_in_the_catalog(api: Any, admin: str, alice: Any) -> None:
    service = api.json("POST", "/v3/services", {"service": {"type": "maintenance", "name": "fenix"}}, admin)["service"]
    endpoint = {
        "service_id": service["id"],
        "interface": "public",
        "region": "RegionTwo",
        "url": "http://fenix.test/v1/$(project_id)s",
    }
    made = api.json("POST", "/v3/endpoints", {"endpoint": endpoint}, admin)["endpoint"]
    assert made["region_id"] == "RegionTwo"
    catalog = api.json("GET", "/v3/auth/catalog", token=api.token("alice", "secret"))["catalog"]
    entry = next(each for each in catalog if each["type"] == "maintenance")
    assert entry["endpoints"][0]["url"] == f"http://fenix.test/v1/{alice.default_project_id}"
    api.json("PATCH", f"/v3/services/{service['id']}", {"service": {"enabled": False}}, admin)
    catalog = api.json("GET", "/v3/auth/catalog", token=admin)["catalog"]
    assert "maintenance" not in [each["type"] for each in catalog]
    api.json("DELETE", "/v3/regions/RegionTwo", token=admin, status=403)
    api.json("DELETE", f"/v3/services/{service['id']}", token=admin)
    api.json("GET", f"/v3/endpoints/{made['id']}", token=admin, status=404)
    api.json("DELETE", "/v3/regions/RegionTwo", token=admin)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v3/users", None),
        ("GET", "/v3/projects", None),
        ("GET", "/v3/domains", None),
        ("GET", "/v3/roles", None),
        ("GET", "/v3/services", None),
        ("GET", "/v3/groups", None),
        ("GET", "/v3/role_assignments", None),
        ("GET", "/v3/policies", None),
        ("POST", "/v3/projects", {"project": {"name": "x"}}),
        ("POST", "/v3/users", {"user": {"name": "x"}}),
        ("DELETE", "/v3/domains/default", None),
    ],
)
def test_an_ordinary_user_may_not(api: Any, alice: Any, method: str, path: str, body: Any) -> None:
    error = api.json(method, path, body, api.token("alice", "secret"), status=403)["error"]
    assert error["title"] == "Forbidden"
    assert api.json(method, path, body, status=401)["error"]["title"] == "Unauthorized"


def test_an_ordinary_user_sees_itself(api: Any, alice: Any) -> None:
    token = api.token("alice", "secret")
    other = api.keystone.directory.user_named("admin", "default")
    api.json("GET", f"/v3/users/{alice.id}", token=token, status=200)
    api.json("GET", f"/v3/users/{alice.id}/projects", token=token, status=200)
    api.json("GET", f"/v3/projects/{alice.default_project_id}", token=token, status=200)
    api.json("GET", "/v3/domains/default", token=token, status=200)
    api.json("GET", "/v3/regions", token=token, status=200)
    api.json("GET", f"/v3/users/{other.id}", token=token, status=403)
    api.json("GET", "/v3/users/nobody", token=token, status=403)
    api.json("GET", f"/v3/projects/{api.keystone.admin_project_id}", token=token, status=403)
    api.json("PATCH", f"/v3/users/{alice.id}", {"user": {"name": "queen"}}, token, status=403)


def test_limits_rest_on_registered_ones(api: Any, admin: str, project: Any, alice: Any) -> None:
    service = next(iter(api.keystone.catalog.services))
    place = {"service_id": service, "resource_name": "servers"}
    limit = {"limits": [{**place, "project_id": project.id, "resource_limit": 5}]}
    api.json("POST", "/v3/limits", limit, admin, status=403)
    registered = {"registered_limits": [{**place, "default_limit": 10}]}
    made = api.json("POST", "/v3/registered_limits", registered, admin, status=201)["registered_limits"][0]
    api.json("POST", "/v3/registered_limits", registered, admin, status=409)
    api.json("POST", "/v3/limits", limit, admin, status=201)
    assert len(api.json("GET", "/v3/limits", token=api.token("alice", "secret"))["limits"]) == 1
    api.json("DELETE", f"/v3/registered_limits/{made['id']}", token=admin, status=403)


def test_domain_configurations(api: Any, admin: str) -> None:
    path = "/v3/domains/default/config"
    api.json("GET", path, token=admin, status=404)
    config = {"config": {"ldap": {"url": "ldap://one"}}}
    assert api.json("PUT", path, config, admin, status=201) == config
    api.json("PUT", path, {"config": {"ldap": {"colour": "red"}}}, admin, status=403)
    api.json("PATCH", f"{path}/ldap/url", {"config": {"url": "ldap://two"}}, admin)
    assert api.json("GET", f"{path}/ldap/url", token=admin) == {"config": {"url": "ldap://two"}}
    assert api.call("DELETE", path, token=admin).status_code == 204
