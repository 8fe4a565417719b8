"""Nova's state: computes, servers and their capacity, and how changes of them are recorded."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded import events
from pytest_doctor_maint.embedded.core import ComputeSpec, Core
from pytest_doctor_maint.embedded.glance.models import Glance
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.nova.aggregates import Aggregates
from pytest_doctor_maint.embedded.nova.building import Building
from pytest_doctor_maint.embedded.nova.compute import Claim, Compute, Controller, Resources
from pytest_doctor_maint.embedded.nova.errors import Conflict, Missing
from pytest_doctor_maint.embedded.nova.flavors import Flavor, Flavors
from pytest_doctor_maint.embedded.nova.groups import Groups
from pytest_doctor_maint.embedded.nova.keypairs import Keypairs
from pytest_doctor_maint.embedded.nova.lifecycle import Lifecycle
from pytest_doctor_maint.embedded.nova.live import LiveMoves
from pytest_doctor_maint.embedded.nova.moves import Moves
from pytest_doctor_maint.embedded.nova.power import Power
from pytest_doctor_maint.embedded.nova.quotas import Quotas
from pytest_doctor_maint.embedded.nova.server import InstanceAction, Migration, Server, Step
from pytest_doctor_maint.embedded.nova.shelving import Shelving

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core

Steps = Generator[float, None, None]
"""An operation: it yields how many seconds to wait before it goes on. Between two waits it holds the lock."""


class Nova:
    """Nova's state.

    Attributes:
        computes: All computes by host, in the order of the settings.
        controllers: Nova's services that are no computes.
        servers: All servers that are not gone, by id, in the order of their making.
        gone: The deleted ones, which listings still show to admins who ask.
        migrations: All moves of servers, in order.
    """

    def __init__(self, core: Core, *, neutron: Neutron, glance: Glance, computes: Sequence[ComputeSpec] = ()) -> None:
        self.core = core
        self.neutron = neutron
        self.glance = glance
        self.computes: dict[str, Compute] = {}
        self.controllers = [
            Controller(binary, number, core.ids.uuid("service"))
            for number, binary in enumerate(("nova-scheduler", "nova-conductor"), start=1)
        ]
        self.servers: dict[str, Server] = {}
        self.gone: dict[str, Server] = {}
        self.migrations: list[Migration] = []
        self.flavors = Flavors(core)
        self.quotas = Quotas()
        self.keypairs = Keypairs(core, self.quotas)
        self.aggregates = Aggregates(core, self.computes)
        self.groups = Groups(self)
        self.building = Building(self)
        self.lifecycle = Lifecycle(self)
        self.moves = Moves(self)
        self.live = LiveMoves(self)
        self.shelving = Shelving(self)
        self.power = Power(self)
        for number, spec in enumerate(computes, start=3):
            self.computes[spec.name] = compute = Compute(
                spec.name,
                spec.vcpus,
                spec.memory_mb,
                spec.disk_gb,
                number,
                core.ids.uuid("compute"),
                core.ids.uuid("service"),
                core.clock.now(),
            )
            self.record_compute(compute)

    # -- what others ask ---------------------------------------------------------------------------------------------

    def usage(self, host: str) -> Resources:
        """What is held of a compute, in VCPUs, MiB and GiB."""
        compute = self.computes[host]
        return Resources(compute.vcpus_used, compute.memory_mb_used, compute.disk_gb_used)

    def allocations(self) -> dict[str, dict[str, dict[str, int]]]:
        """What Placement has: consumer -> host -> ``VCPU``, ``MEMORY_MB``, ``DISK_GB``.

        A consumer is a server, or, for what a server held before a move that is not confirmed, the migration's uuid.
        """
        found: dict[str, dict[str, dict[str, int]]] = {}
        for host, compute in self.computes.items():
            for claim in compute.claims.values():
                found.setdefault(claim.consumer_id, {})[host] = {
                    "VCPU": claim.resources.vcpus,
                    "MEMORY_MB": claim.resources.memory_mb,
                    "DISK_GB": claim.resources.disk_gb,
                }
        return found

    def zone_of(self, host: str | None) -> str:
        """The availability zone of a compute."""
        return self.aggregates.zone_of(host or "")

    def power_off(self, host: str) -> None:
        """A compute dies: its guests are down at once, and its service once it has not reported for a while."""
        self.power.off(self.computes[host])

    def power_on(self, host: str) -> None:
        """A compute comes back, with its service and the guests that were not evacuated."""
        self.power.on(self.computes[host])

    def set_service(
        self, compute: Compute, *, status: str | None = None, reason: str | None = None, forced_down: bool | None = None
    ) -> None:
        """Change a compute's service; what is None stays as it is.

        Args:
            compute: The compute.
            status: ``enabled`` or ``disabled``.
            reason: Why it is disabled.
            forced_down: Whether it counts as down whatever it reports.
        """
        if status is not None:
            compute.status = status
            compute.disabled_reason = reason if status == "disabled" else None
        if forced_down is not None:
            compute.forced_down = forced_down
        self.record_compute(compute)

    def delete_service(self, compute: Compute) -> None:
        """Forget a compute.

        Raises:
            Conflict: It has servers, or holds capacity for some.
        """
        if compute.servers or compute.claims:
            raise Conflict(
                "Unable to delete compute service that is hosting instances. Migrate or delete the instances first."
            )
        compute.deleted = True

    def known_computes(self) -> list[Compute]:
        """The computes that Nova was not told to forget."""
        return [compute for compute in self.computes.values() if not compute.deleted]

    def has_compute(self, host: str) -> bool:
        """Whether there is a compute of that name."""
        return host in self.computes and not self.computes[host].deleted

    # -- finding -----------------------------------------------------------------------------------------------------

    def server(self, server_id: str, caller: Caller) -> Server:
        """The server of that id, if the caller may see it.

        Raises:
            Missing: There is none.
        """
        server = self.servers.get(server_id)
        if server is None or not (caller.is_admin or server.project_id == caller.project_id):
            raise Missing(f"Instance {server_id} could not be found.")
        return server

    def require(
        self,
        server: Server,
        what: str,
        vm_states: tuple[str, ...] = (),
        *,
        any_task: bool = False,
        task_states: tuple[str | None, ...] = (None,),
    ) -> None:
        """Refuse ``what`` unless the server is in one of ``vm_states`` (none: any) and nothing is under way.

        Raises:
            Conflict: It is not; the message is Nova's own.
        """
        if vm_states and server.vm_state not in vm_states:
            raise Conflict(f"Cannot '{what}' instance {server.id} while it is in vm_state {server.vm_state}")
        if not any_task and server.task_state not in task_states:
            raise Conflict(f"Cannot '{what}' instance {server.id} while it is in task_state {server.task_state}")

    # -- capacity ----------------------------------------------------------------------------------------------------

    def claim(self, server: Server, host: str, resources: Resources, consumer_id: str | None = None) -> None:
        """Hold capacity for a server."""
        claim = Claim(consumer_id or server.id, server.id, host, resources)
        server.claims.append(claim)
        self.computes[host].take(claim)

    def release(self, server: Server, host: str | None = None, consumer_id: str | None = None) -> None:
        """Give back what a server holds: all, or what it holds on ``host``, or what ``consumer_id`` holds for it."""
        for claim in list(server.claims):
            if host in (None, claim.host) and consumer_id in (None, claim.consumer_id):
                server.claims.remove(claim)
                self.computes[claim.host].give_back(claim.consumer_id)

    def place(self, server: Server, host: str | None) -> None:
        """The server is on ``host`` from now on."""
        if server.host is not None:
            self.computes[server.host].servers.pop(server.id, None)
        server.host = host
        if host is not None:
            self.computes[host].servers[server.id] = server
        self.neutron.bind_host(server.id, host)

    # -- operations --------------------------------------------------------------------------------------------------

    def begin(self, server: Server, action: InstanceAction) -> None:
        """Note what is asked of a server among its instance actions."""
        server.actions.append(action)

    def work(self, server: Server, action: InstanceAction, steps: Steps, on: Compute | None = None) -> None:
        """Carry out an operation in a thread of its own.

        Work on a compute that loses its power meanwhile is lost, and so is work on a server that is gone; work for a
        compute that is without power waits until it is back.
        """
        if on is not None and not on.powered:
            on.mailbox.append(lambda: self.work(server, action, steps, on))
            return
        outages = on.outages if on is not None else 0

        def run() -> None:
            delay = 0.0
            while True:
                with self.core.lock:
                    if server.deleted or (on is not None and on.outages != outages):
                        steps.close()
                        return
                    try:
                        delay = next(steps)
                    except StopIteration:
                        return
                self.core.clock.sleep(delay)

        self.core.clock.spawn(run, f"nova {action.verb} {server.name}")

    def step(self, server: Server, action: InstanceAction, name: str, host: str | None = None) -> Step:
        """An event of an instance action begins."""
        step = Step(name, self.core.clock.now(), host)
        action.events.append(step)
        return step

    def end(self, action: InstanceAction, *, failed: str | None = None) -> None:
        """The events of an action end, well or with the error ``failed``."""
        now = self.core.clock.now()
        action.updated_at = now
        if failed is not None:
            action.message = "Error"
        for step in action.events:
            if step.finished_at is None:
                step.finished_at = now
                step.result = "Success" if failed is None else "Error"
                step.traceback = failed

    def new_migration(
        self, server: Server, action: InstanceAction, kind: str, status: str, new_flavor: Flavor
    ) -> Migration:
        """Note that a server is about to move."""
        assert server.host is not None  # noqa: S101 - what is nowhere does not move
        now = self.core.clock.now()
        migration = Migration(
            len(self.migrations) + 1,
            self.core.ids.uuid("migration"),
            server.id,
            kind,
            status,
            server.host,
            None,
            server.flavor,
            new_flavor,
            action.user_id,
            action.project_id,
            now,
            now,
        )
        self.migrations.append(migration)
        return migration

    def migrations_of(self, server_id: str) -> list[Migration]:
        """The moves of one server, in order."""
        return [migration for migration in self.migrations if migration.server_id == server_id]

    def migrate_status(self, migration: Migration, status: str) -> None:
        """How far a move is."""
        migration.status = status
        migration.updated_at = self.core.clock.now()

    def fail(self, server: Server, message: str, code: int = 500, details: str = "") -> None:
        """The server's state is ERROR, for the reason that its ``fault`` tells."""
        server.vm_state = "error"
        server.task_state = None
        server.fault = {"code": code, "created": self.core.clock.now(), "message": message, "details": details}

    # -- what is recorded --------------------------------------------------------------------------------------------

    def changed(self, server: Server, action: InstanceAction) -> None:
        """Record a server as it is now, and what changed it."""
        server.updated_at = self.core.clock.now()
        data: Mapping[str, Any] = {
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
        }
        self.core.recorder.append("nova", events.SERVER, data)

    def guest(self, server: Server, up: bool, reason: str) -> None:
        """The server's own service answers from now on, or does not. Records changes only."""
        if server.guest_up != up:
            server.guest_up = up
            self.core.recorder.append("nova", events.GUEST, {"server_id": server.id, "up": up, "reason": reason})

    def record_compute(self, compute: Compute) -> None:
        """Record a compute as it is now."""
        self.core.recorder.append(
            "nova",
            events.COMPUTE,
            {
                "host": compute.host,
                "status": compute.status,
                "state": compute.state,
                "forced_down": compute.forced_down,
                "powered": compute.powered,
                "vcpus": compute.vcpus,
            },
        )
