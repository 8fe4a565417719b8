"""Events as a small sequence diagram in plain characters: time goes down, actors are columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_doctor_maint.history import Event
from pytest_doctor_maint.report.describe import actors_of, describe

MARK = ">"
#: From left to right; whoever is not named stands behind them.
ORDER = ("admin", "admin_tool", "aodh", "app_manager", "monitor", "inspector", "nova", "neutron", "harness", "nemesis")


def sequence(events: Sequence[Event], marked: Iterable[int] = (), names: dict[str, str] | None = None) -> str:
    """Draw ``events``, one per line: its number, its time, a column per actor, and what it was.

    Args:
        events: What to draw, in order.
        marked: The numbers of those that matter; they get a ``>``.
        names: Names for ids.
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
    lines = [(margin + "  ".join(columns)).rstrip()]
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
        lines.append(
            f"{mark} {event.seq:>{number}}  {event.at:%H:%M:%S.%f}"[:-3]
            + f"  {''.join(row)} {describe(event, names)}".rstrip()
        )
    return "\n".join(lines)
