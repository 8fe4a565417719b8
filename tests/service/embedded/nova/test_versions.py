from typing import Any

import pytest


def test_the_version_documents_need_no_token(cloud: Any) -> None:
    root = cloud.client.get("/").json["versions"]
    assert [(one["id"], one["min_version"], one["version"]) for one in root] == [
        ("v2.0", "", ""),
        ("v2.1", "2.1", "2.96"),
    ]
    for path in ("/v2.1", "/v2.1/"):
        assert cloud.client.get(path).json["version"]["id"] == "v2.1"
    assert cloud.client.get("/v2/").json["version"]["id"] == "v2.0"


@pytest.mark.parametrize("header", ["OpenStack-API-Version", "X-OpenStack-Nova-API-Version"])
@pytest.mark.parametrize(("asked", "given"), [("2.53", "2.53"), ("latest", "2.96"), ("", "2.1")])
def test_either_header_asks_for_a_microversion(cloud: Any, header: Any, asked: Any, given: Any) -> None:
    value = f"compute {asked}" if header.startswith("Open") else asked
    answer = cloud.client.get("/v2.1/servers", headers={"X-Auth-Token": "demo", header: value})
    assert answer.status_code == 200
    assert answer.headers["OpenStack-API-Version"] == f"compute {given}"
    assert answer.headers["X-OpenStack-Nova-API-Version"] == given
    assert "OpenStack-API-Version" in answer.headers.getlist("Vary")


@pytest.mark.parametrize(("version", "status"), [("2.97", 406), ("1.0", 406), ("two", 400), ("2", 400), ("2.01", 400)])
def test_other_versions_are_refused(cloud: Any, version: Any, status: Any) -> None:
    answer = cloud.call("GET", "/servers", version=version)
    assert answer.status_code == status
    ((_, fault),) = answer.json.items()
    assert fault["code"] == status


def test_another_service_may_have_its_version_in_the_header(cloud: Any) -> None:
    headers = {"X-Auth-Token": "demo", "OpenStack-API-Version": "placement 1.30, compute 2.60"}
    answer = cloud.client.get("/v2.1/servers", headers=headers)
    assert answer.headers["OpenStack-API-Version"] == "compute 2.60"


def test_a_route_is_not_there_outside_its_versions(cloud: Any) -> None:
    server = cloud.boot()
    assert cloud.call("GET", f"/servers/{server.id}/tags", version="2.25").status_code == 404
    assert cloud.call("GET", f"/servers/{server.id}/tags", version="2.26").json == {"tags": []}


def test_a_project_id_in_the_path_and_the_legacy_api_are_understood(cloud: Any) -> None:
    headers = {"X-Auth-Token": "demo", "OpenStack-API-Version": "compute 2.53"}
    assert cloud.client.get(f"/v2.1/{'a' * 32}/servers", headers=headers).json == {"servers": []}
    legacy = cloud.client.get("/v2/servers", headers=headers)
    assert legacy.json == {"servers": []}
    assert "OpenStack-API-Version" not in legacy.headers


def test_without_a_token_the_answer_is_401(cloud: Any) -> None:
    answer = cloud.client.get("/v2.1/servers")
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == 401
