"""Texts of a picture: how wide they are, how they are cut, and how times and lists are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from pytest_doctor_maint.printable import LONGEST_LINE, printable
from pytest_doctor_maint.secret_keys import without_url_secrets

#: The longest text that is measured, in characters.
LONGEST = 400
#: How much wider a bold text is, at most.
BOLD = 1.15
#: The names of a list that are written out; the others are counted.
NAMED = 2

# Widths of characters in DejaVu Sans, in parts of the size of the font. It is wider than Arial, Helvetica and
# Liberation Sans, so that a text that fits in it fits in each of these.
_NARROW, _LOWER, _UPPER, _WIDE, _DOUBLE = 0.4, 0.62, 0.77, 1.0, 1.4


def width_of(text: str, size: float) -> float:
    """Return the width of `text` in pixels, at most, in a font of `size` pixels."""
    return sum(map(_width, text)) * size


@lru_cache(maxsize=1024)
def _width(letter: str) -> float:
    if letter in "ijl.,:;'|!()[] ":
        return _NARROW
    if letter.islower() or letter.isdigit():
        return _WIDE if letter in "mw" else _LOWER if letter.isascii() else _UPPER
    if unicodedata.east_asian_width(letter) in "WF" or ord(letter) > 0xFFFF:
        return _DOUBLE
    return _WIDE if letter in "MWQ@%—…" or not letter.isascii() else _UPPER


def fitted(text: str, size: float, width: float) -> str:
    """Return `text` as one printable line that is at most `width` pixels wide; what is too much becomes dots.

    The secrets of URLs are left out before the text is cut, for a part of one could not be recognized.
    """
    text = without_url_secrets(text[:LONGEST_LINE])
    shown = printable(text[:LONGEST])
    if len(text) <= LONGEST and width_of(shown, size) <= width:
        return shown
    room = width - width_of("…", size)
    taken = 0
    for letter in shown:
        room -= _width(letter) * size
        if room < 0:
            break
        taken += 1
    return f"{shown[:taken].rstrip()}…"


def clock(moment: datetime) -> str:
    """Return the time of day, with milliseconds."""
    return f"{moment:%H:%M:%S.%f}"[:-3]


def length(seconds: float) -> str:
    """Return a length of time for a reader, such as `3.02 s`, `12 min 5 s`, `3 h 20 min` or `12 days`."""
    if seconds < 0:
        return f"-{length(-seconds)}"
    if seconds < 600:
        return f"{round(seconds, 2):g} s" if seconds < 100 else f"{round(seconds, 1):g} s"
    if seconds < 7200:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    if seconds < 48 * 3600:
        return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"
    return f"{int(seconds // 86400)} days"


def listed(names: Sequence[str], named: int = NAMED) -> str:
    """Return the first names, and the number of the others."""
    more = len(names) - named
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:named])} and {more} more"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it needs one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
