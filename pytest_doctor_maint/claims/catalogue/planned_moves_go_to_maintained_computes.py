"""An instance that leaves a compute goes to a compute where it will not be impacted again."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, violation
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import Step


@claim(topic=Topic.COMPUTES, source="use case", needs=(kinds.NOTIFICATION, kinds.SERVER, HOST_MESSAGES))
def planned_moves_go_to_maintained_computes(index: HistoryIndex) -> Verdict:
    """A move by the admin tool after PLANNED_MAINTENANCE ends on a compute that was maintained before the move started.

    A compute was maintained when its MAINTENANCE_COMPLETE was sent. Without any message about a compute nothing shows
    which computes were maintained.
    """
    index.require_sessions()
    violations: list[Violation] = []
    planned = 0
    complete: dict[str, int] = {}
    for about_host in index.messages.about_hosts:
        if about_host.step is Step.MAINTENANCE_COMPLETE:
            complete.setdefault(about_host.host, about_host.seq)
    for move in index.admin_moves:
        message = index.message_before(move)
        if message is None or message.step is not Step.PLANNED_MAINTENANCE or move.arrival is None:
            continue
        planned += 1
        if complete.get(str(move.target), move.seq) >= move.seq:
            server = index.name(move.server_id)
            allowed = [host for host, seq in complete.items() if seq < move.seq]
            violations.append(
                violation(
                    f"{server} went from {move.source} to {move.target}, which was not yet maintained; allowed: "
                    f"{', '.join(allowed) or 'no compute'}",
                    server,
                    move.started,
                    move.arrival,
                )
            )
    if violations and not index.messages.about_hosts:
        raise CannotTell("the history has no message about a compute, so it does not show which ones were maintained")
    return planned_moves_go_to_maintained_computes.conclude(
        violations,
        f"{planned} planned moves, all to maintained computes",
        {"moves": planned},
        nothing="" if planned else "the admin tool moved no instance after PLANNED_MAINTENANCE",
    )
