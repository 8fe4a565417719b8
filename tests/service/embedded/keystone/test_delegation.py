"""Acting for another user: application credentials, trusts and EC2 keys."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from pytest_doctor_maint.embedded.keystone.records import User
from pytest_doctor_maint.simtime.clock import SimulatedClock
from tests.support.json import Json
from tests.support.keystone import IdentityClient


@pytest.fixture
def alice(api: IdentityClient) -> User:
    return api.keystone.create_user("alice", "secret", api.keystone.create_project("blue").id)


@pytest.fixture
def bob(api: IdentityClient) -> User:
    return api.keystone.directory.create_user("bob", password="secret")


@pytest.fixture
def token(api: IdentityClient, alice: User) -> str:
    return api.token("alice", "secret")


def with_credential(api: IdentityClient, credential: Json, **changes: str) -> TestResponse:
    proof = {"id": credential["id"], "secret": credential["secret"], **changes}
    auth = {"identity": {"methods": ["application_credential"], "application_credential": proof}}
    return api.call("POST", "/v3/auth/tokens", {"auth": auth})


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


def test_ec2_keys_are_created_listed_and_deleted(api: IdentityClient, alice: User, token: str) -> None:
    path = f"/v3/users/{alice.id}/credentials/OS-EC2"
    made = api.json("POST", path, {"tenant_id": alice.default_project_id}, token, status=201)["credential"]
    assert api.json("GET", path, token=token)["credentials"] == [made]
    assert api.json("GET", "/v3/credentials?type=ec2", token=token)["credentials"][0]["user_id"] == alice.id
    assert api.status("DELETE", f"{path}/{made['access']}", token=token) == 204
    api.json("GET", f"{path}/{made['access']}", token=token, status=404)
