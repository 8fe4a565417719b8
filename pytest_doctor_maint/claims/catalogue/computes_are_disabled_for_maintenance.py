"""Nothing is scheduled to a compute that is still to be maintained, and it comes back into use afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedSession
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Step

#: Where several computes are in work at once, a project may agree to something just while one is being enabled: the
#: time that this may take.
AT_ONCE = timedelta(seconds=5)

CLAIM = "computes_are_disabled_for_maintenance"


def check(history: History) -> Verdict:
    """When the first compute of a session goes IN_MAINTENANCE, nova-compute is disabled on every compute that is still
    to be maintained, and it stays so until that compute's MAINTENANCE_COMPLETE. Afterwards it is enabled, before a
    project agrees to be moved there and before the projects are told that all is complete.
    """
    facts = index_of(history)
    if not facts.computes:
        raise CannotTell("the history does not tell how the computes were")
    violations = [found for session in facts.some_sessions.values() for found in _session(facts, session)]
    return conclude(CLAIM, violations, "disabled before, enabled after", {"computes": len(facts.computes)})


def _session(facts: HistoryIndex, session: ObservedSession) -> Iterator[Violation]:
    entered = facts.host_notices_of(session.session_id, Step.IN_MAINTENANCE)
    if not entered:
        return
    left = {n.host: n for n in reversed(facts.host_notices_of(session.session_id, Step.MAINTENANCE_COMPLETE))}
    # From these on, projects count on the computes that are maintained.
    uses = [notice.event for notice in facts.notices_of(session.session_id, Step.MAINTENANCE_COMPLETE)]
    for notice in facts.notices_of(session.session_id, Step.PLANNED_MAINTENANCE):
        if (answer := facts.agreed(notice)) is not None:
            uses.append(answer.event)
    uses.sort(key=lambda event: event.seq)
    # A session that fails puts nova-compute back before anybody sees that it failed; its last message is still before.
    stop = facts.messages_of(session.session_id)[-1].event if session.failed else facts.events[-1]
    for host in session.hosts:
        track = facts.computes.get(host)
        if track is None:
            continue
        until = left[host].event if host in left else stop
        for state in track.during(entered[0].seq, until.seq):
            if state.data["status"] != "disabled":
                yield violation(
                    f"nova-compute on {host} was {state.data['status']} before its MAINTENANCE_COMPLETE; allowed: "
                    f"disabled from the first compute's IN_MAINTENANCE on",
                    host,
                    entered[0].event,
                    state,
                )
                break
        if host not in left:
            continue
        ready = left[host].event.at + (AT_ONCE if facts.expectations_of(session.session_id).at_once else timedelta(0))
        needed = next((event for event in uses if event.seq > left[host].seq and event.at >= ready), facts.events[-1])
        back = track.before(needed.seq)
        if back is not None and back.data["status"] != "enabled":
            yield violation(
                f"nova-compute on {host} was still {back.data['status']} {(needed.at - left[host].event.at)} after its "
                "MAINTENANCE_COMPLETE, when it was needed",
                host,
                left[host].event,
                needed,
            )
