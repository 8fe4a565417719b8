"""Deletion of servers."""

from __future__ import annotations

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.nova.capacity import Capacity
from pytest_doctor_maint.embedded.nova.groups import Groups
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.operations import Operations, Steps
from pytest_doctor_maint.embedded.nova.quotas import Quotas
from pytest_doctor_maint.embedded.nova.registry import Registry
from pytest_doctor_maint.embedded.nova.server import NOSTATE, Server


class Deletion:
    """Deletes servers."""

    def __init__(
        self,
        core: Core,
        registry: Registry,
        *,
        operations: Operations,
        capacity: Capacity,
        quotas: Quotas,
        groups: Groups,
        neutron: Neutron,
    ) -> None:
        self._core = core
        self._registry = registry
        self._operations = operations
        self._capacity = capacity
        self._quotas = quotas
        self._groups = groups
        self._neutron = neutron

    def delete(self, server: Server, action: InstanceAction) -> None:
        """Delete a server; at once if it is on no compute, or on a compute that is known to be down."""
        compute = self._registry.compute_of(server)
        if compute is None or compute.state == "down":
            self._operations.begin(server, action)
            self._operations.event(action, "api_local_delete")
            self.remove(server, action)
            return
        self._operations.begin(server, action, "deleting")
        self._operations.run(server, action, self._delete(server, action), on=compute)

    def _delete(self, server: Server, action: InstanceAction) -> Steps:
        self._operations.event(action, "compute_terminate_instance", server.host)
        self._operations.guest(server, False, "deleted")
        yield self._core.timings.delete
        self.remove(server, action)

    def remove(self, server: Server, action: InstanceAction) -> None:
        """Remove a server and free everything that it holds; a server that is deleted already is ignored."""
        if server.deleted:
            return
        self._neutron.release(server.id)
        self._capacity.release(server)
        self._capacity.displace(server)
        self._operations.guest(server, False, "deleted")
        self._groups.leave(server.group_id, server.id)
        self._registry.bury(server)
        self._quotas.use(
            server.project_id,
            server.user_id,
            instances=-1,
            cores=-server.flavor.vcpus,
            ram=-server.flavor.ram,
        )
        server.vm_state, server.task_state, server.power_state = "deleted", None, NOSTATE
        server.terminated_at = self._core.clock.now()
        self._operations.finish(server, action)
