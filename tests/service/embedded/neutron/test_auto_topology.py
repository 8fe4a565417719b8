"""Neutron's automatically allocated topologies: how they are created, used and deleted."""

import pytest

from pytest_doctor_maint.embedded.neutron.errors import AllocationError
from tests.support.neutron import NeutronLab

PATH = "/v2.0/auto-allocated-topology"


def counts(lab: NeutronLab) -> list[int]:
    return [len(lab.get(f"{path}?project_id=p1")[path]) for path in ("networks", "subnets", "routers")]


def test_a_topology_is_made_once_and_deleted_as_a_whole(lab: NeutronLab) -> None:
    assert lab.get("auto-allocated-topology/None?fields=dry-run")["auto_allocated_topology"]["id"] == "dry-run=pass"
    assert counts(lab) == [0, 0, 0]
    first = lab.get("auto-allocated-topology/p1")["auto_allocated_topology"]
    assert first == lab.get("auto-allocated-topology/None")["auto_allocated_topology"]
    assert first["project_id"] == "p1"
    assert counts(lab) == [1, 1, 1]
    assert lab.call("GET", f"{PATH}/p1", who="bob").status_code == 403
    assert lab.call("DELETE", f"{PATH}/p1").status_code == 204
    assert counts(lab) == [0, 0, 0]
    assert lab.call("DELETE", f"{PATH}/p1").status_code == 204


def test_servers_that_ask_for_any_network_share_the_topology(lab: NeutronLab) -> None:
    for name in ("a", "b", "c"):
        lab.neutron.allocate(name, "p1", "auto", name)
    assert counts(lab) == [1, 1, 1]
    assert [list(lab.neutron.addresses(name)) for name in ("a", "b", "c")] == [["auto_allocated_network"]] * 3
    (port, *_) = lab.neutron.ports_of("a")
    floating_ip = lab.make("floatingips", floating_network_id=lab.neutron.public["id"], port_id=port["id"])
    assert floating_ip["fixed_ip_address"] == port["fixed_ips"][0]["ip_address"]
    assert lab.call("DELETE", f"{PATH}/p1").status_code == 409
    assert counts(lab) == [1, 1, 1]


def test_a_cloud_without_default_pools_makes_no_topology(lab: NeutronLab) -> None:
    for pool in lab.neutron.subnetpools:
        pool["is_default"] = False
    answer = lab.call("GET", f"{PATH}/p1")
    assert (answer.status_code, answer.json()["NeutronError"]["type"]) == (409, "AutoAllocationFailure")
    with pytest.raises(AllocationError) as caught:
        lab.neutron.allocate("a", "p1", "auto", "a")
    assert (caught.value.status, caught.value.kind) == (400, "UnableToAutoAllocateNetwork")
    assert counts(lab) == [0, 0, 0]


def test_a_full_quota_leaves_nothing_behind(lab: NeutronLab) -> None:
    lab.call("PUT", "/v2.0/quotas/p1", {"quota": {"router": 0}}, who="admin")
    assert lab.call("GET", f"{PATH}/p1").status_code == 409
    assert counts(lab) == [0, 0, 0]
