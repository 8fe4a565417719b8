"""A project for an application: its user, its quota, its flavor, through OpenStack's APIs as an admin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_doctor_maint.cloud.calls import call

if TYPE_CHECKING:
    from openstack.connection import Connection


@dataclass(frozen=True, slots=True)
class Tenant:
    """A project and how to log in to it.

    Attributes:
        project_id: The project.
        name: The project's name, and its user's.
        password: The user's password.
    """

    project_id: str
    name: str
    password: str = field(repr=False)


def make_tenant(connection: Connection, name: str, password: str, *, instances: int, vcpus: int) -> Tenant:
    """Make a project with a user of its name, and a quota for ``instances`` of ``vcpus`` each, and one to spare."""
    identity = connection.identity
    project = call(identity, "POST", "/projects", {"project": {"name": name, "domain_id": "default"}})["project"]
    user = call(
        identity,
        "POST",
        "/users",
        {"user": {"name": name, "password": password, "domain_id": "default", "default_project_id": project["id"]}},
    )["user"]
    role = call(identity, "GET", "/roles", name="member")["roles"][0]
    call(identity, "PUT", f"/projects/{project['id']}/users/{user['id']}/roles/{role['id']}")
    quota = {"instances": instances + 1, "cores": (instances + 1) * vcpus, "ram": -1, "server_group_members": -1}
    call(connection.compute, "PUT", f"/os-quota-sets/{project['id']}", {"quota_set": quota})
    # Each instance has a port, and so have the router and the subnet's DHCP.
    ports = {"quota": {"port": instances + 10}}
    call(connection.network, "PUT", f"/quotas/{project['id']}", ports)
    return Tenant(project["id"], name, password)


def make_flavor(connection: Connection, vcpus: int) -> str:
    """Make the flavor of the instances, half a compute; gives its id."""
    body = {"flavor": {"name": "doctor_flavor", "vcpus": vcpus, "ram": 512, "disk": 1}}
    return str(call(connection.compute, "POST", "/flavors", body)["flavor"]["id"])
