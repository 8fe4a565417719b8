"""The same seed results in the same history on each wire."""

import itertools
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from requests import PreparedRequest, Response

from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.http.wires import WIRES
from pytest_doctor_maint.testbed.cloud_under_test import EmbeddedCloudUnderTest
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import Premises, TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed

ROOT = Path(__file__).resolve().parents[3]

ACTORS = {
    "sample": (),
    "fenix": ("--admin-tool=fenix",),
    "fenix and vnfm": ("--admin-tool=fenix", "--app-manager=vnfm"),
}


def events_of(path: Path) -> list[object]:
    """Return the events of a saved history without their wall times, the only field that may differ."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [{key: value for key, value in json.loads(line).items() if key != "wall"} for line in lines]


def histories(folder: Path) -> dict[str, list[object]]:
    return {path.name: events_of(path) for path in sorted(folder.glob("*.jsonl"))}


@pytest.mark.parametrize(("admin_tool", "app_manager"), [("sample", "sample"), ("fenix", "sample"), ("fenix", "vnfm")])
def test_a_full_cloud_has_the_same_history_on_each_wire(tmp_path: Path, admin_tool: str, app_manager: str) -> None:
    seen: dict[str, tuple[list[object], int]] = {}
    for wire in WIRES:
        scenario = Scenario(TestbedSettings(seed=3, wire=wire)).on(3).full()
        result = scenario.played_by(admin_tool=admin_tool, app_manager=app_manager).carry_out()
        seen[wire] = events_of(result.history.save(tmp_path / f"{wire}.jsonl")), result.requests
    assert seen["memory"] == seen["socket"]


def test_no_request_is_made_while_the_lock_of_the_embedded_cloud_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the memory wire its handler would run in the thread that holds the lock, and see a half-changed state."""
    testbeds: list[Testbed] = []
    requests_made: list[bool] = []
    original = HttpSession.send

    def remember(premises: Premises) -> None:
        assert isinstance(premises, Testbed)
        testbeds.append(premises)

    def is_free() -> bool:
        cloud = testbeds[0].cloud
        assert isinstance(cloud, EmbeddedCloudUnderTest)
        lock = cloud.cloud.core.lock
        taken = lock.acquire(blocking=False)
        if taken:
            lock.release()
        return taken

    def send(session: HttpSession, request: PreparedRequest, **options: object) -> Response:
        # Another thread can take the lock only if this thread does not hold it.
        requests_made.append(not testbeds or another_thread.submit(is_free).result())
        return original(session, request, **options)

    monkeypatch.setattr(HttpSession, "send", send)
    with ThreadPoolExecutor(1) as another_thread:
        scenario = Scenario(TestbedSettings(wire="memory", prepare=remember)).on(3).full()
        scenario.played_by(admin_tool="fenix", app_manager="vnfm").carry_out()
    assert len(requests_made) > 300
    assert all(requests_made)


# Each scenario runs on each wire, which takes minutes: the longest set has two parts, so that two workers share it.
@pytest.mark.parametrize(
    ("actors", "part"),
    [
        pytest.param("sample", slice(0, None, 2), marks=pytest.mark.realtime(seconds=125), id="sample, one half"),
        pytest.param("sample", slice(1, None, 2), marks=pytest.mark.realtime(seconds=125), id="sample, other half"),
        pytest.param("fenix", slice(None), marks=pytest.mark.realtime(seconds=65), id="fenix"),
        pytest.param("fenix and vnfm", slice(None), marks=pytest.mark.realtime(seconds=95), id="fenix and vnfm"),
    ],
)
def test_every_scenario_has_the_same_history_on_each_wire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, actors: str, part: slice
) -> None:
    """Each scenario runs on 3, 4 and, with the sample actors, 8 computes through sockets; in memory on each number."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    scenarios = scenarios_of(actors)
    chosen = {"memory": scenarios, "socket": without(scenarios, "5" if actors == "sample" else "58")}
    seen: dict[str, dict[str, list[object]]] = {}
    for wire, ids in chosen.items():
        (tmp_path / f"{wire}.txt").write_text("\n".join(id_ for id_ in scenarios[part] if id_ in ids), encoding="utf-8")
        folder = tmp_path / wire
        options = (f"--maint-wire={wire}", f"--maint-history={folder}", f"@{tmp_path / f'{wire}.txt'}")
        run_pytest(*ACTORS[actors], *options)
        seen[wire] = histories(folder)
    assert len(seen["socket"]) >= 30
    assert seen["memory"].keys() >= seen["socket"].keys()
    assert [name for name, events in seen["socket"].items() if events != seen["memory"][name]] == []


def without(scenarios: list[str], computes: str) -> list[str]:
    """Return the scenarios but those on these numbers of computes; some of every scenario must be left."""
    left = [scenario for scenario in scenarios if not re.search(rf"\[[{computes}]-computes\b", scenario)]
    assert {scenario.partition("[")[0] for scenario in left} == {scenario.partition("[")[0] for scenario in scenarios}
    return left


def scenarios_of(actors: str) -> list[str]:
    """Return the ids of the scenarios with these actors, without those that earlier entries of ACTORS already have."""
    earlier = itertools.takewhile(lambda name: name != actors, ACTORS)
    known = {scenario for name in earlier for scenario in collected(name)}
    return [scenario for scenario in collected(actors) if scenario not in known]


def collected(actors: str) -> list[str]:
    printed = run_pytest("--collect-only", *ACTORS[actors])
    return [line for line in printed.splitlines() if line.startswith("scenarios/")]


def run_pytest(*options: str) -> str:
    """Run pytest on the scenarios of this checkout; it must succeed."""
    result = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pytest", "-p", "doctor_maint", "-p", "no:cacheprovider", "-q", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
