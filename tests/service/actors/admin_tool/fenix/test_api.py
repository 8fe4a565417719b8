"""Fenix's API for the admin: who may send which request, what is refused, and what is shown."""

import re

import pytest

from pytest_doctor_maint.actors.admin_tool.base.tokens import CACHE_TIME
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.attach.preconditions import standing_sessions
from tests.support.fenix import ADMIN, DOCTOR, Json, Lab, MakeLab
from tests.support.troubled_cloud import Outage, trouble_for

SOMETHING = "3f6a2c1e-8a55-4b8f-9d0e-0c5b7f3c2a11"
ADMINS = [
    ("POST", "/maintenance"),
    ("GET", "/maintenance"),
    ("GET", f"/maintenance/{SOMETHING}"),
    ("GET", f"/maintenance/{SOMETHING}/detail"),
    ("PUT", f"/maintenance/{SOMETHING}"),
    ("DELETE", f"/maintenance/{SOMETHING}"),
]
EVERYBODYS = [
    ("GET", f"/maintenance/{SOMETHING}/{SOMETHING}"),
    ("PUT", f"/maintenance/{SOMETHING}/{SOMETHING}"),
    ("PUT", f"/maintenance/{SOMETHING}/{SOMETHING}/{SOMETHING}"),
    ("PUT", f"/instance/{SOMETHING}"),
    ("DELETE", f"/instance_group/{SOMETHING}"),
]


def test_only_keystones_tokens_are_taken(lab: Lab) -> None:
    for method, path in [*ADMINS, *EVERYBODYS]:
        for headers in ({}, {"X-Auth-Token": "made-up"}, {"X-Auth-Token": "\u00e9".encode("latin-1")}):
            answer = lab.testbed.http.request(method, f"{lab.url}{path}", json={}, headers=headers)
            assert (answer.status_code, "token" in answer.json()["error"]) == (401, True), (method, path, headers)


def test_only_the_admin_may_use_sessions(lab: Lab) -> None:
    for method, path in ADMINS:
        answer = lab.call(method, path, {}, who=DOCTOR)
        assert (answer.status_code, answer.json()) == (403, {"error": "the admin role is needed"}), (method, path)


def test_a_token_that_has_expired_is_refused_and_a_valid_one_is_looked_up_once(lab: Lab) -> None:
    token = lab.token(ADMIN)
    before = lab.clock.requests
    for _ in range(3):
        assert lab.testbed.http.get(f"{lab.url}/maintenance", headers={"X-Auth-Token": token}).status_code == 200
    assert lab.clock.requests - before == 4
    lab.clock.sleep(25 * 3600)
    assert lab.testbed.http.get(f"{lab.url}/maintenance", headers={"X-Auth-Token": token}).status_code == 401
    lab.testbed.admin.session.invalidate()
    assert lab.call("GET", "/maintenance").status_code == 200


def revoke(lab: Lab, token: str) -> None:
    lab.testbed.admin.identity.delete("/auth/tokens", headers={"X-Subject-Token": token})


def test_a_token_that_was_revoked_is_refused_at_once_for_changes_and_soon_for_queries(lab: Lab) -> None:
    """keystonemiddleware keeps an answer of Keystone for 300 s by default (``token_cache_time``)."""
    lab.connection(DOCTOR)
    token = lab.testbed.cloud.connect("doctor-tester", "secret", DOCTOR).session.get_token()
    headers, path = {"X-Auth-Token": str(token)}, f"{lab.url}/instance/{SOMETHING}"
    assert lab.testbed.http.get(path, headers=headers).status_code == 404
    lab.clock.sleep(CACHE_TIME - 1)
    revoke(lab, str(token))
    assert lab.testbed.http.get(path, headers=headers).status_code == 404
    lab.clock.sleep(1)
    assert lab.testbed.http.get(path, headers=headers).status_code == 401


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_token_that_was_revoked_changes_nothing(lab: Lab, method: str) -> None:
    lab.connection(DOCTOR)
    token = lab.testbed.cloud.connect("doctor-tester", "secret", DOCTOR).session.get_token()
    headers, path = {"X-Auth-Token": str(token)}, f"{lab.url}/instance/{SOMETHING}"
    assert lab.testbed.http.get(path, headers=headers).status_code == 404
    revoke(lab, str(token))
    assert lab.testbed.http.request(method, path, json={}, headers=headers).status_code == 401
    # The refusal also ends what was kept about the token.
    assert lab.testbed.http.get(path, headers=headers).status_code == 401


def test_versions_need_no_token(lab: Lab) -> None:
    for url in (lab.url, lab.url.removesuffix("/v1")):
        versions = lab.testbed.http.get(url).json()["versions"]
        assert versions[0]["links"][0]["href"] == lab.url


def test_the_sessions_that_were_there_before_a_run_are_found(lab: Lab) -> None:
    admin = lab.testbed.admin
    assert standing_sessions(admin, lab.url) == []
    session_id = lab.begin()
    assert standing_sessions(admin, lab.url) == [session_id]
    # No list is found where an admin tool has none, as the sample, or where nobody answers.
    assert standing_sessions(admin, f"{lab.url}/instance") == []
    assert standing_sessions(admin, "http://127.0.0.1:9") == []


def test_a_session_begins_is_listed_and_deleted_when_it_has_ended(lab: Lab) -> None:
    answer = lab.call("POST", "/maintenance", lab.request())
    assert answer.status_code == 200
    session_id = answer.json()["session_id"]
    assert lab.call("GET", "/maintenance").json() == {"sessions": [session_id], "session_id": [session_id]}
    assert lab.show(session_id) == {"session_id": session_id, "state": "MAINTENANCE"}
    assert lab.end_of(session_id)["state"] == "MAINTENANCE_DONE"
    deleted = lab.call("DELETE", f"/maintenance/{session_id}")
    assert (deleted.status_code, deleted.json()) == (200, {})
    assert lab.call("GET", "/maintenance").json()["sessions"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [*ADMINS[2:], ("GET", f"/maintenance/{SOMETHING}/PROJECT"), ("PUT", f"/maintenance/{SOMETHING}/PROJECT")],
)
def test_an_unknown_session_is_invalid(lab: Lab, method: str, path: str) -> None:
    who = DOCTOR if path.endswith("PROJECT") else ADMIN
    answer = lab.call(method, path.replace("PROJECT", lab.project()), {"state": "ACK_MAINTENANCE"}, who=who)
    assert (answer.status_code, answer.json()) == (404, {"error": "Invalid session"})


@pytest.mark.parametrize(
    ("changes", "status", "complaint"),
    [
        ({"maintenance_at": "2029-12-31 23:59:59"}, 400, "is in the past"),
        ({"maintenance_at": "tomorrow"}, 400, "maintenance_at: .*YYYY-MM-DD HH:MM:SS"),
        ({"maintenance_at": "0001-01-01 00:00:00+14:00"}, 400, "maintenance_at: .*is out of range"),
        ({"maintenance_at": 12}, 400, "maintenance_at: .*YYYY-MM-DD HH:MM:SS"),
        ({"maintenance_at": None}, 400, "maintenance_at: .*YYYY-MM-DD HH:MM:SS"),
        ({"maintenance_at": "absent"}, 400, "maintenance_at: Field required"),
        ({"hosts": "absent"}, 400, "hosts: Field required"),
        ({"hosts": ["compute-9"]}, 400, "unknown compute-9; known are compute-1, compute-2, compute-3"),
        ({"hosts": "compute-1"}, 400, "hosts: Input should be a valid list"),
        ({"hosts": [""]}, 400, "hosts.0: String should have at least 1 character"),
        ({"hosts": [None]}, 400, "hosts.0: Input should be a valid string"),
        ({"hosts": ["compute-1", "compute-1"]}, 400, "compute-1 is named more than once"),
        ({"hosts": ["controller"]}, 400, "hosts: there is no compute among them"),
        ({"state": "PLANNED_MAINTENANCE"}, 400, "state: Input should be 'MAINTENANCE'"),
        ({"metadata": "2026.1"}, 400, "metadata: Input should be a valid dictionary"),
        ({"metadata": {"k": "v" * 300}}, 400, "alarms carry 255 at most"),
        ({"workflow": "none"}, 400, "workflow: unknown 'none'; allowed: default"),
        ({"workflow": 5}, 400, "workflow: Input should be a valid string"),
        ({"actions": {}}, 400, "actions: Input should be a valid list"),
        ({"actions": [{"plugin": "p"}]}, 400, "actions.0.type: Field required"),
        ({"actions": [{"plugin": "p", "type": "night"}]}, 400, "actions.0.type: Input should be 'pre'"),
        ({"actions": [{"plugin": "p", "type": "pre"}]}, 400, "actions: there is no plug-in p"),
        ({"actions": [{"plugin": "no.such:Thing", "type": "pre"}]}, 400, "cannot be imported: ModuleNotFoundError"),
        ({"actions": [{"plugin": "json:loads", "type": "pre"}]}, 400, "json:loads is not a subclass of ActionPlugin"),
        ({"download": [5]}, 400, "download.0"),
    ],
)
def test_a_bad_session_is_refused_and_changes_nothing(lab: Lab, changes: Json, status: int, complaint: str) -> None:
    refused = lab.call("POST", "/maintenance", lab.request(**changes))
    assert refused.status_code == status
    assert re.search(complaint, refused.json()["error"]), refused.json()
    assert lab.call("GET", "/maintenance").json()["sessions"] == []
    assert lab.sent("maintenance.session") == ()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'"text"', b"[" * 100000, b'{"a":' * 300 + b"1" + b"}" * 300]
)
def test_a_body_that_is_not_a_json_object_is_refused(lab: Lab, body: bytes) -> None:
    session_id = lab.begin()
    for method, path, who in [
        ("POST", "/maintenance", ADMIN),
        ("PUT", f"/maintenance/{session_id}", ADMIN),
        ("PUT", f"/instance/{SOMETHING}", DOCTOR),
        ("PUT", f"/instance_group/{SOMETHING}", DOCTOR),
    ]:
        refused = lab.call(method, path, who=who, data=body)
        assert (refused.status_code, "error" in refused.json()) == (400, True)


def test_unknown_fields_are_ignored(lab: Lab) -> None:
    packages = ["https://example.org/a.tar.gz", {"url": "https://example.org/b.tar.gz", "size": "1M", "sum": "0"}]
    assert lab.end_of(lab.begin(surprise=1, download=packages))["state"] == "MAINTENANCE_DONE"


def test_hosts_are_discovered(lab: Lab) -> None:
    lab.testbed.computes.power_off("compute-2")
    lab.clock.sleep(120)
    session_id = lab.begin(hosts=[])
    detail = lab.detail(session_id)
    assert [(host["hostname"], host["type"]) for host in detail["hosts"]] == [
        ("controller", "controller"),
        ("compute-1", "compute"),
        ("compute-3", "compute"),
    ]
    created = lab.testbed.history.of("session.created")[0]
    assert created.data["hosts"] == ("compute-1", "compute-3")
    assert lab.end_of(session_id)["state"] == "MAINTENANCE_DONE"


def test_the_number_of_sessions_is_limited(make_lab: MakeLab) -> None:
    lab = make_lab(FenixSettings(max_sessions=2))
    first = lab.begin(hosts=["compute-1"])
    lab.begin(hosts=["compute-2"])
    refused = lab.call("POST", "/maintenance", lab.request(hosts=["compute-3"]))
    assert (refused.status_code, refused.json()) == (509, {"error": "Too many sessions"})
    lab.end_of(first)
    assert lab.call("POST", "/maintenance", lab.request(hosts=["compute-3"])).status_code == 509
    lab.call("DELETE", f"/maintenance/{first}")
    assert lab.call("POST", "/maintenance", lab.request(hosts=["compute-3"])).status_code == 200


def test_a_host_is_in_one_session_at_a_time(lab: Lab) -> None:
    first = lab.begin(hosts=["compute-1"])
    refused = lab.call("POST", "/maintenance", lab.request())
    assert (refused.status_code, refused.json()["error"]) == (409, f"hosts: session {first} has compute-1")


def test_the_detail_shows_the_progress(lab: Lab) -> None:
    session_id = lab.begin(hosts=["compute-1", "compute-2"])

    def detail() -> Json:
        return lab.detail(session_id)

    assert (detail()["percent_done"], detail()["state"]) == (0, "MAINTENANCE")
    lab.clock.sleep(60)
    assert [host["state"] for host in detail()["hosts"]] == ["IN_MAINTENANCE", "PENDING"]
    lab.clock.sleep(60)
    assert [host["state"] for host in detail()["hosts"]] == ["MAINTAINED", "IN_MAINTENANCE"]
    assert (detail()["percent_done"], detail()["state"]) == (50, "START_MAINTENANCE")
    lab.end_of(session_id)
    assert (detail()["percent_done"], detail()["state"]) == (100, "MAINTENANCE_DONE")
    assert detail()["workflow"] == "default"


def test_an_update_is_taken_and_changes_nothing(lab: Lab) -> None:
    session_id = lab.begin()
    answer = lab.call("PUT", f"/maintenance/{session_id}", {"state": "MAINTENANCE"})
    assert (answer.status_code, answer.json()["session_id"]) == (200, session_id)
    assert lab.show(session_id)["state"] == "MAINTENANCE"


def test_without_an_answer_from_keystone_the_request_fails_with_503(lab: Lab) -> None:
    token = lab.token(DOCTOR)
    lab.testbed.cloud.stop()
    answer = lab.testbed.http.get(f"{lab.url}/maintenance", headers={"X-Auth-Token": token})
    assert (answer.status_code, answer.json()["error"].startswith("Keystone could not be asked")) == (503, True)


def test_keystone_that_fails_for_a_moment_is_asked_about_the_caller_again(lab: Lab) -> None:
    token = lab.token(DOCTOR)
    outage = Outage(lambda request: "/auth/tokens" in (request.url or ""), 2.0, 503)
    trouble_for(lab.fenix.context.connection.session.session, outage, lab.clock)
    answer = lab.testbed.http.get(f"{lab.url}/maintenance", headers={"X-Auth-Token": token})
    assert (answer.status_code, len(outage.began)) == (403, 1)
