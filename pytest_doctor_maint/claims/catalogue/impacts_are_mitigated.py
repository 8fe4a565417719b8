"""Room for an instance is there when it is told that it will be hit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pytest_doctor_maint.claims.catalogue.admin_tool_waits_for_answers import ABOUT_INSTANCES
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedMessage
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "impacts_are_mitigated"


def check(history: History) -> Verdict:
    """At a message about an instance whose ``resource_mitigation`` (its own or its group's) is in force then, there is
    room for it on computes that may be used and are not being emptied themselves, besides the room for every such
    instance that was told before and holds none elsewhere yet (isImpactMitigationRequested in ETSI's IFA011). Room is
    counted in VCPUs.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    count = facts.constraints.count
    told = [notice for notice in facts.notices if notice.step in ABOUT_INSTANCES]
    violations = [found for notice in told for found in _room(facts, notice, told)]
    wanted = sum(bool(_asking(facts, notice)) for notice in told)
    return conclude(CLAIM, violations, "there was room for each", {"constraints": count, "messages": wanted})


def _asking(facts: HistoryIndex, notice: ObservedMessage) -> list[str]:
    """The instances of a message that room was asked for."""
    return [each for each in facts.instances_of(notice) or () if facts.constraints.wants_room(each, notice.seq)]


def _room(facts: HistoryIndex, notice: ObservedMessage, told: Iterable[ObservedMessage]) -> Iterator[Violation]:
    mine = _asking(facts, notice)
    if not mine or not facts.computes:
        return
    waiting: dict[str, int] = {}
    for earlier in told:
        if earlier.seq <= notice.seq and not _over(facts, earlier, notice.seq):
            for server_id in _asking(facts, earlier):
                if not _has_room(facts, server_id, earlier.seq, notice.seq):
                    waiting[server_id] = _vcpus(facts, server_id, notice.seq)
    homes = {str(facts.servers_before(notice.seq)[server_id].data["host"]) for server_id in waiting}
    free = {host: vcpus for host, vcpus in _free(facts, notice.seq).items() if host not in homes}
    homeless = _fit(waiting, free)
    if homeless is not None:
        names = ", ".join(facts.name(server_id) for server_id in waiting)
        yield violation(
            f"{notice.word} of {', '.join(facts.name(each) for each in mine)} was sent when {sum(free.values())} VCPUs "
            f"were free; due: room for {names} ({sum(waiting.values())} VCPUs)",
            facts.name(mine[0]),
            notice.event,
        )


def _over(facts: HistoryIndex, notice: ObservedMessage, seq: int) -> bool:
    """Whether the session of a message has failed since, so that nothing comes of it."""
    session = facts.sessions.get(notice.session_id)
    return session is not None and session.failed is not None and session.failed.seq < seq


def _has_room(facts: HistoryIndex, server_id: str, since: int, seq: int) -> bool:
    """Whether a server has held room elsewhere than where it was told, or is gone."""
    track = facts.servers.get(server_id)
    before = None if track is None else track.before(since)
    if track is None or before is None or server_id not in facts.servers_before(seq):
        return True
    return any(host != before.data["host"] for state in track.during(since, seq) for host in state.data["held_on"])


def _vcpus(facts: HistoryIndex, server_id: str, seq: int) -> int:
    return int(facts.servers_before(seq)[server_id].data["vcpus"])


def _free(facts: HistoryIndex, seq: int) -> dict[str, int]:
    """The VCPUs that are free on each compute to which Nova schedules."""
    states = {host: track.before(seq) for host, track in facts.computes.items()}
    return {
        host: int(state.data["vcpus"]) - sum(int(each.data["vcpus"]) for each in facts.on_host(host, seq).values())
        for host, state in states.items()
        if state is not None and state.data["status"] == "enabled" and state.data["state"] == "up"
    }


def _fit(waiting: Mapping[str, int], free: Mapping[str, int]) -> str | None:
    """The first server, from the largest to the smallest, that has no room any more; None when all have."""
    left = dict(free)
    for server_id, vcpus in sorted(waiting.items(), key=lambda item: -item[1]):
        host = min((host for host, room in left.items() if room >= vcpus), key=lambda host: left[host], default=None)
        if host is None:
            return server_id
        left[host] -= vcpus
    return None
