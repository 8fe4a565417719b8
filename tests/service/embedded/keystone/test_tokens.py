"""Tokens: how they are issued, what they show, and what ends them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.keystone.records import Assignment, Project, Target, User
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.ids import Ids
from tests.support.keystone import IdentityClient, Scope


@pytest.fixture
def alice(api: IdentityClient, project: Project) -> User:
    return api.keystone.create_user("alice", "secret", project.id)


def test_the_versions_are_a_multiple_choice(api: IdentityClient) -> None:
    answer = api.call("GET", "/")
    assert answer.status_code == 300
    assert [version["id"] for version in answer.get_json()["versions"]["values"]] == ["v3.14"]
    assert api.json("GET", "/v3/")["version"]["links"][0]["href"].endswith("/v3/")


def test_a_token_says_who_and_where(api: IdentityClient, alice: User) -> None:
    body = api.login("alice", "secret", {"project": {"name": "blue", "domain": {"name": "Default"}}}).get_json()[
        "token"
    ]
    assert body["user"]["id"] == alice.id
    assert body["project"] == {
        "id": alice.default_project_id,
        "name": "blue",
        "domain": {"id": "default", "name": "Default"},
    }
    assert sorted(role["name"] for role in body["roles"]) == ["member", "reader"]
    assert body["methods"] == ["password"]
    urls = {(entry["type"], each["interface"]): each["url"] for entry in body["catalog"] for each in entry["endpoints"]}
    assert urls["compute", "public"] == "http://cloud.test/compute/v2.1"
    assert urls["doctor-maint-notifications", "admin"] == "http://cloud.test/notifications"


def test_admin_implies_the_roles_below_it(api: IdentityClient) -> None:
    caller = api.bearer(api.admin)
    assert caller.is_admin
    assert caller.roles == {"admin", "manager", "member", "reader"}
    assert caller.project_id == api.keystone.admin_project_id


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        pytest.param({"identity": {"methods": ["password"]}}, 400, id="no password object"),
        pytest.param({"identity": {"methods": "password"}}, 400, id="methods not a list"),
        pytest.param({"identity": {"methods": ["saml2"]}}, 401, id="an unsupported method"),
        pytest.param({}, 400, id="nothing"),
        pytest.param({"identity": {"methods": [7]}}, 400, id="a method not a string"),
        pytest.param({"identity": {"methods": []}}, 401, id="no method"),
        pytest.param({"identity": {"methods": ["token"], "token": {"id": None}}}, 400, id="a token not a string"),
        pytest.param(
            {"identity": {"methods": ["application_credential"], "application_credential": {"id": "x"}}},
            400,
            id="an application credential without its secret",
        ),
        pytest.param(
            {"identity": {"methods": ["application_credential"], "application_credential": {"id": "x", "secret": "y"}}},
            401,
            id="an unknown application credential",
        ),
        pytest.param(
            {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", "password": "admin"}}}},
            400,
            id="a name without a domain",
        ),
        pytest.param({"identity": {"methods": ["token"], "token": {"id": "nonsense"}}}, 404, id="an unknown token"),
    ],
)
def test_authentication_that_is_refused(api: IdentityClient, auth: object, status: int) -> None:
    error = api.json("POST", "/v3/auth/tokens", {"auth": auth}, status=status)["error"]
    assert error["code"] == status
    assert set(error) == {"code", "message", "title"}


@pytest.mark.parametrize("body", [None, [], {"auth": 1}])
def test_a_body_without_auth_is_refused(api: IdentityClient, body: object) -> None:
    assert api.status("POST", "/v3/auth/tokens", body) == 400


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        pytest.param({"project": {"id": "nowhere"}}, 401, id="an unknown project"),
        pytest.param({"domain": {"id": "default"}}, 401, id="a domain without a role"),
        pytest.param({"system": {"all": True}}, 401, id="the system without a role"),
        pytest.param({"system": {"all": 1}}, 400, id="a part of the system"),
        pytest.param({"project": {"name": "blue"}}, 400, id="a project's name without a domain"),
        pytest.param({"project": {"id": "x"}, "domain": {"id": "y"}}, 400, id="two scopes"),
        pytest.param({}, 400, id="no scope"),
        pytest.param("system", 400, id="a scope not an object"),
        pytest.param({"OS-TRUST:trust": {"id": "x"}}, 401, id="an unknown trust"),
        pytest.param({"OS-TRUST:trust": {}}, 400, id="a trust without its id"),
    ],
)
def test_scopes_that_are_refused(api: IdentityClient, alice: User, scope: Scope, status: int) -> None:
    api.login("alice", "secret", scope, status=status)


def test_a_wrong_password_and_an_unknown_user_are_refused_alike(api: IdentityClient, alice: User) -> None:
    wrong = api.login("alice", "guess", status=401)
    unknown = api.login("nobody", "guess", status=401)
    assert wrong.get_json() == unknown.get_json()
    assert "WWW-Authenticate" in wrong.headers


def test_without_a_scope_the_default_project_counts(api: IdentityClient, alice: User) -> None:
    assert api.login("alice", "secret").get_json()["token"]["project"]["id"] == alice.default_project_id
    unscoped = api.login("alice", "secret", "unscoped").get_json()["token"]
    assert "project" not in unscoped
    assert "catalog" not in unscoped


def test_the_admin_can_have_domain_and_system_scope(api: IdentityClient) -> None:
    assert api.login("admin", "admin", {"domain": {"id": "default"}}).get_json()["token"]["domain"]["name"] == "Default"
    assert api.login("admin", "admin", {"system": {"all": True}}).get_json()["token"]["system"] == {"all": True}


def test_a_token_ends_after_a_day(api: IdentityClient, clock: SimulatedClock) -> None:
    token = api.admin
    clock.sleep(86399)
    assert api.keystone.validate(token)
    clock.sleep(1)
    assert api.keystone.validate(token) is None
    assert api.status("GET", "/v3/users", token=token) == 401


def test_an_exchanged_token_lives_no_longer(api: IdentityClient, clock: SimulatedClock, alice: User) -> None:
    first = api.login("alice", "secret", "unscoped")
    clock.sleep(3600)
    auth = {
        "identity": {"methods": ["token"], "token": {"id": first.headers["X-Subject-Token"]}},
        "scope": {"project": {"id": alice.default_project_id}},
    }
    second = api.json("POST", "/v3/auth/tokens", {"auth": auth}, status=201)["token"]
    assert second["expires_at"] == first.get_json()["token"]["expires_at"]
    assert second["methods"] == ["token", "password"]
    assert second["audit_ids"][1:] == first.get_json()["token"]["audit_ids"]


def test_a_token_is_shown_and_revoked(api: IdentityClient, alice: User) -> None:
    admin, token = api.admin, api.token("alice", "secret")
    own = api.call("GET", "/v3/auth/tokens", token=token, X_Subject_Token=token)
    assert own.get_json()["token"]["user"]["name"] == "alice"
    assert api.status("HEAD", "/v3/auth/tokens", token=admin, X_Subject_Token=token) == 200
    without = api.call("GET", "/v3/auth/tokens?nocatalog", token=admin, X_Subject_Token=token)
    assert "catalog" not in without.get_json()["token"]
    assert api.status("GET", "/v3/auth/tokens", token=token, X_Subject_Token=admin) == 403
    assert api.status("DELETE", "/v3/auth/tokens", token=token, X_Subject_Token=token) == 204
    assert api.status("GET", "/v3/auth/tokens", token=admin, X_Subject_Token=token) == 404
    assert api.status("GET", "/v3/auth/projects", token=token) == 401


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(
            lambda api, admin, user: api.json("DELETE", f"/v3/users/{user.id}", token=admin), id="user deleted"
        ),
        pytest.param(
            lambda api, admin, user: api.json("PATCH", f"/v3/users/{user.id}", {"user": {"enabled": False}}, admin),
            id="user disabled",
        ),
        pytest.param(
            lambda api, admin, user: api.json("PATCH", f"/v3/users/{user.id}", {"user": {"password": "other"}}, admin),
            id="password reset",
        ),
        pytest.param(
            lambda api, admin, user: api.json(
                "PATCH", f"/v3/projects/{user.default_project_id}", {"project": {"enabled": False}}, admin
            ),
            id="project disabled",
        ),
        pytest.param(
            lambda api, admin, user: api.json("DELETE", f"/v3/projects/{user.default_project_id}", token=admin),
            id="project deleted",
        ),
        pytest.param(
            lambda api, admin, user: api.json(
                "DELETE",
                f"/v3/projects/{user.default_project_id}/users/{user.id}/roles/" + api.role("member").id,
                token=admin,
            ),
            id="role taken away",
        ),
        pytest.param(
            lambda api, admin, user: api.json("DELETE", "/v3/roles/" + api.role("member").id, token=admin),
            id="role deleted",
        ),
    ],
)
def test_what_ends_a_token(
    api: IdentityClient, alice: User, end: Callable[[IdentityClient, str, User], object]
) -> None:
    token, admin = api.token("alice", "secret"), api.admin
    assert api.keystone.validate(token)
    end(api, admin, alice)
    assert api.keystone.validate(token) is None
    assert api.keystone.validate(admin)


def test_a_token_of_a_disabled_user_stays_dead(api: IdentityClient, alice: User) -> None:
    token, admin = api.token("alice", "secret"), api.admin
    for enabled in (False, True):
        api.json("PATCH", f"/v3/users/{alice.id}", {"user": {"enabled": enabled}}, admin)
    assert api.keystone.validate(token) is None
    api.login("alice", "secret")


def test_a_role_that_is_assigned_later_shows_in_a_token(api: IdentityClient, project: Project, alice: User) -> None:
    token = api.token("alice", "secret")
    manager = api.role("manager")
    api.keystone.grants.grant(Assignment("user", alice.id, Target("project", project.id), manager.id))
    assert "manager" in api.bearer(token).roles


def test_group_and_inherited_roles_reach_a_token(api: IdentityClient) -> None:
    directory, grants = api.keystone.directory, api.keystone.grants
    parent = api.keystone.create_project("parent")
    child = directory.create_project("child", parent_id=parent.id)
    user = directory.create_user("bob", password="secret")
    group = directory.create_group("crew")
    directory.add_member(group, user)
    reader, service = api.role("reader"), api.role("service")
    grants.grant(Assignment("group", group.id, Target("domain", "default"), reader.id, inherited=True))
    grants.grant(Assignment("user", user.id, Target("project", parent.id), service.id, inherited=True))
    assert api.bearer(api.token("bob", "secret", {"project": {"id": child.id}})).roles == {"reader", "service"}
    assert api.bearer(api.token("bob", "secret", {"project": {"id": parent.id}})).roles == {"reader"}
    api.login("bob", "secret", {"domain": {"id": "default"}}, status=401)


def test_the_same_seed_gives_the_same_ids(clock: SimulatedClock, cloud: CloudState) -> None:
    again = CloudState(clock, History(clock.now), Ids(1), cloud.settings)
    assert list(again.keystone.directory.projects) == list(cloud.keystone.directory.projects)
    assert list(again.keystone.catalog.endpoints) == list(cloud.keystone.catalog.endpoints)


def test_no_secret_is_in_the_state_or_the_history(api: IdentityClient, history: History, alice: User) -> None:
    token = api.token("alice", "secret")
    assert "secret" not in str(alice.password)
    assert str(alice.password) not in repr(alice)
    assert token not in repr(api.keystone.tokens.get(token))
    assert token not in repr(history.events)


def test_any_text_that_json_can_carry_can_be_a_password(api: IdentityClient) -> None:
    api.login("admin", "\ud800", status=401)
    api.keystone.directory.create_user("odd", password="\ud800")
    api.login("odd", "\ud800")
