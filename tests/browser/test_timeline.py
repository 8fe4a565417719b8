"""The timeline in a browser: every text can be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import timeline
from tests.support.histories import SAVED, without
from tests.support.large_histories import sessions

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.realtime

#: Return the texts that overlap another text, or are in part outside of the picture. A pixel of two boxes may touch:
#: a box is higher than its letters.
UNREADABLE = """() => {
  const canvas = document.querySelector('svg').getBoundingClientRect();
  const texts = [...document.querySelectorAll('svg text')].map(e => [e.textContent, e.getBoundingClientRect()]);
  const outside = texts.filter(([_, a]) => a.left < canvas.left || a.right > canvas.right + 0.5
                                        || a.top < canvas.top || a.bottom > canvas.bottom + 0.5);
  const overlapping = [];
  texts.forEach(([one, a], i) => texts.slice(i + 1).forEach(([other, b]) => {
    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) overlapping.push(one + ' | ' + other);
  }));
  return {texts: texts.length, outside: outside.map(([text]) => text), overlapping};
}"""


def outage() -> History:
    """Return a run on three computes with downtime, a message without a reply, and what follows from both."""
    good = History.load(SAVED)
    (planned, *_) = good.of("notification", state="PLANNED_MAINTENANCE")
    switched_over = next(event for event in good.of("floating_ip") if event.seq > planned.seq)
    return without(good, [switched_over, *good.of("reply", state="ACK_DOWN_SCALE")])


def many_computes() -> History:
    """Return a run on 64 computes, in which messages without replies and lead times that are too short abound."""
    run = sessions(1, 64).history()
    return without(run, run.of("reply")[::3])


def unreadable(page: Page, picture: str) -> Any:  # what the script returns
    page.set_content(picture)
    return page.evaluate(UNREADABLE)


@pytest.mark.parametrize("history", [outage(), many_computes()], ids=["3 computes", "64 computes"])
def test_every_text_of_the_timeline_can_be_read(page: Page, history: History) -> None:
    found = unreadable(page, timeline(history, judge(history)))
    assert found["texts"] > 50
    assert found["outside"] == []
    assert found["overlapping"] == []


def test_long_and_wide_names_can_be_read(page: Page, tmp_path: Path) -> None:
    text = outage().to_json_lines()
    for name in ("doctor_ha_app_0", "compute-2", "MAINTENANCE_COMPLETE"):
        text = text.replace(name, "\N{CJK UNIFIED IDEOGRAPH-4E00}W\u0301" * 60 + name)
    path = tmp_path / "run.jsonl"
    path.write_text(text, encoding="utf-8")
    found = unreadable(page, timeline(History.load(path)))
    assert (found["outside"], found["overlapping"]) == ([], [])


def test_the_timeline_is_dark_on_a_dark_page(page: Page) -> None:
    page.set_content(timeline(outage()))
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours.append(page.evaluate("getComputedStyle(document.querySelector('.ground')).fill"))
    assert colours == ["rgb(255, 255, 255)", "rgb(18, 22, 29)"]
