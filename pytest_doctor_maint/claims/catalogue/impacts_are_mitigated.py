"""There is room for an instance elsewhere when its project is notified that the instance will be impacted."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.claims.room import FreeRoom
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, violation
from pytest_doctor_maint.history import kinds


@claim(
    topic=Topic.CONSTRAINTS,
    source="IFA011 (isImpactMitigationRequested), Fenix API reference (resource_mitigation)",
    needs=(kinds.CONSTRAINT_INSTANCE, kinds.NOTIFICATION, kinds.SERVER, kinds.COMPUTE),
)
def impacts_are_mitigated(index: HistoryIndex) -> Verdict:
    """A message about an instance with resource_mitigation is sent when there is room for the instance elsewhere.

    The constraint of the instance or of its group may ask for that. The room is on computes that are in use and are not
    being emptied themselves. Every such instance of an earlier message needs room in addition, until it holds room
    elsewhere. Room is counted in VCPUs.
    """
    index.require_sessions()
    count = index.constraints.require_count()
    asking = [(message, found) for message in index.messages.to_projects if (found := _asking(index, message))]
    if asking and not index.cloud.computes:
        raise CannotTell("the history does not show the states of the computes")
    violations = list(_rooms(index, asking)) if asking else []
    return impacts_are_mitigated.conclude(
        violations,
        "there was room for each",
        {"constraints": count, "messages": len(asking)},
        nothing="" if asking else "no message is about an instance with resource_mitigation",
    )


def _asking(index: HistoryIndex, message: ObservedMessage) -> list[str]:
    """Return the instances of a message about instances that ask for room."""
    instances = (index.messages.instances_of(message) or ()) if message.step in INSTANCE_STEPS else ()
    return [server_id for server_id in instances if index.constraints.asks_for_room(server_id, message.seq)]


def _rooms(index: HistoryIndex, messages: list[tuple[ObservedMessage, list[str]]]) -> Iterator[Violation]:
    room = FreeRoom(index)
    #: The messages, each with an instance that needs room.
    waiting: list[tuple[ObservedMessage, str]] = []
    for message, asking in messages:
        waiting += [(message, server_id) for server_id in asking]
        # A session that failed, and an instance that had room or is gone, need none later either.
        waiting = [
            (earlier, server_id)
            for earlier, server_id in waiting
            if not _failed_before(index, earlier, message.seq)
            and not _has_room(index, server_id, earlier.seq, message.seq)
        ]
        needed: dict[str, int] = {}
        sources: set[str] = set()
        for _, server_id in waiting:
            if (state := index.cloud.server_before(server_id, message.seq)) is not None:
                needed[server_id] = int(state.data["vcpus"])
                sources.add(str(state.data["host"]))
        room.advance(message.seq)
        free = room.left_for(needed.values(), sources)
        if free is not None:
            names = ", ".join(map(index.name, needed))
            yield violation(
                f"{message.word} of {', '.join(index.name(each) for each in asking)} was sent when {free} VCPUs were "
                f"free; due: room for {names} ({sum(needed.values())} VCPUs)",
                index.name(asking[0]),
                message.event,
            )


def _failed_before(index: HistoryIndex, message: ObservedMessage, seq: int) -> bool:
    """Return True if the session of a message failed before event ``seq``, so that the message has no effect."""
    session = index.sessions.get(message.session_id)
    return session is not None and session.failed is not None and session.failed.seq < seq


def _has_room(index: HistoryIndex, server_id: str, since: int, seq: int) -> bool:
    """Return True if a server held room elsewhere between events ``since`` and ``seq``, or is gone."""
    track = index.cloud.servers.get(server_id)
    before = None if track is None else track.before(since)
    if track is None or before is None or index.cloud.server_before(server_id, seq) is None:
        return True
    return any(host != before.data["host"] for state in track.during(since, seq) for host in state.data["held_on"])
