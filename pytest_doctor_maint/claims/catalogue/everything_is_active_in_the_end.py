"""In the end every server runs on one compute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.cloud import is_as_its_project_left_it, is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds


@claim(topic=Topic.APPLICATION, source="use case", needs=(kinds.SERVER,))
def everything_is_active_in_the_end(index: HistoryIndex) -> Verdict:
    """At run.ended every server is ACTIVE, has no task, takes room on its compute only, and its guest answers.

    Exempt are servers that were on a compute when a fault was injected into it, and servers that their own project has
    stopped, paused, suspended, shelved or rescued, and not started again; no redundant server is exempt.
    """
    end = index.require_end()
    index.require_servers()
    guests = {str(event.data["server_id"]): event for event in index.of(kinds.GUEST)}
    states = {
        server_id: track.last
        for server_id, track in index.cloud.servers.items()
        if not is_gone(track.last) and server_id not in index.faults.lost_servers
        if server_id in index.cloud.redundant or not is_as_its_project_left_it(track)
    }
    violations = [found for server_id in states for found in _server(index, server_id, states[server_id], guests, end)]
    return everything_is_active_in_the_end.conclude(
        violations,
        f"{len(states)} servers, all ACTIVE",
        {"servers": len(states), "lost": len(index.faults.lost_servers)},
        nothing="" if states else "no server was left in the end that has to be ACTIVE",
    )


def _server(
    index: HistoryIndex, server_id: str, state: Event, guests: Mapping[str, Event], end: Event
) -> Iterator[Violation]:
    name = index.name(server_id)
    guest = guests.get(server_id)
    if state.data["status"] != "ACTIVE" or state.data["task_state"]:
        task = f" ({state.data['task_state']})" if state.data["task_state"] else ""
        yield violation(f"{name} is {state.data['status']}{task} in the end; due: ACTIVE", name, state, end)
    elif tuple(state.data["held_on"]) != (state.data["host"],):
        held = " and ".join(state.data["held_on"]) or "no compute"
        yield violation(
            f"{name} is on {state.data['host']} and takes room on {held} in the end; due: on its compute only",
            name,
            state,
            end,
        )
    elif guest is not None and not guest.data["up"]:
        yield violation(
            f"the guest of {name} does not answer in the end: {guest.data['reason']}; due: it answers", name, guest, end
        )
