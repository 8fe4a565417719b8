"""The two sides of a redundant service are never on one compute."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.cloud import is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History

CLAIM = "act_and_stby_on_two_computes"


def check(history: History) -> Verdict:
    """No two members of an anti-affinity group are on the same compute at any moment. What a migration that is not yet
    confirmed still holds on the old compute does not count: nothing runs there.
    """
    facts = index_of(history)
    if not facts.anti_affinity:
        raise CannotTell("no anti-affinity group has two members: there is no ACT and STBY")
    violations = [found for group, members in facts.anti_affinity.items() for found in _together(facts, group, members)]
    return conclude(CLAIM, violations, "always on two computes", {"groups": len(facts.anti_affinity)})


def _together(facts: HistoryIndex, group: str, members: tuple[str, ...]) -> list[Violation]:
    states = sorted((event for member in members for event in facts.servers[member].events), key=lambda e: e.seq)
    where: dict[str, Event] = {}
    found = []
    for event in states:
        server_id = str(event.data["server_id"])
        before = where.pop(server_id, None)
        if is_gone(event) or event.data["host"] is None:
            continue
        where[server_id] = event
        moved = before is None or before.data["host"] != event.data["host"]
        for other, state in where.items():
            if moved and other != server_id and state.data["host"] == event.data["host"]:
                pair = f"{facts.name(server_id)} and {facts.name(other)}"
                found.append(
                    violation(f"{pair} of {group} are both on {event.data['host']}", pair, state, event),
                )
    return found
