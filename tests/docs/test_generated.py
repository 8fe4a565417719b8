"""What is made from the code names everything that there is, and every part is shown on a page."""

from __future__ import annotations

import re

import pytest

import pytest_doctor_maint
from docs.generate import PARTS, markdown, section, subparsers, table
from pytest_doctor_maint.claims import CLAIMS
from pytest_doctor_maint.claims.claim import Claim
from pytest_doctor_maint.faults import FAULTS
from pytest_doctor_maint.history.kinds import all_kinds
from pytest_doctor_maint.plugin.settings import SETTINGS, Setting
from pytest_doctor_maint.protocol.constraints import FIELDS
from tests.support.doc_blocks import ROOT, pages


def test_every_part_is_shown_on_one_page() -> None:
    text = "".join((ROOT / page).read_text(encoding="utf-8") for page in pages())
    shown = re.findall(r"^```\{generated\} (\w+)$", text, re.MULTILINE)
    assert sorted(shown) == sorted(PARTS)


@pytest.mark.parametrize("claim", [claim for _, claim in CLAIMS.items()], ids=lambda claim: claim.name)
def test_every_claim_has_its_rule_and_its_source(claim: Claim) -> None:
    text = PARTS["claims"]()
    part = text.partition(f"\n### {claim.name}\n")[2].partition("\n### ")[0]
    assert markdown(claim.rule) in part
    assert f"Source: {claim.source}." in part
    assert all(f"`{name}`" in part for name in claim.parameters)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.keyword)
def test_every_setting_has_its_names_and_its_default(setting: Setting) -> None:
    part = PARTS["options"]().partition(f"### {setting.option}\n")[2].partition("\n### ")[0]
    keyword = None if setting.of_session else setting.keyword
    for name in (f"{setting.option}={setting.metavar}", keyword, setting.ini, setting.variable):
        assert name is None or f"`{name}`" in part
    assert f"default: `{setting.show(setting.default)}`" in part


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("kinds", [f"## {kind.name}" for kind in all_kinds()]),
        ("kinds", [f"| `{field}` |" for kind in all_kinds() for field in (*kind.fields, *kind.optional)]),
        ("faults", [f"## {name}" for name in FAULTS]),
        ("api", [f":: {name}" for name in pytest_doctor_maint.__all__]),
        ("constraints", [f"| `{field.name}` |" for field in FIELDS]),
        ("commands", [f"## doctor-maint {name}" for name in subparsers()]),
        ("result", ["| `verdict` |", "| `claims` |", "| `testapi` |", "## JudgedRun"]),
        ("fixtures", ["| `maintenance` |", "| `maintenance_workflow` |"]),
        ("actors", ["| `sample` |", "| `fenix` |", "| `vnfm` |"]),
        ("routes", ["`POST /v1/maintenance`", "`PUT /maintenance/{session_id}/{project_id}`", "`PUT /events`"]),
    ],
)
def test_nothing_is_left_out(part: str, names: list[str]) -> None:
    text = PARTS[part]()
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize("name", PARTS)
def test_a_part_with_headings_begins_with_one(name: str) -> None:
    """Sphinx would move what comes before the first heading to the end of the page."""
    text = PARTS[name]()
    assert text.startswith("#") or ("\n## " not in text and "\n### " not in text)


def test_the_text_of_a_docstring_becomes_markdown() -> None:
    assert markdown("A :class:`~a.b.Step`, ``code`` and :func:`run <a.b.run>`.") == "A `Step`, `code` and `run`."


def test_a_section_has_the_entries_of_its_own_docstring() -> None:
    docstring = (
        "Title.\n\nAttributes:\n    one: The first\n        of two.\n    two: The second.\n\nRaises:\n    E: Never.\n"
    )
    assert section(docstring, "Attributes") == {"one": "The first of two.", "two": "The second."}
    assert section(docstring, "Returns") == {}


def test_a_bar_in_a_cell_is_no_border() -> None:
    assert table(["a"], [["x|y"]]) == "| a |\n| --- |\n| x\\|y |\n"
