"""An instance is told of a move as long before it as its project asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pytest_doctor_maint.claims.catalogue.admin_tool_waits_for_answers import notice_behind
from pytest_doctor_maint.claims.index.cloud import Move
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "lead_times_are_kept"
#: Times on the wire have whole seconds, so a part of one may be cut off.
CUT_OFF = timedelta(seconds=1)


def check(history: History) -> Verdict:
    """Between the message about an instance and its move lies its ``lead_time`` at least, as it was in force when the
    message was sent (impactNotificationLeadTime in ETSI's IFA011). A move without any message keeps no lead time.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    count = facts.constraints.count
    violations = [found for move in facts.admin_moves for found in _lead(facts, move)]
    return conclude(CLAIM, violations, "every move came late enough", {"constraints": count})


def _lead(facts: HistoryIndex, move: Move) -> Iterator[Violation]:
    notice = notice_behind(facts, move)
    rule = facts.constraints.of_instance(move.server_id, move.started.seq if notice is None else notice.seq)
    if rule is None or not rule.lead_time:
        return
    server = facts.name(move.server_id)
    if notice is None:
        message = f"{server} was moved without a message; allowed: {rule.lead_time:g} s after one"
        yield violation(message, server, rule.event, move.started)
        return
    lead = move.started.at - notice.event.at
    if lead <= timedelta(seconds=rule.lead_time) - CUT_OFF:
        yield violation(
            f"{server} was moved {lead.total_seconds():g} s after {notice.word}; allowed: {rule.lead_time:g} s or more",
            server,
            rule.event,
            notice.event,
            move.started,
        )
