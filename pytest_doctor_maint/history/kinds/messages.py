"""Messages of the admin tool and replies of the projects."""

from __future__ import annotations

from pytest_doctor_maint.history.kinds.declaration import ACTOR, Data, Kind, Name, declare
from pytest_doctor_maint.history.kinds.types import COUNT, optional, texts

_TRAITS = {
    "event_type": "maintenance.scheduled (to a project) | maintenance.session (to the admin) | maintenance.host",
    "session_id": "the session",
    "project_id": "the project that the message is for",
    "state": "the step, in the dialect of the admin tool",
}
_OTHER_TRAITS = {
    "instance_ids": "the URL at which the instances are listed, or the list itself",
    "allowed_actions": "the actions that the project may choose",
    "actions_at": "when the announced step begins (UTC)",
    "reply_at": "until when the project must reply (UTC)",
    "reply_url": "the URL that takes the reply",
    "metadata": "the metadata of the session",
    "host": "the compute that a maintenance.host message is about",
    "service": "the publisher of the notification",
}


def _message(data: Data, name: Name) -> str:
    about = data["host"] if data.get("host") else f"to {name(data['project_id'])}"
    return f"{data['state']} {about}"


def _refusal(data: Data, name: Name) -> str:
    return f"refused with {data['status']}: {data['error']}"


#: On a cloud through which no cause travels these identify the notification.
_IDENTITY = {
    "message_id": "the id of the notification, the same in each of its alarms",
    "emitted_at": "when the cloud received the notification (UTC)",
}

NOTIFICATION = declare(
    Kind(
        "notification",
        "The admin tool emitted a notification, which carries one message.",
        fields=_TRAITS,
        optional={**_OTHER_TRAITS, **_IDENTITY},
        actors=("admin_tool",),
        source="admin_tool",
        target="aodh",
        text=_message,
        is_step=True,
    )
).name
ALARM = declare(
    Kind(
        "alarm",
        "An alarm arrived at a subscriber. The data is that of the notification. The cause is the notification.",
        fields={**_TRAITS, "subscriber_id": "the project that owns the alarm"},
        optional={**_OTHER_TRAITS, **_IDENTITY},
        types=texts("subscriber_id"),
        actors=("app_manager", "inspector"),
        source="aodh",
        target=ACTOR,
        text=_message,
    )
).name
ALARM_REFUSED = declare(
    Kind(
        "alarm.refused",
        "A subscriber that runs elsewhere did not accept an alarm. The cause is the alarm.",
        fields={"status": "the HTTP status; None: the subscriber did not answer", "error": "the reason"},
        types={"status": optional(COUNT)},
        actors=("app_manager", "inspector"),
        target="aodh",
        text=lambda data, name: _refusal(data, name) if data["status"] else str(data["error"]),
    )
).name
REPLY = declare(
    Kind(
        "reply",
        "A reply of a project arrived at the admin tool. The cause is the notification that it replies to.",
        fields={
            "session_id": "the session, from the URL",
            "project_id": "the project, from the URL",
            "url": "the URL of the request",
            "state": "ACK_... or NACK_...; None when the body has no state",
            "body": "the body of the request; None when it is not JSON",
        },
        optional={"instance_id": "the instance, where the URL is that of a single instance"},
        types=texts("session_id", "project_id", "url", "instance_id"),
        actors=("app_manager",),
        source="app_manager",
        target="admin_tool",
        text=lambda data, name: f"{data['state']} from {name(data['project_id'])}",
        is_step=True,
    )
).name
REPLY_REFUSED = declare(
    Kind(
        "reply.refused",
        "The admin tool did not accept a reply. The cause is the reply.",
        fields={"status": "the HTTP status", "error": "the reason"},
        types={"status": COUNT},
        actors=("admin_tool",),
        source="admin_tool",
        target="app_manager",
        text=_refusal,
        is_step=True,
    )
).name
