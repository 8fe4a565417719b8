"""A project for an application: its user, its quota, its flavor, through OpenStack's APIs as an admin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_doctor_maint.cloud.calls import call
from pytest_doctor_maint.harness.steady import UnfitCloud

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


def remove_flavor(connection: Connection, flavor_id: str) -> None:
    """Delete what :func:`make_flavor` made."""
    call(connection.compute, "DELETE", f"/flavors/{flavor_id}")


def find_tenant(connection: Connection, name: str) -> Tenant:
    """The project that an app manager elsewhere already has. Nobody logs in to it.

    Raises:
        UnfitCloud: There is none of that name.
    """
    found = call(connection.identity, "GET", "/projects", name=name)["projects"]
    if not found:
        raise UnfitCloud(f"the cloud has no project {name!r}, which is to be the app manager's")
    return Tenant(found[0]["id"], name, "")


def remove_tenant(connection: Connection, tenant: Tenant) -> None:
    """Delete what :func:`make_tenant` made."""
    identity = connection.identity
    for user in call(identity, "GET", "/users", name=tenant.name)["users"]:
        if user.get("default_project_id") == tenant.project_id:
            call(identity, "DELETE", f"/users/{user['id']}")
    call(identity, "DELETE", f"/projects/{tenant.project_id}")


def find_image(connection: Connection) -> str:
    """The image of the instances: cirros, or else the first one that can be used; gives its id.

    Raises:
        UnfitCloud: There is none.
    """
    for query in ({"name": "cirros"}, {"status": "active"}):
        if images := call(connection.image, "GET", "/images", **query)["images"]:
            return str(images[0]["id"])
    raise UnfitCloud("the cloud has no image to make instances of")


def find_external_network(connection: Connection) -> str:
    """The network of floating IPs; gives its id.

    Raises:
        UnfitCloud: There is none.
    """
    networks = call(connection.network, "GET", "/networks", **{"router:external": "true"})["networks"]
    if not networks:
        raise UnfitCloud("the cloud has no external network to take floating IPs from")
    return str(networks[0]["id"])
