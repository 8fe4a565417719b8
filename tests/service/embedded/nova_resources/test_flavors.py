from __future__ import annotations

from typing import Any

import pytest

FLAVORS = "/v2.1/flavors"
SMALL = {"name": "small", "ram": 64, "vcpus": 1, "disk": 1}


def create(bench: Any, **values: Any) -> Any:
    return bench.call("POST", FLAVORS, {"flavor": {**SMALL, **values}}, who="admin", version="2.61")["flavor"]


def names(bench: Any, query: str = "", who: str = "ann") -> list[str]:
    return [flavor["name"] for flavor in bench.call("GET", f"{FLAVORS}/detail?{query}", who=who)["flavors"]]


def test_there_are_flavors_from_the_start(bench: Any) -> None:
    assert names(bench, "sort_key=memory_mb")[:3] == ["m1.nano", "m1.micro", "m1.tiny"]
    assert bench.call("GET", f"{FLAVORS}/1")["flavor"]["ram"] == 512


def test_fields_come_with_their_versions(bench: Any) -> None:
    made = create(bench, description="d")
    assert (made["description"], made["extra_specs"], made["swap"]) == ("d", {}, "")
    path = f"{FLAVORS}/{made['id']}"
    old = bench.call("GET", path)["flavor"]
    assert "description" not in old
    assert "extra_specs" not in old
    assert bench.call("GET", path, version="2.75")["flavor"]["swap"] == 0
    changed = {"flavor": {"description": "new"}}
    bench.call("PUT", path, changed, who="admin", version="2.54", status=404)
    assert bench.call("PUT", path, changed, who="admin", version="2.55")["flavor"]["description"] == "new"


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"ram": 0},
        {"ram": "x"},
        {"vcpus": 0},
        {"disk": -1},
        {"swap": -1},
        {"rxtx_factor": 0},
        {"id": " x"},
        {"id": "a/b"},
        {"os-flavor-access:is_public": "perhaps"},
        {"wrong": 1},
    ],
)
def test_what_a_flavor_cannot_be_made_with(bench: Any, values: dict[str, Any]) -> None:
    before = names(bench)
    bench.call("POST", FLAVORS, {"flavor": {**SMALL, **values}}, who="admin", status=400)
    assert names(bench) == before


def test_ids_and_names_are_unique(bench: Any) -> None:
    create(bench, id="mine")
    bench.call("POST", FLAVORS, {"flavor": {**SMALL, "id": "mine", "name": "x"}}, who="admin", status=409)
    bench.call("POST", FLAVORS, {"flavor": SMALL}, who="admin", status=409)


def test_only_admins_make_and_remove_flavors(bench: Any) -> None:
    bench.call("POST", FLAVORS, {"flavor": SMALL}, status=403)
    bench.call("DELETE", f"{FLAVORS}/1", status=403)
    bench.call("DELETE", f"{FLAVORS}/1", who="admin", status=202)
    bench.call("GET", f"{FLAVORS}/1", status=404)


def test_access_to_a_private_flavor(bench: Any) -> None:
    flavor = create(bench, **{"os-flavor-access:is_public": False})
    path, ann = f"{FLAVORS}/{flavor['id']}", bench.projects["ann"]
    bench.call("GET", path, status=404)
    let_in = {"addTenantAccess": {"tenant": ann}}
    bench.call("POST", f"{path}/action", let_in, status=403)
    (access,) = bench.call("POST", f"{path}/action", let_in, who="admin")["flavor_access"]
    assert access == {"flavor_id": flavor["id"], "tenant_id": ann}
    bench.call("POST", f"{path}/action", let_in, who="admin", status=409)
    bench.call("GET", path)
    assert "small" in names(bench)
    assert "small" not in names(bench, who="bob")
    assert names(bench, "is_public=false", who="admin") == ["small"]
    assert "small" in names(bench, "is_public=none", who="admin")
    put_out = {"removeTenantAccess": {"tenant": ann}}
    bench.call("POST", f"{path}/action", put_out, who="admin")
    bench.call("POST", f"{path}/action", put_out, who="admin", status=404)
    bench.call("GET", path, status=404)
    bench.call("GET", f"{FLAVORS}/1/os-flavor-access", who="admin", status=404)


def test_extra_specs(bench: Any) -> None:
    path = f"{FLAVORS}/{create(bench)['id']}/os-extra_specs"
    bench.call("POST", path, {"extra_specs": {"a": "1", "hw:b": "2"}}, who="admin")
    assert bench.call("PUT", f"{path}/a", {"a": "3"}, who="admin") == {"a": "3"}
    bench.call("PUT", f"{path}/a", {"b": "3"}, who="admin", status=400)
    assert bench.call("GET", path) == {"extra_specs": {"a": "3", "hw:b": "2"}}
    bench.call("DELETE", f"{path}/a", status=403)
    bench.call("DELETE", f"{path}/a", who="admin")
    bench.call("GET", f"{path}/a", status=404)
    bench.call("POST", path, {"extra_specs": {"a": None}}, who="admin", status=400)


def test_filters_and_pages(bench: Any) -> None:
    assert names(bench, "minRam=8192") == ["m1.large", "m1.xlarge"]
    assert names(bench, "minDisk=81") == ["m1.xlarge"]
    page = bench.call("GET", f"{FLAVORS}?limit=4")
    assert "limit=4&marker=4" in page["flavors_links"][0]["href"]
    assert names(bench, "limit=4&marker=4") == ["m1.nano", "m1.xlarge", "m1.micro"]


@pytest.mark.parametrize("query", ["minRam=x", "minDisk=-1", "limit=-1", "marker=nothing", "sort_key=wrong"])
def test_a_listing_that_makes_no_sense(bench: Any, query: str) -> None:
    bench.call("GET", f"{FLAVORS}?{query}", status=400)
