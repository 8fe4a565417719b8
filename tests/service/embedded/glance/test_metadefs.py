"""Glance's metadata definitions: namespaces, and the objects, properties, tags and resource types in them."""

import pytest

from tests.support.glance import GlanceBench

NAMESPACES = "/v2/metadefs/namespaces"
SPACE = f"{NAMESPACES}/space"


@pytest.fixture
def space(bench: GlanceBench) -> str:
    body = {"namespace": "space", "visibility": "public", "resource_type_associations": [{"name": "OS::Nova::Flavor"}]}
    bench.call("POST", NAMESPACES, body, who="admin", status=201)
    return SPACE


def test_a_namespace_is_created_changed_and_deleted(bench: GlanceBench, space: str) -> None:
    assert bench.call("GET", space)["resource_type_associations"][0]["name"] == "OS::Nova::Flavor"
    bench.call("POST", NAMESPACES, {"namespace": "space"}, who="admin", status=409)
    bench.call("POST", NAMESPACES, {"namespace": "other"}, status=403)
    changed = {"namespace": "space", "visibility": "private", "protected": True}
    bench.call("PUT", space, changed, who="admin")
    bench.call("GET", space, status=404)
    assert bench.call("GET", NAMESPACES)["namespaces"] == []
    bench.call("DELETE", space, who="admin", status=403)
    bench.call("PUT", space, {**changed, "protected": False}, who="admin")
    bench.call("DELETE", space, who="admin", status=204)
    bench.call("GET", space, who="admin", status=404)


@pytest.mark.parametrize("kind", ["objects", "properties"])
def test_definitions_are_created_replaced_and_deleted(bench: GlanceBench, space: str, kind: str) -> None:
    body = {"name": "one", "title": "One", "type": "string"} if kind == "properties" else {"name": "one"}
    bench.call("POST", f"{space}/{kind}", body, who="admin", status=201)
    bench.call("POST", f"{space}/{kind}", body, who="admin", status=409)
    bench.call("POST", f"{space}/{kind}", {**body, "name": "x", "wrong": 1}, who="admin", status=400)
    assert bench.call("PUT", f"{space}/{kind}/one", {**body, "name": "two"}, who="admin")["name"] == "two"
    bench.call("GET", f"{space}/{kind}/one", status=404)
    assert len(bench.call("GET", f"{space}/{kind}")[kind]) == 1
    bench.call("DELETE", f"{space}/{kind}/two", who="admin", status=204)
    assert len(bench.call("GET", f"{space}/{kind}")[kind]) == 0


def test_tags_come_as_a_list_or_one_by_one(bench: GlanceBench, space: str) -> None:
    bench.call("POST", f"{space}/tags", {"tags": [{"name": "a"}, {"name": "b"}]}, who="admin", status=201)
    bench.call("POST", f"{space}/tags/c", who="admin", status=201)
    assert [tag["name"] for tag in bench.call("GET", f"{space}/tags")["tags"]] == ["a", "b", "c"]
    bench.call("DELETE", f"{space}/tags", who="admin", status=204)
    assert bench.call("GET", f"{space}/tags")["tags"] == []


def test_a_list_of_tags_replaces_the_others_or_is_appended(bench: GlanceBench, space: str) -> None:
    def post(*names: str, append: str = "") -> int:
        headers = {"X-Openstack-Append": append} if append else {}
        body = {"tags": [{"name": name} for name in names]}
        return bench.ask("POST", f"{space}/tags", body, who="admin", headers=headers).status_code

    def names() -> list[str]:
        return [tag["name"] for tag in bench.call("GET", f"{space}/tags")["tags"]]

    assert post("a", "b") == 201
    assert post("c", append="True") == 201
    assert names() == ["a", "b", "c"]
    assert post("d", "a", append="True") == 409
    assert post() == 201
    assert names() == ["a", "b", "c"]
    assert post("d", append="False") == 201
    assert names() == ["d"]


def test_a_namespace_with_one_bad_part_is_not_made(bench: GlanceBench) -> None:
    bad = {"namespace": "space", "objects": [{"name": "good"}, {"name": ""}]}
    bench.call("POST", NAMESPACES, bad, who="admin", status=400)
    bench.call("GET", SPACE, who="admin", status=404)


def test_resource_types_are_associated_and_dissociated(bench: GlanceBench, space: str) -> None:
    path = f"{space}/resource_types"
    bench.call("POST", path, {"name": "Mine", "prefix": "m_"}, who="admin", status=201)
    assert "Mine" in [kind["name"] for kind in bench.call("GET", "/v2/metadefs/resource_types")["resource_types"]]
    bench.call("DELETE", f"{path}/Mine", who="admin", status=204)
    bench.call("DELETE", f"{path}/Mine", who="admin", status=404)
