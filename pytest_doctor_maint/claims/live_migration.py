"""When a cold migration may take the place of a live migration."""

from __future__ import annotations

from pytest_doctor_maint.claims.claim import Parameter
from pytest_doctor_maint.claims.index.constraints import InstanceRule
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.moves import COLD, LIVE, Move

EXPECTED_INTERRUPTION = Parameter(
    0.5, "s", "how long a live migration may stop an instance (live_migration_downtime of nova.conf, 500 ms by default)"
)


def stands_in_for_live(index: HistoryIndex, move: Move, expected_interruption: float) -> bool:
    """Return True if a cold migration may take the place of a live migration.

    That is so if a live migration after the same message failed, or would stop the instance for too long.
    """
    if move.action != COLD:
        return False
    rule = index.constraints.of_instance(move.server_id, move.started.seq)
    return (rule is not None and live_takes_too_long(rule, expected_interruption)) or _live_failed(index, move)


def live_takes_too_long(rule: InstanceRule, expected_interruption: float) -> bool:
    """Return True if a live migration is expected to stop the instance for longer than its constraint allows."""
    return rule.max_interruption_time is not None and rule.max_interruption_time < expected_interruption


def _live_failed(index: HistoryIndex, move: Move) -> bool:
    message = index.message_before(move)
    since = 0 if message is None else message.seq
    earlier = index.admin_moves.of(move.server_id, since + 1, move.seq - 1)
    return any(other.action == LIVE and not other.succeeded for other in earlier)
