"""Acting for another user: application credentials, trusts and EC2 keys."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse

from fuzz.state import fingerprint
from pytest_doctor_maint.embedded.caller import AllowedRequest
from pytest_doctor_maint.embedded.keystone.records import Assignment, Project, Target, User
from pytest_doctor_maint.simtime.clock import SimulatedClock
from tests.support.json import Json
from tests.support.keystone import IdentityClient, Scope


@pytest.fixture
def alice(api: IdentityClient) -> User:
    return api.keystone.create_user("alice", "secret", api.keystone.create_project("blue").id)


@pytest.fixture
def bob(api: IdentityClient) -> User:
    return api.keystone.directory.create_user("bob", password="secret")


@pytest.fixture
def token(api: IdentityClient, alice: User) -> str:
    return api.token("alice", "secret")


def with_credential(api: IdentityClient, credential: Json, scope: Scope | None = None, **changes: str) -> TestResponse:
    proof = {"id": credential["id"], "secret": credential["secret"], **changes}
    identity = {"methods": ["application_credential"], "application_credential": proof}
    auth = {"identity": identity, **({} if scope is None else {"scope": scope})}
    return api.call("POST", "/v3/auth/tokens", {"auth": auth})


def exchange(api: IdentityClient, token: str, scope: Scope | None = None) -> int:
    """Return the status of the exchange of a token for another one."""
    identity = {"methods": ["token"], "token": {"id": token}}
    auth = {"identity": identity, **({} if scope is None else {"scope": scope})}
    return api.status("POST", "/v3/auth/tokens", {"auth": auth})


def new_credential(api: IdentityClient, alice: User, token: str, **values: object) -> Json:
    body = {"application_credential": {"name": "robot", **values}}
    path = f"/v3/users/{alice.id}/application_credentials"
    return api.json("POST", path, body, token, status=201)["application_credential"]


def test_an_application_credential_acts_for_its_user(api: IdentityClient, alice: User, token: str) -> None:
    credential = new_credential(api, alice, token, roles=[{"name": "reader"}])
    answer = with_credential(api, credential)
    assert answer.status_code == 201
    caller = api.bearer(answer.headers["X-Subject-Token"])
    assert (caller.user_id, caller.project_id, caller.roles) == (
        alice.id,
        alice.default_project_id,
        frozenset({"reader"}),
    )
    assert answer.get_json()["token"]["application_credential"]["restricted"] is True
    assert with_credential(api, credential, secret="guess").status_code == 401
    shown = api.json("GET", f"/v3/users/{alice.id}/application_credentials/{credential['id']}", token=token)
    assert "secret" not in shown["application_credential"]


def test_a_restricted_application_credential_creates_no_others(api: IdentityClient, alice: User, token: str) -> None:
    answer = with_credential(api, new_credential(api, alice, token))
    body = {"application_credential": {"name": "child"}}
    restricted = answer.headers["X-Subject-Token"]
    api.json("POST", f"/v3/users/{alice.id}/application_credentials", body, restricted, status=403)


def test_an_application_credential_expires(api: IdentityClient, alice: User, token: str, clock: SimulatedClock) -> None:
    until = clock.now().replace(tzinfo=None).isoformat()
    for text in (until, "tomorrow", "0001-01-01T00:00:00+14:00"):
        body = {"application_credential": {"name": "late", "expires_at": text}}
        api.json("POST", f"/v3/users/{alice.id}/application_credentials", body, token, status=400)
    credential = new_credential(api, alice, token, expires_at=(clock.now().replace(year=2099)).isoformat())
    assert with_credential(api, credential).status_code == 201


def test_an_application_credential_ends_with_a_role_of_its_user(api: IdentityClient, alice: User, token: str) -> None:
    credential = new_credential(api, alice, token)
    used = with_credential(api, credential).headers["X-Subject-Token"]
    member = api.role("member").id
    path = f"/v3/projects/{alice.default_project_id}/users/{alice.id}/roles/{member}"
    assert api.status("DELETE", path, token=api.admin) == 204
    assert api.keystone.validate(used) is None
    assert with_credential(api, credential).status_code == 401


def test_an_application_credential_has_no_roles_that_its_user_lacks(
    api: IdentityClient, alice: User, token: str
) -> None:
    body = {"application_credential": {"name": "king", "roles": [{"name": "admin"}]}}
    api.json("POST", f"/v3/users/{alice.id}/application_credentials", body, token, status=400)


def test_access_rules_outlive_their_credential(api: IdentityClient, alice: User, token: str) -> None:
    rule = {"service": "compute", "method": "GET", "path": "/v2.1/servers"}
    credential = new_credential(api, alice, token, access_rules=[rule])
    path = f"/v3/users/{alice.id}/access_rules/{credential['access_rules'][0]['id']}"
    api.json("DELETE", path, token=token, status=403)
    api.json("DELETE", f"/v3/users/{alice.id}/application_credentials/{credential['id']}", token=token)
    assert api.json("GET", path, token=token)["access_rule"]["path"] == "/v2.1/servers"
    assert api.status("DELETE", path, token=token) == 204


def test_an_application_credential_has_its_scope_and_takes_no_other(
    api: IdentityClient, alice: User, token: str
) -> None:
    credential = new_credential(api, alice, token)
    own = {"project": {"id": alice.default_project_id}}
    scopes: list[Scope] = [own, {"system": {"all": True}}, {"domain": {"id": "default"}}, "unscoped", {"unscoped": {}}]
    for scope in scopes:
        answer = with_credential(api, credential, scope)
        assert answer.status_code == 401, scope
        assert "Application credentials cannot request a scope." in answer.get_data(as_text=True)


@pytest.mark.parametrize("unrestricted", [True, False])
def test_a_token_of_an_application_credential_is_not_exchanged(
    api: IdentityClient, alice: User, token: str, unrestricted: bool
) -> None:
    used = with_credential(api, new_credential(api, alice, token, unrestricted=unrestricted))
    key = used.headers["X-Subject-Token"]
    assert exchange(api, key) == exchange(api, key, "unscoped") == 403
    assert exchange(api, key, {"project": {"id": alice.default_project_id}}) == 403


def test_a_restricted_application_credential_deletes_no_other_and_none_has_a_part_in_trusts(
    api: IdentityClient, alice: User, bob: User, token: str
) -> None:
    """_check_delegated_token in keystone/api/trusts.py."""
    trust, credential = new_trust(api, alice, bob, token), new_credential(api, alice, token)
    free = new_credential(api, alice, token, name="free", unrestricted=True)
    restricted = with_credential(api, credential).headers["X-Subject-Token"]
    unrestricted = with_credential(api, free).headers["X-Subject-Token"]
    trusts = "/v3/OS-TRUST/trusts"
    for key in (restricted, unrestricted):
        body = {"trust": {"trustor_user_id": alice.id, "trustee_user_id": bob.id, "impersonation": False}}
        assert api.status("POST", trusts, body, key) == 403
        for path in (
            f"{trusts}?trustor_user_id={alice.id}",
            f"{trusts}/{trust['id']}",
            f"{trusts}/{trust['id']}/roles",
        ):
            assert api.status("GET", path, token=key) == 403
        assert api.status("DELETE", f"{trusts}/{trust['id']}", token=key) == 403
    path = f"/v3/users/{alice.id}/application_credentials/{credential['id']}"
    for key, status in ((restricted, 403), (unrestricted, 204)):
        assert api.status("DELETE", path, token=key) == status


def test_an_application_credential_makes_none_with_more_roles_than_its_own(
    api: IdentityClient, alice: User, token: str
) -> None:
    reader = new_credential(api, alice, token, roles=[{"name": "reader"}], unrestricted=True)
    used = with_credential(api, reader).headers["X-Subject-Token"]
    path = f"/v3/users/{alice.id}/application_credentials"
    for name, status in (("member", 400), ("reader", 201)):
        body = {"application_credential": {"name": f"child {name}", "roles": [{"name": name}]}}
        assert api.status("POST", path, body, used) == status


@pytest.mark.parametrize("what", ["user", "project", "domain"])
def test_an_application_credential_rests_while_its_user_or_scope_is_disabled(
    api: IdentityClient, alice: User, token: str, what: str
) -> None:
    credential = new_credential(api, alice, token)
    directory = api.keystone.directory
    project, domain = directory.project(alice.default_project_id or ""), directory.domain("default")
    records: dict[str, User | Project] = {"user": alice, "project": project, "domain": domain}
    for enabled, status in ((False, 401), (True, 201)):
        records[what].enabled = enabled
        assert with_credential(api, credential).status_code == status


@pytest.mark.parametrize(
    ("rule", "allowed", "refused"),
    [
        ("/v2.1/servers", ["/v2.1/servers"], ["/v2.1/servers/detail", "/v2.1/server"]),
        ("/v2.1/servers/*", ["/v2.1/servers/detail"], ["/v2.1/servers", "/v2.1/servers/a/ips"]),
        ("/v2.1/servers/{server_id}/ips", ["/v2.1/servers/a/ips"], ["/v2.1/servers//ips", "/v2.1/servers/a/b/ips"]),
        ("/v2.1/s**", ["/v2.1/servers/a/ips", "/v2.1/servers"], ["/v2.1/flavors"]),
        ("/compute/v2.1/servers", ["/v2.1/servers"], ["/v2.1/flavors"]),
    ],
)
def test_access_rules_restrict_the_requests(
    api: IdentityClient, alice: User, token: str, rule: str, allowed: list[str], refused: list[str]
) -> None:
    rules = [{"service": "compute", "method": "GET", "path": rule}]
    used = with_credential(api, new_credential(api, alice, token, access_rules=rules)).headers["X-Subject-Token"]
    nova = Client(DispatcherMiddleware(NotFound(), {"/compute": api.cloud.services()["/compute"]}))
    for paths, is_refused in ((allowed, False), (refused, True)):
        for path in paths:
            assert (nova.get(f"/compute{path}", headers={"X-Auth-Token": used}).status_code == 401) == is_refused, path
    assert nova.post(f"/compute{allowed[0]}", headers={"X-Auth-Token": used}, json={}).status_code == 401
    assert api.status("GET", "/v3/auth/projects", token=used) == 401
    # A token can always be shown.
    assert api.status("GET", "/v3/auth/tokens", token=used, X_Subject_Token=used) == 200


def test_the_path_of_an_access_rule_takes_no_exponential_time() -> None:
    assert not AllowedRequest("compute", "GET", "/" + "**a" * 70).matches("/" + "a" * 2000 + "b")


def new_trust(api: IdentityClient, alice: User, bob: User, token: str, **values: object) -> Json:
    body = {
        "trustor_user_id": alice.id,
        "trustee_user_id": bob.id,
        "project_id": alice.default_project_id,
        "impersonation": True,
        "roles": [{"name": "member"}],
        **values,
    }
    return api.json("POST", "/v3/OS-TRUST/trusts", {"trust": body}, token, status=201)["trust"]


@pytest.mark.parametrize("impersonation", [True, False])
def test_a_trust_lends_roles(api: IdentityClient, alice: User, bob: User, token: str, impersonation: bool) -> None:
    trust = new_trust(api, alice, bob, token, impersonation=impersonation, remaining_uses=1)
    answer = api.login("bob", "secret", {"OS-TRUST:trust": {"id": trust["id"]}})
    caller = api.bearer(answer.headers["X-Subject-Token"])
    assert caller.user_name == ("alice" if impersonation else "bob")
    assert caller.roles == {"member", "reader"}
    assert answer.get_json()["token"]["OS-TRUST:trust"]["trustee_user"]["id"] == bob.id
    api.login("bob", "secret", {"OS-TRUST:trust": {"id": trust["id"]}}, status=401)


def test_a_trust_is_for_its_trustee_and_ends_when_deleted(
    api: IdentityClient, alice: User, bob: User, token: str
) -> None:
    trust = new_trust(api, alice, bob, token)
    scope = {"OS-TRUST:trust": {"id": trust["id"]}}
    api.login("alice", "secret", scope, status=403)
    used = api.token("bob", "secret", scope)
    stranger = api.token("bob", "secret")
    api.json("DELETE", f"/v3/OS-TRUST/trusts/{trust['id']}", token=stranger, status=403)
    assert api.status("DELETE", f"/v3/OS-TRUST/trusts/{trust['id']}", token=token) == 204
    assert api.keystone.validate(used) is None
    api.login("bob", "secret", scope, status=401)


def test_a_token_of_a_trust_makes_no_credential_and_is_not_exchanged(
    api: IdentityClient, alice: User, bob: User, token: str
) -> None:
    used = api.token("bob", "secret", {"OS-TRUST:trust": {"id": new_trust(api, alice, bob, token)["id"]}})
    assert exchange(api, used) == exchange(api, used, {"project": {"id": alice.default_project_id}}) == 403
    body = {"application_credential": {"name": "robot"}}
    path = f"/v3/users/{alice.id}/application_credentials"
    api.json("POST", path, body, used, status=403)
    for readable in (path, f"/v3/users/{alice.id}/access_rules"):
        api.json("GET", readable, token=used, status=403)


@pytest.mark.parametrize("impersonation", [True, False])
@pytest.mark.parametrize("who", ["trustor", "trustee"])
def test_a_trust_rests_while_trustor_or_trustee_is_disabled(
    api: IdentityClient, alice: User, bob: User, token: str, who: str, impersonation: bool
) -> None:
    scope = {"OS-TRUST:trust": {"id": new_trust(api, alice, bob, token, impersonation=impersonation)["id"]}}
    used = api.token("bob", "secret", scope)
    disabled = alice if who == "trustor" else bob
    api.json("PATCH", f"/v3/users/{disabled.id}", {"user": {"enabled": False}}, api.admin)
    assert api.keystone.validate(used) is None
    api.login("bob", "secret", scope, status=403 if who == "trustor" else 401)


def test_a_trust_ends_when_the_trustor_loses_one_of_its_roles(api: IdentityClient, alice: User, bob: User) -> None:
    target = Target("project", alice.default_project_id or "")
    api.keystone.grants.grant(Assignment("user", alice.id, target, api.role("service").id))
    roles = [{"name": "member"}, {"name": "service"}]
    trust = new_trust(api, alice, bob, api.token("alice", "secret"), roles=roles)
    used = api.token("bob", "secret", {"OS-TRUST:trust": {"id": trust["id"]}})
    path = f"/v3/projects/{target.id}/users/{alice.id}/roles/{api.role('service').id}"
    assert api.status("DELETE", path, token=api.admin) == 204
    assert api.keystone.validate(used) is None
    api.login("bob", "secret", {"OS-TRUST:trust": {"id": trust["id"]}}, status=403)


def test_a_token_of_the_system_is_not_exchanged_for_one_of_a_project(api: IdentityClient) -> None:
    system = api.token("admin", "admin", {"system": {"all": True}})
    assert exchange(api, system, {"project": {"id": api.keystone.admin_project_id}}) == 403
    assert exchange(api, system, {"domain": {"id": "default"}}) == 403
    assert exchange(api, system, {"system": {"all": True}}) == 201
    # From a project one may go anywhere.
    assert exchange(api, api.admin, {"system": {"all": True}}) == exchange(api, api.admin, "unscoped") == 201


def test_ec2_keys_are_created_listed_and_deleted(api: IdentityClient, alice: User, token: str) -> None:
    path = f"/v3/users/{alice.id}/credentials/OS-EC2"
    made = api.json("POST", path, {"tenant_id": alice.default_project_id}, token, status=201)["credential"]
    assert api.json("GET", path, token=token)["credentials"] == [made]
    assert api.json("GET", "/v3/credentials?type=ec2", token=token)["credentials"][0]["user_id"] == alice.id
    assert api.status("DELETE", f"{path}/{made['access']}", token=token) == 204
    api.json("GET", f"{path}/{made['access']}", token=token, status=404)


@pytest.mark.parametrize("kind", ["application credential", "trust"])
def test_a_delegated_token_has_no_part_in_credentials(
    api: IdentityClient, alice: User, bob: User, token: str, kind: str
) -> None:
    """_require_primary_auth in keystone/api/credentials.py, and _require_primary_auth_for_ec2 in users.py."""
    keys = f"/v3/users/{alice.id}/credentials/OS-EC2"
    own = api.json("POST", keys, {"tenant_id": alice.default_project_id}, token, status=201)["credential"]
    (listed,) = api.json("GET", "/v3/credentials", token=token)["credentials"]
    if kind == "trust":
        used = api.token("bob", "secret", {"OS-TRUST:trust": {"id": new_trust(api, alice, bob, token)["id"]}})
    else:
        used = with_credential(api, new_credential(api, alice, token, unrestricted=True)).headers["X-Subject-Token"]
    before = fingerprint(api.keystone)
    cert = {"credential": {"user_id": alice.id, "type": "cert", "blob": "b"}}
    for method, path, body in (
        ("POST", keys, {"tenant_id": alice.default_project_id}),
        ("GET", keys, None),
        ("GET", f"{keys}/{own['access']}", None),
        ("DELETE", f"{keys}/{own['access']}", None),
        ("POST", "/v3/credentials", cert),
        ("GET", f"/v3/credentials/{listed['id']}", None),
        ("PATCH", f"/v3/credentials/{listed['id']}", {"credential": {"blob": "{}"}}),
        ("DELETE", f"/v3/credentials/{listed['id']}", None),
    ):
        assert api.status(method, path, body, used) == 403, (method, path)
    assert api.json("GET", "/v3/credentials", token=used)["credentials"] == []
    assert fingerprint(api.keystone) == before


def test_ec2_keys_are_for_members(api: IdentityClient, alice: User, token: str) -> None:
    """ADMIN_OR_MEMBER_AND_CRED_OWNER in keystone/common/policies/base.py."""
    path = f"/v3/users/{alice.id}/credentials/OS-EC2"
    made = api.json("POST", path, {"tenant_id": alice.default_project_id}, token, status=201)["credential"]
    unscoped = api.token("alice", "secret", "unscoped")
    assert api.status("POST", path, {"tenant_id": alice.default_project_id}, unscoped) == 403
    assert api.status("DELETE", f"{path}/{made['access']}", token=unscoped) == 403
    assert len(api.json("GET", path, token=unscoped)["credentials"]) == 1
