"""What the controller sees of a run of pytest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest


@dataclass(slots=True)
class Seen:
    """What happened in a run of pytest.

    Attributes:
        began: When pytest began (UTC).
        begun: The node ids of the tests that began, in order.
        reports: The reports of the phases of tests.
        errors: What went wrong outside of tests.
        notes: What is worth knowing and is no error.
        deselected: The node ids of the tests that were not to run.
        interruption: What interrupted pytest; empty if nothing did.
        item: The last test that ran in this process.
    """

    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: dict[str, None] = field(default_factory=dict)
    reports: list[pytest.TestReport] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    deselected: dict[str, None] = field(default_factory=dict)
    interruption: str = ""
    item: pytest.Item | None = None
