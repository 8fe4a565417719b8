"""Migrations: moves of servers from one compute to another, as ``os-migrations`` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pytest_doctor_maint.embedded.nova.flavors import Flavor

LIVE_IN_PROGRESS = ("accepted", "queued", "preparing", "running")
"""The states of a live migration that has not ended."""
ENDED = ("cancelled", "completed", "confirmed", "done", "error", "failed", "reverted")
"""The states of a move that has ended (``migration_get_in_progress_by_host_and_node`` in nova/db/main/api.py)."""


@dataclass(slots=True, eq=False)
class Migration:
    """A move of a server.

    Attributes:
        number: The id that the API shows.
        kind: ``migration``, ``resize``, ``live-migration`` or ``evacuation``.
        status: Nova's word for the progress.
        source: The compute that the server leaves.
        dest: The compute that the scheduler chose; None before that.
    """

    number: int
    uuid: str
    server_id: str
    kind: str
    status: str
    source: str
    dest: str | None
    old_flavor: Flavor
    new_flavor: Flavor
    user_id: str
    project_id: str
    created_at: datetime
    updated_at: datetime

    @property
    def is_in_progress(self) -> bool:
        """True for a move that has not ended; one that waits for confirmation (``finished``) has not."""
        return self.status not in ENDED

    @property
    def is_live_in_progress(self) -> bool:
        """True for a live migration that has not ended."""
        return self.kind == "live-migration" and self.status in LIVE_IN_PROGRESS
