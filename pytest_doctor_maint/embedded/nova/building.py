"""Making servers, and taking them away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.neutron.errors import AllocationError
from pytest_doctor_maint.embedded.nova.compute import Resources
from pytest_doctor_maint.embedded.nova.errors import NoValidHost
from pytest_doctor_maint.embedded.nova.quotas import QuotaExceeded
from pytest_doctor_maint.embedded.nova.scheduler import Wish, select
from pytest_doctor_maint.embedded.nova.server import NOSTATE, RUNNING, InstanceAction, Server

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.flavors import Flavor
    from pytest_doctor_maint.embedded.nova.models import Nova, Steps


@dataclass(slots=True)
class Blueprint:
    """What is asked for when servers are made.

    Attributes:
        networks: ``none``, ``auto``, what the request named, in order, or None when it did not say.
        security_groups: The names of the groups of their ports; none: the project's default.
        admin: Whether they are made by an admin, who may use networks that are not the project's.
        values: Further attributes of :class:`Server`.
        host: The compute that was asked for.
        forced: Whether its service need not be enabled.
        hints: The scheduler hints that the scheduler heeds.
    """

    name: str
    flavor: Flavor
    image_id: str | None
    networks: str | Sequence[dict[str, Any]] | None = None
    security_groups: Sequence[str] = ()
    admin: bool = False
    minimum: int = 1
    maximum: int = 1
    values: dict[str, Any] = field(default_factory=dict)
    host: str | None = None
    forced: bool = False
    zone: str | None = None
    group_id: str | None = None
    different_host: Sequence[str] = ()
    same_host: Sequence[str] = ()


class Building:
    """Creates and deletes servers."""

    def __init__(self, nova: Nova) -> None:
        self._nova = nova

    def create(self, blueprint: Blueprint, action: InstanceAction) -> list[Server]:
        """New servers, on their way to ACTIVE (or to ERROR, when no compute will do).

        Raises:
            QuotaExceeded: The project may not have so many.
            AllocationError: A network will not do.
        """
        nova, flavor = self._nova, blueprint.flavor
        count = self._affordable(blueprint, action)
        reservation = "r-" + nova.core.ids.hex("reservation")[:8]
        servers: list[Server] = []
        for index in range(count):
            name = blueprint.name if blueprint.maximum == 1 else f"{blueprint.name}-{index + 1}"
            now = nova.core.clock.now()
            server = Server(
                id=nova.core.ids.uuid("server"),
                name=name,
                project_id=action.project_id,
                user_id=action.user_id,
                image_id=blueprint.image_id,
                flavor=replace(flavor, extra_specs=dict(flavor.extra_specs)),
                created_at=now,
                updated_at=now,
                reservation_id=reservation,
                launch_index=index,
                zone=blueprint.zone,
                **blueprint.values,
            )
            server.hostname = server.hostname or hostname_of(name)
            try:
                nova.neutron.allocate(
                    server.id,
                    server.project_id,
                    blueprint.networks,
                    server.name,
                    security_groups=blueprint.security_groups,
                    admin=blueprint.admin,
                )
            except AllocationError:
                for made in servers:
                    nova.neutron.release(made.id)
                raise
            servers.append(server)
        for server in servers:
            nova.servers[server.id] = server
            nova.quotas.use(server.project_id, server.user_id, instances=1, cores=flavor.vcpus, ram=flavor.ram)
            if blueprint.group_id is not None:
                server.group_id = blueprint.group_id
                nova.groups.join(blueprint.group_id, server.id)
            own = replace(action, events=[])
            nova.begin(server, own)
            nova.changed(server, own)
            nova.work(server, own, self._schedule(server, blueprint, own))
        return servers

    def _affordable(self, blueprint: Blueprint, action: InstanceAction) -> int:
        """How many of the servers asked for the quotas allow."""
        nova, flavor = self._nova, blueprint.flavor
        for count in range(blueprint.maximum, blueprint.minimum, -1):
            try:
                nova.quotas.check(
                    action.project_id,
                    action.user_id,
                    instances=count,
                    cores=count * flavor.vcpus,
                    ram=count * flavor.ram,
                )
            except QuotaExceeded:
                continue
            return count
        least = blueprint.minimum
        nova.quotas.check(
            action.project_id, action.user_id, instances=least, cores=least * flavor.vcpus, ram=least * flavor.ram
        )
        return least

    def _schedule(self, server: Server, blueprint: Blueprint, action: InstanceAction) -> Steps:
        nova = self._nova
        nova.step(server, action, "conductor_schedule_and_build_instances")
        wish = Wish(
            Resources.of(server.flavor),
            host=blueprint.host,
            forced=blueprint.forced,
            zone=blueprint.zone,
            group_id=server.group_id,
            different_host=blueprint.different_host,
            same_host=blueprint.same_host,
            server_id=server.id,
        )
        try:
            compute = select(nova, wish)
        except NoValidHost as error:
            nova.fail(server, str(error))
            nova.end(action, failed=str(error))
            nova.changed(server, action)
            return
        nova.claim(server, compute.host, wish.resources)
        nova.place(server, compute.host)
        server.zone = server.zone or nova.zone_of(compute.host)
        server.task_state = "spawning"
        nova.changed(server, action)
        nova.work(server, action, self._spawn(server, action), on=compute)
        yield from ()

    def _spawn(self, server: Server, action: InstanceAction) -> Steps:
        nova = self._nova
        nova.step(server, action, "compute__do_build_and_run_instance", server.host)
        yield nova.core.timings.boot
        server.vm_state, server.task_state, server.power_state = "active", None, RUNNING
        server.launched_at = nova.core.clock.now()
        nova.end(action)
        nova.changed(server, action)
        nova.guest(server, True, "booted")

    def delete(self, server: Server, action: InstanceAction) -> None:
        """The server goes away; at once if it is on no compute, or on one that is known to be down.

        Raises:
            Conflict: It is being deleted already.
        """
        nova = self._nova
        nova.begin(server, action)
        compute = nova.computes[server.host] if server.host is not None else None
        if compute is None or compute.state == "down":
            nova.step(server, action, "api_local_delete")
            self.remove(server, action)
            return
        server.task_state = "deleting"
        nova.changed(server, action)
        nova.work(server, action, self._delete(server, action), on=compute)

    def _delete(self, server: Server, action: InstanceAction) -> Steps:
        nova = self._nova
        nova.step(server, action, "compute_terminate_instance", server.host)
        nova.guest(server, False, "deleted")
        yield nova.core.timings.delete
        self.remove(server, action)

    def remove(self, server: Server, action: InstanceAction) -> None:
        """The server is gone, with all it held."""
        nova = self._nova
        if server.deleted:
            return
        nova.neutron.release(server.id)
        nova.release(server)
        if server.host is not None:
            nova.computes[server.host].servers.pop(server.id, None)
        nova.guest(server, False, "deleted")
        nova.groups.leave(server.id, server.group_id)
        del nova.servers[server.id]
        nova.gone[server.id] = server
        nova.quotas.use(
            server.project_id,
            server.user_id,
            instances=-1,
            cores=-server.flavor.vcpus,
            ram=-server.flavor.ram,
        )
        server.vm_state, server.task_state, server.power_state = "deleted", None, NOSTATE
        server.terminated_at = nova.core.clock.now()
        nova.end(action)
        nova.changed(server, action)


def hostname_of(name: str) -> str:
    """A host name made of a server's name, as Nova makes it: letters, digits, dots and dashes, at most 63 of them."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "-.") else "-" for char in name.lower())
    return kept.strip("-.").replace(".", "-")[:63] or "server"
