"""Creating, listing, showing and deleting servers."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench


def names(bench: NovaBench, query: str, *, by: str = "admin", version: str = "2.1") -> list[str]:
    found = bench.call("GET", f"/servers?{query}", by=by, version=version)["servers"]
    return [server["name"] for server in found]


# -- creating and deleting ---------------------------------------------------------------------------------------------


def test_a_server_is_created_on_the_emptiest_compute_and_deleted_in_steps(bench: NovaBench) -> None:
    first = bench.boot("first")
    second = bench.boot("second")
    assert (first.status, first.host, second.host) == ("ACTIVE", "compute-1", "compute-2")
    assert bench.guest(first) == [(6.0, True)]

    bench.call("DELETE", f"/servers/{first.id}", status=204)

    assert bench.call("GET", f"/servers/{first.id}")["server"]["OS-EXT-STS:task_state"] == "deleting"
    bench.wait(2)
    bench.call("GET", f"/servers/{first.id}", status=404)
    assert bench.guest(first) == [(6.0, True), (20.0, False)]
    assert bench.nova.usage("compute-1").vcpus == 0
    states = [event.data["status"] for event in bench.history.of("server", server_id=first.id)]
    assert states == ["BUILD", "BUILD", "ACTIVE", "ACTIVE", "DELETED"]


def test_a_server_without_a_compute_goes_to_error(bench: NovaBench) -> None:
    servers = [bench.boot(f"s{number}", wait=0.0) for number in range(6)]

    late = bench.boot("late")

    assert {server.status for server in servers} == {"ACTIVE"}
    shown = bench.call("GET", f"/servers/{late.id}")["server"]
    assert (shown["status"], shown["fault"]["code"]) == ("ERROR", 500)
    assert shown["fault"]["message"] == "No valid host was found. "
    bench.call("DELETE", f"/servers/{late.id}", status=204)
    assert late.id not in bench.nova.servers


def test_a_create_request_beyond_the_quota_is_forbidden(bench: NovaBench) -> None:
    bench.nova.quotas.set(bench.projects["ann"], None, {"instances": 1})
    bench.boot()

    body = {"server": {"name": "two", "flavorRef": "3", "imageRef": bench.image}}
    error = bench.call("POST", "/servers", body, status=403)

    message = "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances"
    assert error["forbidden"]["message"] == message


def test_only_an_admin_may_name_the_compute(bench: NovaBench) -> None:
    assert bench.boot(by="admin", availability_zone="nova:compute-3").host == "compute-3"

    server = {"name": "x", "flavorRef": "3", "imageRef": bench.image, "availability_zone": "nova:compute-3"}
    bench.call("POST", "/servers", {"server": server}, status=403)


def test_several_servers_of_one_request_are_numbered(bench: NovaBench) -> None:
    bench.boot("many", min_count=2)

    assert [server.name for server in bench.nova.servers.values()] == ["many-1", "many-2"]


def test_as_many_servers_are_created_as_the_quota_allows(bench: NovaBench) -> None:
    bench.nova.quotas.set(bench.projects["ann"], None, {"instances": 2})

    bench.boot("many", min_count=1, max_count=3)

    assert [server.name for server in bench.nova.servers.values()] == ["many-1", "many-2"]


def test_values_in_other_spellings_are_accepted(bench: NovaBench) -> None:
    flavor_url = "http://cloud/compute/v2.1/flavors/3"

    server = bench.boot(flavorRef=flavor_url, min_count="1", config_drive="on", accessIPv6="2001:DB8:0::1")

    assert (server.flavor.id, server.config_drive, server.access_ipv6) == ("3", "True", "2001:db8::1")


# -- showing -----------------------------------------------------------------------------------------------------------


def test_only_an_admin_sees_where_a_server_is(bench: NovaBench) -> None:
    server = bench.boot()

    shown = bench.call("GET", f"/servers/{server.id}", version="2.96")["server"]

    assert not [key for key in shown if key.startswith("OS-EXT-SRV-ATTR") and not key.endswith("hostname")]
    assert len(shown["hostId"]) == 56
    shown = bench.call("GET", f"/servers/{server.id}", by="admin", version="2.96")["server"]
    assert shown["OS-EXT-SRV-ATTR:host"] == "compute-1"
    bench.call("GET", f"/servers/{server.id}", by="bob", status=404)


def test_an_update_changes_name_description_and_addresses(bench: NovaBench) -> None:
    server = bench.boot()
    changes = {"name": "new", "description": None, "accessIPv4": "192.0.2.9", "OS-DCF:diskConfig": "AUTO"}

    shown = bench.call("PUT", f"/servers/{server.id}", {"server": changes}, version="2.19")["server"]

    assert (shown["name"], shown["accessIPv4"], shown["OS-DCF:diskConfig"]) == ("new", "192.0.2.9", "AUTO")
    assert (server.name, server.description) == ("new", None)
    bench.call("PUT", f"/servers/{server.id}", {"server": {"description": "d"}}, version="2.18", status=400)


# -- listing -----------------------------------------------------------------------------------------------------------


def test_only_an_admin_may_list_all_projects(bench: NovaBench) -> None:
    bench.boot()

    bench.call("GET", "/servers?all_tenants=1", status=403)
    assert names(bench, "all_tenants=1") == ["one"]
    assert names(bench, "") == []
    assert names(bench, "", by="bob") == []


def test_the_pages_of_a_listing_follow_each_other(bench: NovaBench) -> None:
    servers = [bench.boot(f"s{number}") for number in range(3)]

    seen: list[str] = []
    path = "/servers?limit=2"
    while path:
        answer = bench.call("GET", path)
        seen += [item["id"] for item in answer["servers"]]
        path = answer["servers_links"][0]["href"].partition("/v2.1")[2] if "servers_links" in answer else ""

    assert seen == [server.id for server in reversed(servers)]
    bench.call("GET", "/servers?marker=none", status=400)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=^f", ["first"]),
        ("status=active", ["first", "second"]),
        ("status=error", []),
        ("host=compute-2", ["second"]),
        ("host=nowhere", []),
        ("flavor=3", ["first", "second"]),
        ("sort_key=display_name&sort_dir=desc", ["second", "first"]),
        ("changes-since=2030-01-01T00:00:12Z", ["second"]),
        ("unknown=1", ["first", "second"]),
    ],
)
def test_a_listing_is_filtered_and_sorted(bench: NovaBench, query: str, found: list[str]) -> None:
    bench.boot("first")
    bench.boot("second")
    order = "" if "sort" in query else "&sort_key=display_name&sort_dir=asc"

    assert names(bench, f"all_tenants=1&{query}{order}") == found


@pytest.mark.parametrize(
    ("query", "version", "message"),
    [
        ("limit=-1", "2.1", "Invalid input for query parameters limit. Value: -1."),
        ("sort_key=beauty", "2.1", "Invalid input for query parameters sort_key. Value: beauty."),
        ("sort_key=vcpus", "2.75", "Invalid input for query parameters sort_key. Value: vcpus."),
        ("changes-since=yesterday", "2.1", "Invalid input for query parameters changes-since. Value: yesterday."),
        ("name=(", "2.1", "Invalid input for query parameters name. Value: (."),
        ("unknown=1", "2.75", "Additional properties are not allowed ('unknown' was unexpected)"),
        ("status=happy", "2.38", "Invalid status value"),
        ("all_tenants=perhaps", "2.1", "Unrecognized value 'perhaps', acceptable values are: "),
        ("sort_dir=up", "2.1", "Invalid input for query parameters sort_dir."),
    ],
)
def test_a_malformed_query_is_refused_in_words_of_nova(
    bench: NovaBench, query: str, version: str, message: str
) -> None:
    error = bench.call("GET", f"/servers?{query}", by="admin", version=version, status=400)

    assert error["badRequest"]["message"].startswith(message)


def test_sort_keys_without_meaning_are_ignored_before_2_75(bench: NovaBench) -> None:
    bench.boot("first")
    bench.boot("second")

    assert names(bench, "sort_key=vcpus&sort_dir=asc", by="ann") == ["first", "second"]


# -- metadata and tags -------------------------------------------------------------------------------------------------


def test_metadata_is_added_replaced_and_deleted(bench: NovaBench) -> None:
    path = f"/servers/{bench.boot(metadata={'a': '1'}).id}/metadata"

    assert bench.call("POST", path, {"metadata": {"b": "2"}})["metadata"] == {"a": "1", "b": "2"}

    assert bench.call("PUT", f"{path}/b", {"meta": {"b": "3"}}) == {"meta": {"b": "3"}}
    bench.call("PUT", f"{path}/c", {"meta": {"d": "1"}}, status=400)
    bench.call("PUT", f"{path}/c", {"meta": {"c": "1", "d": "1"}}, status=400)
    bench.call("DELETE", f"{path}/a", status=204)
    bench.call("GET", f"{path}/a", status=404)
    assert bench.call("GET", path)["metadata"] == {"b": "3"}
    assert bench.call("PUT", path, {"metadata": {}})["metadata"] == {}


def test_tags_are_added_once_and_found(bench: NovaBench) -> None:
    server = bench.boot()
    path = f"/servers/{server.id}/tags"

    bench.call("PUT", f"{path}/blue", version="2.26", status=201)
    bench.call("PUT", f"{path}/blue", version="2.26", status=204)

    assert bench.call("GET", "/servers?tags=blue", version="2.26")["servers"][0]["id"] == server.id
    bench.call("PUT", path, {"tags": [f"t{number}" for number in range(51)]}, version="2.26", status=400)
    tags = bench.call("PUT", path, {"tags": [f"t{number}" for number in range(50)]}, version="2.26")["tags"]
    assert len(tags) == 50
    bench.call("PUT", f"{path}/blue", version="2.26", status=400)
    error = bench.call("PUT", f"{path}/{'x' * 61}", version="2.26", status=400)
    assert error["badRequest"]["message"].startswith(f"Tag '{'x' * 61}' is invalid.")
