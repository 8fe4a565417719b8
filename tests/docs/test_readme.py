"""The README states current figures, its links lead to files, and the failure that it shows is what is printed."""

from __future__ import annotations

import re

import pytest

from docs.generate import figures, subparsers
from pytest_doctor_maint import Scenario, judge
from pytest_doctor_maint.report import failure_text
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.doc_blocks import ROOT, blocks_of, missing_lines, pages

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("what", ["claims", "faults"])
def test_the_figures_are_current(what: str) -> None:
    stated = re.findall(rf"\b(\d+) {what}", README)
    assert stated == [str(figures()[what])]


# A decision record states the figures of its time.
PAGES = [page for page in pages() if not page.startswith("docs/decisions/")]


@pytest.mark.parametrize("page", [*PAGES, "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_no_other_page_states_another_figure(page: str) -> None:
    text = re.sub(r"^ *```.*?^ *```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for number, what in re.findall(r"\b(\d+) (claims|faults|kinds)\b", text):
        assert int(number) == figures()[what], f"{number} {what}"


def test_the_links_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) > 15
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_the_pictures_are_in_the_checkout() -> None:
    assert len(re.findall(r"!\[[^]]+\]\(docs/pictures/\w+\.(?:svg|png)\)", README)) == 3


@pytest.mark.parametrize("command", ["cloud", "admin-tool", "wait", "list", "openapi"])
def test_commands_that_a_newcomer_needs_are_shown(command: str) -> None:
    assert command in subparsers()
    assert f"doctor-maint {command}" in README


def test_the_failure_is_the_one_that_is_printed() -> None:
    (shown,) = (block for block in blocks_of("README.md") if block.language == "console")
    given = Scenario(TestbedSettings(wire="memory")).on(3).full_with_act_on(0).deciding(switch_over=False)
    history = given.carry_out().history
    printed = failure_text(judge(history), history, None)
    assert missing_lines(shown.text, printed) == [], printed
