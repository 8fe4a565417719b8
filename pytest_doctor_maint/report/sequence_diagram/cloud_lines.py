"""The lines about the cloud: moves, instances, computes, switch-overs and outages of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from pytest_doctor_maint.claims.availability import services
from pytest_doctor_maint.claims.index.cloud import is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.moves import COLD
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.report.sequence_diagram.columns import ADMIN_TOOL, NEUTRON, NOVA, Actors
from pytest_doctor_maint.report.sequence_diagram.line import Line, Look
from pytest_doctor_maint.report.sequence_diagram.words import length

Name = Callable[[object], str]


def lines_of(index: HistoryIndex, actors: Actors, name: Name) -> Iterator[Line]:
    """Yield the lines about the cloud, in no order.

    Args:
        index: The index of the history.
        actors: The actors of the run.
        name: Return the name for an id.
    """
    yield from _moves(index, actors, name)
    yield from _servers(index, actors, name)
    yield from _computes(index)
    yield from _addresses(index, actors, name)
    yield from _outages(index)


def _asker(index: HistoryIndex, actors: Actors, by: object, project_id: object) -> str:
    """Return the column of the actor that asked Nova or Neutron for something; the service itself if nobody knows."""
    if by is not None and by == project_id:
        return actors.app_manager(project_id)
    admin = [event.data["admin_project_id"] for event in index.of(kinds.RUN_STARTED)]
    return ADMIN_TOOL if by in admin else NOVA


def _moves(index: HistoryIndex, actors: Actors, name: Name) -> Iterator[Line]:
    for move in index.moves:
        track = index.cloud.servers[move.server_id]
        seqs = track.during(move.seq, move.seq if move.ended is None else move.ended.seq)[1:]
        word = "migrate" if move.action == COLD else "live-migrate"
        text = f"{word} {name(move.server_id)}, {move.source}"
        if move.target is not None:
            text += f" to {move.target}"
        if move.ended is None:
            text += ", which does not end"
        else:
            took = (move.ended.at - move.started.at).total_seconds()
            text += f", {length(took)}" if move.succeeded else f", which fails after {length(took)}"
        covers = tuple(event.seq for event in seqs)
        source = _asker(index, actors, move.by, index.cloud.project_of(move.server_id))
        if not move.succeeded:
            yield Line(move.seq, move.started.at, Look.TROUBLE, NOVA, text, covers=covers)
        elif source == NOVA:
            yield Line(move.seq, move.started.at, Look.NOTE, NOVA, text, covers=covers)
        else:
            yield Line(move.seq, move.started.at, Look.CALL, source, text, NOVA, covers=covers)


def _servers(index: HistoryIndex, actors: Actors, name: Name) -> Iterator[Line]:
    """Yield where instances are created, deleted, in error, or brought back elsewhere."""
    for server_id, track in index.cloud.servers.items():
        previous: Event | None = None
        for event in track.events:
            verb = _change(previous, event)
            previous = event
            if not verb:
                continue
            source = _asker(index, actors, event.data["by"], event.data["project_id"])
            is_error = verb == "in status ERROR:"
            if source == NOVA or is_error:
                source, target, look = NOVA, "", Look.TROUBLE if is_error else Look.NOTE
            else:
                target, look = NOVA, Look.CALL
            names = (name(server_id),)
            yield Line(event.seq, event.at, look, source, verb, target, names, (event.seq,))


def _change(previous: Event | None, event: Event) -> str:
    """Return what happened to an instance, if it is worth a line."""
    data = event.data
    if is_gone(event):
        return "" if previous is not None and is_gone(previous) else "delete"
    if data["status"] == "ERROR" and (previous is None or previous.data["status"] != "ERROR"):
        return "in status ERROR:"
    if previous is None:
        return "create"
    if data["action"] == "evacuate" and previous.data["action"] != "evacuate":
        return "evacuate"
    return ""


def _computes(index: HistoryIndex) -> Iterator[Line]:
    for host, track in index.cloud.computes.items():
        for previous, event in pairwise(track.events):
            words = [
                *_changed(previous, event, "powered", {True: "powered on", False: "without power"}),
                *_changed(previous, event, "state", {"up": "up", "down": "down"}),
                *_changed(previous, event, "forced_down", {True: "forced down", False: "no longer forced down"}),
                *_changed(previous, event, "status", {"enabled": "enabled", "disabled": "disabled"}),
            ]
            if words:
                data = event.data
                is_down = data["state"] != "up" or data["forced_down"] or not data["powered"]
                look = Look.TROUBLE if is_down else Look.NOTE
                text = f"{', '.join(words)}:"
                yield Line(event.seq, event.at, look, NOVA, text, names=(host,), covers=(event.seq,))


def _changed(previous: Event, event: Event, field: str, words: dict[object, str]) -> list[str]:
    value = event.data[field]
    return [] if value == previous.data[field] else [words.get(value, str(value))]


def _addresses(index: HistoryIndex, actors: Actors, name: Name) -> Iterator[Line]:
    for event in index.of(kinds.FLOATING_IP):
        data = event.data
        target = name(data["server_id"]) if data["server_id"] else "no server"
        source = actors.app_manager(data["project_id"])
        text = f"{data['address']} to {target}"
        yield Line(event.seq, event.at, Look.CALL, source, text, NEUTRON, covers=(event.seq,))


def _outages(index: HistoryIndex) -> Iterator[Line]:
    for service in services(index.events):
        for outage in service.outages:
            took = length(outage.seconds)
            text = f"service {service.address} down for {took}: {outage.reason}"
            began, ended = outage.began, outage.ended
            covers = (began.seq,)
            yield Line(began.seq, began.at, Look.TROUBLE, NEUTRON, text, covers=covers, until=ended.seq)
            again = f"service {service.address} up again"
            if ended.seq != index.last.seq:
                yield Line(ended.seq, ended.at, Look.NOTE, NEUTRON, again, covers=(ended.seq,))
