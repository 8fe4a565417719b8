"""A run as plain data, from which the page shows each moment."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pytest_doctor_maint.claims.availability import all_down, guest_outages, services
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.verdict import Judgement
from pytest_doctor_maint.history import Event, History, kinds, timestamp
from pytest_doctor_maint.printable import shortened
from pytest_doctor_maint.report.describe import LONGEST_ACTOR, actors_of, describe, names_of
from pytest_doctor_maint.report.replay import tracks
from pytest_doctor_maint.report.replay.causes import Causes
from pytest_doctor_maint.report.replay.cut import Cutter
from pytest_doctor_maint.report.replay.moments import Moments
from pytest_doctor_maint.report.replay.windows import windows
from pytest_doctor_maint.report.sequence import ORDER

#: The most events that a page lists. A run of an hour on a hundred computes has some ten thousand.
MOST_EVENTS = 30_000
#: The most violations that a page lists.
MOST_VIOLATIONS = 1000
#: The longest sentence about a violation, in characters.
LONGEST_MESSAGE = 500
#: The most events that a page names as the evidence of a violation.
MOST_EVIDENCE = 20

# Any: JSON.
Document = dict[str, Any]


def document(history: History, judgement: Judgement | None) -> Document:
    """Return a run, which has at least one event, as plain data. Times are milliseconds, see :class:`Moments`."""
    index = index_of(history)
    moments = Moments.of(index)
    hosts = tracks.hosts_of_run(index)
    listed = index.all_events[:MOST_EVENTS]
    actors = _actors(listed)
    return {
        "title": _title(history),
        "parts": _parts(history),
        "zero": timestamp(moments.zero),
        "begin": moments.begin,
        "end": moments.end,
        "leftOut": len(index.all_events) - len(listed),
        "outcomes": _outcomes(judgement),
        "violations": _violations(index, judgement, moments, len(listed)),
        "computes": tracks.computes(index, moments, hosts),
        "servers": tracks.servers(index, moments, hosts),
        "addresses": tracks.floating_ips(index, moments),
        "sessions": tracks.sessions(index, moments),
        "faults": tracks.faults(index, moments),
        "windows": windows(index, moments),
        "actors": actors,
        "kinds": {kind: kinds.for_reading(kind).meaning for kind in sorted({event.kind for event in listed})},
        "events": _events(history, listed, moments, Causes(index), actors),
    }


def _title(history: History) -> str:
    started = history.of(kinds.RUN_STARTED)
    scenario = str(started[0].data["scenario"]) if started else ""
    return shortened(scenario or "maintenance", LONGEST_MESSAGE)


def _parts(history: History) -> str:
    """Return who took part in the run, in one line."""
    started = history.of(kinds.RUN_STARTED)
    if not started:
        return ""
    data = started[0].data
    return shortened(
        f"admin tool {data['admin_tool']}, app manager {data['app_manager']}, Inspector {data['inspector']}, "
        f"cloud {data['cloud']}, workflow {data.get('workflow', 'default')}, seed {data['seed']}",
        LONGEST_MESSAGE,
    )


def _outcomes(judgement: Judgement | None) -> dict[str, int]:
    """Return the number of claims with each outcome, in the order in which the outcomes appear."""
    return {} if judgement is None else dict(Counter(verdict.outcome.value for verdict in judgement.verdicts))


def _violations(index: HistoryIndex, judgement: Judgement | None, moments: Moments, events: int) -> list[Document]:
    """Return the violations in order of time. One that is about an outage is shown at the last moment of the outage."""
    outages = [
        *(service.outages for service in services(index.events)),
        *guest_outages(index.events).values(),
        *all_down(index.events, index.cloud.anti_affinity).values(),
    ]
    spans = {(outage.began.seq, outage.ended.seq) for found in outages for outage in found}
    found: list[Document] = [
        {
            "at": moments.ms(violation.at) - (violation.events in spans),
            "claim": tracks.name_of(verdict.claim),
            "text": shortened(violation.message, LONGEST_MESSAGE),
            "subject": tracks.name_of(violation.subject),
            # The last ones show it; those before them explain it.
            "events": [seq for seq in violation.events if 0 < seq <= events][-MOST_EVIDENCE:],
        }
        for verdict in (() if judgement is None else judgement.verdicts)
        for violation in verdict.violations
    ]
    return sorted(found, key=lambda violation: violation["at"])[:MOST_VIOLATIONS]


def _actors(events: tuple[Event, ...]) -> list[str]:
    """Return the actors between which messages go, from left to right."""
    found = {actor for event in events if len(ends := actors_of(event)) > 1 for actor in ends}
    return sorted(found, key=lambda actor: (ORDER.index(actor) if actor in ORDER else len(ORDER), actor))


def _events(
    history: History, listed: tuple[Event, ...], moments: Moments, causes: Causes, actors: list[str]
) -> list[Document]:
    """Return the events. ``ends`` are the numbers of the actors between which a message goes."""
    names = names_of(history)
    number = {actor: place for place, actor in enumerate(actors)}
    cutter = Cutter()
    found = []
    for event in listed:
        recorded = causes.recorded(event)
        ends = actors_of(event)
        found.append(
            {
                "at": moments.ms(event.at),
                "actor": shortened(event.actor, LONGEST_ACTOR),
                "kind": event.kind,
                "text": describe(event, names),
                "ends": [number[actor] for actor in ends] if len(ends) > 1 else None,
                "cause": causes.derived(event) if recorded is None else recorded,
                "recorded": recorded is not None,
                "data": cutter.cut(event.data),
            }
        )
    return found
