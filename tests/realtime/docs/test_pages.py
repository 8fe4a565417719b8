"""Every page of the documentation works as a reader types it, but for the tutorial, which is followed in an environment
of its own (tests/third_party/test_tutorial.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.doc_blocks import TUTORIAL, blocks_of, pages
from tests.support.doc_runs import follow

#: The seconds that the longest pages take.
SECONDS = {"README.md": 60, "docs/how-to/attach.md": 40}
PAGES = [
    pytest.param(page, marks=pytest.mark.realtime(seconds=SECONDS.get(page, 5)))
    for page in pages()
    if page not in TUTORIAL and any(block.is_typed for block in blocks_of(page))
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_works_as_typed(page: str, tmp_path: Path) -> None:
    # The README begins with the installation, as the tutorial does.
    follow(tmp_path, page, besides=TUTORIAL[:1])


def test_a_command_that_fails_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```bash\necho one\nfalse\n```\n\n```text\ntwo ...\n```\n\n```bash\n# Exit code: 3\ntrue\n```\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("tests.support.doc_blocks.ROOT", tmp_path)
    with pytest.raises(AssertionError) as failure:
        follow(tmp_path / "run", "page.md")
    text = str(failure.value)
    assert "page.md:1: failed: ['1 false']; expected: 0" in text
    assert "page.md:10: the shell did not come so far" in text
    assert "page.md:6: not printed: ['two ...']" in text


def test_a_command_that_does_not_fail_as_it_should_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("```bash\n# Exit code: 3\ntrue\n```\n\n```bash\n# Exit code: 3\n(exit 3)\n```\n", encoding="utf-8")
    monkeypatch.setattr("tests.support.doc_blocks.ROOT", tmp_path)
    with pytest.raises(AssertionError) as failure:
        follow(tmp_path / "run", "page.md")
    assert str(failure.value) == "page.md:1: failed: []; expected: 3\n"
