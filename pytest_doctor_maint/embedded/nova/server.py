"""Servers: their attributes, their states and the status that the Compute API shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pytest_doctor_maint.embedded.nova.errors import Conflict
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.resources import Allocation

NOSTATE, RUNNING, PAUSED, SHUTDOWN, CRASHED, SUSPENDED = 0, 1, 3, 4, 6, 7
"""Nova's power states."""

_REBUILDING = dict.fromkeys(("rebuilding", "rebuild_block_device_mapping", "rebuild_spawning"), "REBUILD")
_RESIZING = dict.fromkeys(("resize_prep", "resize_migrating", "resize_migrated", "resize_finish"), "RESIZE")

#: The status of a server by VM state, and in there by task state (the key "" is for all other task states).
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
    """Return the VM states in which a server can have ``status`` (in upper case); empty for an unknown status."""
    return [state for state, names in _STATUS.items() if status in names.values()]


@dataclass(frozen=True, slots=True)
class ServerFault:
    """Why a server is in ERROR, as the API's ``fault`` shows it.

    Attributes:
        code: An HTTP status.
        details: More about the error; the API shows the details of an internal error (500) to admins only.
    """

    code: int
    created: datetime
    message: str
    details: str = ""


@dataclass(slots=True, eq=False)
class Server:
    """A server.

    Attributes:
        flavor: A copy of the flavor; later changes of the flavor do not reach it.
        vm_state: Nova's VM state, in Nova's spelling (``active``, ``soft-delete``).
        host: The compute; None before scheduling and after shelving.
        allocations: The capacity that the server holds, on all computes.
        guest_up: True while the guest's own service answers. The status does not always agree with it.
        zone: The availability zone that was requested, or that the compute is in.
        pinned: True if ``zone`` was requested.
        before: The VM state before a resize.
        migration: The move that the server is in.
        locked_by: ``admin`` or ``owner``; None for a server that is not locked.
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
    allocations: list[Allocation] = field(default_factory=list)
    guest_up: bool = False
    launched_at: datetime | None = None
    terminated_at: datetime | None = None
    metadata: dict[str, str] = field(default_factory=dict)
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
    trusted_certs: list[str] | None = None
    fault: ServerFault | None = None
    before: str = "active"
    migration: Migration | None = None
    shelved_image_id: str | None = None
    volume_backed: bool = False
    actions: list[InstanceAction] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The status that the Compute API shows."""
        names = _STATUS[self.vm_state]
        return names.get(self.task_state or "", names[""])

    @property
    def deleted(self) -> bool:
        """True if the server is deleted."""
        return self.vm_state == "deleted"

    @property
    def held_on(self) -> list[str]:
        """The computes on which the server holds capacity, each once, in the order of the allocations."""
        return list(dict.fromkeys(allocation.host for allocation in self.allocations))

    def require_state(
        self,
        what: str,
        vm_states: Collection[str] = (),
        *,
        any_task: bool = False,
        task_states: Collection[str | None] = (None,),
    ) -> None:
        """Raise unless the server is in a state in which ``what`` is allowed.

        Args:
            what: The word of the API request, for the message.
            vm_states: The VM states that are allowed; empty for all.
            any_task: True to ignore the task state.
            task_states: The task states that are allowed; by default no task may be in progress.

        Raises:
            Conflict: The server is in another state; the message is Nova's.
        """
        if vm_states and self.vm_state not in vm_states:
            raise Conflict(f"Cannot '{what}' instance {self.id} while it is in vm_state {self.vm_state}")
        if not any_task and self.task_state not in task_states:
            raise Conflict(f"Cannot '{what}' instance {self.id} while it is in task_state {self.task_state}")

    def require_host(self) -> str:
        """Return the host of the server's compute.

        Raises:
            Conflict: The server is on no compute; the message is Nova's.
        """
        if self.host is None:
            raise Conflict(f"Instance {self.id} is not ready")
        return self.host
