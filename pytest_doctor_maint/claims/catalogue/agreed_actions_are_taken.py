"""What the project chose for an instance is what happens to it."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.catalogue.admin_tool_waits_for_answers import ABOUT_INSTANCES
from pytest_doctor_maint.claims.catalogue.migration_types_are_respected import NOVA, stands_in_for_live
from pytest_doctor_maint.claims.index.cloud import Move, is_gone
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedMessage, ObservedReply
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Action

CLAIM = "agreed_actions_are_taken"


def check(history: History) -> Verdict:
    """After the ACK of PREPARE or PLANNED each instance named in it has an action that the message allowed, and is
    moved by it: by the admin tool with the matching migration, or by its project (OWN_ACTION), in which case the admin
    tool leaves it alone and it leaves its compute all the same. A cold migration may stand in for a live one that
    failed or would stop the instance for too long. In a session that failed, what is not done is not due.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    asked = [notice for notice in facts.notices if notice.step in ABOUT_INSTANCES]
    agreed = [(notice, answer) for notice in asked if (answer := facts.agreed(notice)) is not None]
    violations = [found for notice, answer in agreed for found in _actions(facts, notice, answer)]
    chosen = sum(len(answer.actions) for _, answer in agreed)
    return conclude(CLAIM, violations, f"{chosen} actions, each as agreed", {"actions": chosen})


def _actions(facts: HistoryIndex, notice: ObservedMessage, answer: ObservedReply) -> Iterator[Violation]:
    project = facts.name(notice.project_id)
    if not answer.actions:
        yield violation(f"{project} agreed to {notice.word} without any action", project, notice.event, answer.event)
    for server_id in [each for each in notice.instance_ids or () if each not in answer.actions]:
        name = facts.name(server_id)
        yield violation(f"{project} chose no action for {name}", name, notice.event, answer.event)
    session = facts.sessions.get(notice.session_id)
    later = [
        (n.seq, facts.instances_of(n) or ()) for n in facts.notices if n.seq > answer.seq and n.step in ABOUT_INSTANCES
    ]
    for server_id, action in answer.actions.items():
        name = facts.name(server_id)
        if action not in notice.allowed:
            allowed = ", ".join(notice.allowed) or "none"
            yield violation(f"{action} of {name} was agreed on; allowed: {allowed}", name, notice.event, answer.event)
        track = facts.servers.get(server_id)
        before = track.before(answer.seq) if track is not None else None
        if track is None or before is None:
            yield violation(f"an action was agreed on for {name}, which does not exist", name, answer.event)
            continue
        until = next((seq for seq, instances in later if server_id in instances), facts.events[-1].seq)
        moves = [m for m in facts.admin_moves if m.server_id == server_id and answer.seq < m.started.seq <= until]
        wrong = [move for move in moves if move.action != NOVA.get(action) and not _instead(facts, move, action)]
        if wrong:
            yield violation(
                f"{name} was moved with {wrong[0].action}; agreed: {action}", name, answer.event, wrong[0].started
            )
        left = [
            state
            for state in track.during(answer.seq, until)
            if is_gone(state) or state.data["host"] != before.data["host"]
        ]
        if not left and (session is None or session.failed is None) and server_id not in facts.lost:
            yield violation(
                f"{name} never left {before.data['host']}, though {action} was agreed on",
                name,
                notice.event,
                answer.event,
            )


def _instead(facts: HistoryIndex, move: Move, action: str) -> bool:
    """Whether ``move`` may be done though ``action`` was agreed on."""
    return action == Action.LIVE_MIGRATE and stands_in_for_live(facts, move)
