"""Tracebacks for the user: the frames of the user's own code, without those of this package and of libraries."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType

_PACKAGE = Path(__file__).resolve().parent
#: The scenarios are tests, and not code of the package for one who reads a traceback.
_SCENARIOS = (_PACKAGE / "scenarios", (_PACKAGE / "scenarios").resolve())
_OWN = (_PACKAGE, (_PACKAGE / "fixtures").resolve())
_LIBRARIES = tuple(
    {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
#: The groups of entry points through which others add their own.
_GROUPS = ("admin_tools", "app_managers", "inspectors", "claims", "faults", "actions")
#: The number of the innermost frames that are shown of a traceback without a frame of the user.
LAST = 3


def is_theirs(frame: FrameType) -> bool:
    """Return True if a frame is of the user's code: a test, or an actor, fault or claim that the package does not have.

    Code in ``site-packages`` is the user's if its package has an entry point for this one.
    """
    return _is_their_file(frame.f_code.co_filename, str(frame.f_globals.get("__name__", "")).partition(".")[0])


def is_raised_by_them(error: BaseException) -> bool:
    """Return True if the frame that raised an exception is of the user's code."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and is_theirs(frames[-1])


@cache
def _is_their_file(name: str, package: str) -> bool:
    path = Path(name).absolute()
    if any(path.is_relative_to(folder) for folder in _SCENARIOS):
        return True
    if not path.is_file() or any(path.is_relative_to(folder) for folder in _OWN):
        return False
    if not any(path.is_relative_to(folder) for folder in _LIBRARIES):
        return True
    return package in _packages_with_entry_points()


def their_traceback(error: BaseException) -> list[str]:
    """Return the traceback of an exception as lines: the frames of the user's code.

    The frame that raised it is the last one, also where it is of this package or of a library. An exception without a
    frame of the user has its innermost frames. The exceptions behind it come after it.
    """
    lines = _frames(error)
    for cause in _causes(error):
        lines += [f"caused by {type(cause).__name__}: {cause}", *_frames(cause)]
    return lines


def _frames(error: BaseException) -> list[str]:
    walked = list(traceback.walk_tb(error.__traceback__))
    summary = traceback.extract_tb(error.__traceback__)
    theirs = [index for index, (frame, _) in enumerate(walked) if is_theirs(frame)]
    shown = sorted({*theirs, len(walked) - 1}) if theirs else range(len(walked))[-LAST:]
    chosen = traceback.StackSummary.from_list([summary[index] for index in shown])
    return [line for text in chosen.format() for line in text.rstrip().splitlines()]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions behind an exception, as far as Python would show them."""
    seen = {id(error)}
    while True:
        behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if behind is None or id(behind) in seen:
            return
        seen.add(id(behind))
        yield behind
        error = behind


def _packages_with_entry_points() -> set[str]:
    points = (point for name in _GROUPS for point in entry_points(group=f"pytest_doctor_maint.{name}"))
    return {point.module.partition(".")[0] for point in points} - {"pytest_doctor_maint"}
