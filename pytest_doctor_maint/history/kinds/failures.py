"""Failures of computes, injected faults, and failures of the actors themselves."""

from __future__ import annotations

from pytest_doctor_maint.history.kinds.declaration import Data, Kind, Name, declare
from pytest_doctor_maint.history.kinds.types import TEXT, optional, texts


def _fault(data: Data, name: Name) -> str:
    target = f" on {name(data['target'])}" if data["target"] else ""
    return f"fault {data['name']}{target} {data['phase']}"


def _fault_management(data: Data, name: Name) -> str:
    server = f" of {name(data['server_id'])}" if data["server_id"] else ""
    return f"{data['action']}{server} on {data['host']}"


HOST_FAILURE = declare(
    Kind(
        "host.failure",
        "A monitor reported to the Inspector that a compute is down.",
        fields={"host": "the compute"},
        types=texts("host"),
        actors=("inspector",),
        source="monitor",
        target="inspector",
        text=lambda data, name: f"{data['host']} is reported down",
        is_step=True,
    )
).name
FAULT_MANAGEMENT = declare(
    Kind(
        "fault_management",
        "The Inspector acted on the failure of a compute. The cause is the host failure.",
        fields={
            "host": "the compute",
            "action": "force_down | reset_state | suppressed | repeated",
            "server_id": "the server whose state was reset; None for the other actions",
        },
        types={**texts("host", "action"), "server_id": optional(TEXT)},
        actors=("inspector",),
        text=_fault_management,
        is_step=True,
    )
).name
FAULT = declare(
    Kind(
        "fault",
        "A fault was armed, was injected, or ended.",
        fields={
            "name": "the fault",
            "target": "the host or the server that it hits; empty while the fault waits for its moment",
            "phase": "armed | injected | ended",
        },
        types=texts("name", "target", "phase"),
        actors=("nemesis",),
        text=_fault,
        is_step=True,
    )
).name
THREAD_DIED = declare(
    Kind(
        "thread.died",
        "A thread of an actor ended with an exception.",
        fields={"thread": "the thread", "error": "the exception"},
        types=texts("thread", "error"),
        text=lambda data, name: f"thread {data['thread']} died: {data['error']}",
    )
).name
