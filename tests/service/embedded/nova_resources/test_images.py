"""Nova's proxy to the images of Glance, and the microversions in which it exists."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench


@pytest.fixture
def path(bench: NovaBench) -> str:
    """The path of an image that is being made of ann's server ``u``."""
    image = bench.cloud.glance.create_snapshot("s", bench.projects["ann"], {"instance_uuid": "u"})
    return f"/images/{image.id}"


def test_an_image_is_shown_up_to_2_35(bench: NovaBench, path: str) -> None:
    shown = bench.call("GET", path)["image"]

    assert (shown["status"], shown["progress"], shown["server"]["id"]) == ("SAVING", 25, "u")
    bench.call("GET", path, by="bob", status=404)
    bench.call("GET", path, version="2.36", status=404)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("status=saving", 1),
        ("server=u", 1),
        ("name=s", 1),
        ("type=snapshot", 0),
        ("minDisk=1", 0),
        ("minDisk=0", 2),
        ("changes-since=2031-01-01T00:00:00Z", 0),
        ("unknown=1", 2),
    ],
)
def test_a_listing_is_filtered(bench: NovaBench, path: str, query: str, count: int) -> None:
    assert len(bench.call("GET", f"/images/detail?{query}")["images"]) == count


@pytest.mark.parametrize("query", ["minRam=x", "changes-since=yesterday", "limit=x", "marker=nothing"])
def test_a_malformed_query_is_refused(bench: NovaBench, path: str, query: str) -> None:
    bench.call("GET", f"/images?{query}", status=400)


def test_metadata_can_be_changed_up_to_2_38(bench: NovaBench, path: str) -> None:
    bench.call("POST", f"{path}/metadata", {"metadata": {"a": "1"}})
    bench.call("PUT", f"{path}/metadata/a", {"meta": {"b": "1"}}, status=400)
    bench.call("PUT", f"{path}/metadata/a", {"meta": {"a": "2"}})

    assert bench.call("GET", f"{path}/metadata", version="2.38")["metadata"] == {"instance_uuid": "u", "a": "2"}

    bench.call("DELETE", f"{path}/metadata/a", status=204)
    bench.call("GET", f"{path}/metadata/a", status=404)
    bench.call("PUT", f"{path}/metadata", {"metadata": {}})
    assert bench.call("GET", f"{path}/metadata") == {"metadata": {}}


def test_only_own_images_can_be_deleted(bench: NovaBench, path: str) -> None:
    bench.call("DELETE", f"/images/{bench.image}", status=403)

    bench.call("DELETE", path, status=204)

    bench.call("GET", path, status=404)
