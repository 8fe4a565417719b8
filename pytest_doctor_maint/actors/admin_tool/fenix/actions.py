"""Action plug-ins: the work of an operator in the course of a session, in addition to moving instances.

An admin names them in the request for a session. Those of one type run in the alphabetical order of their names.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.actors.admin_tool import ACTOR
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.simtime.clock import Clock, ClockError, ClockStopped

if TYPE_CHECKING:
    from openstack.connection import Connection

ENTRY_POINTS = "pytest_doctor_maint.actions"
"""The group of entry points in which packages offer plug-ins."""


class ActionType(StrEnum):
    """The time at which a plug-in runs."""

    PRE = "pre"
    """Once, at the start of maintenance, before anything else."""
    HOST = "host"
    """On every host, before the plug-ins for the host's own type."""
    COMPUTE = "compute"
    """On every compute, while it is empty and in maintenance."""
    CONTROLLER = "controller"
    """On every controller, before the computes."""
    POST = "post"
    """Once, after the last host."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """The context of a plug-in.

    Attributes:
        session_id: The session's id.
        type: The time at which the plug-in runs.
        host: The host that it runs for; None for ``pre`` and ``post``.
        metadata: The admin's metadata for this plug-in.
        session_metadata: The admin's metadata for the session.
        clock: All waiting goes through this clock.
        connection: The admin tool's own connection, with the admin role.
    """

    session_id: str
    type: ActionType
    host: str | None
    metadata: Mapping[str, Any]
    session_metadata: Mapping[str, Any]
    clock: Clock
    connection: Connection


class ActionPlugin(ABC):
    """A plug-in; a new one is made for each run.

    Args:
        context: The context of the plug-in.
    """

    def __init__(self, context: ActionContext) -> None:
        self.context = context

    @abstractmethod
    def run(self) -> None:
        """Do the work, and return when it is done.

        Raises:
            Exception: The work failed, and so does the session; the message is a part of the session's reason.
        """


class PluginNotFound(ValueError):
    """No plug-in has the name, or the plug-in cannot be used; the message says what was searched."""


@dataclass(frozen=True, slots=True)
class WantedAction:
    """A plug-in that a session is to run.

    Attributes:
        plugin: The plug-in's name, as in the request.
        type: The time at which it runs.
        factory: Makes the plug-in.
        metadata: The admin's metadata for it.
    """

    plugin: str
    type: ActionType
    factory: Callable[[ActionContext], ActionPlugin]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ActionRun:
    """One run of a plug-in, as the admin sees it.

    Attributes:
        plugin: The plug-in's name.
        type: The time at which it runs.
        host: The host that it runs for; None for ``pre`` and ``post``.
        state: ``RUNNING``, ``DONE`` or ``FAILED``, Fenix's words.
    """

    plugin: str
    type: ActionType
    host: str | None
    state: str = "RUNNING"


class Actions:
    """The plug-ins of one session.

    Args:
        wanted: The plug-ins, in any order.
        session_id: The session's id.
        session_metadata: The session's metadata.
        clock: Passed to the plug-ins.
        connection: Passed to the plug-ins.
        history: The runs are recorded here.

    Attributes:
        runs: The runs that have begun, in order.
    """

    def __init__(
        self,
        wanted: Iterable[WantedAction],
        session_id: str,
        session_metadata: Mapping[str, Any],
        *,
        clock: Clock,
        connection: Connection,
        history: History,
    ) -> None:
        self._wanted = sorted(wanted, key=lambda action: action.plugin)
        self._session_id = session_id
        self._session_metadata = session_metadata
        self._clock = clock
        self._connection = connection
        self._history = history
        self.runs: list[ActionRun] = []

    def any(self, *types: ActionType) -> bool:
        """Return True if there is a plug-in of one of these types."""
        return any(action.type in types for action in self._wanted)

    def run(self, action_type: ActionType, host: str | None = None) -> None:
        """Run all plug-ins of one type, one after the other.

        Raises:
            SessionFailed: A plug-in failed; those after it have not run.
        """
        for action in self._wanted:
            if action.type is action_type:
                self._run(action, host)

    def _run(self, action: WantedAction, host: str | None) -> None:
        run = ActionRun(action.plugin, action.type, host)
        self.runs.append(run)
        self._record(run, "started")
        context = ActionContext(
            self._session_id,
            action.type,
            host,
            action.metadata,
            self._session_metadata,
            self._clock,
            self._connection,
        )
        try:
            action.factory(context).run()
        except (ClockStopped, ClockError):
            raise
        # Any exception of a plug-in is the plug-in's failure, not the admin tool's.
        except (Exception, SystemExit) as error:
            run.state = "FAILED"
            self._record(run, "failed")
            where = f" on {host}" if host else ""
            raise SessionFailed(
                f"the {action.type} plug-in {action.plugin} failed{where}: {type(error).__name__}: {error}"
            ) from error
        run.state = "DONE"
        self._record(run, "ended")

    def _record(self, run: ActionRun, phase: str) -> None:
        data = {"session_id": self._session_id, "plugin": run.plugin, "type": run.type.value, "host": run.host}
        self._history.append(ACTOR, kinds.ACTION, {**data, "phase": phase})


def find_plugin(name: str, known: Mapping[str, type[ActionPlugin]]) -> type[ActionPlugin]:
    """Return the plug-in of this name: one of `known`, that of an entry point, or the class ``package.module:Class``.

    Raises:
        PluginNotFound: There is no such plug-in, or it cannot be used.
    """
    if name in known:
        return known[name]
    if offered := list(entry_points(group=ENTRY_POINTS, name=name)):
        found = _imported(name, offered[0].load)
    elif ":" in name:
        module, _, attribute = name.partition(":")
        found = _imported(name, lambda: getattr(import_module(module), attribute))
    else:
        raise PluginNotFound(
            f"there is no plug-in {name}: it is neither an entry point in {ENTRY_POINTS} nor of the form "
            "package.module:Class"
        )
    if not isinstance(found, type) or not issubclass(found, ActionPlugin):
        raise PluginNotFound(f"{name} is not a subclass of ActionPlugin")
    return found


def _imported(name: str, load: Callable[[], object]) -> object:
    try:
        return load()
    except (ClockStopped, ClockError):
        raise
    # An import runs code of another package, which may raise any exception.
    except (Exception, SystemExit) as error:
        raise PluginNotFound(f"the plug-in {name} cannot be imported: {type(error).__name__}: {error}") from error
