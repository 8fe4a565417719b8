"""Refusals: errors about what a user asked for. Their message is one sentence that says it all.

Reports show that sentence and where the user asked, and no code of this package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class Refusal(Exception):
    """What a user asked for cannot be done. The message says what, and what is allowed."""


class UnknownSetting(Refusal, TypeError):
    """A keyword argument does not exist; the message lists those that there are."""


def suggestion(name: object, known: Iterable[str]) -> str:
    """Return `` (did you mean 'NEAREST'?)`` for a name that does not exist; empty if no name is near.

    Args:
        name: What was given.
        known: The names that there are.
    """
    names = list(known)
    by_lower = {each.lower(): each for each in reversed(names)}
    near = difflib.get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.6)
    return f" (did you mean {by_lower[near[0]]!r}?)" if near else ""


def listed(given: Iterable[str], known: Iterable[str]) -> str:
    """Return the names ``given``, which do not exist, each with the nearest one of the names ``known``."""
    names = list(known)
    return ", ".join(f"{name}{suggestion(name, names)}" for name in dict.fromkeys(given))


def check_keywords(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Do nothing if each of the keyword arguments ``given`` exists.

    Args:
        what: What has the arguments, such as ``Scenario.where()``.
        given: The names of the arguments.
        known: The names that there are.

    Raises:
        UnknownSetting: One does not exist.
    """
    names = list(known)
    if unknown := [name for name in given if name not in names]:
        raise UnknownSetting(f"{what} has no setting {listed(unknown, names)}; there are {', '.join(names)}")
