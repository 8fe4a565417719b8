"""Nova's quotas, quota classes and limits."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.embedded.nova.errors import QuotaExceeded
from pytest_doctor_maint.embedded.nova.quotas import Quotas
from tests.support.json import Json
from tests.support.nova import NovaBench


def path(bench: NovaBench, end: str = "", name: str = "ann") -> str:
    """Return the path of the quota set of a caller's project."""
    return f"/os-quota-sets/{bench.projects[name]}{end}"


def update(
    bench: NovaBench, limits: dict[str, object], *, status: int = 200, end: str = "", version: str = "2.1"
) -> Json:
    """Set limits of ann's project and return the quota set."""
    answer = bench.call("PUT", path(bench, end), {"quota_set": limits}, by="admin", version=version, status=status)
    return answer.get("quota_set")


def test_a_check_names_all_resources_that_do_not_fit() -> None:
    quotas = Quotas()
    quotas.use("p", "u", instances=10, cores=19, ram=512)

    with pytest.raises(QuotaExceeded) as caught:
        quotas.check("p", "u", instances=1, cores=1, ram=512)

    assert str(caught.value) == "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances"
    with pytest.raises(QuotaExceeded, match=r"for cores, instances: Requested 2, 1, but already used 19, 10 of 20, 10"):
        quotas.check("p", "u", instances=1, cores=2)
    quotas.use("p", "u", instances=-1)
    quotas.check("p", "u", instances=1, cores=1)


def test_a_user_may_have_a_quota_below_that_of_the_project() -> None:
    quotas = Quotas()
    quotas.set("p", "u", {"instances": 1})
    quotas.use("p", "u", instances=1)

    quotas.check("p", "other", instances=9)

    with pytest.raises(QuotaExceeded):
        quotas.check("p", "u", instances=1)


def test_the_resources_depend_on_the_microversion(bench: NovaBench) -> None:
    assert bench.call("GET", path(bench))["quota_set"]["floating_ips"] == -1
    assert "floating_ips" not in bench.call("GET", path(bench), version="2.36")["quota_set"]

    newest = bench.call("GET", path(bench), version="2.57")["quota_set"]

    assert set(newest) == {
        "id",
        "instances",
        "cores",
        "ram",
        "metadata_items",
        "key_pairs",
        "server_groups",
        "server_group_members",
    }


def test_limits_are_set_and_reset(bench: NovaBench) -> None:
    assert update(bench, {"instances": "3", "cores": -1})["instances"] == 3

    assert bench.call("GET", path(bench))["quota_set"]["cores"] == -1
    assert bench.call("GET", path(bench, "/defaults"))["quota_set"]["instances"] == 10
    bench.call("DELETE", path(bench), by="admin", status=202)
    assert bench.call("GET", path(bench))["quota_set"]["instances"] == 10


def test_a_limit_below_usage_must_be_forced(bench: NovaBench) -> None:
    bench.nova.quotas.use(bench.projects["ann"], "u-ann", instances=2)

    update(bench, {"instances": 1}, status=400)

    assert bench.call("GET", path(bench))["quota_set"]["instances"] == 10
    update(bench, {"instances": 1, "force": "True"})
    detail = bench.call("GET", path(bench, "/detail"))["quota_set"]["instances"]
    assert detail == {"limit": 1, "in_use": 2, "reserved": 0}


def test_the_quota_of_a_user_is_limited_by_that_of_the_project(bench: NovaBench) -> None:
    user = "?user_id=u-ann"

    update(bench, {"instances": 5}, end=user)

    assert bench.call("GET", path(bench, user))["quota_set"]["instances"] == 5
    assert bench.call("GET", path(bench))["quota_set"]["instances"] == 10
    update(bench, {"instances": 11}, end=user, status=400)
    update(bench, {"metadata_items": 1}, end=user, status=400)


@pytest.mark.parametrize(
    ("limits", "version"),
    [
        ({"instances": -2}, "2.1"),
        ({"instances": "x"}, "2.1"),
        ({"instances": None}, "2.1"),
        ({"instances": 2**31}, "2.1"),
        ({"wrong": 1}, "2.1"),
        ({"floating_ips": 1}, "2.36"),
        ({"injected_files": 1}, "2.57"),
    ],
)
def test_a_wrong_limit_is_refused(bench: NovaBench, limits: dict[str, object], version: str) -> None:
    update(bench, limits, version=version, status=400)


@pytest.mark.parametrize(("name", "version"), [("floating_ips", "2.35"), ("injected_files", "2.56")])
def test_a_resource_can_be_limited_up_to_its_last_microversion(bench: NovaBench, name: str, version: str) -> None:
    assert update(bench, {name: 1}, version=version)[name] == 1


def test_users_see_the_quota_of_their_project_and_admins_all(bench: NovaBench) -> None:
    bench.call("GET", path(bench, name="bob"), status=403)
    bench.call("GET", path(bench, "/detail", name="bob"), status=403)
    bench.call("PUT", path(bench), {"quota_set": {"instances": 1}}, status=403)

    bench.call("GET", path(bench), by="admin")

    bench.call("GET", "/os-quota-sets/nobody", by="admin", status=400)


def test_the_default_class_applies_to_all_projects(bench: NovaBench) -> None:
    default = "/os-quota-class-sets/default"
    body = {"quota_class_set": {"instances": 7}}
    bench.call("GET", default, status=403)

    assert bench.call("PUT", default, body, by="admin")["quota_class_set"]["instances"] == 7

    assert bench.call("GET", path(bench))["quota_set"]["instances"] == 7
    assert bench.call("GET", path(bench, "/defaults"))["quota_set"]["instances"] == 7
    assert "server_groups" in bench.call("GET", default, by="admin", version="2.50")["quota_class_set"]
    assert "server_groups" not in bench.call("GET", default, by="admin")["quota_class_set"]
    other = bench.call("PUT", default.replace("default", "gold"), body, by="admin")
    assert other["quota_class_set"]["instances"] == 7
    bench.call("PUT", f"/os-quota-class-sets/{'x' * 256}", body, by="admin", status=400)


def test_limits_show_what_is_used(bench: NovaBench) -> None:
    bench.nova.quotas.use(bench.projects["ann"], "u-ann", instances=2, cores=4, ram=1024)

    absolute = bench.call("GET", "/limits")["limits"]["absolute"]

    assert (absolute["maxTotalInstances"], absolute["totalInstancesUsed"]) == (10, 2)
    assert (absolute["totalCoresUsed"], absolute["totalRAMUsed"]) == (4, 1024)
    assert "maxTotalFloatingIps" in absolute
    newest = bench.call("GET", "/limits", version="2.57")["limits"]["absolute"]
    assert not {"maxTotalFloatingIps", "maxImageMeta", "maxPersonality"} & set(newest)
    query = f"/limits?tenant_id={bench.projects['ann']}"
    assert bench.call("GET", query, by="admin")["limits"]["absolute"]["totalInstancesUsed"] == 2
    bench.call("GET", query, by="bob", status=403)
