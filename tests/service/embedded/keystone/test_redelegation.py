"""A trustee passes the roles of a trust on with another trust: keystone/trust/core.py."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_doctor_maint.embedded.keystone.records import User
from pytest_doctor_maint.simtime.clock import SimulatedClock
from tests.support.json import Json
from tests.support.keystone import IdentityClient

TRUSTS = "/v3/OS-TRUST/trusts"


@pytest.fixture
def alice(api: IdentityClient) -> User:
    return api.keystone.create_user("alice", "secret", api.keystone.create_project("blue").id)


@pytest.fixture
def bob(api: IdentityClient) -> User:
    return api.keystone.directory.create_user("bob", password="secret")


@pytest.fixture
def carol(api: IdentityClient) -> User:
    return api.keystone.directory.create_user("carol", password="secret")


def body(trustor: User, trustee: User, **values: object) -> Json:
    """Return the request of a trust with the role ``member`` on the project of alice."""
    trust = {"trustor_user_id": trustor.id, "trustee_user_id": trustee.id, "impersonation": True, **values}
    return {"trust": {"roles": [{"name": "member"}], **trust}}


def with_trust(api: IdentityClient, name: str, trust: Json) -> str:
    return api.token(name, "secret", {"OS-TRUST:trust": {"id": trust["id"]}})


@pytest.fixture
def first(api: IdentityClient, alice: User, bob: User, clock: SimulatedClock) -> Json:
    """A trust of alice for bob that may be redelegated, for an hour."""
    until = (clock.now() + timedelta(hours=1)).isoformat()
    wanted = body(alice, bob, project_id=alice.default_project_id, allow_redelegation=True, expires_at=until)
    return api.json("POST", TRUSTS, wanted, api.token("alice", "secret"), status=201)["trust"]


def test_a_trust_is_redelegated_until_its_count_is_used_up(
    api: IdentityClient, alice: User, bob: User, carol: User, first: Json
) -> None:
    assert (first["redelegation_count"], first["redelegated_trust_id"]) == (3, None)
    trust, names, trusts = first, ["bob", "carol", "bob"], [first]
    for number, name in enumerate(names):
        trustee = carol if name == "bob" else bob
        wanted = body(alice, trustee, project_id=alice.default_project_id, allow_redelegation=True)
        made = api.json("POST", TRUSTS, wanted, with_trust(api, name, trust), status=201)["trust"]
        assert (made["redelegation_count"], made["redelegated_trust_id"]) == (2 - number, trust["id"])
        assert made["expires_at"] == first["expires_at"]
        trust = made
        trusts.append(made)
    used = with_trust(api, "carol", trust)
    assert api.bearer(used).user_name == "alice"
    wanted = body(alice, bob, project_id=alice.default_project_id)
    assert api.status("POST", TRUSTS, wanted, used) == 403
    # Those below end with the one above them.
    assert api.status("DELETE", f"{TRUSTS}/{trusts[1]['id']}", token=api.token("alice", "secret")) == 204
    assert [api.status("GET", f"{TRUSTS}/{each['id']}", token=api.admin) for each in trusts] == [200, 404, 404, 404]
    assert api.keystone.validate(used) is None


@pytest.mark.parametrize(
    ("asked", "status", "count"),
    [
        ({}, 201, 0),
        ({"redelegation_count": 2}, 201, 0),
        ({"allow_redelegation": True}, 201, 3),
        ({"allow_redelegation": True, "redelegation_count": 3}, 201, 3),
        ({"allow_redelegation": True, "redelegation_count": 4}, 403, None),
        ({"allow_redelegation": True, "redelegation_count": 0, "remaining_uses": 1}, 201, 0),
        ({"allow_redelegation": True, "remaining_uses": 1}, 400, None),
    ],
)
def test_a_first_trust_has_the_count_that_it_asks_for(
    api: IdentityClient, alice: User, bob: User, asked: Json, status: int, count: int | None
) -> None:
    wanted = body(alice, bob, project_id=alice.default_project_id, **asked)
    answer = api.call("POST", TRUSTS, wanted, api.token("alice", "secret"))
    assert answer.status_code == status
    if count is not None:
        assert (answer.get_json() or {})["trust"]["redelegation_count"] == count


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"allow_redelegation": True, "redelegation_count": 2}, 201),
        ({"allow_redelegation": True, "redelegation_count": 1}, 403),
        ({"expires_at": 3600}, 201),
        ({"expires_at": 3601}, 403),
        ({"remaining_uses": 1}, 403),
        ({"roles": [{"name": "reader"}]}, 403),
        ({"impersonation": False}, 201),
    ],
)
def test_a_redelegated_trust_gives_no_more_than_the_one_above(
    api: IdentityClient, alice: User, carol: User, first: Json, clock: SimulatedClock, changes: Json, status: int
) -> None:
    if "expires_at" in changes:
        changes = {"expires_at": (clock.now() + timedelta(seconds=changes["expires_at"])).isoformat()}
    wanted = body(alice, carol, project_id=alice.default_project_id, **changes)
    kept = len(api.keystone.delegations.trusts)
    assert api.status("POST", TRUSTS, wanted, with_trust(api, "bob", first)) == status
    assert len(api.keystone.delegations.trusts) == kept + (status == 201)


def test_a_trust_without_redelegation_or_impersonation_gives_neither(
    api: IdentityClient, alice: User, bob: User, carol: User
) -> None:
    project = {"project_id": alice.default_project_id}
    for changes, trustor, status in (
        ({}, alice, 403),
        # Who does not impersonate the trustor has no roles of its own to lend.
        ({"allow_redelegation": True, "impersonation": False}, bob, 404),
    ):
        wanted = body(alice, bob, **project, **changes)
        trust = api.json("POST", TRUSTS, wanted, api.token("alice", "secret"), status=201)["trust"]
        assert api.status("POST", TRUSTS, body(trustor, carol, **project), with_trust(api, "bob", trust)) == status


def test_a_redelegated_trust_rests_while_who_redelegated_it_is_disabled(
    api: IdentityClient, alice: User, bob: User, carol: User, first: Json
) -> None:
    wanted = body(alice, carol, project_id=alice.default_project_id)
    made = api.json("POST", TRUSTS, wanted, with_trust(api, "bob", first), status=201)["trust"]
    used, scope = with_trust(api, "carol", made), {"OS-TRUST:trust": {"id": made["id"]}}
    api.json("PATCH", f"/v3/users/{bob.id}", {"user": {"enabled": False}}, api.admin)
    assert api.keystone.validate(used) is None
    api.login("carol", "secret", scope, status=403)
    api.json("PATCH", f"/v3/users/{bob.id}", {"user": {"enabled": True}}, api.admin)
    api.login("carol", "secret", scope)
