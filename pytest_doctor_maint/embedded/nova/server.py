"""Servers, and what is noted about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.compute import Claim
    from pytest_doctor_maint.embedded.nova.flavors import Flavor

NOSTATE, RUNNING, PAUSED, SHUTDOWN, CRASHED, SUSPENDED = 0, 1, 3, 4, 6, 7
"""Nova's power states."""

_REBUILDING = dict.fromkeys(("rebuilding", "rebuild_block_device_mapping", "rebuild_spawning"), "REBUILD")
_RESIZING = dict.fromkeys(("resize_prep", "resize_migrating", "resize_migrated", "resize_finish"), "RESIZE")

#: What a server's status is called, by VM state and then by task state ("" for all others).
_STATUS: Mapping[str, Mapping[str, str]] = {
    "active": {
        "": "ACTIVE",
        **dict.fromkeys(("rebooting", "reboot_pending", "reboot_started"), "REBOOT"),
        **dict.fromkeys(("rebooting_hard", "reboot_pending_hard", "reboot_started_hard"), "HARD_REBOOT"),
        "updating_password": "PASSWORD",
        "migrating": "MIGRATING",
        **_REBUILDING,
        **_RESIZING,
    },
    "building": {"": "BUILD"},
    "stopped": {"": "SHUTOFF", **_REBUILDING, **_RESIZING},
    "resized": {"": "VERIFY_RESIZE", "resize_reverting": "REVERT_RESIZE"},
    "paused": {"": "PAUSED", "migrating": "MIGRATING"},
    "suspended": {"": "SUSPENDED"},
    "rescued": {"": "RESCUE"},
    "error": {"": "ERROR", **_REBUILDING},
    "deleted": {"": "DELETED"},
    "soft-delete": {"": "SOFT_DELETED"},
    "shelved": {"": "SHELVED"},
    "shelved_offloaded": {"": "SHELVED_OFFLOADED"},
}


def vm_states_of(status: str) -> list[str]:
    """The VM states in which a server can have that status (in upper case); empty: there is no such status."""
    return [state for state, names in _STATUS.items() if status in names.values()]


@dataclass(slots=True)
class Step:
    """One event of an instance action.

    Attributes:
        name: Nova's name (``compute_resize_instance``).
        host: The compute that did it, if it was one.
        result: ``Success`` or ``Error``; None while it goes on.
    """

    name: str
    started_at: datetime
    host: str | None = None
    finished_at: datetime | None = None
    result: str | None = None
    traceback: str | None = None


@dataclass(slots=True)
class InstanceAction:
    """Something that was asked of a server, and what came of it.

    Attributes:
        action: Nova's name in os-instance-actions (``live-migration``).
        verb: The API's own word (``os-migrateLive``), for the history.
        project_id: The caller's project.
        message: ``Error`` when it failed.
    """

    action: str
    verb: str
    request_id: str
    user_id: str
    project_id: str
    started_at: datetime
    updated_at: datetime
    message: str | None = None
    events: list[Step] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Migration:
    """A move of a server, as os-migrations lists it.

    Attributes:
        number: Its id.
        kind: ``migration``, ``resize``, ``live-migration`` or ``evacuation``.
        status: Nova's word for how far it is.
    """

    number: int
    uuid: str
    server_id: str
    kind: str
    status: str
    source: str
    dest: str | None
    old_flavor: Flavor
    new_flavor: Flavor
    user_id: str
    project_id: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True, eq=False)
class Server:
    """A server.

    Attributes:
        flavor: As it was when the server got it; later changes of the flavor do not reach it.
        vm_state: Nova's, in its spelling (``active``, ``soft-delete``).
        host: Where it is; None before it is scheduled and when shelved away.
        claims: The capacity that it holds anywhere.
        guest_up: Whether its own service answers; not always what its status says.
        zone: The availability zone that it was asked for, or that its compute is in.
        pinned: Whether ``zone`` was asked for.
        before: Its VM state before a resize, shelving or rescue.
        migration: The move that it is in.
        locked_reason: Why it was locked.
    """

    id: str
    name: str
    project_id: str
    user_id: str
    image_id: str | None
    flavor: Flavor
    created_at: datetime
    updated_at: datetime
    reservation_id: str
    launch_index: int = 0
    hostname: str = ""
    vm_state: str = "building"
    task_state: str | None = "scheduling"
    power_state: int = NOSTATE
    host: str | None = None
    claims: list[Claim] = field(default_factory=list)
    guest_up: bool = False
    launched_at: datetime | None = None
    terminated_at: datetime | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    system_metadata: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    description: str | None = None
    key_name: str | None = None
    user_data: str | None = None
    config_drive: str = ""
    locked_by: str | None = None
    locked_reason: str | None = None
    group_id: str | None = None
    zone: str | None = None
    pinned: bool = False
    disk_config: str = "MANUAL"
    access_ipv4: str = ""
    access_ipv6: str = ""
    hints: dict[str, Any] = field(default_factory=dict)
    trusted_certs: list[str] | None = None
    fault: dict[str, Any] | None = None
    before: str = "active"
    migration: Migration | None = None
    shelved_image_id: str | None = None
    volume_backed: bool = False
    actions: list[InstanceAction] = field(default_factory=list)

    @property
    def status(self) -> str:
        """What the Compute API calls the state it is in."""
        names = _STATUS[self.vm_state]
        return names.get(self.task_state or "", names[""])

    @property
    def deleted(self) -> bool:
        """Whether it is gone."""
        return self.vm_state == "deleted"

    @property
    def held_on(self) -> list[str]:
        """The computes on which it holds capacity, in the order it got there."""
        return list(dict.fromkeys(claim.host for claim in self.claims))
