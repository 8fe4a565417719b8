"""Whether what a scenario starts from can be so where the cloud, or an actor, is not of our making.

On the embedded cloud everything is made as the scenario says. What runs elsewhere is as it is: a scenario whose "given"
is not the case there would show something else than it says, so it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.sample import AdminTool, AdminToolSettings
from pytest_doctor_maint.actors.app_manager.sample import AppManager
from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm
from pytest_doctor_maint.actors.inspector.sample import Inspector
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.attach.remote_actors import Attached
from pytest_doctor_maint.openstack.servers import list_servers
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology

if TYPE_CHECKING:
    from openstack.connection import Connection


class Wishes(Protocol):
    """What a scenario says of the actors; see :class:`pytest_doctor_maint.testbed.testbed.TestbedSettings`."""

    @property
    def attached(self) -> Attached:
        """Those that run elsewhere."""

    @property
    def admin_tool(self) -> AdminToolSettings:
        """What the operator set on the admin tool."""

    @property
    def policies(self) -> Mapping[str, Any]:
        """How app managers decide."""

    @property
    def constraints(self) -> Mapping[str, Any]:
        """What VNFMs set."""

    @property
    def make_admin_tool(self) -> Any:
        """The admin tool's class."""

    @property
    def make_app_manager(self) -> Any:
        """The app manager's class."""

    @property
    def make_inspector(self) -> Any:
        """The Inspector's class."""


def check_actors(settings: Wishes, topology: Topology) -> None:
    """Nothing is asked of an actor elsewhere that only one of ours can be told.

    Raises:
        UnsuitableCloud: Something is; the message says what, and of whom.
    """
    attached = settings.attached
    for name, url, made, ours in (
        ("admin tool", attached.admin_tool, settings.make_admin_tool, (AdminTool, Fenix)),
        ("app manager", attached.app_manager, settings.make_app_manager, (AppManager, Vnfm)),
        ("Inspector", attached.inspector, settings.make_inspector, (Inspector,)),
    ):
        if url and made not in ours:
            raise UnsuitableCloud(f"the scenario brings an {name} of its own; it cannot be played by the one at {url}")
    if attached.admin_tool and settings.admin_tool != type(settings.admin_tool)():
        raise UnsuitableCloud(
            "the scenario sets windows, plug-ins or work of the admin tool; the one at "
            f"{attached.admin_tool} is set up by whoever runs it"
        )
    if not attached.app_manager:
        return
    if settings.policies or settings.constraints:
        raise UnsuitableCloud(
            f"the scenario says how the app manager decides, or which constraints it sets; the one at "
            f"{attached.app_manager} decides by itself"
        )
    if len(topology.applications) != 1:
        names = ", ".join(application.name for application in topology.applications) or "none"
        raise UnsuitableCloud(
            f"the scenario has {len(topology.applications)} applications ({names}); the app manager at "
            f"{attached.app_manager} has the one of the project {attached.app_manager_project!r}"
        )


def check_application(admin: Connection, application: ApplicationSpec, project_id: str, project: str) -> None:
    """The application that an app manager elsewhere has is the one that the scenario starts from, or any will do.

    Args:
        admin: An admin's.
        application: What the scenario starts from, in the cloud's own names of computes.
        project_id: The project of the app manager.
        project: Its name.

    Raises:
        UnsuitableCloud: It is another; the message says what is needed and what is there.
    """
    servers = list_servers(admin, all_tenants=1, project_id=project_id)
    there = {server.name: server.host for server in servers if server.status == "ACTIVE"}
    found = _told(there)
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
            f"{found}; choose one for any application, such as -k any_application"
        )
    wrong = {name: host for name, host in application.placement.items() if there.get(name) != host}
    if wrong:
        raise UnsuitableCloud(
            f"the scenario needs {_told(wrong)}; the project {project!r} has {found}; choose one for any application, "
            "such as -k any_application"
        )


def _told(homes: Mapping[str, str | None]) -> str:
    return ", ".join(f"{name} on {host}" for name, host in sorted(homes.items())) or "none"
