"""An event in a few words, with names in place of ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.printable import shortened
from pytest_doctor_maint.secret_keys import without_url_secrets

#: The errors of a kind's functions on data of other types than they are made for, as a foreign program may send it.
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
#: The longest description of an event, in characters. A refusal may have a page of HTML as its reason.
LONGEST = 200
#: The longest name of an actor in a report, in characters.
LONGEST_ACTOR = 30


def names_of(history: History) -> dict[str, str]:
    """Return names by id: of servers, projects, groups and floating IPs; sessions are named by their order."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for event in history.events:
        kind = kinds.for_reading(event.kind)
        if kind.names is not None:
            counts[event.kind] += 1
            try:
                names.update(kind.names(event.data, counts[event.kind]))
            except UNREADABLE:
                continue  # The ids are shown as they are.
    return names


def actors_of(event: Event) -> tuple[str, ...]:
    """Return the names of the source of ``event`` and, if the event goes from one actor to another, its target."""
    return tuple(shortened(actor, LONGEST_ACTOR) for actor in kinds.for_reading(event.kind).ends(event.actor))


def describe(event: Event, names: Mapping[str, str]) -> str:
    """Return ``event`` in a few words, for a reader: one line without control characters and without secrets.

    Args:
        event: The event.
        names: Names by id, as :func:`names_of` returns them.
    """
    kind = kinds.for_reading(event.kind)
    try:
        text = kind.describe(event.data, lambda value: names.get(str(value), str(value)))
    except UNREADABLE as error:
        text = f"{event.kind}, whose data cannot be put into words ({type(error).__name__}: {error})"
    # Before the text is cut: a part of a secret could not be recognized.
    return shortened(without_url_secrets(text), LONGEST)
