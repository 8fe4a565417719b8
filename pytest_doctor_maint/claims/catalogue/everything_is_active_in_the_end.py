"""In the end every server runs, whole, on one compute."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.cloud import is_gone
from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import Event, History, kinds

CLAIM = "everything_is_active_in_the_end"


def check(history: History) -> Verdict:
    """At run.ended every server that exists is ACTIVE, is not about to change, takes room on its one compute alone, and
    its service answers. What a compute took with it when it was made to fail is not asked for, unless it is redundant.
    """
    facts = index_of(history)
    end = facts.end
    if not facts.servers:
        raise CannotTell("the history has no server")
    guests: dict[str, Event] = {str(event.data["server_id"]): event for event in facts.of(kinds.GUEST)}
    violations: list[Violation] = []
    alive = 0
    for server_id, track in facts.servers.items():
        state = track.last
        if is_gone(state) or server_id in facts.lost:
            continue
        alive += 1
        name = facts.name(server_id)
        if state.data["status"] != "ACTIVE" or state.data["task_state"]:
            task = f" ({state.data['task_state']})" if state.data["task_state"] else ""
            violations.append(
                violation(f"{name} is {state.data['status']}{task} in the end; due: ACTIVE", name, state, end)
            )
        elif tuple(state.data["held_on"]) != (state.data["host"],):
            held = " and ".join(state.data["held_on"]) or "nothing"
            violations.append(
                violation(f"{name} is on {state.data['host']} and holds {held} in the end", name, state, end)
            )
        elif server_id in guests and not guests[server_id].data["up"]:
            reason = guests[server_id].data["reason"]
            violations.append(violation(f"{name} does not answer in the end: {reason}", name, guests[server_id], end))
    return conclude(CLAIM, violations, f"{alive} servers, all ACTIVE", {"servers": alive, "lost": len(facts.lost)})
