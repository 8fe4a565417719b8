"""A shell that follows pages of the documentation as a reader does."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from tests.support.doc_blocks import Block, blocks_of, missing_lines, shown_after
from tests.support.processes import plain_environment

#: Real seconds for the commands of all pages, on a busy machine.
PATIENCE = 500.0
#: Each command that fails writes its exit code and itself, except the one that runs a block.
_BEGIN = """\
set -E
note() { [[ $2 == *NOTES/block-* ]] || echo "$1 $2" >> "$NOTES/failed-$BLOCK"; }
trap 'note $? "$BASH_COMMAND"' ERR
"""
#: Runs one block, and ends the shell if a command failed that must not.
_BLOCK = """\
BLOCK={number:03}
touch "$NOTES/failed-$BLOCK"
. "$NOTES/block-$BLOCK" > "$NOTES/printed-$BLOCK" 2>&1
if [ {exit_code} = 0 -a -s "$NOTES/failed-{number:03}" ]; then exit 1; fi
"""


def follow(folder: Path, *pages: str, start: Path | None = None, besides: Collection[str] = ()) -> None:
    """Save the files of pages, type their commands, and compare what is printed.

    Processes in the background are ended after the last command.

    Args:
        folder: An empty folder, in which the shell notes what happens.
        pages: The pages, which share one shell.
        start: The folder in which the shell begins; an empty one by default.
        besides: Pages that another test follows. Blocks that these have as well are left out.

    Raises:
        AssertionError: A command ended with another exit code, or a line that is shown was not printed.
    """
    notes = folder / "notes"
    notes.mkdir(parents=True)
    start = folder / "work" if start is None else start
    start.mkdir(exist_ok=True)
    elsewhere = {block.text for page in besides for block in blocks_of(page)}
    blocks = [block for page in pages for block in blocks_of(page) if block.text not in elsewhere]
    script = notes / "script"
    script.write_text(_script(blocks, notes), encoding="utf-8")
    environment = plain_environment(
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        COLUMNS="150",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        NOTES=str(notes),
    )
    with (notes / "printed").open("w", encoding="utf-8") as printed:
        process = subprocess.Popen(  # noqa: S603 - the commands of our own pages
            ["/bin/bash", str(script)],
            cwd=start,
            env=environment,
            stdout=printed,
            stderr=printed,
            start_new_session=True,
        )
        try:
            process.wait(PATIENCE)
        finally:
            # The processes in the background, of which the shell is the group's first.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
    _compare(blocks, notes)


def _script(blocks: Sequence[Block], notes: Path) -> str:
    """Return a script that saves and runs the blocks in their order, in one shell."""
    parts = [_BEGIN]
    for number, block in enumerate(blocks):
        source = notes / f"block-{number:03}"
        source.write_text(block.text, encoding="utf-8")
        if block.file is not None:
            parts.append(f"cp {shlex.quote(str(source))} {shlex.quote(block.file)}\n")
        elif block.is_typed:
            parts.append(_BLOCK.format(number=number, exit_code=block.exit_code))
    return "".join(parts)


def _compare(blocks: Sequence[Block], notes: Path) -> None:
    errors = []
    printed = {}
    for number, block in enumerate(blocks):
        if block.is_typed:
            printed[block] = _read(notes / f"printed-{number:03}")
            failed = _read(notes / f"failed-{number:03}").splitlines()
            if not (notes / f"failed-{number:03}").exists():
                errors.append(f"{block}: the shell did not come so far {_read(notes / 'printed')}".rstrip())
            elif {int(line.split()[0]) for line in failed} != {block.exit_code} - {0}:
                errors.append(f"{block}: failed: {failed}; expected: {block.exit_code}\n{printed[block]}")
    for typed, shown in shown_after(blocks):
        if missing := missing_lines(shown.text, printed[typed]):
            errors.append(f"{shown}: not printed: {missing}\n{printed[typed]}")
    assert not errors, "\n\n".join(errors)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
