"""The width of texts in pixels, without a font: the picture forces each text to the width that is computed here.

So no text overlaps another one, whatever font the reader has.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from pytest_doctor_maint.printable import shortened

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
_DIGIT, _FULL = 0.64, 1.05


def width(text: str, size: float = SIZE) -> float:
    """Return the width of ``text`` in pixels, for letters of ``size`` pixels."""
    return round(_ems(text) * size, 1)


@lru_cache(maxsize=4096)
def _ems(text: str) -> float:
    return sum(_WIDTHS.get(letter) or (_DIGIT if letter < "\u02ff" else _wide(letter)) for letter in text)


def _wide(letter: str) -> float:
    return _FULL if unicodedata.east_asian_width(letter) in "WFA" or ord(letter) > 0x1F000 else _DIGIT


def fitted(text: str, most: float, size: float = SIZE) -> str:
    """Return ``text`` as one printable line that is at most ``most`` pixels wide.

    A longer text loses its middle, because both ends of a name tell it from others.
    """
    shown = shortened(text, _LONGEST)
    if width(shown, size) <= most:
        return shown
    low, high = 0, len(shown)
    while low < high:
        kept = (low + high + 1) // 2
        if width(_without_middle(shown, kept), size) <= most:
            low = kept
        else:
            high = kept - 1
    return _without_middle(shown, low)


def _without_middle(text: str, kept: int) -> str:
    head = (kept + 1) // 2
    return f"{text[:head]}…{text[len(text) - (kept - head) :]}"


def ended(text: str, most: float, size: float = SIZE) -> str:
    """Return the begin of a sentence, as one printable line that is at most ``most`` pixels wide."""
    shown = shortened(text, _LONGEST)
    if width(shown, size) <= most:
        return shown
    while shown and width(f"{shown} …", size) > most:
        cut, _, _ = shown.rpartition(" ")
        shown = cut or shown[: len(shown) // 2]
    return f"{shown} …"


def tip(text: str) -> str:
    """Return the text that is shown while the pointer is on something."""
    return shortened(text, LONGEST_TIP)
