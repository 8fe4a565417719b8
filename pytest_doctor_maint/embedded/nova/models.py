"""Nova's state, put together from its parts."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.core import ComputeSpec, Core
from pytest_doctor_maint.embedded.glance.models import Glance
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.nova.aggregates import Aggregates
from pytest_doctor_maint.embedded.nova.building import Building
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.cold_migrations import ColdMigrations
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.deletion import Deletion
from pytest_doctor_maint.embedded.nova.evacuations import Evacuations
from pytest_doctor_maint.embedded.nova.flavors import Flavors
from pytest_doctor_maint.embedded.nova.groups import Groups
from pytest_doctor_maint.embedded.nova.keypairs import Keypairs
from pytest_doctor_maint.embedded.nova.lifecycle import Lifecycle
from pytest_doctor_maint.embedded.nova.live_migrations import LiveMigrations
from pytest_doctor_maint.embedded.nova.operations import Operations
from pytest_doctor_maint.embedded.nova.power import Power
from pytest_doctor_maint.embedded.nova.quotas import Quotas
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.relocation import Relocation
from pytest_doctor_maint.embedded.nova.resources import Resources
from pytest_doctor_maint.embedded.nova.scheduler import Scheduler
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.services import ComputeServices
from pytest_doctor_maint.embedded.nova.shelving import Shelving
from pytest_doctor_maint.embedded.nova.snapshots import Snapshots


class Nova:
    """Nova's state: routes, faults and other services work with this class, and the parts do not know it.

    Args:
        core: What all services share.
        neutron: Allocates the ports of servers.
        glance: Has the images.
        computes: The computes to create.

    Attributes:
        registry: All computes, servers and migrations.
        computes: All computes by host, in the order of the settings.
        controllers: The services of Nova that are not computes.
        servers: All servers that are not deleted, by id, in the order of their creation.
        gone: The deleted servers, which listings still show to admins on request.
        migrations: All moves of servers, in order.
        operations: Carries out operations on servers, and records them.
    """

    def __init__(self, core: Core, *, neutron: Neutron, glance: Glance, computes: Sequence[ComputeSpec] = ()) -> None:
        self.core = core
        self.neutron = neutron
        self.glance = glance
        self.registry = registry = Registry(core, computes)
        self.computes = registry.computes
        self.controllers = registry.controllers
        self.servers = registry.servers
        self.gone = registry.gone
        self.migrations = registry.migrations
        self.flavors = Flavors(core)
        self.quotas = quotas = Quotas()
        self.keypairs = Keypairs(core, quotas)
        self.aggregates = aggregates = Aggregates(core, registry.computes)
        self.groups = groups = Groups(core, quotas=quotas)
        self.operations = operations = Operations(core, registry)
        self.services = services = ComputeServices(core.recorder, registry)
        self.capacity = capacity = Capacity(registry.computes, aggregates=aggregates, neutron=neutron)
        scheduler = Scheduler(registry, groups=groups, aggregates=aggregates)
        relocation = Relocation(registry, operations=operations, capacity=capacity)
        self.building = Building(
            core,
            registry,
            operations=operations,
            capacity=capacity,
            scheduler=scheduler,
            quotas=quotas,
            groups=groups,
            neutron=neutron,
        )
        self.deletion = Deletion(
            core,
            registry,
            operations=operations,
            capacity=capacity,
            quotas=quotas,
            groups=groups,
            neutron=neutron,
            glance=glance,
        )
        self.lifecycle = Lifecycle(core, registry, operations=operations)
        self.snapshots = Snapshots(core, registry, operations=operations, glance=glance)
        self.cold_migrations = ColdMigrations(
            core,
            registry,
            operations=operations,
            capacity=capacity,
            scheduler=scheduler,
            relocation=relocation,
            quotas=quotas,
        )
        self.live_migrations = LiveMigrations(
            core, registry, operations=operations, capacity=capacity, scheduler=scheduler, relocation=relocation
        )
        self.evacuations = Evacuations(
            core, registry, operations=operations, capacity=capacity, scheduler=scheduler, relocation=relocation
        )
        self.shelving = Shelving(
            core,
            registry,
            operations=operations,
            capacity=capacity,
            scheduler=scheduler,
            aggregates=aggregates,
            glance=glance,
        )
        self.power = Power(
            core,
            registry,
            operations=operations,
            capacity=capacity,
            services=services,
            relocation=relocation,
            deletion=self.deletion,
            lifecycle=self.lifecycle,
        )
        for compute in registry.computes.values():
            services.record(compute)

    def server(self, server_id: str, caller: Caller) -> Server:
        """Return the server with this id.

        Raises:
            Missing: No server has this id, or the caller is not allowed to see it.
        """
        return self.registry.server(server_id, caller)

    def usage(self, host: str) -> Resources:
        """Return the capacity of a compute that is allocated."""
        return self.computes[host].used

    def allocations(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return all allocations as Placement has them: consumer -> host -> resource class -> amount."""
        return self.capacity.allocations()

    def zone_of(self, host: str) -> str:
        """Return the availability zone of a compute."""
        return self.aggregates.zone_of(host)

    def power_off(self, host: str) -> None:
        """Let a compute fail: its guests are down at once, and its service when its reports are missed."""
        self.power.off(self.computes[host])

    def power_on(self, host: str) -> None:
        """Let a compute return, with its service and with the guests of the servers that were not evacuated."""
        self.power.on(self.computes[host])

    def set_service(
        self, compute: Compute, *, status: str | None = None, reason: str | None = None, forced_down: bool | None = None
    ) -> None:
        """Change a compute's service; what is None stays as it is. See :meth:`ComputeServices.update`."""
        self.services.update(compute, status=status, reason=reason, forced_down=forced_down)

    def known_computes(self) -> list[Compute]:
        """Return the computes whose service was not deleted."""
        return self.registry.known_computes()

    def has_compute(self, host: str) -> bool:
        """Return True if there is a compute with this host name whose service was not deleted."""
        return self.registry.has_compute(host)
