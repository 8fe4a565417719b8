"""A small run of the fuzzer, and the proof that it finds what it looks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fuzz.__main__ import fuzz, main
from fuzz.findings import Fault, Finding, Tally
from fuzz.state import state_of
from fuzz.world import new_world
from pytest_doctor_maint.actors.inspector.sample import Inspector
from pytest_doctor_maint.simtime.http.server import HttpServer
from tests.support.routes import new_cloud

#: Another seed than that of ``tox -e fuzz``, so that the two do not send the same.
SEED = "test"


@pytest.mark.parametrize(("number", "raw"), [(0, False), (1, False), (2, False), (3, True)])
def test_odd_requests_are_answered_and_those_refused_change_nothing(number: int, raw: bool) -> None:
    tally = Tally()
    fuzz(SEED, number, raw=raw, requests=250, tally=tally)
    assert tally.findings == []
    # The fuzzer must reach what is behind the checks, and not only the checks.
    assert sum(count for status, count in tally.statuses.items() if 200 <= status < 300) > 10
    assert tally.statuses.total() > 200
    assert sum(refused.total() for refused in tally.compared.values()) > 120
    assert set(tally.compared) <= set(tally.routes)


def test_the_same_seed_gives_the_same_answers() -> None:
    first, second = Tally(), Tally()
    for tally in (first, second):
        fuzz(SEED, 0, raw=False, requests=40, tally=tally)
    assert first.statuses == second.statuses


# -- what the fuzzer looks for -----------------------------------------------------------------------------------------


def test_an_exception_and_a_change_by_a_refused_request_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(inspector: Inspector, body: object) -> None:
        raise KeyError("lost")

    def refused(inspector: Inspector, body: object) -> None:
        inspector.url += "/"
        raise ValueError("refused, but too late")

    with new_world(SEED, 0) as world:

        def first_findings(report: Callable[[Inspector, object], None]) -> list[Finding]:
            """Return what is found first if the Inspector does ``report`` with the reports of monitors."""
            monkeypatch.setattr(Inspector, "report", report)
            tally = Tally()
            while not tally.findings and tally.statuses.total() < 400:
                world.run(1, tally)
            return tally.findings

        (finding,) = first_findings(lost)
        assert finding.fault is Fault.ERROR
        assert "KeyError in inspector" in finding.detail
        (finding,) = first_findings(refused)
        assert finding.fault is Fault.CHANGE
        assert "/events" in finding.request


def test_a_request_that_is_not_answered_and_one_that_hangs_are_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def dropped(server: HttpServer, environ: Any, start_response: Any) -> Iterator[bytes]:
        raise ConnectionAbortedError

    monkeypatch.setattr("fuzz.raw.HANG_SECONDS", 0.0)
    monkeypatch.setattr(HttpServer, "_handle", dropped)
    assert main(["--world", "0", "--raw", "--requests", "20"]) == 1
    written = capsys.readouterr().out
    assert "HANG in raw 0" in written
    assert "again: python -m fuzz --seed 1 --world 0 --raw" in written
    monkeypatch.setattr("fuzz.raw.HANG_SECONDS", 5.0)
    assert main(["--world", "0", "--raw", "--requests", "20"]) == 1
    assert "DROPPED in raw 0" in capsys.readouterr().out


def test_the_report_names_the_routes_without_a_refused_request() -> None:
    tally = Tally(routes={"image": {"GET /a", "GET /b"}, "volume": {"GET /c"}})
    tally.compared = {"image": Counter({"GET /a": 3}), "volume": Counter({"GET /c": 1})}
    assert list(tally.coverage()) == [
        "image: 3 refused requests compared, at 1 of 2 routes; none at GET /b",
        "volume: 1 refused requests compared, at 1 of 1 routes",
    ]


def test_every_service_is_in_the_fingerprint() -> None:
    with new_cloud() as cloud:
        seen = {state_of(cloud)}
        assert state_of(cloud) in seen
        cloud.keystone.create_project("one")
        seen.add(state_of(cloud))
        next(iter(cloud.glance.images.values())).min_ram = 5
        seen.add(state_of(cloud))
        cloud.nova.quotas.set("p", None, {"cores": 1}, force=True)
        seen.add(state_of(cloud))
    assert len(seen) == 4
