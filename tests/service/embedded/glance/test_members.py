"""Members of a shared image in Glance: who adds them, and what they see."""

import pytest

from tests.support.glance import GlanceBench


@pytest.fixture
def members(bench: GlanceBench) -> str:
    """The path of the members of an image that ann shares with bob."""
    image = bench.call("POST", "/v2/images", {"name": "i"}, status=201)
    path = f"/v2/images/{image['id']}/members"
    member = bench.call("POST", path, {"member": bench.projects["bob"]})
    assert member["status"] == "pending"
    return path


def listed(bench: GlanceBench, query: str = "") -> list[str]:
    return [image["name"] for image in bench.call("GET", f"/v2/images?visibility=shared&{query}", who="bob")["images"]]


def test_a_member_lists_images_that_it_has_accepted(bench: GlanceBench, members: str) -> None:
    assert listed(bench) == []
    assert listed(bench, "member_status=pending") == ["i"]
    bench.call("GET", members.removesuffix("/members"), who="bob")
    bench.call("PUT", f"{members}/{bench.projects['bob']}", {"status": "accepted"}, who="bob")
    assert listed(bench) == ["i"]
    bench.call("DELETE", f"{members}/{bench.projects['bob']}", status=204)
    assert listed(bench) == []
    bench.call("GET", members.removesuffix("/members"), who="bob", status=404)


def test_only_the_member_answers_and_only_the_owner_shares(bench: GlanceBench, members: str) -> None:
    bob = bench.projects["bob"]
    bench.call("PUT", f"{members}/{bob}", {"status": "accepted"}, who="ann", status=403)
    bench.call("PUT", f"{members}/{bob}", {"status": "wrong"}, who="bob", status=400)
    bench.call("POST", members, {"member": "c"}, who="bob", status=403)
    bench.call("DELETE", f"{members}/{bob}", who="bob", status=403)
    bench.call("POST", members, {"member": bob}, status=409)
    bench.call("POST", members, {}, status=400)
    bench.call("POST", members, {"member": "c"})
    assert len(bench.call("GET", members)["members"]) == 2
    # A member does not see the other members.
    (seen,) = bench.call("GET", members, who="bob")["members"]
    assert seen["member_id"] == bob
    bench.call("GET", f"{members}/c", who="bob", status=404)


def test_only_shared_images_have_members(bench: GlanceBench) -> None:
    image = bench.call("POST", "/v2/images", {"visibility": "private"}, status=201)
    bench.call("POST", f"/v2/images/{image['id']}/members", {"member": "x"}, status=403)
