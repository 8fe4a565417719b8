"""A session that fails leaves nothing half done."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.index.cloud import is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedSession
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "failed_sessions_put_everything_back"


def check(history: History) -> Verdict:
    """When a session has failed, nova-compute is enabled again on all of its computes by run.ended, and no server is
    left half moved: in VERIFY_RESIZE, or with room taken on two computes. Where no session failed there is nothing to
    put back.
    """
    facts = index_of(history)
    _ = facts.end
    failed = [session for session in facts.some_sessions.values() if session.failed is not None]
    violations = [found for session in failed for found in _put_back(facts, session)]
    holds = f"{len(failed)} failed sessions, all put back" if failed else "no session failed"
    return conclude(CLAIM, violations, holds, {"failed": len(failed)})


def _put_back(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    assert session.failed is not None  # noqa: S101  # only such sessions come here
    for host in session.hosts:
        track = facts.computes.get(host)
        if track is not None and track.last.data["status"] != "enabled":
            yield violation(
                f"nova-compute on {host} was left {track.last.data['status']}", host, session.failed, track.last
            )
    for server_id, track in facts.servers.items():
        data = track.last.data
        if is_gone(track.last) or not set(session.hosts) & {data["host"], *data["held_on"]}:
            continue
        if data["status"] in ("VERIFY_RESIZE", "RESIZE", "MIGRATING") or len(data["held_on"]) > 1:
            name = facts.name(server_id)
            where = " and ".join(data["held_on"])
            yield violation(f"{name} was left {data['status']} on {where}", name, session.failed, track.last)
