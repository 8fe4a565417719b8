"""Creation of servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.errors import NoValidHost, QuotaExceeded
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.groups import Groups
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.quotas import Quotas
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.resources import Resources
from pytest_doctor_maint.embedded.nova.scheduler import RequestSpec, Scheduler
from pytest_doctor_maint.embedded.nova.server import RUNNING, Server


@dataclass(slots=True)
class Blueprint:
    """A request to create servers.

    Attributes:
        image_id: The image to boot from.
        networks: ``none``, ``auto``, the requested networks in order, or None if the request names none.
        security_groups: The names of the security groups of the ports; empty: the project's default group.
        admin: True for a request of an admin, who may use networks of other projects.
        minimum: The least number of servers that is acceptable.
        maximum: The number of servers that is requested.
        attributes: Further attributes of :class:`Server`.
        host: The compute that is requested.
        forced: True if the service of ``host`` need not be enabled.
        zone: The availability zone that is requested.
        group_id: The server group that the servers join.
        different_host: A scheduler hint: servers whose computes are not allowed.
        same_host: A scheduler hint: servers one of whose computes it must be.
    """

    name: str
    flavor: Flavor
    image_id: str
    networks: str | Sequence[dict[str, Any]] | None = None
    security_groups: Sequence[str] = ()
    admin: bool = False
    minimum: int = 1
    maximum: int = 1
    attributes: Mapping[str, Any] = field(default_factory=dict)
    host: str | None = None
    forced: bool = False
    zone: str | None = None
    group_id: str | None = None
    different_host: Sequence[str] = ()
    same_host: Sequence[str] = ()


class Building:
    """Creates servers."""

    def __init__(
        self,
        core: Core,
        registry: Registry,
        *,
        operations: Operations,
        capacity: Capacity,
        scheduler: Scheduler,
        quotas: Quotas,
        groups: Groups,
        neutron: Neutron,
    ) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations
        self._capacity = capacity
        self._scheduler = scheduler
        self._quotas = quotas
        self._groups = groups
        self._neutron = neutron

    def create(self, blueprint: Blueprint, action: InstanceAction) -> list[Server]:
        """Create servers and return them; they become ACTIVE, or ERROR if the scheduler finds no compute.

        Raises:
            QuotaExceeded: The quota does not allow the minimum number of servers, or as many members of the group.
            NeutronError: Neutron cannot allocate the requested networks.
        """
        flavor = blueprint.flavor
        count = self._affordable(blueprint, action)
        if blueprint.group_id is not None:
            self._groups.check_room(
                blueprint.group_id, action.project_id, action.user_id, count, self._registry.servers
            )
        # Nothing is refused after this: whatever may be refused is checked before.
        servers = self._with_ports(blueprint, action, count)
        for server in servers:
            self._registry.servers[server.id] = server
            self._quotas.use(server.project_id, server.user_id, instances=1, cores=flavor.vcpus, ram=flavor.ram)
            if blueprint.group_id is not None:
                server.group_id = blueprint.group_id
                self._groups.join(blueprint.group_id, server.id)
            own = replace(action, events=[])
            self._operations.begin(server, own, "scheduling")
            self._operations.run(server, own, self._schedule(server, blueprint, own))
        return servers

    def _affordable(self, blueprint: Blueprint, action: InstanceAction) -> int:
        """Return the largest number of the requested servers that the quota allows."""
        for count in range(blueprint.maximum, blueprint.minimum, -1):
            with suppress(QuotaExceeded):
                self._check_quota(action, blueprint.flavor, count)
                return count
        self._check_quota(action, blueprint.flavor, blueprint.minimum)
        return blueprint.minimum

    def _check_quota(self, action: InstanceAction, flavor: Flavor, count: int) -> None:
        self._quotas.check(
            action.project_id, action.user_id, instances=count, cores=count * flavor.vcpus, ram=count * flavor.ram
        )

    def _with_ports(self, blueprint: Blueprint, action: InstanceAction, count: int) -> list[Server]:
        """Return new servers for which Neutron has allocated ports; on an error it keeps none."""
        reservation = "r-" + self._core.ids.hex("reservation")[:8]
        servers: list[Server] = []
        with self._neutron.all_or_nothing():
            for index in range(count):
                server = self._new(blueprint, action, index, reservation)
                self._neutron.allocate(
                    server.id,
                    server.project_id,
                    blueprint.networks,
                    server.name,
                    security_groups=blueprint.security_groups,
                    admin=blueprint.admin,
                )
                servers.append(server)
        return servers

    def _new(self, blueprint: Blueprint, action: InstanceAction, index: int, reservation: str) -> Server:
        name = blueprint.name if blueprint.maximum == 1 else f"{blueprint.name}-{index + 1}"
        now = self._core.clock.now()
        server = Server(
            id=self._core.ids.uuid("server"),
            name=name,
            project_id=action.project_id,
            user_id=action.user_id,
            image_id=blueprint.image_id,
            flavor=replace(blueprint.flavor, extra_specs=dict(blueprint.flavor.extra_specs)),
            created_at=now,
            updated_at=now,
            reservation_id=reservation,
            launch_index=index,
            zone=blueprint.zone,
            **blueprint.attributes,
        )
        server.hostname = server.hostname or hostname_of(name)
        return server

    def _schedule(self, server: Server, blueprint: Blueprint, action: InstanceAction) -> Steps:
        operations = self._operations
        operations.event(action, "conductor_schedule_and_build_instances")
        spec = RequestSpec(
            server.id,
            Resources.of(server.flavor),
            host=blueprint.host,
            forced=blueprint.forced,
            zone=blueprint.zone,
            group_id=server.group_id,
            different_host=blueprint.different_host,
            same_host=blueprint.same_host,
        )
        try:
            compute = self._scheduler.select(spec)
        except NoValidHost as error:
            operations.fail(server, str(error))
            operations.finish(server, action, failed=str(error))
            return
        self._capacity.claim(server, compute.host, spec.resources)
        self._capacity.place(server, compute.host)
        server.task_state = "spawning"
        operations.changed(server, action)
        operations.run(server, action, self._spawn(server, action), on=compute)
        yield from ()

    def _spawn(self, server: Server, action: InstanceAction) -> Steps:
        self._operations.event(action, "compute__do_build_and_run_instance", server.host)
        yield self._core.timings.boot
        server.vm_state, server.task_state, server.power_state = "active", None, RUNNING
        server.launched_at = self._core.clock.now()
        self._operations.finish(server, action)
        self._operations.guest(server, True, "booted")


def hostname_of(name: str) -> str:
    """Return a host name made from a server's name as Nova does: letters, digits and dashes, at most 63 of them."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "-.") else "-" for char in name.lower())
    return kept.strip("-.").replace(".", "-")[:63] or "server"
