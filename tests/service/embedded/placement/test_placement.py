"""Placement's API: providers, allocations, usages, allocation candidates, and who may read them."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.embedded.nova.server import Server
from tests.support.nova import NovaBench

UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.fixture
def server(bench: NovaBench) -> Server:
    """A server of ann's that holds 2 VCPUs, 1024 MiB and no disk of compute-1."""
    bench.nova.flavors.create("diskless", ram=1024, vcpus=2, disk=0, flavor_id="diskless")
    server = bench.boot(flavorRef="diskless")
    assert server.host == "compute-1"
    return server


def uuid_of(bench: NovaBench, host: str = "compute-1") -> str:
    return bench.nova.computes[host].uuid


def provider(bench: NovaBench, host: str = "compute-1") -> str:
    return f"/resource_providers/{uuid_of(bench, host)}"


def names(bench: NovaBench, query: str) -> list[str]:
    return [found["name"] for found in bench.placement(f"/resource_providers?{query}")["resource_providers"]]


def test_the_version_document_needs_no_token(bench: NovaBench) -> None:
    (version,) = bench.placement("/", by="nobody")["versions"]

    assert (version["min_version"], version["max_version"]) == ("1.0", "1.39")


def test_placement_is_for_admins(bench: NovaBench) -> None:
    error = bench.placement("/resource_providers", by="ann", version="1.23", status=403)["errors"][0]

    assert (error["status"], error["title"], error["code"]) == (403, "Forbidden", "placement.undefined_code")
    bench.placement("/resource_providers", by="nobody", status=401)


def test_the_header_selects_a_microversion(bench: NovaBench) -> None:
    answer = bench.ask_placement("/resource_providers", version="latest")

    assert answer.headers["OpenStack-API-Version"] == "placement 1.39"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert bench.ask_placement("/resource_providers", version="").headers["OpenStack-API-Version"] == "placement 1.0"
    error = bench.placement("/resource_providers", version="1.40", status=406)["errors"][0]
    assert error["max_version"] == "1.39"
    bench.placement("/resource_providers", version="one", status=400)
    bench.placement("/traits", version="1.5", status=404)


def test_fields_exist_from_their_microversions_on(bench: NovaBench) -> None:
    old = bench.placement(provider(bench), version="1.0")
    assert {link["rel"] for link in old["links"]} == {"self", "inventories", "usages"}
    assert "root_provider_uuid" not in old

    new = bench.placement(provider(bench), version="1.14")

    assert new["root_provider_uuid"] == new["uuid"]
    assert {link["rel"] for link in new["links"]} >= {"aggregates", "traits", "allocations"}


def test_a_provider_shows_what_it_has_and_what_is_used(bench: NovaBench, server: Server) -> None:
    path = provider(bench)

    assert bench.placement(f"{path}/inventories")["inventories"]["VCPU"]["total"] == 4
    assert bench.placement(f"{path}/inventories/MEMORY_MB")["allocation_ratio"] == 1.0
    bench.placement(f"{path}/inventories/VGPU", status=404)
    assert bench.placement(f"{path}/usages")["usages"] == {"VCPU": 2, "MEMORY_MB": 1024, "DISK_GB": 0}
    expected = {"VCPU": 2, "MEMORY_MB": 1024}
    assert bench.placement(f"{path}/allocations")["allocations"][server.id]["resources"] == expected


def test_a_consumer_shows_what_it_holds(bench: NovaBench, server: Server) -> None:
    allocations = bench.placement(f"/allocations/{server.id}")

    held = allocations["allocations"][uuid_of(bench)]["resources"]
    assert held == {"VCPU": 2, "MEMORY_MB": 1024}
    assert (allocations["project_id"], allocations["consumer_type"]) == (bench.projects["ann"], "INSTANCE")
    assert bench.placement("/allocations/nobody") == {"allocations": {}}


def test_a_migration_is_the_consumer_of_what_its_server_held(bench: NovaBench, server: Server) -> None:
    bench.act(server, "migrate", by="admin")
    bench.wait(12)
    (migration,) = bench.nova.migrations

    allocations = bench.placement(f"/allocations/{migration.uuid}")

    assert (list(allocations["allocations"]), allocations["consumer_type"]) == ([uuid_of(bench)], "MIGRATION")
    usages = bench.placement(f"/usages?project_id={bench.projects['ann']}")["usages"]
    assert {kind: used["VCPU"] for kind, used in usages.items()} == {"MIGRATION": 2, "INSTANCE": 2}
    assert bench.placement(f"/usages?project_id={bench.projects['ann']}", version="1.9")["usages"]["VCPU"] == 4


def test_usages_are_those_of_a_project(bench: NovaBench, server: Server) -> None:
    path = f"/usages?project_id={bench.projects['ann']}"

    assert bench.placement(path, version="1.9")["usages"] == {"VCPU": 2, "MEMORY_MB": 1024}

    assert bench.placement(path)["usages"]["INSTANCE"]["consumer_count"] == 1
    assert bench.placement(f"{path}&user_id=another", version="1.9")["usages"] == {}
    bench.placement("/usages", status=400)


def test_providers_are_filtered(bench: NovaBench, server: Server) -> None:
    nova = bench.nova
    aggregate = nova.aggregates.create("a")
    nova.aggregates.add_host(aggregate, "compute-2")
    nova.set_service(nova.computes["compute-2"], status="disabled")

    assert names(bench, "") == ["compute-1", "compute-2"]
    assert names(bench, "name=compute-2") == ["compute-2"]
    assert names(bench, f"uuid={uuid_of(bench)}") == ["compute-1"]
    assert names(bench, "resources=VCPU:3") == ["compute-2"]
    assert names(bench, "resources=VCPU:2,MEMORY_MB:100") == ["compute-1", "compute-2"]
    assert names(bench, f"member_of={aggregate.uuid}") == ["compute-2"]
    assert names(bench, f"member_of=!{aggregate.uuid}") == ["compute-1"]
    assert names(bench, "required=COMPUTE_STATUS_DISABLED") == ["compute-2"]
    assert names(bench, "required=!COMPUTE_STATUS_DISABLED") == ["compute-1"]
    assert names(bench, f"in_tree={uuid_of(bench)}") == ["compute-1"]
    assert bench.placement(f"{provider(bench, 'compute-2')}/aggregates")["aggregates"] == [aggregate.uuid]


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
def test_a_malformed_filter_is_refused(bench: NovaBench, query: str, version: str) -> None:
    bench.placement(f"/resource_providers?{query}", version=version, status=400)


def test_candidates_have_the_requested_resources_free(bench: NovaBench, server: Server) -> None:
    found = bench.placement("/allocation_candidates?resources=VCPU:3")

    (request,) = found["allocation_requests"]
    uuid = uuid_of(bench, "compute-2")
    assert request == {"allocations": {uuid: {"resources": {"VCPU": 3}}}, "mappings": {"": [uuid]}}
    assert found["provider_summaries"][uuid]["resources"]["VCPU"] == {"capacity": 4, "used": 0}
    limited = bench.placement("/allocation_candidates?resources=VCPU:1&limit=1")
    assert len(limited["allocation_requests"]) == 1
    old = bench.placement("/allocation_candidates?resources=VCPU:3", version="1.10")["allocation_requests"][0]
    assert old["allocations"][0]["resource_provider"] == {"uuid": uuid}


def test_all_groups_of_a_request_are_met_by_one_compute(bench: NovaBench, server: Server) -> None:
    query = "/allocation_candidates?resources1=VCPU:2&resources2=VCPU:1"

    bench.placement(query, status=400)

    assert len(bench.placement(f"{query}&group_policy=none")["allocation_requests"]) == 1
    assert bench.placement(f"{query}&group_policy=isolate")["allocation_requests"] == []
    bench.placement("/allocation_candidates?limit=1", status=400)


def test_resource_classes_and_traits_are_listed_and_shown(bench: NovaBench) -> None:
    assert "VCPU" in [found["name"] for found in bench.placement("/resource_classes")["resource_classes"]]
    assert bench.placement("/resource_classes/VCPU")["name"] == "VCPU"
    bench.placement("/resource_classes/WRONG", status=404)

    assert bench.placement("/traits?name=startswith:HW_")["traits"] == ["HW_CPU_X86_64_V2"]
    assert bench.placement("/traits?associated=false")["traits"] == ["COMPUTE_STATUS_DISABLED"]
    bench.placement("/traits/COMPUTE_NODE", status=204)
    bench.placement("/traits/WRONG", status=404)
    assert "COMPUTE_NODE" in bench.placement(f"{provider(bench)}/traits")["traits"]
    bench.placement(f"/resource_providers/{UNKNOWN}", status=404)
