"""Maintenance sessions, and the work of the admin tool in them."""

from __future__ import annotations

from pytest_doctor_maint.history.kinds.declaration import Data, Kind, Name, declare
from pytest_doctor_maint.history.kinds.types import COUNT, TEXT, list_of, optional, texts


def _created(data: Data, name: Name) -> str:
    return f"{name(data['session_id'])}: maintain {', '.join(data['hosts'])} at {data['maintenance_at']}"


def _state(data: Data, name: Name) -> str:
    reason = f" ({data['reason']})" if data.get("reason") else ""
    return f"{name(data['session_id'])} is {data['state']}{reason}"


def _action(data: Data, name: Name) -> str:
    where = f" on {data['host']}" if data["host"] else ""
    return f"{data['type']} plug-in {data['plugin']}{where} {data['phase']}"


SESSION_CREATED = declare(
    Kind(
        "session.created",
        "The admin tool accepted the request of the admin that creates a session.",
        fields={
            "session_id": "the session",
            "hosts": "the computes to maintain",
            "maintenance_at": "when the maintenance begins, as requested (UTC)",
            "workflow": "the workflow: default | vnf",
            "metadata": "the metadata of the session",
        },
        types={"hosts": list_of(TEXT), "workflow": TEXT},
        actors=("admin_tool",),
        source="admin",
        target="admin_tool",
        text=_created,
        names=lambda data, number: {str(data["session_id"]): f"session {number}"},
        is_step=True,
    )
).name
SESSION_REFUSED = declare(
    Kind(
        "session.refused",
        "The admin tool refused the request of the admin that creates a session.",
        fields={"status": "the HTTP status", "error": "the body of the response"},
        types={"status": COUNT},
        actors=("admin_tool",),
        source="admin_tool",
        target="admin",
        text=lambda data, name: f"refused with {data['status']}: {data['error']}",
    )
).name
ANSWER_UNREADABLE = declare(
    Kind(
        "answer.unreadable",
        "The admin tool accepted a request of the admin, and its answer does not have what it should have. The same "
        "answer again is not recorded.",
        fields={
            "request": "the method and the path of the request",
            "status": "the HTTP status",
            "text": "the begin of the answer",
        },
        actors=("admin_tool",),
        source="admin_tool",
        target="admin",
        text=lambda data, name: f"{data['request']} is answered with {data['status']} and {data['text']!r}",
    )
).name
SESSION_STATE = declare(
    Kind(
        "session.state",
        "The admin queried the session and got this state. Only changes are recorded.",
        fields={"session_id": "the session", "state": "the state, in the dialect of the admin tool"},
        optional={"reason": "why the session failed"},
        actors=("admin_tool",),
        source="admin_tool",
        target="admin",
        text=_state,
    )
).name
SESSION_DELETED = declare(
    Kind(
        "session.deleted",
        "The admin tool accepted the request of the admin that deletes a session.",
        fields={"session_id": "the session"},
        types=texts("session_id"),
        actors=("admin_tool",),
        source="admin_tool",
        target="admin",
        text=lambda data, name: f"{name(data['session_id'])} is deleted",
        is_step=True,
    )
).name
ACTION = declare(
    Kind(
        "action",
        "The admin tool ran one of the action plug-ins of a session.",
        fields={
            "session_id": "the session",
            "plugin": "the name of the plug-in",
            "type": "pre | host | compute | controller | post",
            "host": "the compute; None for pre and post",
            "phase": "started | ended | failed",
        },
        types={**texts("session_id", "plugin", "type", "phase"), "host": optional(TEXT)},
        actors=("admin_tool",),
        text=_action,
    )
).name
HOST_WORK = declare(
    Kind(
        "host.work",
        "The admin tool did the maintenance of a compute.",
        fields={"host": "the compute", "session_id": "the session", "phase": "started | ended"},
        types=texts("host", "session_id", "phase"),
        actors=("admin_tool",),
        text=lambda data, name: f"work on {data['host']} {data['phase']}",
        is_step=True,
    )
).name
