"""What a run that was killed has left on a cloud: it could not say so itself, so the next run does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.openstack.alarms import alarms_of
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.testbed.projects import FLAVOR, find_project

if TYPE_CHECKING:
    from openstack.connection import Connection


@contextmanager
def naming_leftovers(admin: Connection, projects: Iterable[str]) -> Iterator[None]:
    """Name what a run that was killed has left where this one cannot begin, and how it is removed.

    Args:
        admin: A connection with the admin role.
        projects: The names of the projects that a run makes.

    Raises:
        UnsuitableCloud: The block raised it, or a name was taken; the message has what was left.
    """
    from openstack.exceptions import ConflictException

    try:
        yield
    except (UnsuitableCloud, ConflictException) as error:
        if not (left := leftovers(admin, projects)):
            raise
        reason = f"{error}; " if isinstance(error, UnsuitableCloud) else ""
        raise UnsuitableCloud(f"{reason}{left}") from None


def leftovers(admin: Connection, projects: Iterable[str]) -> str:
    """Return, in a sentence, what a run that was killed has left; empty if none of its projects exists.

    Args:
        admin: A connection with the admin role.
        projects: The names of the projects that a run makes.

    Raises:
        openstack.exceptions.SDKException: The cloud refused a request.
    """
    found = {name: project_id for name in projects if (project_id := find_project(admin, name))}
    if not found:
        return ""
    commands = [command for name, project_id in found.items() for command in _commands(admin, name, project_id)]
    flavors = call(admin.compute, "GET", "/flavors", is_public="None")["flavors"]
    commands += _delete("flavor", [each["id"] for each in flavors if each["name"] == FLAVOR])
    return (
        f"the cloud has the project {', '.join(found)} already, as a run that was killed leaves it; remove it with: "
        f"{'; '.join(commands)}"
    )


def _commands(admin: Connection, name: str, project_id: str) -> Iterator[str]:
    """Yield the commands that remove a project, in their order."""
    compute, network = admin.compute, admin.network
    for service in call(compute, "GET", "/os-services", binary="nova-compute")["services"]:
        if service["status"] == "disabled" and str(service["disabled_reason"]).startswith("maintenance session"):
            yield f"openstack compute service set --enable {service['host']} nova-compute"
    servers = call(compute, "GET", "/servers", all_tenants=1, project_id=project_id)["servers"]
    routers = call(network, "GET", "/routers", project_id=project_id)["routers"]
    alarms = [alarm["alarm_id"] for alarm in alarms_of(admin, project_id)]
    yield from _delete("alarm", alarms)
    yield from _delete("server", [each["id"] for each in servers], "--wait ")
    floating = call(network, "GET", "/floatingips", project_id=project_id)["floatingips"]
    yield from _delete("floating ip", [each["id"] for each in floating])
    for subnet in call(network, "GET", "/subnets", project_id=project_id)["subnets"]:
        yield from (f"openstack router remove subnet {router['id']} {subnet['id']}" for router in routers)
    yield from _delete("router", [each["id"] for each in routers])
    networks = call(network, "GET", "/networks", project_id=project_id)["networks"]
    yield from _delete("network", [each["id"] for each in networks])
    yield f"openstack user delete {name}"
    yield f"openstack project delete {project_id}"


def _delete(what: str, ids: list[str], option: str = "") -> Iterator[str]:
    if ids:
        yield f"openstack {what} delete {option}{' '.join(ids)}"
