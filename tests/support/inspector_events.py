"""What the Inspector does, for runs that are built by hand."""

from __future__ import annotations

from tests.support.history_builder import HistoryBuilder


def act(run: HistoryBuilder, action: str = "force_down", host: str = "compute-3") -> None:
    """Let the Inspector act on a compute."""
    run.log("inspector", "fault_management", host=host, action=action, server_id=None)
