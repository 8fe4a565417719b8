"""The sequence diagram in a browser: every text has its place, in light and in dark."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import sequence_diagram
from tests.support.histories import SAVED

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.realtime

VNF = SAVED.with_name("vnf_lead_time.jsonl")
#: Return the texts that leave the picture, the pairs of texts that overlap, the number of all texts, and the colours of
#: texts and paper.
MEASURE = """() => {
  const picture = document.querySelector('svg').getBoundingClientRect();
  const texts = [...document.querySelectorAll('svg text')].map(element => {
    const {left, right, top, bottom} = element.getBoundingClientRect();
    return {words: element.textContent, left, right, top, bottom};
  });
  const outside = texts.filter(text => text.left < 0 || text.right > picture.right || text.bottom > picture.bottom);
  const overlaps = [];
  texts.sort((a, b) => a.top - b.top).forEach((text, number) => {
    for (const next of texts.slice(number + 1)) {
      if (next.top + 1 > text.bottom - 1) break;
      if (next.left < text.right && text.left < next.right) overlaps.push([text.words, next.words]);
    }
  });
  const ink = getComputedStyle(document.querySelector('svg text')).fill;
  const paper = getComputedStyle(document.querySelector('svg > rect')).fill;
  return {outside: outside.map(text => text.words), overlaps, count: texts.length, ink, paper};
}"""


def long_names(history: History) -> History:
    """Return a history whose instances, actors and scenario have names that are too long for a picture."""
    long = {"name": "an-instance-with-a-long-name-" * 8, "scenario": "scenario " * 60, "error": "WWW " * 100}
    return History(
        events=[
            replace(each, data={**each.data, **{key: value for key, value in long.items() if key in each.data}})
            for each in history
        ]
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_neither_leave_the_picture_nor_overlap(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    sample, vnf = History.load(SAVED), History.load(VNF)
    broken_off = History(events=sample.events[:90])
    for history in (sample, vnf, broken_off, long_names(sample), long_names(vnf)):
        judgement = judge(history)
        for collapsed in (False, True):
            page.set_content(f"<body style='margin:0'>{sequence_diagram(history, judgement, collapsed=collapsed)}")
            seen = page.evaluate(MEASURE)
            assert seen["outside"] == []
            assert seen["overlaps"] == []
            assert seen["count"] > 10
            assert (seen["ink"], seen["paper"]) == {
                "light": ("rgb(26, 32, 44)", "rgb(255, 255, 255)"),
                "dark": ("rgb(226, 232, 240)", "rgb(16, 21, 31)"),
            }[scheme]


def test_a_run_on_three_computes_fits_on_a_page(page: Page) -> None:
    history = History.load(SAVED)
    page.set_content(f"<body style='margin:0'>{sequence_diagram(history, judge(history))}")
    box = page.locator("svg").bounding_box()
    assert box is not None
    assert (box["width"], box["height"] <= 1600) == (1200, True)


def test_chromium_makes_a_png(chromium: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no other converter is present; `chromium` says if there is none on this machine."""
    history = tmp_path / "run.jsonl"
    shutil.copy(SAVED, history)
    assert cli.main(["draw", str(history), "--picture", "sequence", "--format", "png"]) == 0
    picture = tmp_path / "run.sequence.png"
    assert capsys.readouterr().out == f"{picture}\n"
    assert picture.read_bytes().startswith(b"\x89PNG")
