from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_doctor_maint.embedded.nova.resources import Allocation, Resources

CONSUMER = "6f1d0e0a-8b2f-4f7b-9c3d-2a1e6b7c8d9e"


@pytest.fixture
def held(bench: Any) -> Any:
    """ann's server, which holds 2 VCPUs, 1024 MiB and no disk on compute-1."""
    nova = bench.world.nova
    allocation = Allocation(CONSUMER, CONSUMER, "compute-1", Resources(2, 1024, 0))
    nova.computes["compute-1"].allocate(allocation)
    project_id = bench.projects["ann"]
    nova.servers[CONSUMER] = SimpleNamespace(
        id=CONSUMER, project_id=project_id, user_id="u-ann", allocations=[allocation]
    )
    return bench


def get(bench: Any, path: str, version: str = "1.39", **kwargs: Any) -> Any:
    return bench.call("GET", path, **{"who": "admin", "version": version, **kwargs})


def provider(bench: Any, host: str = "compute-1") -> str:
    return f"/resource_providers/{bench.world.nova.computes[host].uuid}"


def names(bench: Any, query: str, version: str = "1.39") -> list[str]:
    return [found["name"] for found in get(bench, f"/resource_providers?{query}", version)["resource_providers"]]


def test_the_version_document_needs_no_token(bench: Any) -> None:
    (version,) = bench.call("GET", "/", who="")["versions"]
    assert (version["min_version"], version["max_version"]) == ("1.0", "1.39")


def test_only_admins_ask(bench: Any) -> None:
    error = bench.call("GET", "/resource_providers", who="ann", version="1.23", status=403)["errors"][0]
    assert (error["status"], error["title"], error["code"]) == (403, "Forbidden", "placement.undefined_code")
    bench.call("GET", "/resource_providers", who="", status=401)


def test_microversions(bench: Any) -> None:
    answer = bench.ask("GET", "/resource_providers", who="admin", version="latest")
    assert answer.headers["OpenStack-API-Version"] == "placement 1.39"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert bench.ask("GET", "/resource_providers", who="admin").headers["OpenStack-API-Version"] == "placement 1.0"
    error = get(bench, "/resource_providers", "1.40", status=406)["errors"][0]
    assert error["max_version"] == "1.39"
    get(bench, "/resource_providers", "one", status=400)
    get(bench, "/traits", "1.5", status=404)


def test_fields_come_with_their_versions(bench: Any) -> None:
    old = get(bench, provider(bench), "1.0")
    assert {link["rel"] for link in old["links"]} == {"self", "inventories", "usages"}
    assert "root_provider_uuid" not in old
    new = get(bench, provider(bench), "1.14")
    assert new["root_provider_uuid"] == new["uuid"]
    assert {link["rel"] for link in new["links"]} >= {"aggregates", "traits", "allocations"}


def test_what_a_compute_has_and_what_is_taken(held: Any) -> None:
    assert get(held, f"{provider(held)}/inventories")["inventories"]["VCPU"]["total"] == 4
    assert get(held, f"{provider(held)}/inventories/MEMORY_MB")["allocation_ratio"] == 1.0
    get(held, f"{provider(held)}/inventories/VGPU", status=404)
    assert get(held, f"{provider(held)}/usages")["usages"] == {"VCPU": 2, "MEMORY_MB": 1024, "DISK_GB": 0}
    expected = {"VCPU": 2, "MEMORY_MB": 1024}
    assert get(held, f"{provider(held)}/allocations")["allocations"][CONSUMER]["resources"] == expected
    allocations = get(held, f"/allocations/{CONSUMER}")
    uuid = held.world.nova.computes["compute-1"].uuid
    assert allocations["allocations"][uuid]["resources"] == expected
    assert (allocations["project_id"], allocations["consumer_type"]) == (held.projects["ann"], "INSTANCE")
    assert get(held, "/allocations/nobody") == {"allocations": {}}


def test_usages_of_a_project(held: Any) -> None:
    path = f"/usages?project_id={held.projects['ann']}"
    assert get(held, path, "1.9")["usages"] == {"VCPU": 2, "MEMORY_MB": 1024}
    assert get(held, path)["usages"]["INSTANCE"]["consumer_count"] == 1
    assert get(held, f"{path}&user_id=another", "1.9")["usages"] == {}
    get(held, "/usages", status=400)


def test_filters(held: Any) -> None:
    nova = held.world.nova
    aggregate = nova.aggregates.create("a")
    nova.aggregates.add_host(aggregate, "compute-2")
    nova.computes["compute-2"].status = "disabled"
    assert names(held, "") == ["compute-1", "compute-2"]
    assert names(held, "name=compute-2") == ["compute-2"]
    assert names(held, f"uuid={nova.computes['compute-1'].uuid}") == ["compute-1"]
    assert names(held, "resources=VCPU:3") == ["compute-2"]
    assert names(held, "resources=VCPU:2,MEMORY_MB:100") == ["compute-1", "compute-2"]
    assert names(held, f"member_of={aggregate.uuid}") == ["compute-2"]
    assert names(held, f"member_of=!{aggregate.uuid}") == ["compute-1"]
    assert names(held, "required=COMPUTE_STATUS_DISABLED") == ["compute-2"]
    assert names(held, "required=!COMPUTE_STATUS_DISABLED") == ["compute-1"]
    assert names(held, f"in_tree={nova.computes['compute-1'].uuid}") == ["compute-1"]
    assert get(held, f"{provider(held, 'compute-2')}/aggregates")["aggregates"] == [aggregate.uuid]


@pytest.mark.parametrize(
    ("query", "version"),
    [
        ("wrong=1", "1.39"),
        ("member_of=x", "1.39"),
        ("resources=VCPU", "1.39"),
        ("resources=WRONG:1", "1.39"),
        ("resources=VCPU:1", "1.3"),
        ("required=WRONG", "1.39"),
        ("required=!COMPUTE_NODE", "1.21"),
        ("uuid=x", "1.39"),
    ],
)
def test_a_filter_that_makes_no_sense(bench: Any, query: str, version: str) -> None:
    get(bench, f"/resource_providers?{query}", version, status=400)


def test_candidates(held: Any) -> None:
    found = get(held, "/allocation_candidates?resources=VCPU:3")
    (request,) = found["allocation_requests"]
    uuid = held.world.nova.computes["compute-2"].uuid
    assert request == {"allocations": {uuid: {"resources": {"VCPU": 3}}}, "mappings": {"": [uuid]}}
    assert found["provider_summaries"][uuid]["resources"]["VCPU"] == {"capacity": 4, "used": 0}
    assert len(get(held, "/allocation_candidates?resources=VCPU:1&limit=1")["allocation_requests"]) == 1
    old = get(held, "/allocation_candidates?resources=VCPU:3", "1.10")["allocation_requests"][0]
    assert old["allocations"][0]["resource_provider"] == {"uuid": uuid}


def test_groups_of_candidates_are_met_by_one_compute(held: Any) -> None:
    query = "/allocation_candidates?resources1=VCPU:2&resources2=VCPU:1"
    get(held, query, status=400)
    assert len(get(held, f"{query}&group_policy=none")["allocation_requests"]) == 1
    assert get(held, f"{query}&group_policy=isolate")["allocation_requests"] == []
    get(held, "/allocation_candidates?limit=1", status=400)


def test_classes_and_traits(bench: Any) -> None:
    assert "VCPU" in [found["name"] for found in get(bench, "/resource_classes")["resource_classes"]]
    assert get(bench, "/resource_classes/VCPU")["name"] == "VCPU"
    get(bench, "/resource_classes/WRONG", status=404)
    assert get(bench, "/traits?name=startswith:HW_")["traits"] == ["HW_CPU_X86_64_V2"]
    assert get(bench, "/traits?associated=false")["traits"] == ["COMPUTE_STATUS_DISABLED"]
    get(bench, "/traits/COMPUTE_NODE", status=204)
    get(bench, "/traits/WRONG", status=404)
    assert "COMPUTE_NODE" in get(bench, f"{provider(bench)}/traits")["traits"]
    get(bench, "/resource_providers/6f1d0e0a-8b2f-4f7b-9c3d-2a1e6b7c8d9e", status=404)
