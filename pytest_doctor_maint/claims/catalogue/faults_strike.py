"""Every fault that was armed struck."""

from __future__ import annotations

from collections import Counter

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict
from pytest_doctor_maint.history import kinds


@claim(topic=Topic.HEALTH, source="this plugin", needs=(kinds.FAULT,))
def faults_strike(index: HistoryIndex) -> Verdict:
    """Every fault that was armed was injected.

    A fault whose moment never came breaks no rule, but a run that was to show the fault shows nothing: the claim is
    then unknown, which is not a pass.
    """
    phases = Counter((str(event.data["name"]), event.data["phase"]) for event in index.of(kinds.FAULT))
    armed = {name: count for (name, phase), count in phases.items() if phase == "armed"}
    if idle := [name for name, count in armed.items() if phases[name, "injected"] < count]:
        raise CannotTell(f"armed, and never struck: {', '.join(idle)}")
    figures = {"armed": sum(armed.values())}
    nothing = "" if phases else "no fault was armed"
    return faults_strike.conclude([], f"{figures['armed']} faults armed, and each struck", figures, nothing)
