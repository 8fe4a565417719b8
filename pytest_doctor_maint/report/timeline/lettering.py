"""The width of texts in pixels, without a font: the picture forces each text to the width that is computed here.

So no text overlaps another one, whatever font the reader has.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from pytest_doctor_maint.printable import shortened
from pytest_doctor_maint.secret_keys import without_url_secrets

#: The size of texts in pixels: of most of them, of the names of strips, and of the heading.
SIZE, SMALL, LARGE = 10.0, 8.0, 14.0
#: The longest tip, in characters.
LONGEST_TIP = 400
#: The longest name that is measured letter by letter, in characters.
_LONGEST = 300

#: The widths of letters as parts of the size. Others than these are as wide as a digit.
_WIDTHS = {
    **dict.fromkeys("ijlI'|", 0.30),
    **dict.fromkeys('frt.,:;!()[]/\\ `"-', 0.38),
    **dict.fromkeys("cksvxyz", 0.56),
    **dict.fromkeys("ACEFKLRSTVXYZ_bdeghnopqua", 0.64),
    **dict.fromkeys("BDGHNOPQU", 0.75),
    **dict.fromkeys("mwMW@%+=<>~#", 0.92),
}
_DIGIT, _FULL, _COMBINED = 0.64, 1.05, 0.02


def width(text: str, size: float = SIZE) -> float:
    """Return the width of ``text`` in pixels, for letters of ``size`` pixels."""
    return round(_ems(text) * size, 1)


@lru_cache(maxsize=4096)
def _ems(text: str) -> float:
    return sum(_WIDTHS.get(letter) or (_DIGIT if letter < "\u02ff" else _wide(letter)) for letter in text)


def _wide(letter: str) -> float:
    if unicodedata.category(letter) in ("Mn", "Me"):
        return _COMBINED
    return _FULL if unicodedata.east_asian_width(letter) in "WFA" or ord(letter) > 0x1F000 else _DIGIT


def fitted(text: str, most: float, size: float = SIZE) -> str:
    """Return ``text`` as one printable line that is at most ``most`` pixels wide.

    A longer text loses its middle, because both ends of a name tell it from others.
    """
    return _cut(_line(text, _LONGEST), most, size, _without_middle)


def ended(text: str, most: float, size: float = SIZE) -> str:
    """Return the begin of a sentence, as one printable line that is at most ``most`` pixels wide."""
    return _cut(_line(text, _LONGEST), most, size, _begin)


def told_apart(names: Sequence[str], most: float, size: float = SIZE) -> list[str]:
    """Return names as :func:`fitted` does, but without the ends that all of them share, as far as there is no room.

    The computes of a cloud have long names that differ in their middle (``overcloud-novacompute-17.localdomain``).
    """
    shown = [_line(name, _LONGEST) for name in names]
    head = _shared(shown)
    tail = min(_shared([name[::-1] for name in shown]), min(map(len, shown), default=0) - head)

    def told(name: str) -> str:
        if width(name, size) <= most or head + tail == 0:
            return fitted(name, most, size)
        core = name[head : len(name) - tail] + ("…" if tail else "")
        if width(name[:head] + core, size) <= most:
            return name[:head] + core
        room = most - width(f"…{core}", size)
        return f"{_cut(name[:head], room, size, lambda text, kept: text[:kept])}…{core}" if room > 0 else core

    return [fitted(told(name), most, size) for name in shown]


def _shared(names: Sequence[str]) -> int:
    """Return how many letters at the begin of all names are the same, up to the end of a word."""
    if len(names) < 2:
        return 0
    first, last = min(names), max(names)
    same = next((n for n, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    while same and first[same - 1].isalnum():
        same -= 1
    return same


def _cut(text: str, most: float, size: float, cut: Callable[[str, int], str]) -> str:
    """Return ``text``, or as much of it as is at most ``most`` pixels wide; ``cut`` keeps a number of characters."""
    if width(text, size) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        kept = (low + high + 1) // 2
        if width(cut(text, kept), size) <= most:
            low = kept
        else:
            high = kept - 1
    return cut(text, low)


def _begin(text: str, kept: int) -> str:
    begin = text[:kept]
    whole, _, part = begin.rpartition(" ")
    # A word is not cut, unless it is very long.
    return f"{whole if len(part) < len(whole) else begin} …"


def _without_middle(text: str, kept: int) -> str:
    head = (kept + 1) // 2
    return f"{text[:head]}…{text[len(text) - (kept - head) :]}"


def tip(text: str) -> str:
    """Return the text that is shown while the pointer is on something."""
    return _line(text, LONGEST_TIP)


def _line(text: str, length: int) -> str:
    """Return ``text`` as one printable line of at most ``length`` characters, without the secrets of URLs.

    They leave before the text is cut, because a part of a secret could not be recognized.
    """
    # A secret is longer than what takes its place, but not so much that the rest would be too short.
    return shortened(without_url_secrets(text[: 4 * length]), length)
