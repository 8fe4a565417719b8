"""The dialects of admin tools: their words and windows, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pytest_doctor_maint.protocol.steps import Step


@dataclass(frozen=True, slots=True)
class Dialect:
    """The dialect of an admin tool.

    Attributes:
        name: The name of the dialect, such as ``sample`` or ``fenix``.
        words: The words for steps that differ from the use case's.
        windows: Seconds in which a project must reply to each step, by default (Doctor's settings).
        notice: Seconds between MAINTENANCE and the start of maintenance.
        least_notice: A session that leaves less than this many seconds for the reply to MAINTENANCE is refused.
    """

    name: str
    words: Mapping[Step, str] = field(default_factory=dict)
    windows: Mapping[Step, float] = field(default_factory=dict)
    notice: float = 30.0
    least_notice: float = 10.0

    def word(self, step: Step) -> str:
        """Return the word for `step`."""
        return self.words.get(step, step.value)


#: The words of Doctor's last release (2020), which Fenix took over. App managers other than those of this package know
#: only these.
_WORDS_OF_2020 = {Step.DOWN_SCALE: "SCALE_IN", Step.ADMIN_ACTION_DONE: "INSTANCE_ACTION_DONE"}

FENIX_REPLY, FENIX_SCALE_IN_REPLY = 20.0, 60.0
"""Fenix's own defaults of project_maintenance_reply and project_scale_in_reply, in seconds."""

SAMPLE = Dialect(
    name="sample",
    windows={
        Step.DOWN_SCALE: 120.0,
        Step.PREPARE_MAINTENANCE: 120.0,
        Step.PLANNED_MAINTENANCE: 120.0,
        Step.MAINTENANCE_COMPLETE: 120.0,
    },
)

SAMPLE_2020 = replace(SAMPLE, words=_WORDS_OF_2020)
"""The sample admin tool with the words of Doctor's last release."""

FENIX = Dialect(
    name="fenix",
    words=_WORDS_OF_2020,
    windows={
        Step.MAINTENANCE: FENIX_REPLY,
        Step.DOWN_SCALE: FENIX_SCALE_IN_REPLY,
        Step.PREPARE_MAINTENANCE: FENIX_REPLY,
        Step.PLANNED_MAINTENANCE: FENIX_REPLY,
        Step.MAINTENANCE_COMPLETE: FENIX_SCALE_IN_REPLY,
    },
    notice=30.0,
    least_notice=0.0,
)
