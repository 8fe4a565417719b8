"""Text of a history, safe to print: one rule for every report.

Names of servers, projects and sessions, and the bodies that foreign programs sent, hold whatever their makers chose. A
control character in them would move the cursor of a terminal, a line feed would begin a line of its own, such as a
false ``VIOLATED:``, and a bidirectional override would show a text in another order.
"""

from __future__ import annotations

from collections.abc import Iterable

#: The longest line of a report, in characters.
LONGEST_LINE = 4000


def printable(text: str) -> str:
    """Return ``text`` as one line in which each character that Python's ``repr`` would escape is escaped.

    These are the control characters, line feeds among them, bidirectional and other invisible characters, surrogates,
    and code points that are no characters. So the result is also legal in XML 1.0. Applied twice it changes nothing
    more.
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def shortened(text: str, length: int) -> str:
    """Return ``text`` as one printable line of at most ``length`` characters; the rest becomes dots."""
    shown = printable(text[: length + 1])
    return shown if len(shown) <= length else f"{shown[: length - 3]}..."


def lines(found: Iterable[str]) -> str:
    """Return the lines of a report as one text. Each item is one line, whatever it holds, and is not longer than
    :data:`LONGEST_LINE`.
    """
    return "\n".join(shortened(line, LONGEST_LINE) for line in found)
