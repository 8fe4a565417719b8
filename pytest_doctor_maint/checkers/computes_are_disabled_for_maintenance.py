"""Nothing is scheduled to a compute that is still to be maintained, and it comes back into use afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.checkers.facts import Facts, facts_of
from pytest_doctor_maint.checkers.sessions import Session
from pytest_doctor_maint.checkers.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Step

CLAIM = "computes_are_disabled_for_maintenance"


def check(history: History) -> Verdict:
    """When the first compute of a session goes IN_MAINTENANCE, nova-compute is disabled on every compute that is still
    to be maintained, and it stays so until that compute's MAINTENANCE_COMPLETE. Afterwards it is enabled, before the
    projects are told that all is complete.
    """
    facts = facts_of(history)
    if not facts.computes:
        raise CannotTell("the history does not tell how the computes were")
    violations = [found for session in facts.some_sessions.values() for found in _session(facts, session)]
    return conclude(CLAIM, violations, "disabled before, enabled after", {"computes": len(facts.computes)})


def _session(facts: Facts, session: Session) -> Iterator[Violation]:
    entered = facts.host_notices_of(session.session_id, Step.IN_MAINTENANCE)
    if not entered:
        return
    left = {n.host: n for n in reversed(facts.host_notices_of(session.session_id, Step.MAINTENANCE_COMPLETE))}
    told = facts.notices_of(session.session_id, Step.MAINTENANCE_COMPLETE)
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
        back = track.before(told[0].seq) if told else None
        if host in left and back is not None and back.data["status"] != "enabled":
            yield violation(
                f"nova-compute on {host} was still {back.data['status']} when all was told to be complete",
                host,
                left[host].event,
                told[0].event,
            )
