"""An event in a few words, with names in place of ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pytest_doctor_maint.history import Event, History, kinds


def names_of(history: History) -> dict[str, str]:
    """Return names by id: of servers, projects, groups and floating IPs; sessions are named by their order."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for event in history.events:
        kind = kinds.for_reading(event.kind)
        if kind.names is not None:
            counts[event.kind] += 1
            names.update(kind.names(event.data, counts[event.kind]))
    return names


def actors_of(event: Event) -> tuple[str, ...]:
    """Return the source of ``event`` and, if the event goes from one actor to another, its target."""
    return kinds.for_reading(event.kind).ends(event.actor)


def describe(event: Event, names: Mapping[str, str]) -> str:
    """Return ``event`` in a few words, for a reader.

    Args:
        event: The event.
        names: Names by id, as :func:`names_of` returns them.
    """
    return kinds.for_reading(event.kind).describe(event.data, lambda value: names.get(str(value), str(value)))
