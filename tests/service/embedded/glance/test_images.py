"""Images in Glance: their data, their fields, who may see and change them, and how they are listed."""

import pytest

from tests.support.glance import GlanceBench
from tests.support.json import Json

IMAGES = "/v2/images"
OCTETS = "application/octet-stream"
PATCH = "application/openstack-images-v2.1-json-patch"


def create(bench: GlanceBench, who: str = "ann", **values: Json) -> Json:
    body = {"name": "i", "disk_format": "raw", "container_format": "bare", **values}
    return bench.call("POST", IMAGES, body, who=who, status=201)


def names(bench: GlanceBench, query: str = "", who: str = "ann") -> list[str]:
    return [image["name"] for image in bench.call("GET", f"{IMAGES}?{query}", who=who)["images"]]


def test_versions_are_there_without_a_token(bench: GlanceBench) -> None:
    versions = bench.call("GET", "/", who="", status=300)["versions"]
    assert versions[0]["status"] == "CURRENT"
    assert versions[0]["links"][0]["href"].endswith("/v2/")
    assert bench.call("GET", "/versions", who="")["versions"] == versions
    bench.call("GET", IMAGES, who="", status=401)


def test_everybody_sees_cirros_from_the_start(bench: GlanceBench) -> None:
    (cirros,) = bench.call("GET", IMAGES)["images"]
    assert (cirros["name"], cirros["status"], cirros["visibility"]) == ("cirros", "active", "public")
    assert cirros["owner"] == bench.projects["admin"]


def test_data_is_uploaded_and_downloaded(bench: GlanceBench) -> None:
    path = f"{IMAGES}/{create(bench)['id']}"
    assert bench.ask("GET", f"{path}/file").status_code == 204
    bench.call("PUT", f"{path}/file", b"octets", content_type=OCTETS, status=204)
    image = bench.call("GET", path)
    assert (image["status"], image["size"], image["os_hash_algo"]) == ("active", 6, "sha512")
    answer = bench.ask("GET", f"{path}/file")
    assert answer.data == b"octets"
    assert answer.headers["Content-MD5"] == image["checksum"]
    part = bench.ask("GET", f"{path}/file", headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.data) == (206, b"ct")
    bench.call("PUT", f"{path}/file", b"again", content_type=OCTETS, status=409)


def test_data_of_another_type_or_without_formats_is_refused(bench: GlanceBench) -> None:
    image = create(bench)
    bench.call("PUT", f"{IMAGES}/{image['id']}/file", b"x", content_type="text/plain", status=415)
    bare = bench.call("POST", IMAGES, {"name": "bare"}, status=201)
    bench.call("PUT", f"{IMAGES}/{bare['id']}/file", b"x", content_type=OCTETS, status=400)
    assert bench.call("GET", f"{IMAGES}/{bare['id']}")["status"] == "queued"


def test_staged_data_can_be_imported(bench: GlanceBench) -> None:
    path = f"{IMAGES}/{create(bench)['id']}"
    method = {"method": {"name": "glance-direct"}}
    bench.call("POST", f"{path}/import", method, status=409)
    bench.call("PUT", f"{path}/stage", b"octets", content_type=OCTETS, status=204)
    assert bench.call("GET", path)["status"] == "uploading"
    answer = bench.ask("POST", f"{path}/import", method)
    assert answer.status_code == 202
    assert bench.call("GET", path)["size"] == 6
    (task,) = bench.call("GET", f"{path}/tasks")["tasks"]
    assert task["status"] == "success"
    assert task["request_id"] == answer.headers["x-openstack-request-id"]
    assert bench.call("GET", f"/v2/tasks/{task['id']}", who="admin")["input"]["import_req"] == method
    bench.call("GET", "/v2/tasks", status=403)


def test_the_data_of_a_deactivated_image_is_for_admins_only(bench: GlanceBench) -> None:
    path = f"{IMAGES}/{create(bench)['id']}"
    bench.call("POST", f"{path}/actions/deactivate", status=403)
    bench.call("PUT", f"{path}/file", b"octets", content_type=OCTETS, status=204)
    bench.call("POST", f"{path}/actions/deactivate", status=204)
    assert bench.ask("GET", f"{path}/file").status_code == 403
    assert bench.ask("GET", f"{path}/file", who="admin").data == b"octets"
    bench.call("POST", f"{path}/actions/reactivate", status=204)
    assert bench.ask("GET", f"{path}/file").data == b"octets"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"container_format": "wrong"}, 400),
        ({"disk_format": 1}, 400),
        ({"min_ram": -1}, 400),
        ({"visibility": "wrong"}, 400),
        ({"tags": "t"}, 400),
        ({"id": "no-uuid"}, 400),
        ({"color": 1}, 400),
        ({"status": "active"}, 403),
        ({"os_glance_x": "y"}, 403),
        ({"visibility": "public"}, 403),
        ({"owner": "another"}, 403),
    ],
)
def test_an_image_with_a_bad_or_forbidden_field_is_not_created(bench: GlanceBench, values: Json, status: int) -> None:
    bench.call("POST", IMAGES, values, status=status)
    assert names(bench) == ["cirros"]


def test_an_id_cannot_be_used_again(bench: GlanceBench) -> None:
    wanted = "6f1d0e0a-8b2f-4f7b-9c3d-2a1e6b7c8d9e"
    assert create(bench, id=wanted)["id"] == wanted
    bench.call("DELETE", f"{IMAGES}/{wanted}", status=204)
    bench.call("POST", IMAGES, {"id": wanted}, status=409)


def test_both_dialects_of_patch_are_taken(bench: GlanceBench) -> None:
    image = create(bench, color="red")
    path = f"{IMAGES}/{image['id']}"
    changes: list[Json] = [
        {"op": "replace", "path": "/name", "value": "new"},
        {"op": "add", "path": "/a~1b", "value": "x"},
        {"op": "remove", "path": "/color"},
        {"op": "replace", "path": "/tags", "value": ["t", "t"]},
    ]
    changed = bench.call("PATCH", path, changes, content_type=PATCH)
    assert (changed["name"], changed["a/b"], changed["tags"]) == ("new", "x", ["t"])
    assert "color" not in changed
    old = PATCH.replace("2.1", "2.0")
    assert bench.call("PATCH", path, [{"replace": "/name", "value": "old"}], content_type=old)["name"] == "old"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"op": "replace", "path": "/nothing", "value": "x"}, 409),
        ({"op": "remove", "path": "/nothing"}, 409),
        ({"op": "remove", "path": "/name"}, 403),
        ({"op": "replace", "path": "/size", "value": 1}, 403),
        ({"op": "replace", "path": "/id", "value": "x"}, 403),
        ({"op": "add", "path": "/os_glance_x", "value": "x"}, 403),
        ({"op": "replace", "path": "/visibility", "value": "public"}, 403),
        ({"op": "replace", "path": "/owner", "value": "bob"}, 403),
        ({"op": "replace", "path": "/protected", "value": "yes"}, 400),
        ({"op": "replace", "path": "/a/b", "value": "x"}, 400),
        ({"op": "move", "path": "/name", "value": "x"}, 400),
        ({"op": "replace", "path": "/name"}, 400),
        ("name", 400),
    ],
)
def test_a_patch_that_fails_changes_nothing(bench: GlanceBench, change: Json, status: int) -> None:
    image = create(bench)
    path = f"{IMAGES}/{image['id']}"
    patch = [{"op": "replace", "path": "/name", "value": "new"}, change]
    bench.call("PATCH", path, patch, content_type=PATCH, status=status)
    assert bench.call("GET", path) == image


@pytest.mark.parametrize("values", [{"visibility": "public"}, {"owner": "bob"}, {"owner": ["bob"]}])
def test_what_only_admins_may_say_is_refused_before_other_faults(bench: GlanceBench, values: Json) -> None:
    bench.call("POST", IMAGES, {"protected": "yes", **values}, status=403)
    bench.call("POST", IMAGES, {"protected": "yes", **values}, who="admin", status=400)
    path = f"{IMAGES}/{create(bench)['id']}"
    patch = [{"op": "replace", "path": "/protected", "value": "yes"}]
    patch += [{"op": "replace", "path": f"/{name}", "value": value} for name, value in values.items()]
    bench.call("PATCH", path, patch, content_type=PATCH, status=403)
    bench.call("PATCH", path, patch, who="admin", content_type=PATCH, status=400)


def test_a_patch_needs_its_content_type(bench: GlanceBench) -> None:
    bench.call("PATCH", f"{IMAGES}/{create(bench)['id']}", [], status=415)


def test_formats_are_fixed_once_there_is_data(bench: GlanceBench) -> None:
    path = f"{IMAGES}/{create(bench)['id']}"
    change = [{"op": "replace", "path": "/disk_format", "value": "qcow2"}]
    assert bench.call("PATCH", path, change, content_type=PATCH)["disk_format"] == "qcow2"
    bench.call("PUT", f"{path}/file", b"octets", content_type=OCTETS, status=204)
    change[0]["value"] = "raw"
    bench.call("PATCH", path, change, content_type=PATCH, status=403)


def test_others_neither_see_nor_change_a_private_image(bench: GlanceBench) -> None:
    path = f"{IMAGES}/{create(bench, visibility='private')['id']}"
    for method in ("GET", "DELETE"):
        bench.call(method, path, who="bob", status=404)
    assert names(bench, who="bob") == ["cirros"]
    bench.call("GET", path, who="admin")


def test_a_visible_image_of_others_cannot_be_changed(bench: GlanceBench) -> None:
    cirros = bench.call("GET", IMAGES)["images"][0]["id"]
    bench.call("DELETE", f"{IMAGES}/{cirros}", status=403)
    bench.call("PUT", f"{IMAGES}/{cirros}/tags/t", status=403)


def test_community_images_are_listed_only_when_asked_for(bench: GlanceBench) -> None:
    image = create(bench, visibility="community")
    assert names(bench, who="bob") == ["cirros"]
    assert names(bench, "visibility=community", who="bob") == ["i"]
    bench.call("GET", f"{IMAGES}/{image['id']}", who="bob")


def test_a_protected_image_stays(bench: GlanceBench) -> None:
    path = f"{IMAGES}/{create(bench, protected=True)['id']}"
    bench.call("DELETE", path, status=403)
    bench.call("GET", path)


def test_tags_are_added_filtered_and_deleted(bench: GlanceBench) -> None:
    path = f"{IMAGES}/{create(bench)['id']}"
    bench.call("PUT", f"{path}/tags/t", status=204)
    bench.call("PUT", f"{path}/tags/t", status=204)
    assert bench.call("GET", path)["tags"] == ["t"]
    assert names(bench, "tag=t") == ["i"]
    assert names(bench, "tag=t&tag=u") == []
    bench.call("DELETE", f"{path}/tags/t", status=204)
    bench.call("DELETE", f"{path}/tags/t", status=404)


def test_listings_are_filtered_and_sorted(bench: GlanceBench) -> None:
    for name, size in (("a", 1), ("b", 20), ("c", 300)):
        image = create(bench, name=name, color=name)
        bench.call("PUT", f"{IMAGES}/{image['id']}/file", b"x" * size, content_type=OCTETS, status=204)
    create(bench, name="d", os_hidden=True)
    assert names(bench, "owner=" + bench.projects["ann"] + "&sort=name:asc") == ["a", "b", "c"]
    assert names(bench, "name=in:a,b&sort_key=name&sort_dir=desc") == ["b", "a"]
    assert names(bench, "size_min=20&size_max=300&sort=size:asc") == ["b", "c"]
    assert names(bench, "color=b") == ["b"]
    assert names(bench, "status=queued") == []
    assert names(bench, "os_hidden=true") == ["d"]
    assert names(bench, "visibility=public") == ["cirros"]
    assert names(bench, "created_at=gt:2100-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1",
        "limit=x",
        "marker=nothing",
        "sort=wrong:asc",
        "sort=name:up",
        "sort=name&sort_key=name",
        "visibility=wrong",
        "member_status=wrong",
        "protected=1",
        "size_min=x",
        "created_at=gt:yesterday",
    ],
)
def test_a_listing_with_a_bad_parameter_is_refused(bench: GlanceBench, query: str) -> None:
    bench.call("GET", f"{IMAGES}?{query}", status=400)


def test_pages_show_each_image_once(bench: GlanceBench) -> None:
    for number in range(5):
        create(bench, name=str(number))
    path, seen = f"{IMAGES}?limit=2", []
    while path:
        body = bench.call("GET", path)
        seen += [image["name"] for image in body["images"]]
        path = body.get("next")
    assert sorted(seen) == ["0", "1", "2", "3", "4", "cirros"]


def test_a_snapshot_is_queued_until_its_data_is_there(bench: GlanceBench) -> None:
    image = bench.cloud.glance.create_snapshot("s", bench.projects["ann"], {"instance_uuid": "u"}, min_disk=1)
    shown = bench.call("GET", f"{IMAGES}/{image.id}")
    assert (shown["status"], shown["min_disk"], shown["instance_uuid"]) == ("queued", 1, "u")
    bench.cloud.glance.finish_snapshot(image.id)
    assert bench.call("GET", f"{IMAGES}/{image.id}")["status"] == "active"
    bench.call("DELETE", f"{IMAGES}/{image.id}", status=204)
    bench.cloud.glance.finish_snapshot(image.id)
    bench.call("GET", f"{IMAGES}/{image.id}", status=404)


def test_schemas_describe_what_is_given(bench: GlanceBench) -> None:
    image = create(bench)
    schema = bench.call("GET", "/v2/schemas/image")
    assert schema["additionalProperties"] == {"type": "string"}
    assert set(image) <= set(schema["properties"])
    assert bench.call("GET", "/v2/schemas/metadefs/resource_type")["name"] == "resource_type_association"
    bench.call("GET", "/v2/schemas/nothing", status=404)


def test_information_about_stores_and_import(bench: GlanceBench) -> None:
    assert bench.call("GET", "/v2/info/import")["import-methods"]["value"] == ["glance-direct"]
    assert len(bench.call("GET", "/v2/info/stores")["stores"]) == 1
    create(bench)
    assert bench.call("GET", "/v2/info/usage")["usage"]["image_count_total"]["usage"] == 1
