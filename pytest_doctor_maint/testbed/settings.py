"""The parts and values of a run, apart from its topology."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy
from pytest_doctor_maint.actors.contract import (
    AdminToolActor,
    AdminToolContext,
    AppManagerActor,
    AppManagerContext,
    InspectorActor,
    InspectorContext,
)
from pytest_doctor_maint.actors.registry import ADMIN_TOOLS, APP_MANAGERS, INSPECTORS
from pytest_doctor_maint.attach.observer import EVERY
from pytest_doctor_maint.attach.remote_actors import Attached
from pytest_doctor_maint.embedded import Timings
from pytest_doctor_maint.history import Event
from pytest_doctor_maint.protocol import SAMPLE, Dialect

if TYPE_CHECKING:
    from openstack.connection import Connection

    from pytest_doctor_maint.simtime.clock import Clock

#: The cloud that a run makes for itself.
EMBEDDED = "embedded"


class Premises(Protocol):
    """The cloud before its computes are checked, which ``prepare`` of a scenario gets. A testbed satisfies this."""

    @property
    def clock(self) -> Clock:
        """The clock of the run."""

    @property
    def admin(self) -> Connection:
        """A connection with the admin role."""


MakeAdminTool = Callable[[AdminToolContext[Any]], AdminToolActor]
MakeAppManager = Callable[[AppManagerContext], AppManagerActor]
MakeInspector = Callable[[InspectorContext], InspectorActor]


def _operator_settings() -> Any:
    make = ADMIN_TOOLS.get("sample").settings
    return None if make is None else make()


@dataclass(frozen=True, slots=True)
class TestbedSettings:
    """The parts and values of a run, apart from its topology.

    Attributes:
        seed: The seed of all identifiers, and of the order of events at the same moment.
        timings: How long the cloud's operations take.
        admin_tool: The settings of the operator, which the admin tool gets in its context.
        make_admin_tool: Makes the admin tool: its class, or a function.
        make_app_manager: Makes each app manager.
        make_inspector: Makes the Inspector.
        workflow: The workflow of the admin tool that the sessions ask for.
        policies: How each application's manager decides, by project name; the default policy for the others.
        constraints: What each application's VNFM sets, by project name; the default constraints for the others.
        prepare: Changes the cloud before its computes are checked, for example boots a server that is in the way.
        cloud: ``embedded``, or the name of a cloud in clouds.yaml.
        wire: How HTTP goes between the parts of a run on the embedded cloud: ``socket`` or ``memory``.
        transport_url: The message bus on which the admin tool emits; empty to emit to the notification service in the
            cloud's catalog.
        observed_every: Seconds between two polls of a cloud that is observed from outside.
        attached: The actors that run elsewhere.
        is_open: Let the actors in this process also take alarms, reports and replies without secrets in URLs, from
            senders that know only the bare URLs. Fenix asks for a token in any case.
        dialect: The dialect of an admin tool elsewhere. An admin tool in this process has an attribute for it.
        scenario: The test's id, for the history.
        repeat: The command that repeats the run, for the history.
        history_file: The file in which the history is written as it happens; None to write none.
        watch: Called with each event when it happens, for the progress of a run in real time; it must not wait. None:
            the progress is not shown.
        patience: Seconds without anything new on the wire or in the cloud after which a session counts as hanging; None
            for the longest window of the admin tool and a margin, see :mod:`pytest_doctor_maint.testbed.progress`.
    """

    #: pytest takes classes named Test... for tests.
    __test__: ClassVar[bool] = False

    seed: int = 1
    timings: Timings = field(default_factory=Timings)
    admin_tool: Any = field(default_factory=_operator_settings)
    make_admin_tool: MakeAdminTool = field(default_factory=lambda: ADMIN_TOOLS.get("sample").make)
    make_app_manager: MakeAppManager = field(default_factory=lambda: APP_MANAGERS.get("sample").make)
    make_inspector: MakeInspector = field(default_factory=lambda: INSPECTORS.get("sample").make)
    workflow: str = "default"
    policies: Mapping[str, Policy] = field(default_factory=dict)
    constraints: Mapping[str, ConstraintPolicy] = field(default_factory=dict)
    prepare: Callable[[Premises], None] | None = None
    cloud: str = EMBEDDED
    wire: str = "socket"
    transport_url: str = field(default="", repr=False)
    observed_every: float = EVERY
    attached: Attached = field(default_factory=Attached)
    is_open: bool = False
    dialect: Dialect = SAMPLE
    scenario: str = ""
    repeat: str = ""
    history_file: Path | None = None
    patience: float | None = None
    watch: Callable[[Event], object] | None = None


def played_by(admin_tool: str = "sample", app_manager: str = "sample", inspector: str = "sample") -> dict[str, Any]:
    """Return the fields of :class:`TestbedSettings` for these actors.

    Args:
        admin_tool: The name of an admin tool.
        app_manager: The name of an app manager. The sessions ask for the workflow that it is made for.
        inspector: The name of an Inspector.

    Raises:
        UnknownName: There is no such actor; the message lists the known names.
        BrokenEntry: An actor comes through an entry point that cannot be loaded.
        ValueError: The app manager needs what the admin tool does not offer.
    """
    tool, manager = ADMIN_TOOLS.get(admin_tool), APP_MANAGERS.get(app_manager)
    if missing := sorted(manager.needs - tool.provides):
        raise ValueError(f"the admin tool {admin_tool!r} takes no {', '.join(missing)}, which {app_manager!r} sets")
    return {
        "admin_tool": None if tool.settings is None else tool.settings(),
        "make_admin_tool": tool.make,
        "make_app_manager": manager.make,
        "make_inspector": INSPECTORS.get(inspector).make,
        "workflow": manager.default_workflow,
        "dialect": tool.dialect or SAMPLE,
    }
