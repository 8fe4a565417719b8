"""There is room for an instance elsewhere when its project is notified that the instance will be impacted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
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
    messages = [message for message in index.messages.to_projects if message.step in INSTANCE_STEPS]
    violations = [found for message in messages for found in _room(index, message, messages)]
    asking = sum(bool(_asking(index, message)) for message in messages)
    return impacts_are_mitigated.conclude(
        violations, "there was room for each", {"constraints": count, "messages": asking}
    )


def _asking(index: HistoryIndex, message: ObservedMessage) -> list[str]:
    """Return the instances of a message that ask for room."""
    instances = index.messages.instances_of(message) or ()
    return [server_id for server_id in instances if index.constraints.asks_for_room(server_id, message.seq)]


def _room(index: HistoryIndex, message: ObservedMessage, messages: list[ObservedMessage]) -> Iterator[Violation]:
    asking = _asking(index, message)
    if not asking or not index.cloud.computes:
        return
    waiting = _waiting(index, message, messages)
    servers = index.cloud.servers_before(message.seq)
    sources = {str(servers[server_id].data["host"]) for server_id in waiting}
    free = {host: vcpus for host, vcpus in _free(index, message.seq).items() if host not in sources}
    if not _all_fit(waiting, free):
        names = ", ".join(index.name(server_id) for server_id in waiting)
        yield violation(
            f"{message.word} of {', '.join(index.name(each) for each in asking)} was sent when {sum(free.values())} "
            f"VCPUs were free; due: room for {names} ({sum(waiting.values())} VCPUs)",
            index.name(asking[0]),
            message.event,
        )


def _waiting(index: HistoryIndex, message: ObservedMessage, messages: list[ObservedMessage]) -> dict[str, int]:
    """Return the VCPUs of the instances that ask for room and hold no room elsewhere yet, up to ``message``."""
    servers = index.cloud.servers_before(message.seq)
    return {
        server_id: int(servers[server_id].data["vcpus"])
        for earlier in messages
        if earlier.seq <= message.seq and not _failed_before(index, earlier, message.seq)
        for server_id in _asking(index, earlier)
        if not _has_room(index, server_id, earlier.seq, message.seq)
    }


def _failed_before(index: HistoryIndex, message: ObservedMessage, seq: int) -> bool:
    """Return True if the session of a message failed before event ``seq``, so that the message has no effect."""
    session = index.sessions.get(message.session_id)
    return session is not None and session.failed is not None and session.failed.seq < seq


def _has_room(index: HistoryIndex, server_id: str, since: int, seq: int) -> bool:
    """Return True if a server held room elsewhere between events ``since`` and ``seq``, or is gone."""
    track = index.cloud.servers.get(server_id)
    before = None if track is None else track.before(since)
    if track is None or before is None or server_id not in index.cloud.servers_before(seq):
        return True
    return any(host != before.data["host"] for state in track.during(since, seq) for host in state.data["held_on"])


def _free(index: HistoryIndex, seq: int) -> dict[str, int]:
    """Return the free VCPUs of each compute to which Nova schedules."""
    states = {host: track.before(seq) for host, track in index.cloud.computes.items()}
    return {
        host: int(state.data["vcpus"])
        - sum(int(server.data["vcpus"]) for server in index.cloud.on_host(host, seq).values())
        for host, state in states.items()
        if state is not None and state.data["status"] == "enabled" and state.data["state"] == "up"
    }


def _all_fit(waiting: Mapping[str, int], free: Mapping[str, int]) -> bool:
    """Return True if all fit, each on the fullest compute that has room for it, the largest first."""
    left = dict(free)
    for vcpus in sorted(waiting.values(), reverse=True):
        host = min((host for host, room in left.items() if room >= vcpus), key=lambda host: left[host], default=None)
        if host is None:
            return False
        left[host] -= vcpus
    return True
