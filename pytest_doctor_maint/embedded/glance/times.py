"""Times as the Image API shows them."""

from __future__ import annotations

from datetime import datetime


def show_time(moment: datetime) -> str:
    """Return ``moment`` (UTC) as the Image API shows it, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
