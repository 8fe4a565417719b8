"""Operations: changes of servers that take time, how they are carried out, and what is recorded of them."""

from __future__ import annotations

from collections.abc import Generator

from pytest_doctor_maint.embedded import events
from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.instance_actions import ActionEvent, InstanceAction
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.server import Server, ServerFault

Steps = Generator[float, None, None]
"""An operation in steps. It yields the seconds to wait before the next step; each step runs with the core's lock."""


class Operations:
    """Carries out operations on servers in steps, and records each change.

    An operation begins with :meth:`begin`, usually with a task state. :meth:`run` carries out its steps; each
    :meth:`event` is listed in ``os-instance-actions``. :meth:`end` or :meth:`finish` ends the operation.
    """

    def __init__(self, core: Core, registry: Registry) -> None:
        self._core = core
        self._registry = registry

    # -- operations --------------------------------------------------------------------------------------------------

    def begin(self, server: Server, action: InstanceAction, task_state: str | None = None) -> None:
        """Add ``action`` to the instance actions of a server; with a task state, set and record it."""
        server.actions.append(action)
        if task_state is not None:
            server.task_state = task_state
            self.changed(server, action)

    def run(self, server: Server, action: InstanceAction, steps: Steps, on: Compute | None = None) -> None:
        """Carry out the steps of an operation in a thread of their own.

        The rest of the steps is dropped when the server is deleted, or when the compute that works (``on``) loses its
        power. Work for a compute that is without power waits until the power is back.
        """
        if on is not None and not on.powered:
            on.mailbox.append(lambda: self.run(server, action, steps, on))
            return
        outages = on.outages if on is not None else 0

        def run() -> None:
            delay = 0.0
            while True:
                with self._core.lock:
                    if server.deleted or (on is not None and on.outages != outages):
                        steps.close()
                        return
                    try:
                        delay = next(steps)
                    except StopIteration:
                        return
                self._core.clock.sleep(delay)

        self._core.clock.spawn(run, f"nova {action.verb} {server.name}")

    def event(self, action: InstanceAction, name: str, host: str | None = None) -> None:
        """Begin an event of an instance action."""
        action.events.append(ActionEvent(name, self._core.clock.now(), host))

    def end(self, action: InstanceAction, *, failed: str | None = None) -> None:
        """End the events of an instance action; ``failed`` is the error, if there was one."""
        now = self._core.clock.now()
        action.updated_at = now
        if failed is not None:
            action.message = "Error"
        for event in action.events:
            if event.finished_at is None:
                event.finished_at = now
                event.result = "Success" if failed is None else "Error"
                event.traceback = failed

    def finish(self, server: Server, action: InstanceAction, *, failed: str | None = None) -> None:
        """End an instance action, and record the server as it is now."""
        self.end(action, failed=failed)
        self.changed(server, action)

    def note(self, server: Server, action: InstanceAction) -> None:
        """Add an instance action that took no time."""
        self.begin(server, action)
        self.end(action)

    def fail(self, server: Server, message: str, code: int = 500, details: str = "") -> None:
        """Set a server to ERROR; message, code and details are the ``fault`` that the API shows."""
        server.vm_state, server.task_state = "error", None
        server.fault = ServerFault(code, self._core.clock.now(), message, details)

    # -- migrations --------------------------------------------------------------------------------------------------

    def begin_migration(
        self,
        server: Server,
        action: InstanceAction,
        kind: str,
        status: str,
        new_flavor: Flavor,
        dest: str | None = None,
    ) -> Migration:
        """Add a move of a server to the migrations, and return it; ``dest`` is the compute that the request names.

        Raises:
            Conflict: The server is on no compute.
        """
        now = self._core.clock.now()
        migration = Migration(
            len(self._registry.migrations) + 1,
            self._core.ids.uuid("migration"),
            server.id,
            kind,
            status,
            server.require_host(),
            dest,
            server.flavor,
            new_flavor,
            action.user_id,
            action.project_id,
            now,
            now,
        )
        self._registry.migrations.append(migration)
        return migration

    def set_status(self, migration: Migration, status: str) -> None:
        """Set the progress of a move."""
        migration.status = status
        migration.updated_at = self._core.clock.now()

    # -- what is recorded --------------------------------------------------------------------------------------------

    def changed(self, server: Server, action: InstanceAction) -> None:
        """Record a server as it is now, and the action that changed it."""
        server.updated_at = self._core.clock.now()
        # The project of the caller alone does not show that an administrator moved the server.
        is_told = action.is_admin_elsewhere and action.verb in ("migrate", "os-migrateLive")
        self._core.recorder.append(
            "nova",
            events.SERVER,
            {
                "server_id": server.id,
                "name": server.name,
                "project_id": server.project_id,
                "status": server.status,
                "host": server.host,
                "held_on": server.held_on,
                "vcpus": server.flavor.vcpus,
                "task_state": server.task_state,
                "action": action.verb,
                "by": action.project_id,
                **({"by_admin": True} if is_told else {}),
            },
        )

    def guest(self, server: Server, up: bool, reason: str) -> None:
        """Set and record whether the guest's own service answers; nothing is recorded if it does not change."""
        if server.guest_up != up:
            server.guest_up = up
            self._core.recorder.append("nova", events.GUEST, {"server_id": server.id, "up": up, "reason": reason})
