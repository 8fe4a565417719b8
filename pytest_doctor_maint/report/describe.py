"""One event in a few words, with names for ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.history import Event, History, kinds


def names_of(history: History) -> dict[str, str]:
    """Names by id: servers, projects, groups, and the sessions by their order."""
    names: dict[str, str] = {}
    for event in history.events:
        if event.kind == kinds.RUN_STARTED:
            names.update({str(key): str(name) for key, name in event.data["projects"].items()})
            names.setdefault(str(event.data["admin_project_id"]), "admin")
        elif event.kind == kinds.SERVER:
            names[str(event.data["server_id"])] = str(event.data["name"])
        elif event.kind == kinds.SERVER_GROUP:
            names[str(event.data["group_id"])] = str(event.data["name"])
        elif event.kind == kinds.FLOATING_IP:
            names[str(event.data["floating_ip_id"])] = str(event.data["address"])
    for number, event in enumerate(history.of(kinds.SESSION_CREATED), start=1):
        names[str(event.data["session_id"])] = f"session {number}"
    return names


def actors_of(event: Event) -> tuple[str, ...]:
    """Who is concerned: the one who acts, and the one who is told, if any."""
    actor = event.actor.split("/")[0]
    if event.kind == kinds.NOTIFICATION:
        return ("admin_tool", "aodh")
    if event.kind == kinds.ALARM:
        return ("aodh", actor)
    if event.kind == kinds.ALARM_REFUSED:
        return (actor, "aodh")
    if event.kind in (kinds.REPLY, kinds.CONSTRAINT_INSTANCE, kinds.CONSTRAINT_GROUP):
        return ("app_manager", "admin_tool")
    if event.kind == kinds.REPLY_REFUSED:
        return ("admin_tool", "app_manager")
    if event.kind == kinds.SESSION_CREATED:
        return ("admin", "admin_tool")
    if event.kind in (kinds.SESSION_STATE, kinds.SESSION_REFUSED, kinds.SESSION_DELETED):
        return ("admin_tool", "admin")
    if event.kind == kinds.HOST_FAILURE:
        return ("monitor", "inspector")
    return (actor,)


def describe(event: Event, names: Mapping[str, str]) -> str:
    """What ``event`` says, for a reader."""
    data = event.data

    def name(value: object) -> str:
        return names.get(str(value), str(value))

    match event.kind:
        case kinds.RUN_STARTED:
            text = f"run starts: {data['scenario']}"
        case kinds.RUN_ENDED:
            text = "run ends"
        case kinds.NOTIFICATION | kinds.ALARM:
            text = f"{data['state']} {data['host'] if data.get('host') else 'to ' + name(data['project_id'])}"
        case kinds.REPLY:
            text = f"{data['state']} of {name(data['project_id'])}"
        case kinds.REPLY_REFUSED | kinds.SESSION_REFUSED:
            text = f"refused with {data['status']}: {data['error']}"
        case kinds.ALARM_REFUSED:
            text = f"refused with {data['status']}: {data['error']}" if data["status"] else str(data["error"])
        case kinds.CONSTRAINT_INSTANCE:
            text = f"{data['instance_name'] or data['instance_id']} bears {_bearable(data)}"
        case kinds.CONSTRAINT_GROUP:
            text = f"group {data['group_name'] or data['group_id']} bears {_bearable(data)}"
        case kinds.ACTION:
            where = f" on {data['host']}" if data["host"] else ""
            text = f"{data['type']} plug-in {data['plugin']}{where} {data['phase']}"
        case kinds.SESSION_CREATED:
            text = f"{name(data['session_id'])}: maintain {', '.join(data['hosts'])} at {data['maintenance_at']}"
        case kinds.SESSION_STATE:
            reason = f" ({data['reason']})" if data.get("reason") else ""
            text = f"{name(data['session_id'])} is {data['state']}{reason}"
        case kinds.SESSION_DELETED:
            text = f"{name(data['session_id'])} is deleted"
        case kinds.HOST_WORK:
            text = f"work on {data['host']} {data['phase']}"
        case kinds.COMPUTE:
            forced = ", forced down" if data["forced_down"] else ""
            text = f"{data['host']} is {data['status']}, {data['state']}{forced}"
        case kinds.SERVER:
            task = f" ({data['task_state']})" if data["task_state"] else ""
            text = (
                f"{name(data['server_id'])} is {data['status']}{task} on {', '.join(data['held_on']) or data['host']}"
            )
        case kinds.GUEST:
            text = f"{name(data['server_id'])} {'answers' if data['up'] else 'is down'}: {data['reason']}"
        case kinds.SERVER_GROUP:
            text = f"{data['policy']} group {data['name']}: {', '.join(map(name, data['members'])) or 'empty'}"
        case kinds.FLOATING_IP:
            text = f"{data['address']} leads to {name(data['server_id']) if data['server_id'] else 'nowhere'}"
        case kinds.ALARM_CREATED:
            text = f"alarm {data['name']} for {data['event_type']}"
        case kinds.ALARM_DELETED:
            text = f"alarm of {name(data['project_id'])} deleted"
        case kinds.HOST_FAILURE:
            text = f"{data['host']} is reported down"
        case kinds.FAULT_MANAGEMENT:
            about = f" of {name(data['server_id'])}" if data["server_id"] else ""
            text = f"{data['action']}{about} on {data['host']}"
        case kinds.FAULT:
            text = f"fault {data['name']} on {name(data['target'])} {data['phase']}"
        case kinds.THREAD_DIED:
            text = f"thread {data['thread']} died: {data['error']}"
        case _:
            text = event.kind
    return text


#: How a constraint's field is told; what is not in force is not told.
_BEARABLE = {
    "migration_type": "{}",
    "lead_time": "lead time {:g} s",
    "max_interruption_time": "interruption {:g} s",
    "max_impacted_members": "{} impacted",
    "recovery_time": "recovery {:g} s",
    "max_instances_per_host": "{} per host",
    "anti_affinity_group": "anti-affinity",
    "resource_mitigation": "mitigation",
}
#: Fields whose 0 means that nothing is asked for.
_NOTHING = ("max_instances_per_host", "anti_affinity_group", "resource_mitigation")


def _bearable(data: Mapping[str, Any]) -> str:
    if data["deleted"]:
        return "anything again"
    told = (
        words.format(data[field])
        for field, words in _BEARABLE.items()
        if field in data and (data[field] or field not in _NOTHING)
    )
    return ", ".join(told)
