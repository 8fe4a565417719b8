"""Filters of servers by patterns: Nova's rules, without a computation of a user under the cloud's lock."""

from __future__ import annotations

import threading
import time
from urllib.parse import quote

import pytest

from pytest_doctor_maint.embedded.patterns import Pattern
from tests.support.nova import NovaBench


def names(bench: NovaBench, query: str, *, by: str = "ann", version: str = "2.1") -> list[str]:
    found = bench.call("GET", f"/servers?{query}", by=by, version=version)["servers"]
    return [server["name"] for server in found]


@pytest.mark.parametrize("filter_", ["name", "display_name", "description", "hostname", "ip", "key_name"])
@pytest.mark.parametrize("pattern", ["(a+)+$", "(.*a){20}b", r"([a-z]+)*\d"])
def test_no_pattern_takes_long(bench: NovaBench, filter_: str, pattern: str) -> None:
    bench.boot("a" * 254)

    before = time.process_time()
    names(bench, f"all_tenants=1&{filter_}={quote(pattern)}", by="admin", version="2.90")

    assert time.process_time() - before < 2


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a" * 256, ""])
def test_an_invalid_pattern_is_a_bad_request(bench: NovaBench, pattern: str) -> None:
    error = bench.call("GET", f"/servers/detail?name={quote(pattern)}", status=400)["badRequest"]

    # The words are those of _validate_regex_format in nova/api/validation/validators.py.
    assert (
        error["message"] == f"Invalid input for query parameters name. Value: {pattern}. {pattern!r} is not a 'regex'"
    )


def test_a_pattern_of_255_characters_is_accepted(bench: NovaBench) -> None:
    bench.boot("a" * 255)

    assert names(bench, "name=" + "a" * 255) == ["a" * 255]


def test_patterns_are_matched_without_the_lock(bench: NovaBench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.boot("one")
    lock, free = bench.cloud.core.lock, []

    def is_in(self: Pattern, text: str) -> bool:
        def take() -> None:
            free.append(lock.acquire(timeout=1))
            lock.release()

        other = threading.Thread(target=take)
        other.start()
        other.join()
        return True

    monkeypatch.setattr(Pattern, "is_in", is_in)

    assert names(bench, "name=one") == ["one"]
    assert free == [True]


def test_patterns_search_in_the_columns_that_nova_searches(bench: NovaBench) -> None:
    """The rule is _regex_instance_filter in nova/db/main/api.py: all columns without an exact match."""
    server = bench.boot("Web-1", availability_zone="nova")

    for query in ("name=^web", "hostname=b-1$", "node=^compute-[0-9]$", "availability_zone=ov", "reservation_id=^r-"):
        assert names(bench, f"all_tenants=1&{query}", by="admin") == ["Web-1"], query
    assert names(bench, "all_tenants=1&host=compute", by="admin") == []
    assert server.host is not None


def test_addresses_are_found_by_a_part_of_them(bench: NovaBench) -> None:
    """The rule is _ip_filter_using_neutron in nova/compute/api.py: Neutron's ip_address_substr, which is no pattern."""
    neutron, project_id = bench.cloud.neutron, bench.projects["ann"]
    network = neutron.create("network", project_id)
    neutron.create("subnet", project_id, network_id=network["id"], ip_version=4, cidr="10.0.7.0/24")
    bench.boot("one")

    assert names(bench, "ip=0.0.7.") == ["one"]
    assert names(bench, "ip=10.*7") == []
    assert names(bench, "ip=10.0.7.&ip6=2001:db8", version="2.5") == ["one"]
