"""The same seed results in the same history, byte for byte, also on a busy machine."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_doctor_maint.history import History
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.plugin_runs import hide_surroundings

#: The wires of 30 runs: with sockets, the load of the machine could change which thread runs first.
WIRES = ["socket"] * 5 + ["memory"] * 25


def without_wall_times(history: History, path: Path) -> bytes:
    """Return a saved history without the only field that may differ."""
    header, *lines = history.save(path).read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    for event in events:
        del event["wall"]
    return "\n".join([header, *map(json.dumps, events)]).encode()


def run(seed: int, path: Path, wire: str) -> bytes:
    scenario = Scenario(TestbedSettings(seed=seed, wire=wire)).on(3).full_with_projects("doctor", "nurse")
    return without_wall_times(scenario.carry_out().history, path)


def burn() -> None:
    while True:
        sum(range(10_000))


@contextmanager
def burners() -> Iterator[None]:
    """Run twice as many busy processes as there are processors."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=burn, daemon=True) for _ in range(2 * (os.cpu_count() or 1))]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


@pytest.mark.realtime(seconds=30)
def test_one_seed_is_one_history_alone(tmp_path: Path) -> None:
    assert len({run(7, tmp_path / "history.jsonl", wire) for wire in WIRES}) == 1


@pytest.mark.realtime(seconds=40)
def test_one_seed_is_one_history_on_a_busy_machine(tmp_path: Path) -> None:
    alone = run(7, tmp_path / "history.jsonl", "socket")
    with burners():
        assert {run(7, tmp_path / "history.jsonl", wire) for wire in WIRES} == {alone}


def test_another_seed_gives_another_order(tmp_path: Path) -> None:
    orders = set()
    for seed in range(5):
        run(seed, tmp_path / "history.jsonl", "memory")
        events = History.load(tmp_path / "history.jsonl").events
        orders.add(tuple((event.actor, event.kind, str(event.data.get("name"))) for event in events))
    assert len(orders) > 1


@pytest.mark.realtime(seconds=10)
def test_one_seed_is_one_history_under_xdist(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_surroundings(pytester, monkeypatch)
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.maintenance(computes=(3,))
        @pytest.mark.parametrize("again", [f"run-{number}" for number in range(30)])
        def test_it(maintenance, computes, again):
            maintenance.when(maintenance.given(computes).full().where(scenario="", repeat="")).holds()
        """
    )
    found = {}
    for workers, wire, runs, chosen in (("0", "socket", 1, "run-29"), ("2", "memory", 30, "run")):
        folder = pytester.path / f"with-{workers}"
        result = pytester.runpytest_subprocess(
            "-p", "doctor_maint", "-n", workers, "-k", chosen, f"--maint-wire={wire}", f"--maint-history={folder}"
        )
        result.assert_outcomes(passed=runs, deselected=30 - runs)
        assert len(list(folder.glob("*.jsonl"))) == runs
        found[workers] = {
            without_wall_times(History.load(path), pytester.path / "plain.jsonl") for path in folder.glob("*.jsonl")
        }
    assert found["0"] == found["2"]
    assert len(found["0"]) == 1
