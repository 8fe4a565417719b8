"""Host aggregates and availability zones in Nova."""

from __future__ import annotations

import pytest

from tests.support.json import Json
from tests.support.nova import NovaBench

AGGREGATES = "/os-aggregates"


def create(bench: NovaBench, name: str = "a", **fields: object) -> str:
    """Create an aggregate and return its path."""
    made = bench.call("POST", AGGREGATES, {"aggregate": {"name": name, **fields}}, by="admin")["aggregate"]
    return f"{AGGREGATES}/{made['id']}"


def act(bench: NovaBench, path: str, action: str, status: int = 200, **fields: object) -> Json:
    """Request an action on an aggregate, check the status, and return the aggregate."""
    answer = bench.call("POST", f"{path}/action", {action: fields}, by="admin", status=status)
    return answer.get("aggregate")


def zones(bench: NovaBench) -> dict[str, list[str]]:
    listed = bench.call("GET", "/os-availability-zone/detail", by="admin")["availabilityZoneInfo"]
    return {zone["zoneName"]: sorted(zone["hosts"]) for zone in listed}


def test_an_aggregate_from_its_creation_to_its_end(bench: NovaBench) -> None:
    path = create(bench, availability_zone="z")

    assert act(bench, path, "add_host", host="compute-1")["hosts"] == ["compute-1"]

    assert zones(bench) == {"internal": ["controller"], "nova": ["compute-2"], "z": ["compute-1"]}
    assert bench.nova.zone_of("compute-1") == "z"
    act(bench, path, "add_host", 409, host="compute-1")
    act(bench, path, "add_host", 404, host="nobody")
    bench.call("DELETE", path, by="admin", status=400)
    act(bench, path, "remove_host", host="compute-1")
    act(bench, path, "remove_host", 404, host="compute-1")
    bench.call("DELETE", path, by="admin")
    bench.call("GET", path, by="admin", status=404)
    assert bench.nova.zone_of("compute-1") == "nova"


def test_metadata_is_added_and_removed_and_may_set_the_zone(bench: NovaBench) -> None:
    path = create(bench)

    assert act(bench, path, "set_metadata", metadata={"a": "1", "b": "2"})["metadata"] == {"a": "1", "b": "2"}
    assert act(bench, path, "set_metadata", metadata={"a": None})["metadata"] == {"b": "2"}
    assert act(bench, path, "set_metadata", metadata={"availability_zone": "z"})["availability_zone"] == "z"
    act(bench, path, "set_metadata", 400, metadata={"a": 1})
    act(bench, path, "set_metadata", 400, metadata={"availability_zone": "a:b"})


def test_an_update_changes_name_and_zone(bench: NovaBench) -> None:
    path = create(bench)
    create(bench, "other")

    body = {"aggregate": {"name": " b ", "availability_zone": "z"}}
    changed = bench.call("PUT", path, body, by="admin", version="2.41")["aggregate"]

    assert (changed["name"], changed["availability_zone"]) == ("b", "z")
    assert "uuid" in changed
    bench.call("PUT", path, {"aggregate": {"name": "other"}}, by="admin", status=409)
    bench.call("PUT", path, {"aggregate": {}}, by="admin", status=400)


def test_no_compute_is_in_two_zones(bench: NovaBench) -> None:
    first = create(bench, "a", availability_zone="y")
    second = create(bench, "b", availability_zone="z")
    third = create(bench, "c")

    act(bench, first, "add_host", host="compute-1")

    act(bench, second, "add_host", 409, host="compute-1")
    act(bench, third, "add_host", host="compute-1")
    act(bench, third, "set_metadata", 409, metadata={"availability_zone": "z"})
    body = {"aggregate": {"name": "new", "availability_zone": "z"}}
    bench.call("PUT", third, body, by="admin", status=409)
    assert bench.call("GET", third, by="admin")["aggregate"]["name"] == "c"


def test_a_compute_with_servers_does_not_change_its_zone(bench: NovaBench) -> None:
    path = create(bench, availability_zone="z")
    assert bench.boot().host == "compute-1"

    act(bench, path, "add_host", 409, host="compute-1")

    act(bench, path, "add_host", host="compute-2")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"name": " a"},
        {"name": "a", "availability_zone": "a:b"},
        {"name": "a", "x": 1},
        {},
    ],
)
def test_an_aggregate_with_wrong_fields_is_not_created(bench: NovaBench, fields: dict[str, object]) -> None:
    bench.call("POST", AGGREGATES, {"aggregate": fields}, by="admin", status=400)

    assert bench.call("GET", AGGREGATES, by="admin") == {"aggregates": []}


def test_aggregates_are_for_admins(bench: NovaBench) -> None:
    path = create(bench)

    for method, target in (
        ("GET", AGGREGATES),
        ("GET", path),
        ("DELETE", path),
        ("GET", "/os-availability-zone/detail"),
    ):
        bench.call(method, target, status=403)
    bench.call("GET", f"{AGGREGATES}/x", by="admin", status=404)
    bench.call("POST", f"{path}/action", {"wrong": {}}, by="admin", status=400)
    two_actions = {"add_host": {"host": "compute-1"}, "remove_host": {"host": "compute-1"}}
    bench.call("POST", f"{path}/action", two_actions, by="admin", status=400)


def test_a_zone_is_available_while_one_of_its_computes_is_enabled(bench: NovaBench) -> None:
    (zone,) = bench.call("GET", "/os-availability-zone")["availabilityZoneInfo"]
    assert zone == {"zoneName": "nova", "zoneState": {"available": True}, "hosts": None}

    for compute in bench.nova.computes.values():
        bench.nova.set_service(compute, status="disabled")

    (zone,) = bench.call("GET", "/os-availability-zone")["availabilityZoneInfo"]
    assert zone["zoneState"] == {"available": False}


@pytest.mark.parametrize(
    ("version", "image", "status"),
    [
        ("2.81", "known", 202),
        ("2.80", "known", 404),
        ("2.81", "x", 400),
        ("2.81", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", 400),
    ],
)
def test_images_to_be_cached_must_exist(bench: NovaBench, version: str, image: str, status: int) -> None:
    path = f"{create(bench)}/images"
    body = {"cache": [{"id": bench.image if image == "known" else image}]}

    bench.call("POST", path, body, by="admin", version=version, status=status)

    bench.call("POST", path, {"cache": ["x"]}, by="admin", version="2.81", status=400)
    bench.call("POST", path, {"cache": []}, by="admin", version="2.81", status=400)
