"""The rules for an admin tool's messages, by its dialect and its workflow.

The admin tools have these rules too. They are repeated here on purpose: a table that an admin tool and the claims share
would prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pytest_doctor_maint.protocol import Step

_WORK = (Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)

#: The steps that may follow each step, for one project in one session (the use case; None is the beginning).
ROLLING: Mapping[Step | None, tuple[Step, ...]] = {
    None: (Step.MAINTENANCE,),
    Step.MAINTENANCE: (Step.DOWN_SCALE, *_WORK, Step.MAINTENANCE_COMPLETE),
    Step.DOWN_SCALE: (*_WORK, Step.MAINTENANCE_COMPLETE),
    Step.PREPARE_MAINTENANCE: (*_WORK, Step.ADMIN_ACTION_DONE, Step.MAINTENANCE_COMPLETE),
    Step.PLANNED_MAINTENANCE: (Step.PLANNED_MAINTENANCE, Step.ADMIN_ACTION_DONE, Step.MAINTENANCE_COMPLETE),
    Step.MAINTENANCE_COMPLETE: (),
}


#: The same for an admin tool that repeats DOWN_SCALE while the projects make room, but not enough.
ROLLING_WITH_REPEATS: Mapping[Step | None, tuple[Step, ...]] = {
    **ROLLING,
    Step.DOWN_SCALE: (Step.DOWN_SCALE, *ROLLING[Step.DOWN_SCALE]),
}


@dataclass(frozen=True, slots=True)
class Expectations:
    """The rules for an admin tool in one workflow.

    Attributes:
        words: The words that the admin tool may write for a step, where they differ from the use case's word.
        follows: The steps that may follow each step, for one project.
        is_per_instance: True if PREPARE_MAINTENANCE and PLANNED_MAINTENANCE are about one instance each, named in a
            list.
        names_moved_instance: True if ADMIN_ACTION_DONE is about one instance, named in a list, and has no times.
        is_parallel: True if several computes may be emptied and maintained at the same time.
        sends_reply_at: True if every message that asks for a reply has ``reply_at``.
        reports_progress: True if the admin gets a message at every change of a session's state.
        discovers_hosts: True if a session without hosts is about all computes.
        accepts_repeats: True if an app manager may repeat a reply that was accepted; the repetition has no effect.
    """

    words: Mapping[Step, tuple[str, ...]] = field(default_factory=dict)
    follows: Mapping[Step | None, tuple[Step, ...]] = field(default_factory=lambda: ROLLING)
    is_per_instance: bool = False
    names_moved_instance: bool = False
    is_parallel: bool = False
    sends_reply_at: bool = False
    reports_progress: bool = False
    discovers_hosts: bool = False
    accepts_repeats: bool = False

    def words_for(self, step: Step) -> tuple[str, ...]:
        """Return the words that the admin tool may write for ``step``."""
        return self.words.get(step, (step.value,))


#: The sample admin tool: the use case's words, and those of Doctor's last release.
SAMPLE = Expectations(
    words={
        Step.DOWN_SCALE: ("DOWN_SCALE", "SCALE_IN"),
        Step.ADMIN_ACTION_DONE: ("ADMIN_ACTION_DONE", "INSTANCE_ACTION_DONE"),
    },
)
#: Fenix's default workflow.
FENIX = Expectations(
    words={Step.DOWN_SCALE: ("SCALE_IN",), Step.ADMIN_ACTION_DONE: ("INSTANCE_ACTION_DONE",)},
    follows=ROLLING_WITH_REPEATS,
    names_moved_instance=True,
    sends_reply_at=True,
    reports_progress=True,
    discovers_hosts=True,
    accepts_repeats=True,
)
#: Fenix's vnf workflow.
FENIX_VNF = replace(FENIX, is_per_instance=True, is_parallel=True)

_EXPECTATIONS: Mapping[tuple[str, str], Expectations] = {
    ("sample", "default"): SAMPLE,
    ("fenix", "default"): FENIX,
    ("fenix", "vnf"): FENIX_VNF,
}


def expectations_of(dialect: str, workflow: str = "default") -> Expectations:
    """Return the rules for an admin tool of this dialect (``profile`` of ``run.started``) in a workflow.

    A workflow without rules has those of the dialect's default workflow; an unknown dialect has those of the sample.
    """
    return _EXPECTATIONS.get((dialect, workflow)) or _EXPECTATIONS.get((dialect, "default")) or SAMPLE
