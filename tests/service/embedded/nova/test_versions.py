"""Versions, microversions and the paths of the API."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench


def test_the_version_documents_need_no_token(bench: NovaBench) -> None:
    versions = bench.client.get("/").get_json()["versions"]

    assert [(version["id"], version["min_version"], version["version"]) for version in versions] == [
        ("v2.0", "", ""),
        ("v2.1", "2.1", "2.96"),
    ]
    for path in ("/v2.1", "/v2.1/"):
        assert bench.client.get(path).get_json()["version"]["id"] == "v2.1"
    assert bench.client.get("/v2/").get_json()["version"]["id"] == "v2.0"


@pytest.mark.parametrize("header", ["OpenStack-API-Version", "X-OpenStack-Nova-API-Version"])
@pytest.mark.parametrize(("asked", "given"), [("2.53", "2.53"), ("latest", "2.96"), ("", "2.1")])
def test_either_header_selects_a_microversion(bench: NovaBench, header: str, asked: str, given: str) -> None:
    value = f"compute {asked}" if header.startswith("Open") else asked

    answer = bench.client.get("/v2.1/servers", headers={"X-Auth-Token": "ann", header: value})

    assert answer.status_code == 200
    assert answer.headers["OpenStack-API-Version"] == f"compute {given}"
    assert answer.headers["X-OpenStack-Nova-API-Version"] == given
    assert "OpenStack-API-Version" in answer.headers.getlist("Vary")


@pytest.mark.parametrize(("version", "status"), [("2.97", 406), ("1.0", 406), ("two", 400), ("2", 400), ("2.01", 400)])
def test_an_unknown_microversion_is_refused(bench: NovaBench, version: str, status: int) -> None:
    ((_, fault),) = bench.call("GET", "/servers", version=version, status=status).items()

    assert fault["code"] == status


def test_the_header_may_also_name_the_microversion_of_another_service(bench: NovaBench) -> None:
    headers = {"X-Auth-Token": "ann", "OpenStack-API-Version": "placement 1.30, compute 2.60"}

    answer = bench.client.get("/v2.1/servers", headers=headers)

    assert answer.headers["OpenStack-API-Version"] == "compute 2.60"


def test_a_route_exists_in_its_microversions_only(bench: NovaBench) -> None:
    server = bench.boot()

    bench.call("GET", f"/servers/{server.id}/tags", version="2.25", status=404)
    assert bench.call("GET", f"/servers/{server.id}/tags", version="2.26") == {"tags": []}


def test_a_path_may_have_a_project_id_or_be_of_the_legacy_api(bench: NovaBench) -> None:
    headers = {"X-Auth-Token": "ann", "OpenStack-API-Version": "compute 2.53"}

    assert bench.client.get(f"/v2.1/{'a' * 32}/servers", headers=headers).get_json() == {"servers": []}

    legacy = bench.client.get("/v2/servers", headers=headers)
    assert legacy.get_json() == {"servers": []}
    assert "OpenStack-API-Version" not in legacy.headers


def test_without_a_token_the_answer_is_401(bench: NovaBench) -> None:
    answer = bench.client.get("/v2.1/servers")

    assert answer.status_code == 401
    assert answer.get_json()["error"]["code"] == 401
