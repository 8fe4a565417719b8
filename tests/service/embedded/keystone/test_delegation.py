from __future__ import annotations

from typing import Any

import pytest

from pytest_doctor_maint.simtime.clock import SimulatedClock


@pytest.fixture
def alice(api: Any) -> Any:
    return api.keystone.create_user("alice", "secret", api.keystone.create_project("blue").id)


@pytest.fixture
def bob(api: Any) -> Any:
    return api.keystone.directory.create_user("bob", password="secret")


@pytest.fixture
def token(api: Any, alice: Any) -> str:
    return str(api.token("alice", "secret"))


def with_credential(api: Any, credential: Any, **changes: Any) -> Any:
    proof = {"id": credential["id"], "secret": credential["secret"], **changes}
    auth = {"identity": {"methods": ["application_credential"], "application_credential": proof}}
    return api.call("POST", "/v3/auth/tokens", {"auth": auth})


def new_credential(api: Any, alice: Any, token: str, **values: Any) -> Any:
    body = {"application_credential": {"name": "robot", **values}}
    path = f"/v3/users/{alice.id}/application_credentials"
    return api.json("POST", path, body, token, status=201)["application_credential"]


def test_an_application_credential_acts_for_its_user(api: Any, alice: Any, token: str) -> None:
    credential = new_credential(api, alice, token, roles=[{"name": "reader"}])
    answer = with_credential(api, credential)
    assert answer.status_code == 201
    caller = api.keystone.validate(answer.headers["X-Subject-Token"])
    assert (caller.user_id, caller.project_id, caller.roles) == (alice.id, alice.default_project_id, {"reader"})
    assert answer.get_json()["token"]["application_credential"]["restricted"] is True
    assert with_credential(api, credential, secret="guess").status_code == 401
    shown = api.json("GET", f"/v3/users/{alice.id}/application_credentials/{credential['id']}", token=token)
    assert "secret" not in shown["application_credential"]


def test_a_restricted_one_makes_no_others(api: Any, alice: Any, token: str) -> None:
    answer = with_credential(api, new_credential(api, alice, token))
    body = {"application_credential": {"name": "child"}}
    restricted = answer.headers["X-Subject-Token"]
    api.json("POST", f"/v3/users/{alice.id}/application_credentials", body, restricted, status=403)


def test_one_ends_with_its_time(api: Any, alice: Any, token: str, clock: SimulatedClock) -> None:
    until = clock.now().replace(tzinfo=None).isoformat()
    body = {"application_credential": {"name": "late", "expires_at": until}}
    api.json("POST", f"/v3/users/{alice.id}/application_credentials", body, token, status=400)
    for text in ("tomorrow", "0001-01-01T00:00:00+14:00"):
        body["application_credential"]["expires_at"] = text
        api.json("POST", f"/v3/users/{alice.id}/application_credentials", body, token, status=400)
    credential = new_credential(api, alice, token, expires_at=(clock.now().replace(year=2099)).isoformat())
    assert with_credential(api, credential).status_code == 201


def test_one_ends_with_the_role_that_it_was_made_with(api: Any, alice: Any, token: str) -> None:
    credential = new_credential(api, alice, token)
    used = with_credential(api, credential).headers["X-Subject-Token"]
    member = api.keystone.grants.role_named("member").id
    path = f"/v3/projects/{alice.default_project_id}/users/{alice.id}/roles/{member}"
    assert api.call("DELETE", path, token=api.admin).status_code == 204
    assert api.keystone.validate(used) is None
    assert with_credential(api, credential).status_code == 401


def test_one_gives_no_roles_that_the_user_lacks(api: Any, alice: Any, token: str) -> None:
    body = {"application_credential": {"name": "king", "roles": [{"name": "admin"}]}}
    api.json("POST", f"/v3/users/{alice.id}/application_credentials", body, token, status=400)


def test_access_rules_outlive_their_credential(api: Any, alice: Any, token: str) -> None:
    rule = {"service": "compute", "method": "GET", "path": "/v2.1/servers"}
    credential = new_credential(api, alice, token, access_rules=[rule])
    path = f"/v3/users/{alice.id}/access_rules/{credential['access_rules'][0]['id']}"
    api.json("DELETE", path, token=token, status=403)
    api.json("DELETE", f"/v3/users/{alice.id}/application_credentials/{credential['id']}", token=token)
    assert api.json("GET", path, token=token)["access_rule"]["path"] == "/v2.1/servers"
    assert api.call("DELETE", path, token=token).status_code == 204


def new_trust(api: Any, alice: Any, bob: Any, token: str, **values: Any) -> Any:
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
def test_a_trust_lends_roles(api: Any, alice: Any, bob: Any, token: str, impersonation: bool) -> None:
    trust = new_trust(api, alice, bob, token, impersonation=impersonation, remaining_uses=1)
    answer = api.login("bob", "secret", {"OS-TRUST:trust": {"id": trust["id"]}})
    caller = api.keystone.validate(answer.headers["X-Subject-Token"])
    assert caller.user_name == ("alice" if impersonation else "bob")
    assert caller.roles == {"member", "reader"}
    assert answer.get_json()["token"]["OS-TRUST:trust"]["trustee_user"]["id"] == bob.id
    api.login("bob", "secret", {"OS-TRUST:trust": {"id": trust["id"]}}, status=401)


def test_a_trust_is_for_its_trustee_and_ends_when_deleted(api: Any, alice: Any, bob: Any, token: str) -> None:
    trust = new_trust(api, alice, bob, token)
    scope = {"OS-TRUST:trust": {"id": trust["id"]}}
    api.login("alice", "secret", scope, status=403)
    used = api.token("bob", "secret", scope)
    stranger = api.token("bob", "secret")
    api.json("DELETE", f"/v3/OS-TRUST/trusts/{trust['id']}", token=stranger, status=403)
    assert api.call("DELETE", f"/v3/OS-TRUST/trusts/{trust['id']}", token=token).status_code == 204
    assert api.keystone.validate(used) is None
    api.login("bob", "secret", scope, status=401)


def test_ec2_keys(api: Any, alice: Any, token: str) -> None:
    path = f"/v3/users/{alice.id}/credentials/OS-EC2"
    made = api.json("POST", path, {"tenant_id": alice.default_project_id}, token, status=201)["credential"]
    assert api.json("GET", path, token=token)["credentials"] == [made]
    assert api.json("GET", "/v3/credentials?type=ec2", token=token)["credentials"][0]["user_id"] == alice.id
    assert api.call("DELETE", f"{path}/{made['access']}", token=token).status_code == 204
    api.json("GET", f"{path}/{made['access']}", token=token, status=404)
