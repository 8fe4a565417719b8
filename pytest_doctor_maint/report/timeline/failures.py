"""Flags for what was done to computes: injected faults, reports of monitors, and what the Inspector did."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.report.timeline.axis import Axis
from pytest_doctor_maint.report.timeline.flags import Flag
from pytest_doctor_maint.report.timeline.row import Row
from pytest_doctor_maint.report.timeline.subjects import Key, Subjects


def flag_failures(index: HistoryIndex, axis: Axis, rows: Mapping[Key, Row], subjects: Subjects) -> None:
    """Put a flag on the row of each compute, or of the compute of each server, that a failure is about."""
    for kind, field in ((kinds.FAULT, "target"), (kinds.HOST_FAILURE, "host"), (kinds.FAULT_MANAGEMENT, "host")):
        for event in index.of(kind):
            key = subjects.row_of_target(str(event.data[field]), event.seq)
            if key is not None and key in rows and (text := _text(event)):
                flag = Flag(axis.x(event.at), text, f"{text} at {axis.seconds(event.at)}")
                rows[key].flags.append(flag)
                rows[key].is_troubled = True


def _text(event: Event) -> str:
    if event.kind == kinds.FAULT:
        phase = event.data["phase"]
        return "" if phase == "armed" else f"fault {event.data['name']} {phase}"
    return "reported down" if event.kind == kinds.HOST_FAILURE else f"Inspector: {event.data['action']}"
