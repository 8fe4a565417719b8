"""Flavors in Nova, their extra specs, and which projects may use them."""

from __future__ import annotations

import pytest

from tests.support.json import Json
from tests.support.nova import NovaBench

FLAVORS = "/flavors"
SMALL = {"name": "small", "ram": 64, "vcpus": 1, "disk": 1}


def create(bench: NovaBench, **fields: object) -> Json:
    """Create a flavor and return it."""
    return bench.call("POST", FLAVORS, {"flavor": {**SMALL, **fields}}, by="admin", version="2.61")["flavor"]


def names(bench: NovaBench, query: str = "", by: str = "ann") -> list[str]:
    return [flavor["name"] for flavor in bench.call("GET", f"{FLAVORS}/detail?{query}", by=by)["flavors"]]


def test_a_new_cloud_has_flavors(bench: NovaBench) -> None:
    assert names(bench, "sort_key=memory_mb")[:3] == ["m1.nano", "m1.micro", "m1.tiny"]
    assert bench.call("GET", f"{FLAVORS}/1")["flavor"]["ram"] == 512


def test_fields_exist_from_their_microversions_on(bench: NovaBench) -> None:
    made = create(bench, description="d")
    assert (made["description"], made["extra_specs"], made["swap"]) == ("d", {}, "")

    path = f"{FLAVORS}/{made['id']}"

    old = bench.call("GET", path)["flavor"]
    assert "description" not in old
    assert "extra_specs" not in old
    assert bench.call("GET", path, version="2.75")["flavor"]["swap"] == 0
    changed = {"flavor": {"description": "new"}}
    bench.call("PUT", path, changed, by="admin", version="2.54", status=404)
    assert bench.call("PUT", path, changed, by="admin", version="2.55")["flavor"]["description"] == "new"
    with_description = {"flavor": {**SMALL, "name": "other", "description": "d"}}
    bench.call("POST", FLAVORS, with_description, by="admin", version="2.54", status=400)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"name": " x"},
        {"ram": 0},
        {"ram": "x"},
        {"ram": 2**31},
        {"vcpus": 0},
        {"disk": -1},
        {"swap": -1},
        {"swap": ""},
        {"rxtx_factor": 0},
        {"rxtx_factor": "0"},
        {"id": " x"},
        {"id": "a/b"},
        {"os-flavor-access:is_public": "perhaps"},
        {"wrong": 1},
    ],
)
def test_a_flavor_with_wrong_fields_is_not_created(bench: NovaBench, fields: dict[str, object]) -> None:
    before = names(bench)

    bench.call("POST", FLAVORS, {"flavor": {**SMALL, **fields}}, by="admin", status=400)

    assert names(bench) == before


def test_numbers_may_be_strings(bench: NovaBench) -> None:
    made = create(bench, ram="64", vcpus="2", disk="0", swap="1", rxtx_factor="0.5", id=7)

    assert (made["ram"], made["vcpus"], made["disk"], made["swap"]) == (64, 2, 0, 1)
    assert (made["rxtx_factor"], made["id"]) == (0.5, "7")


def test_ids_and_names_are_unique(bench: NovaBench) -> None:
    create(bench, id="mine")

    bench.call("POST", FLAVORS, {"flavor": {**SMALL, "id": "mine", "name": "x"}}, by="admin", status=409)
    bench.call("POST", FLAVORS, {"flavor": SMALL}, by="admin", status=409)


def test_only_admins_create_and_delete_flavors(bench: NovaBench) -> None:
    bench.call("POST", FLAVORS, {"flavor": SMALL}, status=403)
    bench.call("DELETE", f"{FLAVORS}/1", status=403)

    bench.call("DELETE", f"{FLAVORS}/1", by="admin", status=202)

    bench.call("GET", f"{FLAVORS}/1", status=404)


def test_access_to_a_private_flavor_is_given_and_taken(bench: NovaBench) -> None:
    flavor = create(bench, **{"os-flavor-access:is_public": False})
    path, ann = f"{FLAVORS}/{flavor['id']}", bench.projects["ann"]
    add, remove = {"addTenantAccess": {"tenant": ann}}, {"removeTenantAccess": {"tenant": ann}}
    bench.call("GET", path, status=404)
    bench.call("POST", f"{path}/action", add, status=403)

    (access,) = bench.call("POST", f"{path}/action", add, by="admin")["flavor_access"]

    assert access == {"flavor_id": flavor["id"], "tenant_id": ann}
    bench.call("POST", f"{path}/action", add, by="admin", status=409)
    bench.call("GET", path)
    assert "small" in names(bench)
    assert "small" not in names(bench, by="bob")
    assert names(bench, "is_public=false", by="admin") == ["small"]
    assert "small" in names(bench, "is_public=none", by="admin")
    bench.call("POST", f"{path}/action", remove, by="admin")
    bench.call("POST", f"{path}/action", remove, by="admin", status=404)
    bench.call("GET", path, status=404)
    bench.call("GET", f"{FLAVORS}/1/os-flavor-access", by="admin", status=404)
    bench.call("POST", f"{path}/action", {"dance": {}}, by="admin", status=400)


def test_extra_specs_are_strings(bench: NovaBench) -> None:
    path = f"{FLAVORS}/{create(bench)['id']}/os-extra_specs"

    bench.call("POST", path, {"extra_specs": {"a": "1", "hw:b": 2}}, by="admin")

    assert bench.call("PUT", f"{path}/a", {"a": "3"}, by="admin") == {"a": "3"}
    bench.call("PUT", f"{path}/a", {"b": "3"}, by="admin", status=400)
    bench.call("PUT", f"{path}/a", {"a": "3", "b": "3"}, by="admin", status=400)
    assert bench.call("GET", path) == {"extra_specs": {"a": "3", "hw:b": "2"}}
    bench.call("DELETE", f"{path}/a", status=403)
    bench.call("DELETE", f"{path}/a", by="admin")
    bench.call("GET", f"{path}/a", status=404)
    bench.call("POST", path, {"extra_specs": {"a": None}}, by="admin", status=400)


def test_a_listing_has_filters_and_pages(bench: NovaBench) -> None:
    assert names(bench, "minRam=8192") == ["m1.large", "m1.xlarge"]
    assert names(bench, "minDisk=81") == ["m1.xlarge"]

    page = bench.call("GET", f"{FLAVORS}?limit=4")

    assert "limit=4&marker=4" in page["flavors_links"][0]["href"]
    assert names(bench, "limit=4&marker=4") == ["m1.nano", "m1.xlarge", "m1.micro"]
    assert names(bench, "sort_key=description&sort_dir=desc") == names(bench)


@pytest.mark.parametrize("query", ["minRam=x", "minDisk=-1", "limit=-1", "marker=nothing", "sort_key=wrong"])
def test_a_malformed_query_is_refused(bench: NovaBench, query: str) -> None:
    bench.call("GET", f"{FLAVORS}?{query}", status=400)


def test_an_unknown_parameter_is_refused_from_2_75_on(bench: NovaBench) -> None:
    bench.call("GET", f"{FLAVORS}?unknown=1", version="2.74")
    bench.call("GET", f"{FLAVORS}?unknown=1", version="2.75", status=400)


def test_a_public_flavor_takes_an_access_that_changes_nothing_before_2_7(bench: NovaBench) -> None:
    add = {"addTenantAccess": {"tenant": bench.projects["ann"]}}
    nobody = {"addTenantAccess": {"tenant": "nobody"}}
    bench.call("POST", f"{FLAVORS}/1/action", nobody, by="admin", version="2.6", status=400)
    bench.call("POST", f"{FLAVORS}/1/action", add, by="admin", version="2.7", status=409)
    bench.call("POST", f"{FLAVORS}/1/action", add, by="admin", version="2.6")
    assert bench.call("GET", f"{FLAVORS}/1", by="bob")["flavor"]["id"] == "1"
