"""What is done to a server in its place: stop, start, pause, reboot, rebuild, rescue, snapshots, locks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Conflict
from pytest_doctor_maint.embedded.nova.server import PAUSED, RUNNING, SHUTDOWN, SUSPENDED, InstanceAction, Server

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.models import Nova, Steps


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a server's state that takes a while.

    Attributes:
        states: The VM states in which it can be asked for.
        task: The task state meanwhile.
        timing: Which of the timings it takes.
        becomes: The VM state afterwards.
        power: The power state afterwards.
        reason: Why the guest is down or up, for the history. Changes that end in an active server bring the guest up at
            their end, all others take it down when they begin.
    """

    states: tuple[str, ...]
    task: str
    timing: str
    becomes: str
    power: int
    reason: str


CHANGES: Mapping[str, Change] = {
    "stop": Change(("active", "error"), "powering-off", "stop", "stopped", SHUTDOWN, "stopped"),
    "start": Change(("stopped",), "powering-on", "start", "active", RUNNING, "started"),
    "pause": Change(("active",), "pausing", "pause", "paused", PAUSED, "paused"),
    "unpause": Change(("paused",), "unpausing", "pause", "active", RUNNING, "unpaused"),
    "suspend": Change(("active",), "suspending", "stop", "suspended", SUSPENDED, "suspended"),
    "resume": Change(("suspended",), "resuming", "start", "active", RUNNING, "resumed"),
    "rescue": Change(("active", "stopped", "error"), "rescuing", "reboot", "rescued", RUNNING, "rescue"),
    "unrescue": Change(("rescued",), "unrescuing", "reboot", "active", RUNNING, "unrescued"),
}

_REBOOTING = ("rebooting", "reboot_pending", "reboot_started")


class Lifecycle:
    """Does to servers what needs no other compute."""

    def __init__(self, nova: Nova) -> None:
        self._nova = nova

    def compute_of(self, server: Server) -> Compute | None:
        """Where the server is."""
        return None if server.host is None else self._nova.computes[server.host]

    def change(self, server: Server, action: InstanceAction) -> None:
        """Carry out one of :data:`CHANGES`, the one that ``action.action`` names.

        Raises:
            Conflict: The server is in no state for it.
        """
        nova = self._nova
        change = CHANGES[action.action]
        nova.require(server, action.action, change.states)
        if server.host is None:
            raise Conflict(f"Instance {server.id} is not ready")
        nova.begin(server, action)
        server.task_state = change.task
        nova.changed(server, action)
        nova.work(server, action, self._change(server, action, change), on=self.compute_of(server))

    def _change(self, server: Server, action: InstanceAction, change: Change) -> Steps:
        nova = self._nova
        nova.step(server, action, f"compute_{action.action}_instance", server.host)
        if change.becomes != "active":
            nova.guest(server, False, change.reason)
        yield attrgetter(change.timing)(nova.core.timings)
        server.vm_state, server.task_state, server.power_state = change.becomes, None, change.power
        nova.end(action)
        nova.changed(server, action)
        if change.becomes == "active":
            nova.guest(server, True, change.reason)

    def reboot(self, server: Server, action: InstanceAction, *, hard: bool) -> None:
        """Restart the guest.

        Raises:
            Conflict: The server is in no state for it.
        """
        nova = self._nova
        if hard:
            states: tuple[str, ...] = ("active", "stopped", "paused", "suspended", "error")
            hard_tasks = tuple(f"{task}_hard" for task in _REBOOTING)
            nova.require(
                server,
                "reboot",
                states,
                task_states=(None, *_REBOOTING, *hard_tasks, "resuming", "unpausing", "suspending"),
            )
        else:
            nova.require(server, "reboot", ("active",))
        nova.begin(server, action)
        server.task_state = "rebooting_hard" if hard else "rebooting"
        nova.changed(server, action)
        nova.work(server, action, self._reboot(server, action), on=self.compute_of(server))

    def _reboot(self, server: Server, action: InstanceAction) -> Steps:
        nova = self._nova
        nova.step(server, action, "compute_reboot_instance", server.host)
        nova.guest(server, False, "reboot")
        yield nova.core.timings.reboot
        server.vm_state, server.task_state, server.power_state = "active", None, RUNNING
        nova.end(action)
        nova.changed(server, action)
        nova.guest(server, True, "rebooted")

    def rebuild(self, server: Server, action: InstanceAction, image_id: str, values: Mapping[str, Any]) -> None:
        """Make the server anew of an image, in its place. ``values`` are attributes that change with it.

        Raises:
            Conflict: The server is in no state for it.
        """
        nova = self._nova
        nova.require(server, "rebuild", ("active", "stopped", "error"))
        if server.host is None:
            raise Conflict(f"Cannot 'rebuild' instance {server.id} while it is on no compute")
        nova.begin(server, action)
        for name, value in values.items():
            setattr(server, name, value)
        server.image_id = image_id
        server.task_state = "rebuilding"
        nova.changed(server, action)
        nova.work(server, action, self._rebuild(server, action), on=self.compute_of(server))

    def _rebuild(self, server: Server, action: InstanceAction) -> Steps:
        nova = self._nova
        nova.step(server, action, "compute_rebuild_instance", server.host)
        stopped = server.vm_state == "stopped"
        nova.guest(server, False, "rebuild")
        yield nova.core.timings.rebuild
        server.vm_state, server.power_state = ("stopped", SHUTDOWN) if stopped else ("active", RUNNING)
        server.task_state, server.fault = None, None
        server.launched_at = nova.core.clock.now()
        nova.end(action)
        nova.changed(server, action)
        if not stopped:
            nova.guest(server, True, "rebuilt")

    def change_password(self, server: Server, action: InstanceAction) -> None:
        """Set the guest's password, which is known to nobody here.

        Raises:
            Conflict: The server is not active.
        """
        nova = self._nova
        nova.require(server, "changePassword", ("active",))
        nova.begin(server, action)
        server.task_state = "updating_password"

        def steps() -> Steps:
            nova.step(server, action, "compute_set_admin_password", server.host)
            yield nova.core.timings.pause
            server.task_state = None
            nova.end(action)
            nova.changed(server, action)

        nova.changed(server, action)
        nova.work(server, action, steps(), on=self.compute_of(server))

    def snapshot(self, server: Server, action: InstanceAction, name: str, properties: Mapping[str, str]) -> str:
        """Make an image of a server, and give its id; the image becomes active after a while. The guest runs on.

        Raises:
            Conflict: The server is in no state for it.
        """
        nova = self._nova
        nova.require(server, action.action, ("active", "stopped", "paused", "suspended"))
        image = nova.glance.create_snapshot(
            name,
            server.project_id,
            {
                "instance_uuid": server.id,
                "user_id": server.user_id,
                "image_type": "backup" if action.action == "createBackup" else "snapshot",
                "base_image_ref": server.image_id or "",
                # What the request says of the image comes before what Nova says.
                **properties,
            },
            min_disk=server.flavor.disk,
        )
        nova.begin(server, action)
        server.task_state = "image_backup" if action.action == "createBackup" else "image_snapshot_pending"

        def steps() -> Steps:
            nova.step(server, action, "compute_snapshot_instance", server.host)
            yield nova.core.timings.snapshot
            nova.glance.finish_snapshot(image.id)
            server.task_state = None
            nova.end(action)
            nova.changed(server, action)

        nova.changed(server, action)
        nova.work(server, action, steps(), on=self.compute_of(server))
        return image.id

    def reset_state(self, server: Server, action: InstanceAction, state: str) -> None:
        """Say that a server is in that state (``active`` or ``error``). Its guest does not notice."""
        server.vm_state, server.task_state = state, None
        self._nova.changed(server, action)

    def lock(self, server: Server, action: InstanceAction, by: str, reason: str | None) -> None:
        """Let only admins touch a server. ``by`` is ``admin`` or ``owner``."""
        self._nova.begin(server, action)
        server.locked_by, server.locked_reason = server.locked_by or by, reason
        self._nova.end(action)

    def unlock(self, server: Server, action: InstanceAction) -> None:
        """Let its project touch a server again."""
        self._nova.begin(server, action)
        server.locked_by, server.locked_reason = None, None
        self._nova.end(action)
