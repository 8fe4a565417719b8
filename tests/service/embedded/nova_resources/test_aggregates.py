from __future__ import annotations

from typing import Any

import pytest

AGGREGATES = "/v2.1/os-aggregates"


def create(bench: Any, name: str = "a", **values: Any) -> str:
    made = bench.call("POST", AGGREGATES, {"aggregate": {"name": name, **values}}, who="admin")["aggregate"]
    return f"{AGGREGATES}/{made['id']}"


def act(bench: Any, path: str, action: str, status: int = 200, **values: Any) -> Any:
    answer = bench.call("POST", f"{path}/action", {action: values}, who="admin", status=status)
    return answer.get("aggregate")


def zones(bench: Any) -> dict[str, Any]:
    listed = bench.call("GET", "/v2.1/os-availability-zone/detail", who="admin")["availabilityZoneInfo"]
    return {zone["zoneName"]: sorted(zone["hosts"]) for zone in listed}


def test_an_aggregate_from_its_making_to_its_end(bench: Any) -> None:
    path = create(bench, availability_zone="z")
    assert act(bench, path, "add_host", host="compute-1")["hosts"] == ["compute-1"]
    assert zones(bench) == {"internal": ["controller"], "nova": ["compute-2"], "z": ["compute-1"]}
    assert bench.world.nova.zone_of("compute-1") == "z"
    act(bench, path, "add_host", 409, host="compute-1")
    act(bench, path, "add_host", 404, host="nobody")
    bench.call("DELETE", path, who="admin", status=400)
    act(bench, path, "remove_host", host="compute-1")
    act(bench, path, "remove_host", 404, host="compute-1")
    bench.call("DELETE", path, who="admin")
    bench.call("GET", path, who="admin", status=404)
    assert bench.world.nova.zone_of("compute-1") == "nova"


def test_metadata(bench: Any) -> None:
    path = create(bench)
    assert act(bench, path, "set_metadata", metadata={"a": "1", "b": "2"})["metadata"] == {"a": "1", "b": "2"}
    assert act(bench, path, "set_metadata", metadata={"a": None})["metadata"] == {"b": "2"}
    assert act(bench, path, "set_metadata", metadata={"availability_zone": "z"})["availability_zone"] == "z"
    act(bench, path, "set_metadata", 400, metadata={"a": 1})


def test_renaming_and_its_zone(bench: Any) -> None:
    path = create(bench)
    create(bench, "other")
    changed = bench.call(
        "PUT", path, {"aggregate": {"name": "b", "availability_zone": "z"}}, who="admin", version="2.41"
    )
    assert (changed["aggregate"]["name"], changed["aggregate"]["availability_zone"]) == ("b", "z")
    assert "uuid" in changed["aggregate"]
    bench.call("PUT", path, {"aggregate": {"name": "other"}}, who="admin", status=409)
    bench.call("PUT", path, {"aggregate": {}}, who="admin", status=400)


def test_no_compute_is_in_two_zones(bench: Any) -> None:
    first, second, third = (
        create(bench, "a", availability_zone="y"),
        create(bench, "b", availability_zone="z"),
        create(bench, "c"),
    )
    act(bench, first, "add_host", host="compute-1")
    act(bench, second, "add_host", 409, host="compute-1")
    act(bench, third, "add_host", host="compute-1")
    act(bench, third, "set_metadata", 409, metadata={"availability_zone": "z"})
    body = {"aggregate": {"name": "new", "availability_zone": "z"}}
    bench.call("PUT", third, body, who="admin", status=409)
    assert bench.call("GET", third, who="admin")["aggregate"]["name"] == "c"


def test_servers_do_not_change_their_zone(bench: Any) -> None:
    path = create(bench, availability_zone="z")
    bench.world.nova.computes["compute-1"].servers["s"] = object()
    act(bench, path, "add_host", 409, host="compute-1")
    act(bench, path, "add_host", host="compute-2")


@pytest.mark.parametrize(
    "values", [{"name": ""}, {"name": "x" * 256}, {"name": "a", "availability_zone": "a:b"}, {"name": "a", "x": 1}, {}]
)
def test_what_is_refused(bench: Any, values: dict[str, Any]) -> None:
    bench.call("POST", AGGREGATES, {"aggregate": values}, who="admin", status=400)


def test_aggregates_are_for_admins(bench: Any) -> None:
    path = create(bench)
    for method, target in (
        ("GET", AGGREGATES),
        ("GET", path),
        ("DELETE", path),
        ("GET", "/v2.1/os-availability-zone/detail"),
    ):
        bench.call(method, target, status=403)
    bench.call("GET", f"{AGGREGATES}/x", who="admin", status=404)
    bench.call("POST", f"{path}/action", {"wrong": {}}, who="admin", status=400)


def test_a_zone_is_available_while_a_compute_is_enabled(bench: Any) -> None:
    (zone,) = bench.call("GET", "/v2.1/os-availability-zone")["availabilityZoneInfo"]
    assert zone == {"zoneName": "nova", "zoneState": {"available": True}, "hosts": None}
    for compute in bench.world.nova.computes.values():
        compute.status = "disabled"
    (zone,) = bench.call("GET", "/v2.1/os-availability-zone")["availabilityZoneInfo"]
    assert zone["zoneState"] == {"available": False}


def test_images_to_be_cached_must_be_there(bench: Any) -> None:
    path = create(bench)
    image_id = next(iter(bench.world.glance.images))
    bench.call("POST", f"{path}/images", {"cache": [{"id": image_id}]}, who="admin", version="2.81", status=202)
    bench.call("POST", f"{path}/images", {"cache": [{"id": "x"}]}, who="admin", version="2.81", status=400)
    bench.call("POST", f"{path}/images", {"cache": ["x"]}, who="admin", version="2.81", status=400)
    bench.call("POST", f"{path}/images", {"cache": [{"id": image_id}]}, who="admin", version="2.80", status=404)
