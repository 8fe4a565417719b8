"""Golden files: what a report was when somebody looked at it last."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "unit" / "report" / "golden"
#: Set it to any text to write the golden files again; then look at each of them, and at the changes in them.
VARIABLE = "WRITE_GOLDEN"


def assert_golden(name: str, text: str) -> None:
    """Compare a report with its golden file.

    Raises:
        AssertionError: They differ; the message shows the first line that does, and how the file is written again.
    """
    path = FOLDER / name
    if os.environ.get(VARIABLE):
        path.write_text(text, encoding="utf-8")
    golden = path.read_text(encoding="utf-8") if path.exists() else ""
    if text != golden:
        lines, before = text.splitlines(), golden.splitlines()
        place = next(
            (number for number, (new, old) in enumerate(zip(lines, before, strict=False)) if new != old),
            min(len(lines), len(before)),
        )
        raise AssertionError(
            f"line {place + 1} differs from {path}\n"
            f"  now:    {''.join(lines[place : place + 1])}\n"
            f"  golden: {''.join(before[place : place + 1])}\n"
            f"If it is meant to differ: {VARIABLE}=1 pytest {Path('tests/unit/report')}, and look at the file."
        )
