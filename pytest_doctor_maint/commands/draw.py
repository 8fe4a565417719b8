"""``doctor-maint draw``: draw a saved history."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_doctor_maint.commands.saved_history import Done, add_arguments, carry_out, load

if TYPE_CHECKING:
    from pytest_doctor_maint.claims import Judgement
    from pytest_doctor_maint.history import History

PICTURES = ("sequence", "timeline")
FORMATS = ("svg", "png")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "draw",
        help="draw a saved history",
        description="Draw the history that a run saved (pytest --maint-history=DIR), with what its claims found: as a "
        "sequence diagram (actors are columns; each message with the time for its answer) and as a timeline (computes, "
        "instances and services). The paths of the pictures are printed. The exit code is 0 if they were written, "
        "whatever the claims found, and 2 if not. The file may come from anybody: each line is checked.",
    )
    add_arguments(parser)
    parser.add_argument(
        "--picture",
        action="append",
        choices=PICTURES,
        help="draw this picture only; may be given several times (default: both)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="PATH",
        help="write one picture to this file, or each picture into this folder, which must exist (default: next to "
        "FILE, with .sequence.svg and .timeline.svg in place of its suffix)",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="the format; png needs rsvg-convert, cairosvg or chromium (default: that of --output, else svg)",
    )
    parser.add_argument(
        "--collapse",
        action="store_true",
        help="draw one row for each phase in the sequence diagram, for many computes; what is violated is shown",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw the file that `options` name, and return the exit code."""
    return carry_out("draw", "drawing", options.timeout, lambda: _draw(options))


def _draw(options: argparse.Namespace) -> Done:
    """Write the pictures, whose paths are printed.

    Raises:
        ValueError: The file is not a history, or has no event, or the options contradict each other, or there is no
            converter.
        OSError: The file cannot be read, or a picture cannot be written.
    """
    from pytest_doctor_maint.claims import judge
    from pytest_doctor_maint.commands.png import find_converter, to_png
    from pytest_doctor_maint.printable import printable

    wanted = tuple(dict.fromkeys(options.picture or PICTURES))
    extension = _format(options.output, options.format)
    paths = _paths(options.history, options.output, wanted, extension)
    if extension == "png":
        find_converter()
    history, torn = load(options.history)
    judgement = judge(history)
    for name, path in zip(wanted, paths, strict=True):
        picture = _picture(name, history, judgement, collapsed=options.collapse)
        path.write_bytes(to_png(picture, *_size(picture)) if extension == "png" else picture.encode())
    return Done(0, "".join(f"{printable(str(path))}\n" for path in paths), [torn])


def _format(output: Path | None, named: str | None) -> str:
    suffix = "" if output is None else output.suffix.removeprefix(".").lower()
    return named or (suffix if suffix in FORMATS else FORMATS[0])


def _paths(history: Path, output: Path | None, wanted: Sequence[str], extension: str) -> list[Path]:
    """Return where the pictures are written.

    Raises:
        ValueError: `output` is one file for several pictures, or is the history.
    """
    if output is not None and not output.is_dir():
        if len(wanted) > 1:
            raise ValueError(f"argument --output: {output} is no folder; allowed: a folder, or one --picture")
        if output.exists() and output.samefile(history):
            raise ValueError(f"argument --output: {output} is the history; allowed: another file")
        return [output]
    folder = history.parent if output is None else output
    stem = history.with_suffix("").name
    return [folder / f"{stem}.{name}.{extension}" for name in wanted]


def _picture(name: str, history: History, judgement: Judgement, *, collapsed: bool) -> str:
    from pytest_doctor_maint.report import sequence_diagram, timeline

    if name == "sequence":
        return sequence_diagram(history, judgement, collapsed=collapsed)
    return timeline(history, judgement)


def _size(picture: str) -> tuple[int, int]:
    """Return the width and the height of an SVG, in pixels."""
    from math import ceil
    from xml.etree import ElementTree

    # The document is our own.
    root = ElementTree.fromstring(picture)  # noqa: S314
    return ceil(float(root.attrib["width"])), ceil(float(root.attrib["height"]))
