"""``doctor-maint judge`` on files that anybody may have made: it refuses them or judges them, and prints safe text."""

from __future__ import annotations

import copy
import json
import re
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.history.header import header
from pytest_doctor_maint.registry import Registry
from tests.support.changed_histories import LINES, Change, changes, renumber

#: The longest time that a small file may take, in seconds of the processor.
LONGEST = 10.0


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    made=st.lists(changes(), min_size=1, max_size=4),
    renumbered=st.booleans(),
    cut=st.one_of(st.none(), st.integers(1, 3000)),
)
def test_a_file_is_refused_with_its_line_or_is_judged(
    made: list[Change], renumbered: bool, cut: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a run whose file was changed
    lines = copy.deepcopy(LINES)
    for change in made:
        change(lines)
    if renumbered:
        renumber(lines)
    text = "".join(f"{line}\n" for line in (header(), *map(json.dumps, lines)))
    path, picture = tmp_path / "run.jsonl", tmp_path / "run.svg"
    path.write_text(text[: None if cut is None else -cut])
    picture.unlink(missing_ok=True)
    # when it is judged
    began = time.process_time()
    code = cli.main(["judge", str(path), "--svg", str(picture)])
    # then it is refused in one sentence, or judged
    assert time.process_time() - began < LONGEST
    output, error = capsys.readouterr()
    assert all(line.isprintable() for line in f"{output}{error}".split("\n"))
    if code == 2:
        assert output == ""
        assert re.fullmatch(r"doctor-maint judge: .*run\.jsonl, line \d+: .+\n", error)
    else:
        assert code in (0, 1)
        assert "the claim itself failed" not in output
        ElementTree.parse(picture)  # noqa: S314  # the file is our own
        headings = [line for line in output.split("\n") if line.startswith(("VIOLATED", "UNKNOWN"))]
        assert all(line.split(": ")[1] in cli_claims() for line in headings)


def cli_claims() -> Registry[Any]:
    """Return the claims that there are."""
    from pytest_doctor_maint.claims import CLAIMS

    return CLAIMS
