"""Allure 3 shows what happened in runs of scenarios: the report is built by its own program, and opened here."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# All in one worker of xdist: they share two runs and a report.
pytestmark = [pytest.mark.realtime, pytest.mark.xdist_group("allure")]

ROOT = Path(__file__).parents[2]
#: Where npm installs Allure 3, once for all runs of the tests. Git ignores this folder.
CACHE = ROOT / ".tox" / "allure"
#: Scenarios of each kind: an app manager's decisions, faults, mutants, an unfit cloud, several sessions, plug-ins.
SCENARIOS = (
    "test_room.py::test_full_cloud_whose_scale_down_frees_one_compute[3-computes{unpinned}]",
    "test_projects.py::test_two_sessions_run_at_once_on_different_computes[4-computes{unpinned}]",
    "test_unsuitable_clouds.py::test_unsuitable_computes_are_refused",
    "test_fenix_plugins.py::test_a_plug_in_that_fails_fails_the_session[3-computes-fenix-admin-tool]",
    "test_fenix_mutants.py::test_a_constraint_that_is_not_respected_is_caught"
    "[lead-time-5-computes-fenix-admin-tool-vnfm-app-manager]",
    "test_fenix_mutants.py::test_a_constraint_that_is_not_respected_is_caught"
    "[recovery-5-computes-fenix-admin-tool-vnfm-app-manager]",
)
#: Tests that end in other ways.
BROKEN = '''
"""Tests that do not come to an end."""

import pytest


@pytest.fixture
def lab():
    raise RuntimeError("the lab has no power")


def test_whose_fixture_breaks(maintenance, lab):
    pass


def test_whose_run_breaks_off(maintenance, computes):
    def prepare(cloud):
        raise OSError("the lab is on fire")

    maintenance.when(maintenance.given(computes).full().where(prepare=prepare)).holds()


def test_on_an_unfit_cloud(maintenance):
    maintenance.when(maintenance.given(2).full()).holds()


@pytest.mark.parametrize("made", [lambda: 1, lambda: 2, print, {"x": print}, {"a", "b", "c"}, object()])
def test_whose_parameters_are_objects(maintenance, made):
    pass
'''
#: The fault that makes runs of some scenarios fail.
FAULT = "--maint-fault=compute_dies:host=compute-1"
FENIX = "--admin-tool=fenix"
FAILED = "test_full_cloud_whose_scale_down_frees_one_compute[3-computes]"


@dataclass(frozen=True)
class Report:
    """A report of Allure 3, and the results that it was made of.

    Attributes:
        results: The folder of the results: of a run, and of one with another admin tool.
        again: The folder of the results of the first run, repeated.
        folder: The folder of the report.
        url: Where the report is served.
    """

    results: Path
    again: Path
    folder: Path
    url: str


def start(results: Path, extra: Path, *more: str) -> subprocess.Popen[str]:
    """Begin to carry the scenarios out; some of them fail."""
    unpinned = "-fenix-admin-tool" if FENIX in more else ""
    tests = [f"scenarios/{name.format(unpinned=unpinned)}" for name in SCENARIOS]
    options = ["-p", "doctor_maint", "-p", "no:cacheprovider", "-q", "--maint-wire=memory", FAULT]
    command = [sys.executable, "-m", "pytest", *options, *more, f"--alluredir={results}", *tests, str(extra)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603


def finish(*runs: subprocess.Popen[str]) -> None:
    """Wait for runs, of which tests must have failed."""
    for run in runs:
        output, _ = run.communicate(timeout=200)
        assert run.returncode == pytest.ExitCode.TESTS_FAILED, output[-3000:]


def allure_program() -> Path:
    """Return the program of Allure 3, which npm installs when it is not there yet."""
    program = CACHE / "node_modules" / ".bin" / "allure"
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--prefix", str(CACHE), "--no-save", "--no-audit", "--no-fund", "allure@3"]
        subprocess.run(npm, cwd=CACHE, capture_output=True, timeout=90, check=True)  # noqa: S603
    return program


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Carry scenarios out, once more, and with another admin tool; build the report of the first and the last."""
    base = tmp_path_factory.mktemp("allure")
    results, again, folder, extra = base / "results", base / "again", base / "report", base / "test_broken.py"
    extra.write_text(BROKEN, encoding="utf-8")
    finish(start(results, extra), start(again, extra))
    finish(start(results, extra, FENIX, "-n", "2"))
    generate = [str(allure_program()), "generate", "--config", str(results / "allurerc.json"), str(results)]
    environment = {**os.environ, "ALLURE_NO_ANALYTICS": "1"}
    command = [*generate, "--output", str(folder)]
    subprocess.run(command, cwd=base, env=environment, capture_output=True, timeout=90, check=True)  # noqa: S603
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Report(results, again, folder, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a log."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def opened(report: Report, chromium: Browser) -> Iterator[Page]:
    """Return the report in a browser that reaches this machine alone: the report would count its readers elsewhere."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1600})
    context.route(lambda url: not url.startswith(report.url), lambda route: route.abort())
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(report.url)
    yield page
    context.close()
    assert not errors


def loaded(folder: Path, pattern: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob(pattern))]


def history_ids(folder: Path) -> dict[str, str]:
    """Return the historyId of each test by its name and its parameters."""
    results = loaded(folder, "*-result.json")
    return {f"{result['fullName']} {result['parameters']}": result["historyId"] for result in results}


def open_test(page: Page, name: str) -> None:
    page.get_by_text(name, exact=True).first.click()
    page.get_by_test_id("test-result-info-title").wait_for()


def test_the_suites_are_those_of_the_scenarios(opened: Page) -> None:
    for name in ("scenarios", "test_room.py", "test_fenix_mutants.py"):
        opened.get_by_text(name, exact=True).first.wait_for()


def test_a_failed_test_opens_at_the_violated_claim(opened: Page) -> None:
    open_test(opened, FAILED)
    steps = opened.get_by_test_id("test-result-step-title")
    steps.first.wait_for()
    titles = steps.all_inner_texts()
    assert any(title.startswith("claims: ") for title in titles)
    assert any(title.startswith("downtime_is_zero violated: ") for title in titles)
    # The phases that have nothing to do with it are closed.
    assert "announce" in titles
    assert not any(title.startswith("ACK_MAINTENANCE ") for title in titles)


@pytest.mark.parametrize("name", ["sequence diagram", "timeline"])
def test_a_picture_is_shown(opened: Page, name: str) -> None:
    open_test(opened, FAILED)
    opened.get_by_text(name, exact=True).first.click()
    picture = opened.get_by_test_id("image-attachment-content").locator("img")
    picture.wait_for()
    opened.wait_for_function("image => image.complete && image.naturalWidth > 800", arg=picture.element_handle())


def test_failures_are_in_categories(opened: Page) -> None:
    opened.get_by_text("Categories", exact=True).first.click()
    for name in (
        "unfit cloud",
        "harness: the run broke off",
        "harness: error in the test or a fixture",
        "violated: each_compute_is_maintained_once",
    ):
        opened.get_by_text(name, exact=True).first.wait_for()


def test_the_environment_is_shown(opened: Page) -> None:
    shown = opened.get_by_test_id("metadata-item")
    shown.first.wait_for()
    texts = [" ".join(text.split()) for text in shown.all_inner_texts()]
    assert "admin_tool sample | fenix" in texts
    assert "app_manager sample" in texts


def test_no_result_collapses_as_a_retry_of_another(report: Report) -> None:
    """Some tests pin their actors, and some have parameters that read alike."""
    results = loaded(report.results, "*-result.json")
    assert len({result["historyId"] for result in results}) == len(results)
    (statistic,) = loaded(report.folder, "widgets/statistic.json")
    assert statistic["total"] == len(results)
    assert not statistic.get("retries")


def test_a_repeated_run_has_the_same_history_ids(report: Report) -> None:
    first, again = history_ids(report.results), history_ids(report.again)
    assert len(again) * 2 == len(first)
    assert again.items() <= first.items()


def test_a_step_has_its_outcome_and_its_simulated_time(report: Report) -> None:
    results = loaded(report.results, "*-result.json")
    (failed, *_) = [result for result in results if result["name"] == FAILED]
    claims, *phases = failed["steps"]
    assert claims["status"] == "failed"
    assert {step["status"] for step in claims["steps"]} >= {"failed", "passed"}
    assert phases[0]["name"] in ("before the maintenance", "announce")
    assert sum(phase["stop"] - phase["start"] for phase in phases) > 60_000
    (broke,) = [result for result in results if result["name"].startswith("test_whose_run_breaks_off")][:1]
    assert broke["steps"][0]["status"] == "broken"
