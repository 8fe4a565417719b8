"""How an admin tool speaks in a workflow, as data: its words, who is told what, and what may follow what.

These are the rules that histories are held to. They are written down here once more, and not taken from the admin
tools: what is checked must not be its own measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pytest_doctor_maint.protocol import Step

_WORK = (Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)

#: What may follow what, for one project in one session (the use case's steps; None is the beginning).
ROLLING: Mapping[Step | None, tuple[Step, ...]] = {
    None: (Step.MAINTENANCE,),
    Step.MAINTENANCE: (Step.DOWN_SCALE, *_WORK, Step.MAINTENANCE_COMPLETE),
    Step.DOWN_SCALE: (*_WORK, Step.MAINTENANCE_COMPLETE),
    Step.PREPARE_MAINTENANCE: (*_WORK, Step.ADMIN_ACTION_DONE, Step.MAINTENANCE_COMPLETE),
    Step.PLANNED_MAINTENANCE: (Step.PLANNED_MAINTENANCE, Step.ADMIN_ACTION_DONE, Step.MAINTENANCE_COMPLETE),
    Step.MAINTENANCE_COMPLETE: (),
}


#: An admin tool that asks for more as long as it is given some, but not enough.
ASKING_AGAIN: Mapping[Step | None, tuple[Step, ...]] = {
    **ROLLING,
    Step.DOWN_SCALE: (Step.DOWN_SCALE, *ROLLING[Step.DOWN_SCALE]),
}


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is expected of an admin tool in one workflow.

    Attributes:
        name: What it is called in messages.
        words: How it may write a step, where that is not the use case's word alone.
        follows: What may follow what, for one project.
        per_instance: Whether PREPARE_MAINTENANCE and PLANNED_MAINTENANCE are about one instance each, named in a list.
        names_the_moved: Whether ADMIN_ACTION_DONE is about one instance, named in a list, and says no times.
        at_once: Whether several computes may be emptied and maintained at the same time.
        gives_reply_at: Whether every message that wants an answer says in ``reply_at`` when it is due.
        tells_progress: Whether the admin hears of every change of state by an event of its own.
        discovers: Whether no host at all in the admin's request means all computes.
        takes_repeats: Whether an app manager may send an answer that was taken once more: it counts for nothing.
    """

    name: str
    words: Mapping[Step, tuple[str, ...]] = field(default_factory=dict)
    follows: Mapping[Step | None, tuple[Step, ...]] = field(default_factory=lambda: ROLLING)
    per_instance: bool = False
    names_the_moved: bool = False
    at_once: bool = False
    gives_reply_at: bool = False
    tells_progress: bool = False
    discovers: bool = False
    takes_repeats: bool = False

    def may_write(self, step: Step) -> tuple[str, ...]:
        """How it may write ``step``."""
        return self.words.get(step, (step.value,))


#: The use case's words, and those of Doctor's last release.
SAMPLE = Expectations(
    "sample",
    words={
        Step.DOWN_SCALE: ("DOWN_SCALE", "SCALE_IN"),
        Step.ADMIN_ACTION_DONE: ("ADMIN_ACTION_DONE", "INSTANCE_ACTION_DONE"),
    },
)
FENIX = Expectations(
    "fenix",
    words={Step.DOWN_SCALE: ("SCALE_IN",), Step.ADMIN_ACTION_DONE: ("INSTANCE_ACTION_DONE",)},
    follows=ASKING_AGAIN,
    names_the_moved=True,
    gives_reply_at=True,
    tells_progress=True,
    discovers=True,
    takes_repeats=True,
)
FENIX_VNF = replace(FENIX, name="fenix vnf", per_instance=True, at_once=True)

_DIALECTS: Mapping[tuple[str, str], Expectations] = {
    ("sample", "default"): SAMPLE,
    ("fenix", "default"): FENIX,
    ("fenix", "vnf"): FENIX_VNF,
}


def expectations_of(profile: str, workflow: str = "default") -> Expectations:
    """The dialect of an admin tool (``run.started`` names its profile) in a workflow; the sample's, if unknown."""
    return _DIALECTS.get((profile, workflow)) or _DIALECTS.get((profile, "default")) or SAMPLE
