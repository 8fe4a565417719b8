"""Makes the pictures of the README in `docs/pictures/`: ``python -m docs.make_pictures``.

The picture of the replay is a screenshot, which needs the extra ``browser`` and a program ``chromium``.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from pytest_doctor_maint import History, Judgement, Scenario, judge
from pytest_doctor_maint.report.replay import replay
from pytest_doctor_maint.report.sequence_diagram import sequence_diagram
from pytest_doctor_maint.report.timeline import timeline
from pytest_doctor_maint.testbed.settings import TestbedSettings

FOLDER = Path(__file__).parent / "pictures"
#: The part of the page that the screenshot shows, in pixels.
SIZE = {"width": 1200, "height": 800}


def red_run() -> tuple[History, Judgement]:
    """Return a run in which the app manager does not switch over, and the verdicts on it."""
    settings = TestbedSettings(wire="memory", scenario="test_red::test_no_switch_over")
    history = Scenario(settings).on(3).full_with_act_on(0).deciding(switch_over=False).carry_out().history
    return history, judge(history)


def main() -> None:
    """Write the three pictures."""
    history, judgement = red_run()
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "timeline.svg").write_text(timeline(history, judgement), encoding="utf-8")
    (FOLDER / "sequence.svg").write_text(sequence_diagram(history, judgement), encoding="utf-8")
    with TemporaryDirectory() as folder:
        page = Path(folder) / "replay.html"
        page.write_text(replay(history, judgement), encoding="utf-8")
        _photograph(page, FOLDER / "replay.png")


def _photograph(page: Path, picture: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
        shown.goto(page.as_uri())
        # The moment of the violation has more to show than the first one.
        shown.get_by_text("violation ▶").click()
        shown.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    main()
