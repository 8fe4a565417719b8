"""The project of an application: its user, quota and flavor, through OpenStack's APIs as an admin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.openstack.calls import call

if TYPE_CHECKING:
    from openstack.connection import Connection


#: The name of the flavor that a run makes.
FLAVOR = "doctor_flavor"


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """A project and the credentials of its user.

    Attributes:
        project_id: The id of the project.
        name: The name of the project and of its user.
        password: The password of the user; empty if no client of the run logs in.
    """

    project_id: str
    name: str
    password: str = field(repr=False)


def create_project_access(
    connection: Connection, name: str, password: str, *, instances: int, vcpus: int
) -> ProjectAccess:
    """Create a project with a user of its name, and a quota for one instance more than `instances` of `vcpus` each."""
    project_id = make_project(connection, name)
    make_member(connection, project_id, name, password)
    set_quota(connection, project_id, instances=instances, vcpus=vcpus)
    return ProjectAccess(project_id, name, password)


def find_project(connection: Connection, name: str) -> str:
    """Return the id of the project of this name in the default domain; empty if the project does not exist."""
    found = call(connection.identity, "GET", "/projects", name=name, domain_id="default")["projects"]
    return str(found[0]["id"]) if found else ""


def make_project(connection: Connection, name: str) -> str:
    """Create a project without members, and return its id. :func:`remove_project` deletes it."""
    body = {"project": {"name": name, "domain_id": "default"}}
    return str(call(connection.identity, "POST", "/projects", body)["project"]["id"])


def set_quota(connection: Connection, project_id: str, *, instances: int, vcpus: int) -> None:
    """Set the quota of a project: one instance more than `instances`, of `vcpus` each."""
    quota = {"instances": instances + 1, "cores": (instances + 1) * vcpus, "ram": -1, "server_group_members": -1}
    call(connection.compute, "PUT", f"/os-quota-sets/{project_id}", {"quota_set": quota})
    # Each instance has a port, and so do the router and the DHCP of the subnet.
    ports = {"quota": {"port": instances + 10}}
    call(connection.network, "PUT", f"/quotas/{project_id}", ports)


def make_member(connection: Connection, project_id: str, name: str, password: str, role_name: str = "member") -> str:
    """Create a user who holds a role on a project, and return the user's id."""
    identity = connection.identity
    role = call(identity, "GET", "/roles", name=role_name)["roles"][0]
    body = {"user": {"name": name, "password": password, "domain_id": "default", "default_project_id": project_id}}
    user_id = str(call(identity, "POST", "/users", body)["user"]["id"])
    call(identity, "PUT", f"/projects/{project_id}/users/{user_id}/roles/{role['id']}")
    return user_id


@contextmanager
def temporary_admin(connection: Connection, project: ProjectAccess, password: str) -> Iterator[str]:
    """Yield the name of a user with the admin role on a project, who exists as long as the block.

    Keystone may refuse the admin's own login for another project: application credentials have the scope in which they
    were created.
    """
    name = f"{project.name}_placer"
    user_id = make_member(connection, project.project_id, name, password, "admin")
    try:
        yield name
    finally:
        remove_member(connection, user_id)


def remove_member(connection: Connection, user_id: str) -> None:
    """Delete what :func:`make_member` created."""
    call(connection.identity, "DELETE", f"/users/{user_id}")


def make_flavor(connection: Connection, vcpus: int, name: str = FLAVOR) -> str:
    """Create the flavor of the instances, half of a compute, and return its id."""
    body = {"flavor": {"name": name, "vcpus": vcpus, "ram": 512, "disk": 1}}
    return str(call(connection.compute, "POST", "/flavors", body)["flavor"]["id"])


def remove_flavor(connection: Connection, flavor_id: str) -> None:
    """Delete what :func:`make_flavor` created."""
    call(connection.compute, "DELETE", f"/flavors/{flavor_id}")


def find_flavor(connection: Connection, vcpus: int, name: str) -> str:
    """Return the id of the flavor of this name; empty if the flavor does not exist.

    Raises:
        UnsuitableCloud: The flavor has another number of VCPUs.
    """
    for flavor in call(connection.compute, "GET", "/flavors/detail", is_public="None")["flavors"]:
        if flavor["name"] == name and flavor["vcpus"] != vcpus:
            raise UnsuitableCloud(
                f"there is already a flavor {name} of {flavor['vcpus']} VCPUs, but half of a compute has {vcpus}"
            )
        if flavor["name"] == name:
            return str(flavor["id"])
    return ""


def find_project_access(connection: Connection, name: str) -> ProjectAccess:
    """Return the project of an app manager elsewhere, without a password.

    Raises:
        UnsuitableCloud: There is no project of that name.
    """
    found = call(connection.identity, "GET", "/projects", name=name)["projects"]
    if not found:
        raise UnsuitableCloud(f"the cloud has no project {name!r}, which the app manager elsewhere must have")
    return ProjectAccess(found[0]["id"], name, "")


def remove_project(connection: Connection, project: ProjectAccess) -> None:
    """Delete a project with its user, quotas and security groups."""
    from openstack.exceptions import NotFoundException

    identity = connection.identity
    for user in call(identity, "GET", "/users", name=project.name)["users"]:
        if user.get("default_project_id") == project.project_id:
            call(identity, "DELETE", f"/users/{user['id']}")
    # Nova and Neutron keep the quotas of a project that Keystone has deleted.
    call(connection.compute, "DELETE", f"/os-quota-sets/{project.project_id}")
    with suppress(NotFoundException):
        # Neutron has no quota of a project whose quota was never set.
        call(connection.network, "DELETE", f"/quotas/{project.project_id}")
    for group in call(connection.network, "GET", "/security-groups", project_id=project.project_id)["security_groups"]:
        call(connection.network, "DELETE", f"/security-groups/{group['id']}")
    call(identity, "DELETE", f"/projects/{project.project_id}")


def find_image(connection: Connection) -> str:
    """Return the id of the image of the instances: cirros, or else the first active one.

    Raises:
        UnsuitableCloud: The cloud has no active image.
    """
    for query in ({"name": "cirros"}, {"status": "active"}):
        if images := call(connection.image, "GET", "/images", **query)["images"]:
            return str(images[0]["id"])
    raise UnsuitableCloud("the cloud has no image for the instances")


def find_external_network(connection: Connection) -> str:
    """Return the id of the network of floating IPs.

    Raises:
        UnsuitableCloud: The cloud has no external network.
    """
    networks = call(connection.network, "GET", "/networks", **{"router:external": "true"})["networks"]
    if not networks:
        raise UnsuitableCloud("the cloud has no external network to take floating IPs from")
    return str(networks[0]["id"])
