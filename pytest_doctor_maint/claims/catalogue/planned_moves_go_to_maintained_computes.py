"""What has to leave a compute goes where it will not be hit again."""

from __future__ import annotations

from pytest_doctor_maint.claims.catalogue.admin_tool_waits_for_answers import notice_behind
from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Step

CLAIM = "planned_moves_go_to_maintained_computes"


def check(history: History) -> Verdict:
    """A migration that the admin tool does upon PLANNED_MAINTENANCE ends on a compute whose MAINTENANCE_COMPLETE came
    before the migration began.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    violations: list[Violation] = []
    planned = 0
    for move in facts.admin_moves:
        notice = notice_behind(facts, move)
        if notice is None or notice.step is not Step.PLANNED_MAINTENANCE or move.ended is None or move.target is None:
            continue
        planned += 1
        complete = [
            n.host for n in facts.host_notices if n.step is Step.MAINTENANCE_COMPLETE and n.seq < move.started.seq
        ]
        if move.target not in complete:
            server = facts.name(move.server_id)
            violations.append(
                violation(
                    f"{server} went from {move.source} to {move.target}, which was not yet maintained; allowed: "
                    f"{', '.join(dict.fromkeys(complete)) or 'none'}",
                    server,
                    move.started,
                    move.ended,
                )
            )
    return conclude(CLAIM, violations, f"{planned} planned moves, all to maintained computes", {"moves": planned})
