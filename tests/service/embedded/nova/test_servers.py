from typing import Any

import pytest


def test_a_server_is_built_on_the_emptiest_compute_and_goes_away(cloud: Any) -> None:
    first = cloud.boot("first")
    second = cloud.boot("second")
    assert (first.status, first.host, second.host) == ("ACTIVE", "compute-1", "compute-2")
    assert cloud.guest(first) == [(6.0, True)]
    assert cloud.call("DELETE", f"/servers/{first.id}", by="demo").status_code == 204
    assert cloud.call("GET", f"/servers/{first.id}", by="demo").json["server"]["OS-EXT-STS:task_state"] == "deleting"
    cloud.wait(2)
    assert cloud.call("GET", f"/servers/{first.id}", by="demo").status_code == 404
    assert cloud.guest(first) == [(6.0, True), (20.0, False)]
    assert cloud.nova.usage("compute-1").vcpus == 0
    assert [event.data["status"] for event in cloud.history.of("server", server_id=first.id)] == [
        "BUILD",
        "BUILD",
        "ACTIVE",
        "ACTIVE",
        "DELETED",
    ]


def test_what_fits_nowhere_goes_to_error(cloud: Any) -> None:
    servers = [cloud.boot(f"s{number}", wait=0.0) for number in range(6)]
    late = cloud.boot("late")
    assert {server.status for server in servers} == {"ACTIVE"}
    shown = cloud.call("GET", f"/servers/{late.id}", by="demo").json["server"]
    assert (shown["status"], shown["fault"]["code"]) == ("ERROR", 500)
    assert shown["fault"]["message"] == "No valid host was found. "
    assert cloud.call("DELETE", f"/servers/{late.id}", by="demo").status_code == 204
    assert late.id not in cloud.nova.servers


def test_only_an_admin_sees_where_a_server_is(cloud: Any) -> None:
    server = cloud.boot()
    shown = cloud.call("GET", f"/servers/{server.id}", by="demo", version="2.96").json["server"]
    assert not [key for key in shown if key.startswith("OS-EXT-SRV-ATTR") and not key.endswith("hostname")]
    assert len(shown["hostId"]) == 56
    shown = cloud.call("GET", f"/servers/{server.id}", version="2.96").json["server"]
    assert shown["OS-EXT-SRV-ATTR:host"] == "compute-1"
    assert cloud.call("GET", f"/servers/{server.id}", by="other").status_code == 404


def test_a_user_may_not_list_all_projects(cloud: Any) -> None:
    cloud.boot()
    assert cloud.call("GET", "/servers?all_tenants=1", by="demo").status_code == 403
    assert len(cloud.call("GET", "/servers?all_tenants=1").json["servers"]) == 1
    assert cloud.call("GET", "/servers").json["servers"] == []
    assert cloud.call("GET", "/servers", by="other").json["servers"] == []


def test_pages_follow_one_another(cloud: Any) -> None:
    servers = [cloud.boot(f"s{number}") for number in range(3)]
    seen, path = [], "/servers?limit=2"
    while path:
        answer = cloud.call("GET", path, by="demo").json
        seen += [item["id"] for item in answer["servers"]]
        path = answer["servers_links"][0]["href"].partition("/v2.1")[2] if "servers_links" in answer else ""
    assert seen == [server.id for server in reversed(servers)]
    assert cloud.call("GET", "/servers?marker=none", by="demo").status_code == 400


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
    ],
)
def test_listings_are_filtered(cloud: Any, query: Any, found: Any) -> None:
    cloud.boot("first")
    cloud.boot("second")
    order = "" if "sort" in query else "&sort_key=display_name&sort_dir=asc"
    answer = cloud.call("GET", f"/servers?all_tenants=1&{query}{order}").json
    assert [item["name"] for item in answer["servers"]] == found


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"flavorRef": "none"},
        {"imageRef": "none"},
        {"imageRef": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"},
        {"unknown": 1},
        {"metadata": {"key": "x" * 256}},
        {"key_name": "none"},
        {"networks": [{"uuid": "x"}]},
        {"min_count": 3, "max_count": 2},
        {"availability_zone": "nowhere"},
        {"flavorRef": {}},
        {"security_groups": "default"},
        {"block_device_mapping_v2": [{"boot_index": 0, "source_type": "volume", "uuid": "x"}]},
    ],
)
def test_bad_requests_make_no_server(cloud: Any, change: Any) -> None:
    body = {"server": {"name": "one", "flavorRef": "3", "imageRef": cloud.image, **change}}
    answer = cloud.call("POST", "/servers", body, by="demo")
    assert answer.status_code == 400, answer.text
    assert answer.json["badRequest"]["code"] == 400
    assert cloud.nova.servers == {}


def test_the_quota_is_kept(cloud: Any) -> None:
    cloud.nova.quotas.set("a" * 32, None, {"instances": 1})
    cloud.boot()
    body = {"server": {"name": "two", "flavorRef": "3", "imageRef": cloud.image}}
    answer = cloud.call("POST", "/servers", body, by="demo")
    assert answer.status_code == 403
    message = "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances"
    assert answer.json["forbidden"]["message"] == message


def test_an_admin_may_name_the_compute(cloud: Any) -> None:
    named = cloud.boot(by="admin", availability_zone="nova:compute-3")
    assert named.host == "compute-3"
    body = {"server": {"name": "x", "flavorRef": "3", "imageRef": cloud.image, "availability_zone": "nova:compute-3"}}
    assert cloud.call("POST", "/servers", body, by="demo").status_code == 403


def test_several_servers_at_once(cloud: Any) -> None:
    cloud.boot("many", min_count=2)
    assert [server.name for server in cloud.nova.servers.values()] == ["many-1", "many-2"]


def test_anti_affinity_keeps_members_apart(cloud: Any) -> None:
    group = cloud.group()
    hosts = [cloud.boot(f"s{number}", hints={"group": group}).host for number in range(4)]
    assert hosts == ["compute-1", "compute-2", "compute-3", None]
    assert cloud.history.of("server_group")[-1].data["members"] == tuple(cloud.nova.servers)


def test_metadata_and_tags(cloud: Any) -> None:
    server = cloud.boot(metadata={"a": "1"})
    path = f"/servers/{server.id}"
    assert cloud.call("POST", f"{path}/metadata", {"metadata": {"b": "2"}}, by="demo").json["metadata"] == {
        "a": "1",
        "b": "2",
    }
    assert cloud.call("PUT", f"{path}/metadata/c", {"meta": {"d": "1"}}, by="demo").status_code == 400
    assert cloud.call("DELETE", f"{path}/metadata/a", by="demo").status_code == 204
    assert cloud.call("GET", f"{path}/metadata/a", by="demo").status_code == 404
    assert cloud.call("PUT", f"{path}/tags/blue", by="demo", version="2.26").status_code == 201
    assert cloud.call("PUT", f"{path}/tags/blue", by="demo", version="2.26").status_code == 204
    assert cloud.call("GET", "/servers?tags=blue", by="demo", version="2.26").json["servers"][0]["id"] == server.id
