"""Checks the conditions of a scenario on a cloud, or with an actor, that was not made for the run.

On the embedded cloud the run creates the conditions of the scenario. A cloud or an actor elsewhere cannot be changed: a
scenario whose conditions do not hold there is refused, since its result would mean nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_doctor_maint.actors.registry import ADMIN_TOOLS, APP_MANAGERS, INSPECTORS
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.openstack.servers import list_servers
from pytest_doctor_maint.refusal import listed
from pytest_doctor_maint.simtime.wire import WIRE_NAMES
from pytest_doctor_maint.testbed.settings import MakeAdminTool, TestbedSettings
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology

if TYPE_CHECKING:
    from openstack.connection import Connection


def check_actors(settings: TestbedSettings, topology: Topology) -> None:
    """Refuse a scenario whose settings of an actor cannot be made, because the actor runs elsewhere.

    Raises:
        UnsuitableCloud: The scenario has such a setting; the message names the setting and the actor.
    """
    attached = settings.attached
    for name, url, make, registry in (
        ("admin tool", attached.admin_tool, settings.make_admin_tool, ADMIN_TOOLS),
        ("app manager", attached.app_manager, settings.make_app_manager, APP_MANAGERS),
        ("Inspector", attached.inspector, settings.make_inspector, INSPECTORS),
    ):
        if url and make not in [spec.make for _, spec in registry.items()]:
            raise UnsuitableCloud(f"the scenario brings an {name} of its own; it cannot use the {name} at {url}")
    if attached.admin_tool and settings.admin_tool != type(settings.admin_tool)():
        raise UnsuitableCloud(
            "the scenario sets windows, plug-ins or work of the admin tool; the admin tool at "
            f"{attached.admin_tool} has settings of its own"
        )
    if not attached.app_manager:
        return
    if settings.policies or settings.constraints:
        raise UnsuitableCloud(
            f"the scenario says how the app manager decides, or which constraints it sets; the app manager at "
            f"{attached.app_manager} decides by itself"
        )
    if len(topology.applications) != 1:
        names = ", ".join(application.name for application in topology.applications) or "none"
        raise UnsuitableCloud(
            f"the scenario has {len(topology.applications)} applications ({names}); the app manager at "
            f"{attached.app_manager} has the application of the project {attached.app_manager_project!r}"
        )


def check_names(settings: TestbedSettings, topology: Topology, sessions: Sequence[Sequence[str]]) -> None:
    """Refuse a scenario that names a project, compute, workflow or wire that does not exist, before it starts.

    Raises:
        UnsuitableCloud: A name does not exist; the message has the nearest one and all that there are.
    """
    projects = [application.name for application in topology.applications]
    _require("project with an application", (*settings.policies, *settings.constraints), projects)
    _require("compute", [host for hosts in sessions for host in hosts], topology.hosts)
    if not settings.attached.admin_tool:
        _require("workflow of the admin tool", [settings.workflow], _workflows(settings.make_admin_tool))
    _require("wire", [settings.wire], WIRE_NAMES)


def _require(what: str, given: Collection[str], known: Collection[str]) -> None:
    if known and (unknown := [name for name in given if name not in known]):
        raise UnsuitableCloud(f"there is no {what} {listed(unknown, known)}; there are {', '.join(known)}")


def _workflows(make_admin_tool: MakeAdminTool) -> Collection[str]:
    """Return the workflows of an admin tool; none if it does not tell them before it is made."""
    specs = (spec for _, spec in ADMIN_TOOLS.items() if spec.make == make_admin_tool)
    known: Collection[str] = getattr(next(specs, make_admin_tool), "workflows", ())
    return tuple(known)


def check_application(admin: Connection, application: ApplicationSpec, project_id: str, project: str) -> None:
    """Refuse the application of an app manager elsewhere if it is not the one that the scenario begins with.

    Args:
        admin: A connection with the admin role.
        application: The application that the scenario begins with, with the cloud's own names of computes.
        project_id: The id of the project of the app manager.
        project: The name of that project.

    Raises:
        UnsuitableCloud: The application is another one; the message says what is needed and what exists.
    """
    servers = list_servers(admin, all_tenants=1, project_id=project_id)
    there = {server.name: server.host for server in servers if server.status == "ACTIVE"}
    found = _list(there)
    if not there or len(servers) != len(there):
        raise UnsuitableCloud(
            f"all instances of the project {project!r} must be ACTIVE before the test; of {len(servers)} these are: "
            f"{found}"
        )
    if application.any:
        return
    if len(there) != application.instances:
        raise UnsuitableCloud(
            f"the scenario is for {application.instances} instances; the project {project!r} has {len(there)}: "
            f"{found}; choose a scenario for any application, such as -k any_application"
        )
    wrong = {name: host for name, host in application.placement.items() if there.get(name) != host}
    if wrong:
        raise UnsuitableCloud(
            f"the scenario needs {_list(wrong)}; the project {project!r} has {found}; choose a scenario for any "
            "application, such as -k any_application"
        )


def _list(homes: Mapping[str, str | None]) -> str:
    return ", ".join(f"{name} on {host}" for name, host in sorted(homes.items())) or "none"
