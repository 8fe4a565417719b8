"""A session that fails leaves nothing half done."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds

_HALF_MOVED = ("VERIFY_RESIZE", "RESIZE", "MIGRATING")


@claim(
    topic=Topic.SESSIONS,
    source="Fenix API reference",
    needs=(kinds.SESSION_STATE, kinds.COMPUTE, kinds.SERVER),
)
def failed_sessions_put_everything_back(index: HistoryIndex) -> Verdict:
    """After a failed session, at run.ended, nova-compute is enabled on all its computes and no server is half moved.

    A server is half moved in VERIFY_RESIZE, RESIZE and MIGRATING, and if it takes room on two computes.
    """
    index.require_end()
    sessions = index.require_sessions().values()
    failed = [(session, session.failed) for session in sessions if session.failed is not None]
    violations = [found for session, failure in failed for found in _session(index, session, failure)]
    return failed_sessions_put_everything_back.conclude(
        violations,
        f"{len(failed)} failed sessions, each put everything back",
        {"failed": len(failed)},
        nothing="" if failed else "no session failed",
    )


def _session(index: HistoryIndex, session: ObservedSession, failure: Event) -> Iterator[Violation]:
    for host in session.hosts:
        track = index.cloud.computes.get(host)
        if track is not None and track.last.data["status"] != "enabled":
            yield violation(
                f"nova-compute on {host} was left {track.last.data['status']}; due: enabled", host, failure, track.last
            )
    left = {}
    for host in session.hosts:
        left.update(index.cloud.on_host(host, index.last.seq + 1))
    for server_id, state in left.items():
        data = state.data
        if data["status"] in _HALF_MOVED or len(data["held_on"]) > 1:
            name = index.name(server_id)
            where = " and ".join(data["held_on"])
            yield violation(
                f"{name} was left {data['status']} on {where}; due: at rest on one compute", name, failure, state
            )
