"""The kinds of events, and what each one's data must hold.

They describe what can be seen from outside (on the wire and on the cloud), so that a history of foreign actors on a
real cloud has the same kinds. Hosts are named by their compute service's host name, servers and projects by id.
"""

from __future__ import annotations

from collections.abc import Mapping

RUN_STARTED = "run.started"
"""The harness begins. ``seed``, ``cloud``, ``admin_tool``, ``app_manager``, ``inspector``; ``computes``: [{name,
vcpus}]; ``projects``: {id: name}; ``admin_project_id``; ``profile``: the admin tool's words (``sample``,
``fenix``); ``windows``: {state: seconds}; ``scenario``: the test's id; ``repeat``: the command that runs it again.
Since Fenix is there also ``workflow``, which the sessions ask for (``default``, ``vnf``); without it, ``default``."""
# Where the cloud is seen from outside, run.started also has ``observed_every``, the seconds between two looks, and
# ``unseen``, what nobody recorded (see checkers/outside.py); what the looks found has ``since``, when the look before
# began, and a notification that was seen where it arrived has ``emitted_at``, when the cloud got it (both UTC).
RUN_ENDED = "run.ended"
"""The harness ends; what holds now is the end state."""

NOTIFICATION = "notification"
"""The admin tool emitted an event. ``event_type``, ``session_id``, ``project_id``, ``state``, and the other traits:
``instance_ids``, ``allowed_actions``, ``actions_at``, ``reply_at``, ``reply_url``, ``metadata`` or ``host``."""
ALARM = "alarm"
"""An alarm reached a subscriber (actor ``app_manager`` or ``inspector``): the traits as in NOTIFICATION, and
``subscriber_id``, the project whose alarm it was."""
ALARM_REFUSED = "alarm.refused"
"""A subscriber that runs elsewhere did not take an alarm. ``status`` (HTTP; None: nobody answered), ``error``. Its
cause is the ALARM."""
REPLY = "reply"
"""A project's answer reached the admin tool. ``session_id``, ``project_id`` (both from the URL), ``url``, ``state``
(ACK_… or NACK_…; None when the body has none), ``body``. Its cause is the notification that it answers."""
REPLY_REFUSED = "reply.refused"
"""The admin tool did not take an answer. ``status`` (HTTP), ``error``. Its cause is the REPLY."""

CONSTRAINT_INSTANCE = "constraint.instance"
"""The admin tool took a VNFM's constraint of an instance. ``instance_id``, ``project_id``, ``group_id``,
``instance_name``, ``max_interruption_time`` (s), ``migration_type``, ``resource_mitigation``, ``lead_time`` (s);
``deleted``: whether it was taken back, and the other fields are those that held until then."""
CONSTRAINT_GROUP = "constraint.group"
"""The admin tool took a VNFM's constraint of a group. ``group_id``, ``project_id``, ``group_name``,
``anti_affinity_group``, ``max_instances_per_host`` (0: any), ``max_impacted_members``, ``recovery_time`` (s),
``resource_mitigation``, ``deleted``."""

SESSION_CREATED = "session.created"
"""The admin's POST was taken. ``session_id``, ``hosts``, ``maintenance_at``, ``workflow``, ``metadata``."""
SESSION_REFUSED = "session.refused"
"""The admin's POST was refused. ``status`` (HTTP), ``error``."""
SESSION_STATE = "session.state"
"""The admin saw this state of the session. ``session_id``, ``state``. Only changes are recorded."""
SESSION_DELETED = "session.deleted"
"""The admin's DELETE was taken. ``session_id``."""
ACTION = "action"
"""One of the session's action plug-ins. ``session_id``, ``plugin``, ``type``: pre | host | compute | controller | post,
``host`` (None for pre and post), ``phase``: started | ended | failed."""
HOST_WORK = "host.work"
"""The admin tool's real work on a compute. ``host``, ``session_id``, ``phase``: started | ended."""

COMPUTE = "compute"
"""A compute service as it is from now on. ``host``, ``status``: enabled | disabled, ``state``: up | down,
``forced_down``, ``powered``, ``vcpus``."""
SERVER = "server"
"""A server as it is from now on. ``server_id``, ``name``, ``project_id``, ``status`` (Nova's; DELETED when gone),
``host`` (None before scheduling), ``held_on``: hosts on which it holds capacity, ``vcpus``, ``task_state``,
``action``: what changed it (create, delete, migrate, confirmResize, os-migrateLive, evacuate, os-resetState, …),
``by``: the project id of the caller."""
GUEST = "guest"
"""Whether a server's own service answers. ``server_id``, ``up``, ``reason``."""
SERVER_GROUP = "server_group"
"""A server group as it is from now on. ``group_id``, ``name``, ``project_id``, ``policy``, ``members``: server ids."""
FLOATING_IP = "floating_ip"
"""Where a floating IP leads from now on. ``floating_ip_id``, ``address``, ``project_id``, ``server_id`` (None:
nowhere)."""
ALARM_CREATED = "alarm.created"
"""``alarm_id``, ``name``, ``project_id`` (the owner), ``event_type``."""
ALARM_DELETED = "alarm.deleted"
"""``alarm_id``, ``project_id``."""

HOST_FAILURE = "host.failure"
"""A monitor reported to the Inspector that a compute is down. ``host``."""
FAULT_MANAGEMENT = "fault_management"
"""What the Inspector did about it. ``host``, ``action``: force_down | reset_state | suppressed | repeated;
``server_id`` or None."""
FAULT = "fault"
"""The nemesis broke something. ``name``, ``target``, ``phase``: injected | ended."""
THREAD_DIED = "thread.died"
"""An actor's thread ended with an exception. ``thread``, ``error``."""

REQUIRED: Mapping[str, frozenset[str]] = {
    RUN_STARTED: frozenset(
        {
            "seed",
            "cloud",
            "admin_tool",
            "app_manager",
            "inspector",
            "computes",
            "projects",
            "admin_project_id",
            "profile",
            "windows",
            "scenario",
            "repeat",
        }
    ),
    RUN_ENDED: frozenset(),
    NOTIFICATION: frozenset({"event_type", "session_id", "project_id", "state"}),
    ALARM: frozenset({"event_type", "session_id", "project_id", "state", "subscriber_id"}),
    ALARM_REFUSED: frozenset({"status", "error"}),
    REPLY: frozenset({"session_id", "project_id", "url", "state", "body"}),
    REPLY_REFUSED: frozenset({"status", "error"}),
    CONSTRAINT_INSTANCE: frozenset(
        {
            "instance_id",
            "project_id",
            "group_id",
            "instance_name",
            "max_interruption_time",
            "migration_type",
            "resource_mitigation",
            "lead_time",
            "deleted",
        }
    ),
    CONSTRAINT_GROUP: frozenset(
        {
            "group_id",
            "project_id",
            "group_name",
            "anti_affinity_group",
            "max_instances_per_host",
            "max_impacted_members",
            "recovery_time",
            "resource_mitigation",
            "deleted",
        }
    ),
    SESSION_CREATED: frozenset({"session_id", "hosts", "maintenance_at", "workflow", "metadata"}),
    SESSION_REFUSED: frozenset({"status", "error"}),
    SESSION_STATE: frozenset({"session_id", "state"}),
    SESSION_DELETED: frozenset({"session_id"}),
    ACTION: frozenset({"session_id", "plugin", "type", "host", "phase"}),
    HOST_WORK: frozenset({"host", "session_id", "phase"}),
    COMPUTE: frozenset({"host", "status", "state", "forced_down", "powered", "vcpus"}),
    SERVER: frozenset(
        {"server_id", "name", "project_id", "status", "host", "held_on", "vcpus", "task_state", "action", "by"}
    ),
    GUEST: frozenset({"server_id", "up", "reason"}),
    SERVER_GROUP: frozenset({"group_id", "name", "project_id", "policy", "members"}),
    FLOATING_IP: frozenset({"floating_ip_id", "address", "project_id", "server_id"}),
    ALARM_CREATED: frozenset({"alarm_id", "name", "project_id", "event_type"}),
    ALARM_DELETED: frozenset({"alarm_id", "project_id"}),
    HOST_FAILURE: frozenset({"host"}),
    FAULT_MANAGEMENT: frozenset({"host", "action", "server_id"}),
    FAULT: frozenset({"name", "target", "phase"}),
    THREAD_DIED: frozenset({"thread", "error"}),
}
