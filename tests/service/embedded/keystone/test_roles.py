"""Roles: who holds them, what they imply, and what their holders may read."""

from __future__ import annotations

import re

import pytest

from pytest_doctor_maint.embedded.keystone.records import Group, Project, User
from tests.support.keystone import IdentityClient
from tests.support.routes import served_routes


@pytest.fixture
def alice(api: IdentityClient) -> User:
    return api.keystone.directory.create_user("alice", password="secret")


@pytest.fixture
def crew(api: IdentityClient, alice: User) -> Group:
    group = api.keystone.directory.create_group("crew")
    api.keystone.directory.add_member(group, alice)
    return group


@pytest.mark.parametrize("actor", ["users", "groups"])
@pytest.mark.parametrize(
    ("target", "inherited"),
    [
        pytest.param("projects", False, id="on a project"),
        pytest.param("domains", False, id="on a domain"),
        pytest.param("system", False, id="on the system"),
        pytest.param("projects", True, id="inherited from a project"),
        pytest.param("domains", True, id="inherited from a domain"),
    ],
)
def test_a_role_is_assigned_checked_listed_and_revoked(
    api: IdentityClient,
    admin: str,
    project: Project,
    alice: User,
    crew: Group,
    target: str,
    actor: str,
    inherited: bool,
) -> None:
    place = {"projects": f"projects/{project.id}", "domains": "domains/default", "system": "system"}[target]
    who = {"users": alice.id, "groups": crew.id}[actor]
    role = api.role("member").id
    listing = f"{place}/{actor}/{who}/roles"
    path, listing = f"/v3/{listing}/{role}", f"/v3/{listing}"
    if inherited:
        path, listing = (
            f"/v3/OS-INHERIT/{each.removeprefix('/v3/')}/inherited_to_projects" for each in (path, listing)
        )
    assert api.status("HEAD", path, token=admin) == 404
    assert api.status("PUT", path, token=admin) == 204
    assert api.status("PUT", path, token=admin) == 204
    assert api.status("HEAD", path, token=admin) == 204
    assert [each["name"] for each in api.json("GET", listing, token=admin)["roles"]] == ["member"]
    assignment = api.json("GET", f"/v3/role_assignments?{actor[:-1]}.id={who}", token=admin)["role_assignments"][0]
    assert assignment["links"]["assignment"] == f"http://localhost{path}"
    assert assignment["scope"].get("OS-INHERIT:inherited_to") == ("projects" if inherited else None)
    assert api.status("DELETE", path, token=admin) == 204
    assert api.status("DELETE", path, token=admin) == 404


@pytest.mark.parametrize("wrong", ["target", "actor", "role"])
def test_a_role_is_not_assigned_to_or_on_unknown_things(
    api: IdentityClient, admin: str, project: Project, alice: User, wrong: str
) -> None:
    parts = {"target": project.id, "actor": alice.id, "role": api.role("member").id}
    parts[wrong] = "nothing"
    path = f"/v3/projects/{parts['target']}/users/{parts['actor']}/roles/{parts['role']}"
    for method in ("PUT", "HEAD", "DELETE"):
        assert api.status(method, path, token=admin) == 404


def test_only_on_projects_must_a_role_be_of_the_same_domain(
    api: IdentityClient, admin: str, project: Project, alice: User
) -> None:
    body = {"domain": {"name": "elsewhere"}}
    domain = api.json("POST", "/v3/domains", body, token=admin)["domain"]["id"]
    role = api.json("POST", "/v3/roles", {"role": {"name": "r", "domain_id": domain}}, token=admin)["role"]["id"]
    holder = f"users/{alice.id}/roles/{role}"
    assert api.status("PUT", f"/v3/projects/{project.id}/{holder}", token=admin) == 403
    assert api.status("PUT", f"/v3/domains/{domain}/{holder}", token=admin) == 204
    assert api.status("PUT", f"/v3/domains/default/{holder}", token=admin) == 204
    assert api.status("PUT", f"/v3/OS-INHERIT/domains/{domain}/{holder}/inherited_to_projects", token=admin) == 204
    assert api.status("PUT", f"/v3/system/{holder}", token=admin) == 400


def test_effective_assignments_resolve_groups_inheritance_and_implied_roles(
    api: IdentityClient, admin: str, project: Project, alice: User, crew: Group
) -> None:
    role = api.role("member").id
    api.call("PUT", f"/v3/OS-INHERIT/domains/default/groups/{crew.id}/roles/{role}/inherited_to_projects", token=admin)
    query = f"/v3/role_assignments?effective&include_names&user.id={alice.id}&scope.project.id={project.id}"
    found = api.json("GET", query, token=admin)["role_assignments"]
    assert [each["role"]["name"] for each in found] == ["member", "reader"]
    assert found[0]["user"]["domain"]["name"] == "Default"
    assert found[0]["scope"]["project"]["name"] == "blue"
    assert found[0]["links"]["membership"].endswith(f"/groups/{crew.id}/users/{alice.id}")
    assert found[1]["links"]["prior_role"].endswith("/implies/" + found[1]["role"]["id"])
    assert api.json("GET", f"/v3/role_assignments?user.id={alice.id}", token=admin)["role_assignments"] == []


@pytest.mark.parametrize(
    "query",
    ["user.id=a&group.id=b", "scope.project.id=a&scope.domain.id=b", "effective&group.id=a", "include_subtree"],
)
def test_filters_that_contradict_each_other_are_refused(api: IdentityClient, admin: str, query: str) -> None:
    api.json("GET", f"/v3/role_assignments?{query}", token=admin, status=400)


def test_a_role_implies_another_until_that_is_undone(api: IdentityClient, admin: str) -> None:
    one, two = (api.keystone.grants.create_role(name).id for name in ("one", "two"))
    path = f"/v3/roles/{one}/implies/{two}"
    api.json("GET", path, token=admin, status=404)
    made = api.json("PUT", path, token=admin, status=201)["role_inference"]
    assert (made["prior_role"]["name"], made["implies"]["name"]) == ("one", "two")
    assert api.status("HEAD", path, token=admin) == 204
    listed = api.json("GET", "/v3/role_inferences", token=admin)["role_inferences"]
    assert [each["name"] for each in listed[-1]["implies"]] == ["two"]
    assert api.status("DELETE", path, token=admin) == 204
    assert api.status("DELETE", path, token=admin) == 404
    above_all = api.role("admin").id
    api.json("PUT", f"/v3/roles/{one}/implies/{above_all}", token=admin, status=403)


def test_an_immutable_role_stays(api: IdentityClient, admin: str) -> None:
    body = {"role": {"name": "rock", "options": {"immutable": True}}}
    path = "/v3/roles/" + api.json("POST", "/v3/roles", body, admin)["role"]["id"]
    api.json("PATCH", path, {"role": {"name": "sand"}}, admin, status=403)
    api.json("DELETE", path, token=admin, status=403)
    api.json("PATCH", path, {"role": {"options": {"immutable": False}}}, admin)
    assert api.status("DELETE", path, token=admin) == 204


def test_a_reader_of_the_system_reads_everything_and_changes_nothing(
    api: IdentityClient, admin: str, alice: User
) -> None:
    role = api.role("reader").id
    api.call("PUT", f"/v3/system/users/{alice.id}/roles/{role}", token=admin)
    token = api.token("alice", "secret", {"system": {"all": True}})
    assert api.bearer(token).system
    api.json("GET", "/v3/users", token=token, status=200)
    api.json("POST", "/v3/users", {"user": {"name": "x"}}, token, status=403)


def test_a_reader_of_a_domain_sees_that_domain(api: IdentityClient, admin: str, alice: User) -> None:
    other = api.keystone.directory.create_domain("other")
    api.keystone.directory.create_user("bob", other.id)
    role = api.role("reader").id
    api.call("PUT", f"/v3/domains/{other.id}/users/{alice.id}/roles/{role}", token=admin)
    token = api.token("alice", "secret", {"domain": {"id": other.id}})
    assert [each["name"] for each in api.json("GET", "/v3/users", token=token)["users"]] == ["bob"]


#: Routes at which a caller without rights is told that something does not exist, or is wrong, and not 403: these are
#: for everybody, or Keystone looks the resource up or validates the body first (keystone/api/trusts.py, auth.py).
FOR_EVERYBODY = re.compile(
    r"/v3/(regions.*|registered_limits.*|limits(/model)?|auth/.*|credentials|OS-TRUST/trusts/example.*)"
)


def test_who_may_is_decided_before_what_is_asked_for(api: IdentityClient) -> None:
    api.keystone.create_user("alice", "secret", api.keystone.create_project("blue").id)
    member = api.token("alice", "secret")
    routes = [each for each in served_routes() if each.service == "/identity" and not each.is_public]
    asked = [(each.method, each.path) for each in routes if not FOR_EVERYBODY.fullmatch(each.path)]
    asked = [each for each in asked if each != ("POST", "/v3/OS-TRUST/trusts")]
    assert len(asked) > 150
    asked += [
        ("GET", "/v3/role_assignments?user.id=a&group.id=b"),
        ("GET", "/v3/role_assignments?include_subtree"),
        ("GET", f"/v3/OS-TRUST/trusts?trustor_user_id=x&trustee_user_id={api.user('alice').id}"),
    ]
    for method, path in asked:
        assert api.status(method, path, {}, member) == 403, (method, path)
