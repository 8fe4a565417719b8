from __future__ import annotations

from typing import Any

import pytest

from pytest_doctor_maint.embedded.nova.errors import QuotaExceeded
from pytest_doctor_maint.embedded.nova.quotas import Quotas


def path(bench: Any, end: str = "", who: str = "ann") -> str:
    return f"/v2.1/os-quota-sets/{bench.projects[who]}{end}"


def update(bench: Any, status: int = 200, end: str = "", **values: Any) -> Any:
    return bench.call("PUT", path(bench, end), {"quota_set": values}, who="admin", status=status)


def test_a_check_names_all_that_does_not_fit() -> None:
    quotas = Quotas()
    quotas.use("p", "u", instances=10, cores=19, ram=512)
    with pytest.raises(QuotaExceeded) as caught:
        quotas.check("p", "u", instances=1, cores=1, ram=512)
    assert str(caught.value) == "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances"
    with pytest.raises(QuotaExceeded, match=r"for cores, instances: Requested 2, 1, but already used 19, 10 of 20, 10"):
        quotas.check("p", "u", instances=1, cores=2)
    quotas.use("p", "u", instances=-1)
    quotas.check("p", "u", instances=1, cores=1)


def test_a_user_may_have_a_quota_below_the_projects() -> None:
    quotas = Quotas()
    quotas.set("p", "u", {"instances": 1})
    quotas.use("p", "u", instances=1)
    quotas.check("p", "other", instances=9)
    with pytest.raises(QuotaExceeded):
        quotas.check("p", "u", instances=1)


def test_resources_come_and_go_with_the_versions(bench: Any) -> None:
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


def test_setting_and_resetting(bench: Any) -> None:
    assert update(bench, instances="3", cores=-1)["quota_set"]["instances"] == 3
    assert bench.call("GET", path(bench))["quota_set"]["cores"] == -1
    assert bench.call("GET", path(bench, "/defaults"))["quota_set"]["instances"] == 10
    bench.call("DELETE", path(bench), who="admin", status=202)
    assert bench.call("GET", path(bench))["quota_set"]["instances"] == 10


def test_below_usage_only_by_force(bench: Any) -> None:
    bench.world.nova.quotas.use(bench.projects["ann"], "u-ann", instances=2)
    update(bench, 400, instances=1)
    assert bench.call("GET", path(bench))["quota_set"]["instances"] == 10
    update(bench, instances=1, force=True)
    detail = bench.call("GET", path(bench, "/detail"))["quota_set"]["instances"]
    assert detail == {"limit": 1, "in_use": 2, "reserved": 0}


def test_quotas_of_a_user(bench: Any) -> None:
    user = "?user_id=u-ann"
    update(bench, end=user, instances=5)
    assert bench.call("GET", path(bench, user))["quota_set"]["instances"] == 5
    assert bench.call("GET", path(bench))["quota_set"]["instances"] == 10
    update(bench, 400, end=user, instances=11)
    update(bench, 400, end=user, metadata_items=1)


@pytest.mark.parametrize("values", [{"instances": -2}, {"instances": "x"}, {"instances": None}, {"wrong": 1}])
def test_what_is_refused(bench: Any, values: dict[str, Any]) -> None:
    update(bench, 400, **values)


def test_whose_quotas_one_sees_and_sets(bench: Any) -> None:
    bench.call("GET", path(bench, who="bob"), status=403)
    bench.call("GET", path(bench, "/detail", who="bob"), status=403)
    bench.call("PUT", path(bench), {"quota_set": {"instances": 1}}, status=403)
    bench.call("GET", path(bench), who="admin")
    bench.call("GET", "/v2.1/os-quota-sets/nobody", who="admin", status=400)


def test_the_default_class_is_in_force(bench: Any) -> None:
    classes = "/v2.1/os-quota-class-sets/default"
    body = {"quota_class_set": {"instances": 7}}
    bench.call("GET", classes, status=403)
    assert bench.call("PUT", classes, body, who="admin")["quota_class_set"]["instances"] == 7
    assert bench.call("GET", path(bench))["quota_set"]["instances"] == 7
    assert bench.call("GET", path(bench, "/defaults"))["quota_set"]["instances"] == 7
    assert "server_groups" in bench.call("GET", classes, who="admin", version="2.50")["quota_class_set"]
    assert "server_groups" not in bench.call("GET", classes, who="admin")["quota_class_set"]
    other = bench.call("PUT", classes.replace("default", "gold"), body, who="admin")
    assert other["quota_class_set"]["instances"] == 7


def test_limits(bench: Any) -> None:
    bench.world.nova.quotas.use(bench.projects["ann"], "u-ann", instances=2, cores=4, ram=1024)
    absolute = bench.call("GET", "/v2.1/limits")["limits"]["absolute"]
    assert (absolute["maxTotalInstances"], absolute["totalInstancesUsed"]) == (10, 2)
    assert (absolute["totalCoresUsed"], absolute["totalRAMUsed"]) == (4, 1024)
    assert "maxTotalFloatingIps" in absolute
    newest = bench.call("GET", "/v2.1/limits", version="2.57")["limits"]["absolute"]
    assert not {"maxTotalFloatingIps", "maxImageMeta", "maxPersonality"} & set(newest)
    query = f"/v2.1/limits?tenant_id={bench.projects['ann']}"
    assert bench.call("GET", query, who="admin")["limits"]["absolute"]["totalInstancesUsed"] == 2
    bench.call("GET", query, who="bob", status=403)
