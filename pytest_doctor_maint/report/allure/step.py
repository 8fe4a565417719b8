"""A step of an Allure report, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """The outcome of what a step stands for, in Allure's words."""

    PASSED = "passed"
    FAILED = "failed"
    """A claim is violated, or this is an event that shows the breach."""
    BROKEN = "broken"
    """The cloud, an actor or the test itself did not work, so that there is no answer."""
    SKIPPED = "skipped"
    """A claim is unknown or not applicable."""

    @staticmethod
    def merge(found: Iterable[Status]) -> Status:
        """Return the status of all together: failed, else broken, else passed, else skipped; passed without any."""
        statuses = set(found)
        ranks = (Status.FAILED, Status.BROKEN, Status.PASSED, Status.SKIPPED)
        return next((status for status in ranks if status in statuses), Status.PASSED)


@dataclass(frozen=True, slots=True)
class Step:
    """A step, and the steps that it consists of.

    Attributes:
        title: What it stands for: one printable line without a port or an id, so that runs can be compared.
        begin: When it began, on the clock of the run (UTC).
        end: When it ended.
        status: The outcome.
        reason: Why it did not pass; may be empty.
        parameters: Texts by name, such as the actor and the window.
        steps: The steps that it consists of, in order.
    """

    title: str
    begin: datetime
    end: datetime
    status: Status = Status.PASSED
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    steps: tuple[Step, ...] = ()


def seconds(number: float) -> str:
    """Return a number of seconds as text, to a millisecond and without needless zeros."""
    return f"{number:.3f}".rstrip("0").rstrip(".")
