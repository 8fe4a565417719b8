"""Roles: a reader reads, a member writes, an admin administers; a token without a project changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.keystone.records import SYSTEM, Assignment, Target
from pytest_doctor_maint.embedded.service import Service
from tests.support.json import Json
from tests.support.routes import ServedRoute, new_cloud, served_routes

WRITES = [each for each in served_routes() if each.method not in ("GET", "HEAD", "OPTIONS") and not each.is_public]
OTHERS = [each for each in WRITES if each.service != "/identity"]
IDENTITY = [each for each in WRITES if each.service == "/identity"]

#: Routes of the other services that need less than the role member, and why.
LESS = {
    # They change nothing: a query has a body, and what was removed from the API answers 410.
    "POST /alarming/v2/query/alarms": "reader",
    "POST /alarming/v2/query/alarms/history": "reader",
    **{
        f"{method} /compute/v2.1/os-agents{rest}": ""
        for method, rest in (("POST", ""), ("PUT", "/example"), ("DELETE", "/example"))
    },
    # Key pairs belong to a user, whatever the user's role is.
    "POST /compute/v2.1/os-keypairs": "reader",
    "DELETE /compute/v2.1/os-keypairs/example": "reader",
}
#: Routes of Keystone that are for more than admins: users own these.
OWN = {
    "DELETE /identity/v3/auth/tokens",
    "POST /identity/v3/users/example/application_credentials",
    "DELETE /identity/v3/users/example/application_credentials/example",
    "DELETE /identity/v3/users/example/access_rules/example",
    "POST /identity/v3/OS-TRUST/trusts",
    "DELETE /identity/v3/OS-TRUST/trusts/example",
    "POST /identity/v3/credentials",
    "PATCH /identity/v3/credentials/example",
    "DELETE /identity/v3/credentials/example",
    "POST /identity/v3/users/example/credentials/OS-EC2",
    "DELETE /identity/v3/users/example/credentials/OS-EC2/example",
}


class Cloud:
    """A cloud with a user for each role in the project ``blue``, and requests as them."""

    def __init__(self, state: CloudState) -> None:
        self.keystone = state.keystone
        self.services: Mapping[str, Service] = state.services()
        self._clients = {path: Client(app) for path, app in self.services.items()}
        project = self.keystone.create_project("blue").id
        self.tokens = {"none": ""}
        for name in ("reader", "member", "manager", "admin", "service"):
            user = self.keystone.create_user(name if name != "admin" else "root", "secret", project, [name])
            self.tokens[name] = self._token(user.id, {"project": {"id": project}})
            self.tokens[f"unscoped {name}"] = self._token(user.id, "unscoped")
            for target in (Target("domain", "default"), SYSTEM):
                role = self.keystone.grants.role_named(name)
                assert role
                self.keystone.grants.grant(Assignment("user", user.id, target, role.id))
            self.tokens[f"domain {name}"] = self._token(user.id, {"domain": {"id": "default"}})
            self.tokens[f"system {name}"] = self._token(user.id, {"system": {"all": True}})

    def _token(self, user_id: str, scope: object) -> str:
        proof = {"methods": ["password"], "password": {"user": {"id": user_id, "password": "secret"}}}
        return self.keystone.login.authenticate({"identity": proof, "scope": scope}).id

    # Any: a body is JSON.
    def ask(self, who: str, service: str, method: str, path: str, body: Any = None, version: str = "") -> TestResponse:
        headers = {"X-Auth-Token": self.tokens[who]}
        if version:
            headers["OpenStack-API-Version"] = f"{service.strip('/')} {version}"
        return self._clients[service].open(path, method=method, headers=headers, json=body)

    def ask_route(self, who: str, route: ServedRoute) -> TestResponse:
        version = route.options.get("min") or route.options.get("max")
        shown = "{}.{}".format(*version) if version and route.service in ("/compute", "/placement") else ""
        return self.ask(who, route.service, route.method, route.path, {}, shown)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with new_cloud() as state:
        yield Cloud(state)


def needed(cloud: Cloud, route: ServedRoute) -> str:
    return cloud.services[route.service].needed_role(route.method, route.options)


def test_few_writes_need_less_than_the_role_member(cloud: Cloud) -> None:
    found = {str(route): needed(cloud, route) for route in OTHERS}
    assert {name: role for name, role in found.items() if role not in ("member", "admin", "service")} == LESS
    assert {str(route) for route in IDENTITY if needed(cloud, route) != "admin"} == OWN


@pytest.mark.parametrize("route", [each for each in OTHERS if str(each) not in LESS], ids=str)
def test_a_write_is_refused_without_the_role_in_a_project(cloud: Cloud, route: ServedRoute) -> None:
    for who in ("reader", "unscoped reader", "unscoped member", "unscoped admin", "domain admin", "system admin"):
        assert cloud.ask_route(who, route).status_code == 403, who


@pytest.mark.parametrize("route", [each for each in IDENTITY if str(each) not in OWN], ids=str)
def test_a_write_of_keystone_is_refused_to_all_but_admins(cloud: Cloud, route: ServedRoute) -> None:
    for who in ("reader", "member", "manager", "unscoped admin", "system reader"):
        assert cloud.ask_route(who, route).status_code == 403, who


@pytest.mark.parametrize("route", [each for each in IDENTITY if str(each) in OWN], ids=str)
def test_what_users_own_is_refused_to_other_users(cloud: Cloud, route: ServedRoute) -> None:
    for who in ("reader", "unscoped reader"):
        assert cloud.ask_route(who, route).status_code in (400, 403, 404), who


#: One write of each kind: service, path, body.
CREATIONS = [
    ("/image", "/v2/images", {"name": "one"}),
    ("/compute", "/v2.1/os-server-groups", {"server_group": {"name": "one", "policies": ["affinity"]}}),
    ("/compute", "/v2.1/os-security-groups", {"security_group": {"name": "one", "description": "one"}}),
    ("/networking", "/v2.0/networks", {"network": {}}),
    ("/networking", "/v2.0/routers", {"router": {}}),
    ("/networking", "/v2.0/security-groups", {"security_group": {"name": "two"}}),
    ("/alarming", "/v2/alarms", {"name": "one", "type": "event", "event_rule": {}}),
]


@pytest.mark.parametrize(("service", "path", "body"), CREATIONS, ids=[path for _, path, _ in CREATIONS])
def test_members_create_and_readers_read(cloud: Cloud, service: str, path: str, body: Json) -> None:
    for who in ("reader", "service", "unscoped member", "domain member", "system member"):
        assert cloud.ask(who, service, "POST", path, body).status_code == 403, who
    for who in ("member", "manager", "admin"):
        body = {**body, "name": who} if "name" in body else {key: {**body[key], "name": who} for key in body}
        assert cloud.ask(who, service, "POST", path, body).status_code < 300, who
    assert cloud.ask("reader", service, "GET", path).status_code == 200


def test_a_user_without_a_role_that_counts_sees_nothing(cloud: Cloud) -> None:
    assert cloud.ask("member", "/networking", "POST", "/v2.0/networks", {"network": {"name": "own"}}).status_code == 201
    names = {who: [each["name"] for each in _networks(cloud, who)] for who in ("reader", "unscoped member", "service")}
    assert "own" in names["reader"]
    assert "own" not in names["unscoped member"] + names["service"]
    for service, path in (("/compute", "/v2.1/servers"), ("/image", "/v2/images"), ("/alarming", "/v2/alarms")):
        for who in ("service", "unscoped member", "system reader"):
            assert cloud.ask(who, service, "GET", path).status_code == 403


def _networks(cloud: Cloud, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.ask(who, "/networking", "GET", "/v2.0/networks").get_json()["networks"]
    return found


def test_data_of_an_image_is_for_members(cloud: Cloud) -> None:
    image = cloud.ask("reader", "/image", "GET", "/v2/images?name=cirros").get_json()["images"][0]["id"]
    assert cloud.ask("reader", "/image", "GET", f"/v2/images/{image}/file").status_code == 403
    assert cloud.ask("member", "/image", "GET", f"/v2/images/{image}/file").status_code in (200, 204)


def test_keypairs_are_a_users_own(cloud: Cloud) -> None:
    body = {"keypair": {"name": "mine"}}
    assert cloud.ask("reader", "/compute", "POST", "/v2.1/os-keypairs", body).status_code == 200
    assert cloud.ask("unscoped reader", "/compute", "POST", "/v2.1/os-keypairs", body).status_code == 403


def test_placement_and_external_events_are_for_services(cloud: Cloud) -> None:
    events = {"events": [{"name": "network-changed", "server_uuid": "0" * 8 + "-0000-0000-0000-" + "0" * 12}]}
    for who, status in (("service", 404), ("admin", 404), ("member", 403)):
        assert cloud.ask(who, "/compute", "POST", "/v2.1/os-server-external-events", events).status_code == status
    for who, status in (("service", 200), ("admin", 200), ("member", 403), ("unscoped service", 403)):
        assert cloud.ask(who, "/placement", "GET", "/resource_providers").status_code == status
