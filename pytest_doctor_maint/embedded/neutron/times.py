"""Times as the Networking API shows them."""

from __future__ import annotations

from datetime import datetime


def show_time(moment: datetime) -> str:
    """Return ``moment`` (UTC) as the Networking API shows it, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
