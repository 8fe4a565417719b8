"""The page that plays a run again, in a browser: by pointer and by keyboard, with anything in its history."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report.replay import replay
from tests.support.histories import SAVED, without
from tests.support.large_histories import sessions
from tests.support.replays import changed, elsewhere

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.realtime

HOSTILE = "</script><script>window.attacked=1</script><img src=x onerror=window.attacked=1>\x00\x1b\u202e\u2028"
#: The least contrast of texts of this size that WCAG 2 allows (level AA).
LEAST_CONTRAST = 4.5
#: Return the texts of which the contrast is too low, with it: "text on background".
CONTRAST = """(least) => {
    const channels = (colour) => colour.match(/[0-9.]+/g).map(Number);
    const share = (value) => value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * share(r) + 0.7152 * share(g) + 0.0722 * share(b);
    const under = (node) => {
        const own = channels(getComputedStyle(node).backgroundColor);
        return own.length < 4 || own[3] === 1 || !node.parentElement ? own : under(node.parentElement);
    };
    const found = [];
    for (const node of document.querySelectorAll('.chip, .head, .pill, .window, .row, .outcome, button, p, dd, pre')) {
        if (!node.textContent.trim() || !node.offsetParent || node.disabled || node.matches('.later')) continue;
        const [a, b] = [light(channels(getComputedStyle(node).color)), light(under(node))].sort((x, y) => y - x);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < least) found.push(`${node.className} ${node.textContent.slice(0, 30)}: ${contrast}`);
    }
    return found;
}"""

Show = Callable[..., None]


@pytest.fixture
def good() -> History:
    """A run on three computes in which every claim holds."""
    return History.load(SAVED)


@pytest.fixture
def bad(good: History) -> History:
    """The same run without a switch-over, so that the service is down for 12 s, and without a reply."""
    (planned, *_) = good.of("notification", state="PLANNED_MAINTENANCE")
    switched_over = next(event for event in good.of("floating_ip") if event.seq > planned.seq)
    (reply,) = good.of("reply", state="ACK_DOWN_SCALE")
    return without(good, [switched_over, reply])


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Show:
    """Show the page of one or two runs."""

    def open_page(history: History, other: History | None = None) -> None:
        file = tmp_path / "replay.html"
        other_judgement = None if other is None else judge(other)
        file.write_text(replay(history, judge(history), other, other_judgement), encoding="utf-8")
        page.goto(file.as_uri())

    return open_page


def seek(page: Page, ms: float) -> None:
    """Move the slider, as a pointer does."""
    page.locator(".slider").evaluate(
        "(slider, ms) => { slider.value = ms; slider.dispatchEvent(new Event('input')); }", ms
    )


def moment(page: Page) -> float:
    """Return the moment that is shown, in milliseconds since the request of the admin."""
    return float(page.locator(".slider").input_value())


def since_request(history: History, seq: int) -> float:
    """Return the moment of an event."""
    (created,) = history.of("session.created")
    return round((history.events[seq - 1].at - created.at).total_seconds() * 1000)


# -- playing -----------------------------------------------------------------------------------------------------------


def test_the_run_is_played_until_its_end(page: Page, show: Show, good: History) -> None:
    show(good)
    page.get_by_label("speed").select_option("1000")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => Number(document.querySelector('.slider').value) > 0")
    page.get_by_role("button", name="Play").wait_for()
    assert moment(page) == since_request(good, len(good))
    assert "MAINTENANCE_DONE" in page.locator(".pill", has_text="session 1").inner_text()


def test_the_run_is_played_as_fast_as_asked_and_can_be_stopped(page: Page, show: Show, good: History) -> None:
    show(good)
    speeds = [option.get_attribute("value") for option in page.get_by_label("speed").locator("option").all()]
    assert (speeds[0], speeds[-1]) == ("1", "1000")
    page.get_by_label("speed").select_option("10")
    page.evaluate("window.began = performance.now()")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => Number(document.querySelector('.slider').value) > 2000")
    page.get_by_role("button", name="Pause").click()
    took, shown = page.evaluate("[performance.now() - began, Number(document.querySelector('.slider').value)]")
    assert 2000 < shown <= 10 * took
    page.get_by_role("button", name="Play").wait_for()
    assert moment(page) == shown


def test_the_keyboard_controls_everything(page: Page, show: Show, bad: History) -> None:
    show(bad)
    page.keyboard.press("End")
    assert moment(page) == since_request(bad, len(bad))
    page.keyboard.press("Home")
    assert moment(page) == since_request(bad, 1)
    page.keyboard.press("ArrowRight")
    later = next(event for event in bad if event.at > bad.events[0].at)
    assert moment(page) == since_request(bad, later.seq)
    page.keyboard.press("ArrowLeft")
    assert moment(page) == since_request(bad, 1)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play").wait_for()
    page.keyboard.press("n")
    first = page.locator(".violation").inner_text()
    page.keyboard.press("n")
    assert page.locator(".violation").inner_text() != first
    page.keyboard.press("p")
    assert page.locator(".violation").inner_text() == first


def test_every_control_has_a_name_and_can_have_the_focus(page: Page, show: Show, bad: History, good: History) -> None:
    show(bad, good)
    page.keyboard.press("n")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, [role=button]')]
            .filter((node) => node.getClientRects().length && !node.disabled)
            .filter((node) => node.tabIndex < 0 || !(node.getAttribute('aria-label') || node.textContent
                || node.labels?.[0]?.textContent).trim())
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []
    # The focus goes from one to the next, and can be seen.
    page.get_by_role("button", name="Play").focus()
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "() => [document.activeElement.outerHTML, getComputedStyle(document.activeElement).outlineStyle]"
            )
        )
    assert len({html for html, _ in seen}) == len(seen)
    assert {style for _, style in seen} == {"solid"}


def test_a_button_of_a_message_is_pressed_by_a_key(page: Page, show: Show, good: History) -> None:
    show(good)
    page.locator(".arrows g:visible").last.focus()
    page.keyboard.press("Enter")
    assert page.locator(".detail h3").inner_text().startswith("Event ")


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_the_next_violation_is_shown_at_its_moment(page: Page, show: Show, bad: History) -> None:
    found = [violation for verdict in judge(bad).verdicts for violation in verdict.violations]
    show(bad)
    seen = []
    for _ in found:
        page.get_by_role("button", name="next violation").click()
        seen.append(page.locator(".violation .text").inner_text())
    assert sorted(seen) == sorted(violation.message for violation in found)
    page.get_by_role("button", name=re.compile("violation of downtime_is_zero")).click()
    (downtime,) = judge(bad).of("downtime_is_zero").violations
    # It is shown at the last moment of the outage.
    assert moment(page) == since_request(bad, downtime.events[-1]) - 1
    assert "down 12.0 s" in page.locator(".pill", has_text="172.24.4").inner_text()
    assert downtime.message in page.locator(".violation").inner_text()
    assert page.locator(".log .evidence").count() > 0


def test_an_outage_is_red_and_counts_up(page: Page, show: Show, bad: History) -> None:
    (downtime,) = judge(bad).of("downtime_is_zero").violations
    began = since_request(bad, downtime.events[0])
    show(bad)
    service = page.locator(".pill", has_text="172.24.4")
    for later in (3, 9):
        seek(page, began + 1000 * later)
        assert f"down {later}.00 s" in service.inner_text()
        assert "bad" in (service.get_attribute("class") or "")
    assert f"\u2716\ndown {9}.00 s" in page.locator(".chip.down").first.inner_text()


def test_windows_count_down_until_the_reply(page: Page, show: Show, good: History, bad: History) -> None:
    (message,) = good.of("notification", state="DOWN_SCALE")
    sent = since_request(good, message.seq)
    show(good)
    window = page.locator(".window:visible", has_text="DOWN_SCALE to")
    left = []
    for later in (100, 1000, 2000):
        seek(page, sent + later)
        left.append(window.locator(".left").inner_text())
    assert left == ["2 min 00 s left of 2 min 00 s", "1 min 59 s left of 2 min 00 s", "1 min 58 s left of 2 min 00 s"]
    # The answer is shown for a while.
    (reply,) = good.of("reply", state="ACK_DOWN_SCALE")
    seek(page, since_request(good, reply.seq))
    assert window.locator(".left").inner_text().startswith("\u2713 ACK_DOWN_SCALE after ")
    seek(page, since_request(good, reply.seq) + 20_000)
    assert window.count() == 0
    # A window without a reply stays, and says so.
    show(bad)
    seek(page, sent + 10_000)
    assert "left of 2 min 00 s" in window.inner_text()


def test_messages_fly_from_their_source_to_their_target(page: Page, show: Show, good: History) -> None:
    alarm = good.of("alarm", state="PLANNED_MAINTENANCE")[0]
    show(good)
    page.get_by_label("speed").select_option("1")
    places = []
    for later in (0, 300, 600):
        seek(page, since_request(good, alarm.seq) + later)
        arrow = page.locator(".arrows g", has_text="PLANNED_MAINTENANCE to doctor").last
        places.append(float(arrow.locator(".dot").get_attribute("cx") or 0))
        assert arrow.get_attribute("class") == "flying"
    assert places == sorted(set(places))
    before = arrow.get_attribute("aria-label") or ""
    seek(page, since_request(good, alarm.seq) + 1000)
    assert page.get_by_label(before, exact=True).last.get_attribute("class") == "landed"


def test_instances_are_where_they_were(page: Page, show: Show, good: History) -> None:
    show(good)
    for event in good.of("server", status="ACTIVE"):
        if event.data["task_state"] is None and event.data["action"] != "create":
            seek(page, since_request(good, event.seq))
            card = page.get_by_label(event.data["host"], exact=True)
            assert card.get_by_role("button", name=re.compile(event.data["name"])).count() == 1


def test_instances_of_several_projects_are_told_apart(page: Page, show: Show, good: History) -> None:
    first = good.of("server")[0].data["server_id"]
    events = [
        replace(event, data={**event.data, "project_id": "another", "name": "doctor_ha_app_0"})
        if event.kind == "server" and event.data["server_id"] == first
        else event
        for event in good
    ]
    show(History(events=events))
    assert page.locator(".chip", has_text="another: ").count() == 1
    assert page.locator(".chip", has_text="doctor: ").count() > 1
    show(good)
    assert page.locator(".chip", has_text="doctor: ").count() == 0


def test_whatever_is_clicked_shows_its_event_and_why_it_happened(page: Page, show: Show, good: History) -> None:
    planned = good.of("notification", state="PLANNED_MAINTENANCE")[-1]
    show(good)
    detail = page.locator(".detail")
    chain = detail.locator("ol.chain li")
    for what in (".chip", ".pill", ".compute .head", ".arrows g", ".log .row", ".window"):
        seek(page, since_request(good, planned.seq) + 10)
        # An instance that has been moved; the compute that is to be maintained.
        shown = page.locator(f"{what}:visible").filter(has_text=re.compile("ha_app_0|PLANNED|compute-3"))
        shown.last.click()
        assert re.match(r"Event \d+: ", detail.locator("h3").inner_text())
        assert detail.locator(".data").inner_text().startswith("{")
        assert chain.last.inner_text() == "the request of the admin"
        assert "maintain compute-1, compute-2, compute-3" in chain.nth(chain.count() - 2).inner_text()
    page.locator(".lanes .work").last.click()
    assert "IN_MAINTENANCE compute-" in detail.locator("h3").inner_text()
    # A cause is opened at its moment.
    chain.nth(chain.count() - 2).get_by_role("button").click()
    assert moment(page) == 0
    assert "session 1: maintain" in detail.locator("h3").inner_text()


# -- two runs ----------------------------------------------------------------------------------------------------------


def test_the_first_difference_of_two_runs_is_marked_in_both(
    page: Page, show: Show, good: History, bad: History
) -> None:
    (reply,) = good.of("reply", state="ACK_DOWN_SCALE")
    show(good, elsewhere(bad))
    assert page.locator(".run").count() == 2
    page.get_by_role("button", name="First difference").click()
    assert page.locator(".log .differs").count() == 2
    assert f"Event {reply.seq}: ACK_DOWN_SCALE" in page.locator(".run").first.locator(".detail").inner_text()
    assert moment(page) == since_request(good, reply.seq)
    # A violation of the second run is found, too.
    page.keyboard.press("n")
    assert "in run B" in page.locator(".violation").inner_text()


def test_equal_runs_have_no_difference(page: Page, show: Show, good: History) -> None:
    show(good, elsewhere(good))
    assert "do not differ" in page.locator(".difference").inner_text()
    page.keyboard.press("d")
    assert page.locator(".log .differs").count() == 0


# -- any history, any browser ------------------------------------------------------------------------------------------


def test_a_hostile_history_runs_nothing(page: Page, show: Show, bad: History) -> None:
    names = {"doctor_ha_app_0", "doctor_nonha_app_0", "compute-1", "DOWN_SCALE", "172.24.4.3"}
    hostile = changed(bad, lambda text: text + HOSTILE if text in names else text)
    first = replace(hostile.events[0], actor=HOSTILE, data={**hostile.events[0].data, HOSTILE: "x" * 10**6})
    show(History(events=[first, *hostile.events[1:]]))
    page.keyboard.press("n")
    page.keyboard.press("Home")
    for control in page.locator(".row:visible, .chip:visible, .head:visible, .pill:visible").all()[::4]:
        control.click()
    assert page.evaluate("window.attacked") is None
    assert page.locator("img").count() == 0
    assert "</script><script>window.attacked=1</script><img" in page.locator(".compute").first.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_are_readable_in_light_and_dark(page: Page, show: Show, bad: History, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    show(bad)
    page.keyboard.press("n")
    (downtime,) = judge(bad).of("downtime_is_zero").violations
    seek(page, since_request(bad, downtime.events[0]) + 1000)
    assert page.evaluate(CONTRAST, LEAST_CONTRAST) == []


def test_nothing_flies_where_less_motion_is_wanted(page: Page, show: Show, good: History) -> None:
    page.emulate_media(reduced_motion="reduce")
    show(good)
    assert page.locator(".arrows .flying").count() > 0
    assert page.locator(".arrows .dot:visible").count() == 0


def test_without_scripts_the_page_names_the_violations(chromium: Browser, bad: History, tmp_path: Path) -> None:
    file = tmp_path / "replay.html"
    file.write_text(replay(bad, judge(bad)), encoding="utf-8")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    shown = page.inner_text("body")
    context.close()
    assert "Open it in a tab of its own" in shown
    assert "downtime_is_zero: " in shown


def test_64_computes_fit_a_page(page: Page, show: Show) -> None:
    history = sessions(1, 64).history()
    judgement = judge(history)
    began = process_time()
    text = replay(history, judgement)
    assert process_time() - began < 1.0
    assert len(text) < 5_000_000
    show(history)
    seek(page, 600_000)
    page.locator(".chip.act").click()
    width, height = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert (width, height) <= (1200, 1600)
    assert height <= 1600
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.compute .name')].filter((node) => node.scrollWidth > node.clientWidth)
            .map((node) => node.textContent)"""
    )
    assert cut == []
