"""The two sides of a redundant service are never on one compute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.cloud import is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import NothingToJudge, Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds


@claim(topic=Topic.APPLICATION, source="use case", needs=(kinds.SERVER, kinds.SERVER_GROUP))
def act_and_stby_on_two_computes(index: HistoryIndex) -> Verdict:
    """No two members of an anti-affinity group are on the same compute at any time.

    The room that an unconfirmed migration still holds on the old compute does not count: nothing runs there.
    """
    groups = index.cloud.anti_affinity
    if not groups:
        raise NothingToJudge("no anti-affinity group has two members: there is no ACT and STBY")
    violations = [found for group, members in groups.items() for found in _together(index, group, members)]
    return act_and_stby_on_two_computes.conclude(
        violations, f"{len(groups)} groups, always on two computes", {"groups": len(groups)}
    )


def _together(index: HistoryIndex, group: str, members: tuple[str, ...]) -> Iterator[Violation]:
    states = (event for member in members for event in index.cloud.servers[member].events)
    where: dict[str, Event] = {}
    there: dict[str, dict[str, Event]] = defaultdict(dict)
    for event in sorted(states, key=lambda event: event.seq):
        server_id = str(event.data["server_id"])
        before = where.pop(server_id, None)
        if before is not None:
            del there[before.data["host"]][server_id]
        if is_gone(event) or event.data["host"] is None:
            continue
        host = event.data["host"]
        if before is None or before.data["host"] != host:
            for other, state in there[host].items():
                pair = f"{index.name(server_id)} and {index.name(other)}"
                yield violation(f"{pair} of {group} are both on {host}; allowed: one of them", pair, state, event)
        where[server_id] = there[host][server_id] = event
