"""Changes of servers that stay on their compute: stop, start, pause, reboot, rebuild, rescue, locks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.errors import Conflict
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.server import PAUSED, RUNNING, SHUTDOWN, SUSPENDED, Server


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a server's state that takes time.

    Attributes:
        states: The VM states in which it can be requested.
        task: The task state during the change.
        timing: The name of its duration among the timings.
        becomes: The VM state afterwards.
        power: The power state afterwards.
        reason: Why the guest goes down or comes up, for the recorder. Changes that end in an active server bring the
            guest up at their end; all others take it down when they begin.
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
"""The changes by the name of their instance action."""

_REBOOTING = ("rebooting", "reboot_pending", "reboot_started")
_HARD_REBOOT_STATES = ("active", "stopped", "paused", "suspended", "error")
_HARD_REBOOT_TASKS = (
    None,
    *_REBOOTING,
    *(f"{task}_hard" for task in _REBOOTING),
    "resuming",
    "unpausing",
    "suspending",
)


class Lifecycle:
    """Changes servers that stay on their compute."""

    def __init__(self, core: Core, registry: Registry, *, operations: Operations) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations

    def change(self, server: Server, action: InstanceAction) -> None:
        """Carry out the one of :data:`CHANGES` that ``action.action`` names.

        Raises:
            Conflict: The server's state does not allow it.
        """
        change = CHANGES[action.action]
        server.require_state(action.action, change.states)
        server.require_host()
        self._operations.begin(server, action, change.task)
        self._run(server, action, self._change(server, action, change))

    def _change(self, server: Server, action: InstanceAction, change: Change) -> Steps:
        self._operations.event(action, f"compute_{action.action}_instance", server.host)
        if change.becomes != "active":
            self._operations.guest(server, False, change.reason)
        yield attrgetter(change.timing)(self._core.timings)
        server.vm_state, server.task_state, server.power_state = change.becomes, None, change.power
        self._operations.finish(server, action)
        if change.becomes == "active":
            self._operations.guest(server, True, change.reason)

    def reboot(self, server: Server, action: InstanceAction, *, hard: bool) -> None:
        """Restart the guest.

        Raises:
            Conflict: The server's state does not allow it.
        """
        if hard:
            server.require_state("reboot", _HARD_REBOOT_STATES, task_states=_HARD_REBOOT_TASKS)
        else:
            server.require_state("reboot", ("active",))
        self._operations.begin(server, action, "rebooting_hard" if hard else "rebooting")
        self._run(server, action, self._reboot(server, action))

    def _reboot(self, server: Server, action: InstanceAction) -> Steps:
        self._operations.event(action, "compute_reboot_instance", server.host)
        self._operations.guest(server, False, "reboot")
        yield self._core.timings.reboot
        server.vm_state, server.task_state, server.power_state = "active", None, RUNNING
        self._operations.finish(server, action)
        self._operations.guest(server, True, "rebooted")

    def repeat(self, server: Server, new_action: Callable[[Server, str], InstanceAction]) -> bool:
        """Do again what a compute that starts had not finished: to stop, start or reboot a server.

        Args:
            server: The server.
            new_action: Returns an action of the compute itself for the server, by its name.

        Returns:
            True if there is something to be done again.
        """
        task = server.task_state
        name = {"powering-off": "stop", "powering-on": "start"}.get(task or "")
        if name is not None:
            action = new_action(server, name)
            self._run(server, action, self._change(server, action, CHANGES[name]))
            return True
        if task in _HARD_REBOOT_TASKS and task is not None and "reboot" in task:
            action = new_action(server, "reboot")
            self._run(server, action, self._reboot(server, action))
            return True
        return False

    def rebuild(self, server: Server, action: InstanceAction, image_id: str, attributes: Mapping[str, Any]) -> None:
        """Replace the disk of a server with an image; the server stays on its compute.

        Args:
            server: The server.
            action: The instance action.
            image_id: The image.
            attributes: Further attributes of the server that change, by name.

        Raises:
            Conflict: The server's state does not allow it.
        """
        server.require_state("rebuild", ("active", "stopped", "error"))
        if server.host is None:
            raise Conflict(f"Cannot 'rebuild' instance {server.id} while it is on no compute")
        for name, value in attributes.items():
            setattr(server, name, value)
        server.image_id = image_id
        self._operations.begin(server, action, "rebuilding")
        self._run(server, action, self._rebuild(server, action))

    def _rebuild(self, server: Server, action: InstanceAction) -> Steps:
        self._operations.event(action, "compute_rebuild_instance", server.host)
        stopped = server.vm_state == "stopped"
        self._operations.guest(server, False, "rebuild")
        yield self._core.timings.rebuild
        server.vm_state, server.power_state = ("stopped", SHUTDOWN) if stopped else ("active", RUNNING)
        server.task_state, server.fault = None, None
        server.launched_at = self._core.clock.now()
        self._operations.finish(server, action)
        if not stopped:
            self._operations.guest(server, True, "rebuilt")

    def change_password(self, server: Server, action: InstanceAction) -> None:
        """Set the guest's password, which the cloud does not keep.

        Raises:
            Conflict: The server is not active.
        """
        server.require_state("changePassword", ("active",))
        self._operations.begin(server, action, "updating_password")
        self._run(server, action, self._change_password(server, action))

    def _change_password(self, server: Server, action: InstanceAction) -> Steps:
        self._operations.event(action, "compute_set_admin_password", server.host)
        yield self._core.timings.pause
        server.task_state = None
        self._operations.finish(server, action)

    def reset_state(self, server: Server, action: InstanceAction, state: str) -> None:
        """Set the VM state of a server to ``active`` or ``error``. The guest is not affected."""
        server.vm_state, server.task_state = state, None
        self._operations.changed(server, action)

    def lock(self, server: Server, action: InstanceAction, by: str, reason: str | None) -> None:
        """Lock a server: only admins can change it. ``by`` is ``admin`` or ``owner``."""
        server.locked_by, server.locked_reason = server.locked_by or by, reason
        self._operations.note(server, action)

    def unlock(self, server: Server, action: InstanceAction) -> None:
        """Unlock a server: its project can change it again."""
        server.locked_by, server.locked_reason = None, None
        self._operations.note(server, action)

    def _run(self, server: Server, action: InstanceAction, steps: Steps) -> None:
        self._operations.run(server, action, steps, on=self._registry.compute_of(server))
