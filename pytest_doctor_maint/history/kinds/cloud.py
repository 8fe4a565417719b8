"""The state of the cloud. Each event is the state of one resource from now on."""

from __future__ import annotations

from pytest_doctor_maint.history.kinds.declaration import Data, Kind, Name, declare
from pytest_doctor_maint.history.kinds.types import COUNT, TEXT, TRUTH, list_of, optional, texts

_OBSERVED = {"since": "when the query before this one began (UTC), where the cloud is observed from outside"}


def _compute(data: Data, name: Name) -> str:
    forced = ", forced down" if data["forced_down"] else ""
    return f"{data['host']} is {data['status']}, {data['state']}{forced}"


def _server(data: Data, name: Name) -> str:
    task = f" ({data['task_state']})" if data["task_state"] else ""
    return f"{name(data['server_id'])} is {data['status']}{task} on {', '.join(data['held_on']) or data['host']}"


def _guest(data: Data, name: Name) -> str:
    return f"{name(data['server_id'])} is {'up' if data['up'] else 'down'}: {data['reason']}"


def _server_group(data: Data, name: Name) -> str:
    return f"{data['policy']} group {data['name']}: {', '.join(map(name, data['members'])) or 'empty'}"


def _floating_ip(data: Data, name: Name) -> str:
    return f"{data['address']} points to {name(data['server_id']) if data['server_id'] else 'no server'}"


COMPUTE = declare(
    Kind(
        "compute",
        "A compute service was registered or changed.",
        fields={
            "host": "the compute",
            "status": "enabled | disabled",
            "state": "up | down",
            "forced_down": "True if the service was forced down",
            "powered": "True if the compute has power",
            "vcpus": "the number of VCPUs of the compute",
        },
        optional=_OBSERVED,
        types={**texts("host", "status", "state"), "forced_down": TRUTH, "powered": TRUTH, "vcpus": COUNT},
        actors=("nova", "observer"),
        text=_compute,
    )
).name
SERVER = declare(
    Kind(
        "server",
        "A server was created, changed or deleted.",
        fields={
            "server_id": "the server",
            "name": "the name of the server",
            "project_id": "the project of the server",
            "status": "the status, as in Nova's API; DELETED for a deleted server",
            "host": "the compute; None before the server is scheduled",
            "held_on": "the computes on which the server holds capacity",
            "vcpus": "the number of VCPUs of the server",
            "task_state": "the task state, as in Nova's API; None: no task",
            "action": "what changed the server: create, delete, migrate, confirmResize, os-migrateLive, evacuate, ...",
            "by": "the project of the caller; None where the cloud does not tell",
        },
        optional={
            **_OBSERVED,
            "by_admin": "of a migration by another project than the administrator's: True if the caller has the admin "
            "role there; None: the cloud does not tell",
        },
        types={
            **texts("server_id", "name", "project_id", "status", "action"),
            **dict.fromkeys(("host", "task_state", "by"), optional(TEXT)),
            "by_admin": optional(TRUTH),
            "held_on": list_of(TEXT),
            "vcpus": COUNT,
        },
        actors=("nova", "observer"),
        text=_server,
        names=lambda data, number: {str(data["server_id"]): str(data["name"])},
    )
).name
GUEST = declare(
    Kind(
        "guest",
        "The service inside a server went up or down.",
        fields={"server_id": "the server", "up": "True if the service answers", "reason": "why it is up or down"},
        optional=_OBSERVED,
        types={**texts("server_id", "reason"), "up": TRUTH},
        actors=("nova", "observer"),
        text=_guest,
        is_quiet=True,
    )
).name
SERVER_GROUP = declare(
    Kind(
        "server_group",
        "A server group was created or changed.",
        fields={
            "group_id": "the group",
            "name": "the name of the group",
            "project_id": "the project of the group",
            "policy": "the policy, as in Nova's API",
            "members": "the servers in the group",
        },
        optional=_OBSERVED,
        types={**texts("group_id", "name", "project_id", "policy"), "members": list_of(TEXT)},
        actors=("nova", "observer"),
        text=_server_group,
        names=lambda data, number: {str(data["group_id"]): str(data["name"])},
        is_quiet=True,
    )
).name
FLOATING_IP = declare(
    Kind(
        "floating_ip",
        "A floating IP was created, associated or disassociated.",
        fields={
            "floating_ip_id": "the floating IP",
            "address": "the address",
            "project_id": "the project of the floating IP",
            "server_id": "the server that the floating IP points to; None: no server",
        },
        optional=_OBSERVED,
        types={**texts("floating_ip_id", "address", "project_id"), "server_id": optional(TEXT)},
        actors=("neutron", "observer"),
        text=_floating_ip,
        names=lambda data, number: {str(data["floating_ip_id"]): str(data["address"])},
    )
).name
ALARM_CREATED = declare(
    Kind(
        "alarm.created",
        "An event alarm was created in Aodh.",
        fields={
            "alarm_id": "the alarm",
            "name": "the name of the alarm",
            "project_id": "the project that owns the alarm",
            "event_type": "the type of the notifications that fire the alarm",
        },
        optional=_OBSERVED,
        types={**texts("alarm_id", "name", "project_id"), "event_type": optional(TEXT)},
        actors=("aodh", "observer"),
        text=lambda data, name: f"alarm {data['name']} for {data['event_type']} created",
        is_quiet=True,
    )
).name
ALARM_DELETED = declare(
    Kind(
        "alarm.deleted",
        "An event alarm was deleted in Aodh.",
        fields={"alarm_id": "the alarm", "project_id": "the project that owned the alarm"},
        optional=_OBSERVED,
        types=texts("alarm_id", "project_id"),
        actors=("aodh", "observer"),
        text=lambda data, name: f"alarm of {name(data['project_id'])} deleted",
        is_quiet=True,
    )
).name
