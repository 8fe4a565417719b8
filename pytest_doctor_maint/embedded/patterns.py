"""Regular expressions of users, which are matched in linear time: the one layer between the services and RE2.

Python's ``re`` backtracks: ``(a+)+$`` takes a minute to find that it does not match a name of 26 letters. The time that
RE2 takes grows with the length of the text alone. It refuses what it cannot match so: backreferences and lookarounds.
"""

from __future__ import annotations

import re2  # type: ignore[import-untyped]  # it has no types

LONGEST = 255
"""The largest number of characters of a pattern: as many as the names have that it is searched in."""
_MEMORY = 1 << 20
"""Bytes for one compiled pattern. ``.{1000}`` written thirty times needs more, and is refused."""


class InvalidPattern(ValueError):
    """A pattern cannot be used; the text says why."""


class Pattern:
    """A regular expression in the syntax of RE2.

    It is searched in text that users named too; do so without holding the core's lock.

    Args:
        text: The expression, at most :data:`LONGEST` characters.
        ignore_case: True to match small and capital letters alike.

    Raises:
        InvalidPattern: ``text`` is longer, or is not such an expression.
    """

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        if len(text) > LONGEST:
            raise InvalidPattern(f"the pattern has {len(text)} characters; {LONGEST} are allowed")
        options = re2.Options()
        options.case_sensitive = not ignore_case
        options.max_mem = _MEMORY
        # Otherwise RE2 writes each invalid pattern to the standard error.
        options.log_errors = False
        try:
            self._compiled = re2.compile(_encodable(text), options)
        except re2.error as error:
            raise InvalidPattern(error.args[0].decode(errors="replace")) from error

    def is_in(self, text: str) -> bool:
        """Return True if a part of ``text`` matches."""
        return self._compiled.search(_encodable(text)) is not None


def _encodable(text: str) -> str:
    """Return ``text`` with U+FFFD for each lone surrogate, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
