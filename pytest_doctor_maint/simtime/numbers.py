"""Numbers in the text of requests.

``int()`` takes more than a protocol means: spaces, underscores, signs, digits of every script. ``str.isdigit`` is true
for characters that ``int()`` refuses (``²``), and Python refuses texts of more than some thousand digits. All of this
is decided here, once.
"""

from __future__ import annotations

#: No quantity in these protocols has more digits, and none of up to so many is too large for a signed 64-bit number.
MOST_DIGITS = 18


def natural(text: str) -> int | None:
    """Return the natural number, from 0, that ``text`` has the ASCII digits of; None where it is none, or too long."""
    significant = text.lstrip("0") or text[-1:]
    if not (text.isascii() and text.isdigit()) or len(significant) > MOST_DIGITS:
        return None
    return int(significant)


def integer(text: str) -> int | None:
    """Return the integer that ``text`` has the ASCII digits of, with or without a minus sign; None where it is none."""
    number = natural(text.removeprefix("-"))
    return -number if number is not None and text.startswith("-") else number
