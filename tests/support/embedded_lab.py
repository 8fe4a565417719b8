"""An embedded cloud in simulated time, and connections to it that are closed together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded import CloudSettings, ComputeSpec, EmbeddedCloud
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.connection import connect, disconnect
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.projects import find_external_network, find_image, make_flavor

if TYPE_CHECKING:
    from openstack.connection import Connection


class EmbeddedLab:
    """An embedded cloud that serves, with connections to it.

    Args:
        clock: The clock of the test.
        history: Where the cloud reports what changes on it.
        vcpus: The VCPUs of each compute; the computes are called compute-1, compute-2, …

    Attributes:
        cloud: The cloud.
        admin: A connection with the admin role.
    """

    def __init__(self, clock: SimulatedClock, history: History, vcpus: tuple[int, ...] = (2, 2, 2)) -> None:
        self.clock = clock
        computes = [ComputeSpec(f"compute-{number}", size) for number, size in enumerate(vcpus, start=1)]
        self.cloud = EmbeddedCloud(clock, history, Ids(1), CloudSettings(computes, admin_password="admin"))
        self.cloud.start()
        self._connections: list[Connection] = []
        self.admin = self.connect("admin", "admin", "admin")

    def connect(self, project: str, user: str, password: str) -> Connection:
        """Return a connection of a user in a project."""
        connection = connect(
            self.clock, auth_url=self.cloud.auth_url, username=user, password=password, project_name=project
        )
        self._connections.append(connection)
        return connection

    def placer(self, project: str, project_id: str) -> Connection:
        """Return a connection with the admin role in a project, which may place instances on computes."""
        user = call(self.admin.identity, "GET", "/users", name="admin")["users"][0]["id"]
        role = call(self.admin.identity, "GET", "/roles", name="admin")["roles"][0]["id"]
        call(self.admin.identity, "PUT", f"/projects/{project_id}/users/{user}/roles/{role}")
        return self.connect(project, "admin", "admin")

    def parts(self) -> tuple[str, str, str]:
        """Return the ids of the image, a new flavor of one VCPU, and the external network, for an application."""
        return find_image(self.admin), make_flavor(self.admin, 1), find_external_network(self.admin)

    def stop(self) -> None:
        """Stop the cloud; call it before the clock is stopped."""
        self.cloud.stop()

    def join(self) -> None:
        """Wait for the last requests and close the connections; call it after the clock was stopped."""
        self.cloud.join()
        for connection in self._connections:
            disconnect(connection)
