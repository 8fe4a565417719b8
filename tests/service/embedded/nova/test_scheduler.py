"""Server groups and hints: which compute gets a server."""

from __future__ import annotations

import pytest

from tests.support.nova import NovaBench


def test_anti_affinity_keeps_members_apart(bench: NovaBench) -> None:
    group = bench.group()

    hosts = [bench.boot(f"s{number}", hints={"group": group}).host for number in range(4)]

    assert hosts == ["compute-1", "compute-2", "compute-3", None]
    assert bench.history.of("server_group")[-1].data["members"] == tuple(bench.nova.servers)


def test_affinity_keeps_members_together(bench: NovaBench) -> None:
    group = bench.group("affinity")

    hosts = [bench.boot(f"s{number}", hints={"group": group}).host for number in range(3)]

    assert hosts == ["compute-1", "compute-1", None]


@pytest.mark.parametrize(
    ("policy", "hosts"),
    [
        # The emptiest compute without members first; when all have one, again the emptiest.
        ("soft-anti-affinity", ["compute-1", "compute-2", "compute-3", "compute-1"]),
        # The compute with the most members first, as long as it has room.
        ("soft-affinity", ["compute-1", "compute-1", "compute-2", "compute-2"]),
    ],
)
def test_a_soft_policy_prefers_computes_by_the_number_of_members(
    bench: NovaBench, policy: str, hosts: list[str]
) -> None:
    group = bench.group(policy)

    assert [bench.boot(f"s{number}", hints={"group": group}).host for number in range(4)] == hosts


def test_soft_anti_affinity_takes_the_compute_with_the_fewest_members_though_it_is_the_fullest(
    bench: NovaBench,
) -> None:
    # Given: compute-1 and compute-2 have a member and room for three VCPUs, compute-3 has no member and room for one.
    group = bench.group("soft-anti-affinity")
    for host in ("compute-1", "compute-2"):
        bench.boot(host, by="admin", hints={"group": group}, availability_zone=f"nova:{host}", flavorRef="2")
    for number in range(3):
        bench.boot(f"full-{number}", by="admin", availability_zone="nova:compute-3", flavorRef="2")

    late = bench.boot("late", by="admin", hints={"group": group}, flavorRef="2")

    assert late.host == "compute-3"


def test_soft_affinity_takes_the_compute_with_the_most_members_though_it_is_the_fullest(bench: NovaBench) -> None:
    # Given: compute-3 has two members and room for one VCPU, compute-1 has one member, compute-2 none.
    group = bench.group("soft-affinity")
    for host, flavor in (("compute-3", "2"), ("compute-3", "2"), ("compute-1", "2")):
        bench.boot(host, by="admin", hints={"group": group}, availability_zone=f"nova:{host}", flavorRef=flavor)
    bench.boot("full", by="admin", availability_zone="nova:compute-3", flavorRef="2")

    late = bench.boot("late", by="admin", hints={"group": group}, flavorRef="2")

    assert late.host == "compute-3"


@pytest.mark.parametrize(("limit", "hosts"), [(1, ["compute-1", None]), (2, ["compute-1", "compute-1"])])
def test_anti_affinity_allows_as_many_members_per_compute_as_its_rule_says(
    bench: NovaBench, limit: int, hosts: list[str | None]
) -> None:
    for host in ("compute-2", "compute-3"):
        bench.nova.set_service(bench.nova.computes[host], status="disabled")
    rules = {"max_server_per_host": limit}
    body = {"server_group": {"name": "g", "policy": "anti-affinity", "rules": rules}}
    group = bench.call("POST", "/os-server-groups", body, version="2.64")["server_group"]["id"]

    assert [bench.boot(f"s{number}", hints={"group": group}).host for number in range(2)] == hosts


@pytest.mark.parametrize(("hint", "host"), [("same_host", "compute-1"), ("different_host", "compute-2")])
@pytest.mark.parametrize("as_list", [False, True])
def test_hints_name_servers_to_be_near_or_far(bench: NovaBench, hint: str, host: str, as_list: bool) -> None:
    first = bench.boot("first")
    bench.boot("second", by="admin", availability_zone="nova:compute-3")

    late = bench.boot("late", hints={hint: [first.id] if as_list else first.id})

    assert late.host == host
