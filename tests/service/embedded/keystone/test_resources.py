"""The resources of Keystone: what is created, listed, changed and deleted, and by whom."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.embedded.keystone.records import Project, User
from tests.support.json import Json
from tests.support.keystone import IdentityClient


@pytest.fixture
def alice(api: IdentityClient, project: Project) -> User:
    return api.keystone.create_user("alice", "secret", project.id)


COLLECTIONS: list[tuple[str, str, dict[str, object], dict[str, object]]] = [
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
    (
        "OS-EP-FILTER/endpoint_groups",
        "endpoint_group",
        {"name": "one", "filters": {"interface": "public"}},
        {"description": "new"},
    ),
]


@pytest.mark.parametrize(
    ("collection", "member", "values", "changes"), COLLECTIONS, ids=[row[1] for row in COLLECTIONS]
)
def test_each_resource_is_created_shown_listed_changed_and_deleted(
    api: IdentityClient,
    admin: str,
    collection: str,
    member: str,
    values: dict[str, object],
    changes: dict[str, object],
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
    assert api.status("DELETE", path, token=admin) == 204
    for method, body in (("GET", None), ("PATCH", {member: changes}), ("DELETE", None)):
        assert api.json(method, path, body, admin, status=404)["error"]["title"] == "Not Found"


#: What a description is that a new resource is not given, and that is null; MISSING: the answer does not have it.
MISSING = "missing"
DESCRIPTIONS: dict[str, tuple[object, object]] = {
    "domain": ("", None),
    "project": ("", None),
    "group": ("", None),
    "region": ("", ""),
    "role": (None, None),
    "consumer": (None, None),
    "endpoint_group": (None, None),
    # These keep it among the fields that the API does not define.
    "service": (MISSING, None),
    "user": (MISSING, None),
}


@pytest.mark.parametrize("member", DESCRIPTIONS)
def test_a_description_is_null_or_empty_as_in_keystone(api: IdentityClient, admin: str, member: str) -> None:
    collection, values = next((row[0], {**row[2]}) for row in COLLECTIONS if row[1] == member)
    values.pop("description", None)
    left_out, null = DESCRIPTIONS[member]
    made = api.json("POST", f"/v3/{collection}", {member: values}, admin, status=201)[member]
    assert made.get("description", MISSING) == left_out
    values = {**values, "name": "two"} if "name" in values else values
    made = api.json("POST", f"/v3/{collection}", {member: {**values, "description": None}}, admin, status=201)[member]
    assert made["description"] == null
    path = f"/v3/{collection}/{made['id']}"
    for text in ("new", None):
        changed = api.json("PATCH", path, {member: {"description": text}}, admin)[member]
        assert changed["description"] == (null if text is None else text)
    assert api.json("GET", path, token=admin)[member]["description"] == null


@pytest.mark.parametrize(
    ("collection", "member", "values"),
    [
        ("endpoints", "endpoint", {}),
        ("OS-EP-FILTER/endpoint_groups", "endpoint_group", {"name": "one", "filters": {}}),
        ("projects", "project", {"name": ""}),
        ("projects", "project", {"name": "x" * 65}),
        ("projects", "project", {}),
        ("projects", "project", {"name": "x", "enabled": "yes"}),
        ("projects", "project", {"name": "x", "domain_id": "nowhere"}),
        ("projects", "project", {"name": "x", "parent_id": "nowhere"}),
        ("projects", "project", {"name": "x", "tags": ["a", "a"]}),
        ("projects", "project", {"name": "x", "tags": ["a/b"]}),
        ("projects", "project", {"name": "x", "tags": ["a" * 256]}),
        ("projects", "project", {"name": "x", "tags": [str(number) for number in range(81)]}),
        ("domains", "domain", {"name": "x", "explicit_domain_id": "a" * 31}),
        ("domains", "domain", {"name": "x", "explicit_domain_id": "a" * 33}),
        ("regions", "region", {"id": "r" * 256}),
        ("projects", "project", ["x"]),
        ("users", "user", {"name": 7}),
        ("users", "user", {"name": "x" * 256}),
        ("users", "user", {"name": "x", "password": 7}),
        ("users", "user", {"name": "x", "password": "s" * 4097}),
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
def test_bad_values_are_refused(api: IdentityClient, admin: str, collection: str, member: str, values: object) -> None:
    api.json("POST", f"/v3/{collection}", {member: values}, admin, status=400)
    api.json("POST", f"/v3/{collection}", {}, admin, status=400)
    api.json("POST", f"/v3/{collection}", [], admin, status=400)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Invalid input for field 'user': 'name' is a required property"),
        ({"name": 7}, "Invalid input for field 'user/name': 7 is not of type 'string'"),
        ({"name": "x", "enabled": 1}, "Invalid input for field 'user/enabled': 1 is not of type 'boolean'"),
        ({"name": "x", "options": ["x"]}, "Invalid input for field 'user/options': The value is not of type 'object'"),
        ({"name": "x", "password": "s" * 4097}, "Invalid input for field 'user/password': The value is too long"),
        (
            {"name": "x", "password": 7},
            "Invalid input for field 'user/password': The value is not of type 'string', 'null'",
        ),
    ],
)
def test_an_error_names_the_field_and_repeats_no_secret(
    api: IdentityClient, admin: str, values: object, message: str
) -> None:
    answer: Json = api.json("POST", "/v3/users", {"user": values}, admin, status=400)
    assert answer["error"] == {"code": 400, "title": "Bad Request", "message": message}


@pytest.mark.parametrize(
    ("collection", "member", "values"),
    [
        ("projects", "project", {"name": "x" * 64}),
        ("projects", "project", {"name": "x", "tags": ["a" * 255]}),
        ("users", "user", {"name": "x" * 255, "password": "s" * 4096}),
        ("domains", "domain", {"name": "x", "explicit_domain_id": "a" * 32}),
        ("regions", "region", {"id": "r" * 255}),
    ],
)
def test_values_at_the_limits_are_accepted(
    api: IdentityClient, admin: str, collection: str, member: str, values: object
) -> None:
    api.json("POST", f"/v3/{collection}", {member: values}, admin, status=201)


@pytest.mark.parametrize("name", ["domains", "projects", "users", "groups", "roles"])
def test_a_name_is_taken_once(api: IdentityClient, admin: str, name: str) -> None:
    body = {name[:-1]: {"name": "twice"}}
    api.json("POST", f"/v3/{name}", body, admin, status=201)
    assert api.json("POST", f"/v3/{name}", body, admin, status=409)["error"]["title"] == "Conflict"
    other = api.json("POST", f"/v3/{name}", {name[:-1]: {"name": "other"}}, admin)[name[:-1]]
    api.json("PATCH", f"/v3/{name}/{other['id']}", body, admin, status=409)


def test_another_id_cannot_be_given(api: IdentityClient, admin: str, project: Project) -> None:
    api.json("PATCH", f"/v3/projects/{project.id}", {"project": {"id": "other"}}, admin, status=400)


def test_lists_are_filtered(api: IdentityClient, admin: str, project: Project) -> None:
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


def test_long_lists_come_in_pages(api: IdentityClient, admin: str, project: Project) -> None:
    first = api.json("GET", "/v3/projects?limit=1", token=admin)
    assert [each["name"] for each in first["projects"]] == ["admin"]
    following = first["links"]["next"].removeprefix("http://localhost")
    second = api.json("GET", following, token=admin)
    assert [each["name"] for each in second["projects"]] == ["blue"]
    assert second["links"]["next"] is None
    api.json("GET", "/v3/projects?limit=many", token=admin, status=400)


def test_projects_form_trees(api: IdentityClient, admin: str, project: Project) -> None:
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


def test_tags_are_added_checked_and_deleted(api: IdentityClient, admin: str, project: Project) -> None:
    path = f"/v3/projects/{project.id}/tags"
    assert api.status("PUT", f"{path}/gold", token=admin) == 201
    assert api.status("HEAD", f"{path}/gold", token=admin) == 204
    assert api.status("HEAD", f"{path}/lead", token=admin) == 404
    assert api.json("GET", path, token=admin)["tags"] == ["gold"]
    assert api.status("DELETE", f"{path}/gold", token=admin) == 204
    assert api.status("DELETE", f"{path}/gold", token=admin) == 404


def test_deleting_a_domain_takes_everything_in_it(api: IdentityClient, admin: str) -> None:
    domain = api.json("POST", "/v3/domains", {"domain": {"name": "acme"}}, admin)["domain"]["id"]
    made = {
        name: api.json("POST", f"/v3/{name}s", {name: {"name": "x", "domain_id": domain}}, admin)[name]["id"]
        for name in ("project", "user", "group", "role")
    }
    api.json("PATCH", f"/v3/domains/{domain}", {"domain": {"enabled": False}}, admin)
    assert api.status("DELETE", f"/v3/domains/{domain}", token=admin) == 204
    for name, key in made.items():
        api.json("GET", f"/v3/{name}s/{key}", token=admin, status=404)


def test_users_become_and_stop_being_members_of_groups(api: IdentityClient, admin: str, alice: User) -> None:
    group = api.json("POST", "/v3/groups", {"group": {"name": "crew"}}, admin)["group"]["id"]
    path = f"/v3/groups/{group}/users/{alice.id}"
    assert api.status("HEAD", path, token=admin) == 404
    assert api.status("PUT", path, token=admin) == 204
    assert api.status("HEAD", path, token=admin) == 204
    assert [each["name"] for each in api.json("GET", f"/v3/groups/{group}/users", token=admin)["users"]] == ["alice"]
    assert [each["id"] for each in api.json("GET", f"/v3/users/{alice.id}/groups", token=admin)["groups"]] == [group]
    assert api.status("DELETE", path, token=admin) == 204
    assert api.status("DELETE", path, token=admin) == 404
    assert api.status("PUT", f"/v3/groups/{group}/users/nobody", token=admin) == 404


def test_a_user_changes_its_own_password(api: IdentityClient, alice: User) -> None:
    path = f"/v3/users/{alice.id}/password"
    api.json("POST", path, {"user": {"original_password": "wrong", "password": "new"}}, status=401)
    api.json("POST", path, {"user": {"password": "new"}}, status=400)
    assert api.status("POST", path, {"user": {"original_password": "secret", "password": "new"}}) == 204
    api.login("alice", "secret", status=401)
    api.login("alice", "new")


def test_a_new_service_shows_in_the_catalog(api: IdentityClient, admin: str, alice: User) -> None:
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
def test_an_ordinary_user_may_not_list_or_change_what_others_own(
    api: IdentityClient, alice: User, method: str, path: str, body: object
) -> None:
    error = api.json(method, path, body, api.token("alice", "secret"), status=403)["error"]
    assert error["title"] == "Forbidden"
    assert api.json(method, path, body, status=401)["error"]["title"] == "Unauthorized"


def test_an_ordinary_user_sees_itself(api: IdentityClient, alice: User) -> None:
    token = api.token("alice", "secret")
    other = api.user("admin")
    api.json("GET", f"/v3/users/{alice.id}", token=token, status=200)
    api.json("GET", f"/v3/users/{alice.id}/projects", token=token, status=200)
    api.json("GET", f"/v3/projects/{alice.default_project_id}", token=token, status=200)
    api.json("GET", "/v3/domains/default", token=token, status=200)
    api.json("GET", "/v3/regions", token=token, status=200)
    api.json("GET", f"/v3/users/{other.id}", token=token, status=403)
    api.json("GET", "/v3/users/nobody", token=token, status=403)
    api.json("GET", f"/v3/projects/{api.keystone.admin_project_id}", token=token, status=403)
    api.json("PATCH", f"/v3/users/{alice.id}", {"user": {"name": "queen"}}, token, status=403)


def test_limits_rest_on_registered_ones(api: IdentityClient, admin: str, project: Project, alice: User) -> None:
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


def test_domains_are_configured_within_the_known_options(api: IdentityClient, admin: str) -> None:
    path = "/v3/domains/default/config"
    api.json("GET", path, token=admin, status=404)
    config = {"config": {"ldap": {"url": "ldap://one"}}}
    assert api.json("PUT", path, config, admin, status=201) == config
    api.json("PUT", path, {"config": {"ldap": {"colour": "red"}}}, admin, status=403)
    api.json("PATCH", f"{path}/ldap/url", {"config": {"url": "ldap://two"}}, admin)
    assert api.json("GET", f"{path}/ldap/url", token=admin) == {"config": {"url": "ldap://two"}}
    assert api.status("DELETE", path, token=admin) == 204
