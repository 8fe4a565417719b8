"""Nothing is scheduled to a compute that is still to be maintained, and it is in use again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Parameter, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedHostMessage, ObservedSession
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, omission, violation
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.protocol import Step


@claim(
    topic=Topic.COMPUTES,
    source="use case",
    needs=(kinds.COMPUTE, kinds.NOTIFICATION, HOST_MESSAGES),
    partly={kinds.REPLY: "that computes are enabled before a project agrees to a move"},
    parameters={
        "time_to_enable_s": Parameter(
            5, "s", "how long nova-compute may take to be enabled while a workflow maintains several computes at once"
        )
    },
)
def computes_are_disabled_for_maintenance(index: HistoryIndex, *, time_to_enable_s: float) -> Verdict:
    """From the first IN_MAINTENANCE on nova-compute is disabled on every compute until its MAINTENANCE_COMPLETE.

    Afterwards it is enabled, before a project agrees to have instances moved there and before the projects are notified
    that the maintenance is complete. Where several computes are maintained at once, a project may agree while one of
    them is being enabled: for that there are ``time_to_enable_s`` seconds.
    """
    if not index.cloud.computes:
        raise CannotTell("the history does not show the states of the computes")
    violations: list[Violation] = []
    for session in index.require_sessions().values():
        is_parallel = index.expectations_of(session.session_id).is_parallel
        violations += _session(index, session, timedelta(seconds=time_to_enable_s if is_parallel else 0))
    return computes_are_disabled_for_maintenance.conclude(
        violations,
        "disabled before the maintenance, enabled after it",
        {"computes": len(index.cloud.computes)},
        nothing="" if index.messages.about_hosts else "no compute went into maintenance",
    )


def _session(index: HistoryIndex, session: ObservedSession, time_to_enable: timedelta) -> Iterator[Violation]:
    entered = index.messages.hosts_of_session(session.session_id, Step.IN_MAINTENANCE)
    if not entered:
        return
    complete = index.messages.hosts_of_session(session.session_id, Step.MAINTENANCE_COMPLETE)
    left = {message.host: message for message in reversed(complete)}
    uses = _uses(index, session)
    for host in session.hosts:
        if host in index.cloud.computes:
            yield from _disabled(index, session, host, entered[0].event, left.get(host))
            if host in left:
                yield from _enabled(index, host, left[host].event, uses, time_to_enable)


def _uses(index: HistoryIndex, session: ObservedSession) -> list[Event]:
    """Return the events from which on projects rely on the computes that were maintained, in order."""
    found = [message.event for message in index.messages.of_session(session.session_id, Step.MAINTENANCE_COMPLETE)]
    for message in index.messages.of_session(session.session_id, Step.PLANNED_MAINTENANCE):
        if (reply := index.messages.agreement(message)) is not None:
            found.append(reply.event)
    return sorted(found, key=lambda event: event.seq)


def _disabled(
    index: HistoryIndex, session: ObservedSession, host: str, first: Event, left: ObservedHostMessage | None
) -> Iterator[Violation]:
    if left is not None:
        until = left.event
    elif session.failed is not None:
        # A session that fails enables nova-compute before the admin sees the failure, and after its last message.
        until = index.messages.all_of_session(session.session_id)[-1].event
    else:
        until = index.last
    for state in index.cloud.computes[host].during(first.seq, until.seq):
        if state.data["status"] != "disabled":
            yield violation(
                f"nova-compute on {host} was {state.data['status']} before its MAINTENANCE_COMPLETE; allowed: disabled "
                "from the first IN_MAINTENANCE of the session on",
                host,
                first,
                state,
            )
            return


def _enabled(
    index: HistoryIndex, host: str, left: Event, uses: list[Event], time_to_enable: timedelta
) -> Iterator[Violation]:
    ready = left.at + time_to_enable
    use = next((event for event in uses if event.seq > left.seq and event.at >= ready), None)
    needed = use or index.last
    state = index.cloud.computes[host].before(needed.seq)
    if state is not None and state.data["status"] != "enabled":
        yield (violation if use else omission)(
            f"nova-compute on {host} was still {state.data['status']} {(needed.at - left.at).total_seconds():g} s "
            "after its MAINTENANCE_COMPLETE; allowed: enabled before it is used again",
            host,
            left,
            needed,
        )
