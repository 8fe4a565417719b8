"""What is shown of a cloud, as plain data: for each thing the list of its changes, in order of time.

A change holds until the next one of the same thing. Its first item is the time in milliseconds, its second the number
of the event that shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_doctor_maint.claims.availability import Outage, guest_outages, services
from pytest_doctor_maint.claims.index.cloud import Track, is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.printable import shortened
from pytest_doctor_maint.report.replay.moments import Moments

#: The longest name in a replay, in characters.
LONGEST_NAME = 80
#: The longest reason in a replay, in characters.
LONGEST_REASON = 200

# Any: items of JSON.
Change = list[Any]
Thing = dict[str, Any]


def name_of(text: object) -> str:
    """Return a name as a replay shows it."""
    return shortened(str(text), LONGEST_NAME)


def hosts_of_run(index: HistoryIndex) -> Mapping[str, int]:
    """Return the number of each compute on the page, by its name. A compute may be known from its servers alone."""
    found = dict.fromkeys(index.cloud.computes)
    for event in index.of(kinds.SERVER):
        found.update(dict.fromkeys(_hosts(event)))
    return {host: number for number, host in enumerate(found)}


def _hosts(state: Event) -> list[str]:
    """Return the compute of a server, then the others on which the server takes room."""
    if is_gone(state):
        return []
    found = [state.data["host"], *state.data["held_on"]]
    return list(dict.fromkeys(str(host) for host in found if host is not None))


def computes(index: HistoryIndex, moments: Moments, hosts: Mapping[str, int]) -> list[Thing]:
    """Return the computes. A change is [ms, event, word, tone]; the tone is ok, idle, work, done or bad."""
    changes: dict[str, list[tuple[Event, str]]] = defaultdict(list)
    for host, track in index.cloud.computes.items():
        changes[host] += [(state, "") for state in track.events]
    for host, entered, left in index.maintenance_spans:
        changes[host] += [(index.event(entered), "enter"), (index.event(left), "leave")]
    return [
        {
            "name": name_of(host),
            "vcpus": index.cloud.computes[host].last.data["vcpus"] if host in index.cloud.computes else None,
            "states": _in_time(_compute_states(changes[host], moments)),
        }
        for host in hosts
    ]


def _compute_states(changes: list[tuple[Event, str]], moments: Moments) -> Iterable[Change]:
    state: Event | None = None
    inside = was_inside = False
    for event, border in sorted(changes, key=lambda change: change[0].seq):
        if border:
            inside = border == "enter"
            was_inside = True
        else:
            state = event
        yield [moments.ms(event.at), event.seq, *_compute_word(state, inside, was_inside)]


def _compute_word(state: Event | None, inside: bool, was_inside: bool) -> tuple[str, str]:
    data = {} if state is None else state.data
    is_down = bool(data) and (data["state"] != "up" or data["forced_down"] or not data["powered"])
    if inside:
        return ("maintenance, down" if is_down else "maintenance"), "work"
    if is_down:
        return "down", "bad"
    if data and data["status"] == "disabled":
        return "disabled", "idle"
    return ("\u2713 maintained", "done") if was_inside else ("enabled", "ok")


def servers(index: HistoryIndex, moments: Moments, hosts: Mapping[str, int]) -> list[Thing]:
    """Return the servers.

    A change is [ms, event, computes, word]: the first of the computes is where the server is, on the others it takes
    room as well; there are none before it is scheduled and after it was deleted. An outage is [begin ms, end ms, event,
    reason].
    """
    outages = guest_outages(index.events)
    return [
        {
            "name": name_of(track.last.data["name"]),
            "project": name_of(index.name(index.cloud.project_of(server_id))),
            "redundant": server_id in index.cloud.redundant,
            "states": _in_time(
                [moments.ms(state.at), state.seq, [hosts[host] for host in _hosts(state)], _server_word(state)]
                for state in track.events
            ),
            "outages": _until_gone(track, outages.get(server_id, ()), moments),
        }
        for server_id, track in index.cloud.servers.items()
    ]


def _server_word(state: Event) -> str:
    task = state.data["task_state"]
    return name_of(f"{state.data['status']} ({task})" if task else state.data["status"])


def _until_gone(track: Track, outages: Iterable[Outage], moments: Moments) -> list[Change]:
    """Return the outages of a server's guest. A guest of a deleted server is not out."""
    gone = min((moments.ms(state.at) for state in track.events if _is_leaving(state)), default=moments.end)
    return [
        [begin, min(end, gone), *more]
        for begin, end, *more in (_outage(outage, moments) for outage in outages)
        if begin < gone
    ]


def _is_leaving(state: Event) -> bool:
    return is_gone(state) or state.data["task_state"] == "deleting"


def _outage(outage: Outage, moments: Moments) -> Change:
    reason = shortened(outage.reason, LONGEST_REASON)
    return [moments.ms(outage.began.at), moments.ms(outage.ended.at), outage.began.seq, reason]


def floating_ips(index: HistoryIndex, moments: Moments) -> list[Thing]:
    """Return the services behind floating IPs. A change is [ms, event, server]; the server is -1 for no server."""
    numbers = {server_id: number for number, server_id in enumerate(index.cloud.servers)}
    pointing: dict[str, list[Change]] = defaultdict(list)
    for event in index.of(kinds.FLOATING_IP):
        server = numbers.get(str(event.data["server_id"]), -1)
        pointing[str(event.data["floating_ip_id"])].append([moments.ms(event.at), event.seq, server])
    return [
        {
            "name": name_of(service.address),
            "project": name_of(index.name(service.project_id)),
            "up": None if service.first_up is None else moments.ms(service.first_up.at),
            "states": _in_time(pointing[service.floating_ip_id]),
            "outages": [_outage(outage, moments) for outage in service.outages],
        }
        for service in services(index.events)
    ]


def sessions(index: HistoryIndex, moments: Moments) -> list[Thing]:
    """Return the sessions. A change is [ms, event, word, tone]; the tone is as in :func:`computes`."""
    found = []
    for number, session in enumerate(index.sessions.values(), start=1):
        states = [[moments.ms(session.created.at), session.created.seq, "created", "ok"]]
        for event in session.states:
            word = name_of(event.data["state"])
            tone = {"MAINTENANCE_DONE": "done", "MAINTENANCE_FAILED": "bad"}.get(word, "work")
            states.append([moments.ms(event.at), event.seq, word, tone])
        if session.deleted is not None:
            is_bad = session.failed is not None
            deleted = f"{states[-1][2]}, deleted" if len(states) > 1 else "deleted"
            tone = "bad" if is_bad else "done"
            states.append([moments.ms(session.deleted.at), session.deleted.seq, deleted, tone])
        found.append({"name": f"session {number} ({name_of(session.workflow)})", "states": _in_time(states)})
    return found


def faults(index: HistoryIndex, moments: Moments) -> list[Thing]:
    """Return the faults that were armed, by name, with changes as those of :func:`sessions`."""
    tones = {"injected": "bad", "ended": "done"}
    found: dict[str, list[Change]] = defaultdict(list)
    for event in index.of(kinds.FAULT):
        target = event.data["target"]
        phase = str(event.data["phase"])
        word = name_of(f"{phase} on {index.name(target)}" if target else phase)
        found[name_of(f"fault {event.data['name']}")].append(
            [moments.ms(event.at), event.seq, word, tones.get(phase, "idle")]
        )
    return [{"name": name, "states": _in_time(states)} for name, states in found.items()]


def _in_time(changes: Iterable[Change]) -> Sequence[Change]:
    """Return changes in order of time: an event may have an earlier time than the event before it."""
    return sorted(changes, key=lambda change: (change[0], change[1]))
