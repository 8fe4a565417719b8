"""Events as a small sequence diagram in plain characters: time goes down, actors are columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_doctor_maint.history import Event
from pytest_doctor_maint.printable import lines
from pytest_doctor_maint.report.describe import actors_of, describe

MARK = ">"
#: The order of the columns, from left to right. Other actors follow them.
ORDER = ("admin", "admin_tool", "aodh", "app_manager", "monitor", "inspector", "nova", "neutron", "harness", "nemesis")


def sequence(events: Sequence[Event], marked: Iterable[int] = (), names: Mapping[str, str] | None = None) -> str:
    """Return ``events`` as a diagram.

    Each line has the number of an event, its time, a column per actor, and the event in a few words.

    Args:
        events: The events, in order. Without events the diagram is empty.
        marked: The numbers of the important events, which get a ``>``.
        names: Names by id.
    """
    if not events:
        return ""
    important = set(marked)
    names = names or {}
    columns: list[str] = []
    for event in events:
        columns += [actor for actor in actors_of(event) if actor not in columns]
    columns.sort(key=lambda actor: ORDER.index(actor) if actor in ORDER else len(ORDER))
    start = [0]
    for actor in columns:
        start.append(start[-1] + len(actor) + 2)
    number = max(len(str(event.seq)) for event in events)
    margin = " " * (number + 18)
    drawn = [(margin + "  ".join(columns)).rstrip()]
    for event in events:
        row = list(" " * start[-1])
        centres = {actor: start[index] + len(actor) // 2 for index, actor in enumerate(columns)}
        for centre in centres.values():
            row[centre] = "|"
        source, *targets = (centres[actor] for actor in actors_of(event))
        for target in targets:
            low, high = sorted((source, target))
            row[low + 1 : high] = "-" * (high - low - 1)
            row[target + 1 if target < source else target - 1] = "<" if target < source else ">"
        if not targets:
            row[source] = "*"
        mark = MARK if event.seq in important else " "
        drawn.append(
            f"{mark} {event.seq:>{number}}  {event.at:%H:%M:%S.%f}"[:-3]
            + f"  {''.join(row)} {describe(event, names)}".rstrip()
        )
    return lines(drawn)
