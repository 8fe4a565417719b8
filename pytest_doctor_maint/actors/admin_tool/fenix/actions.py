"""Action plug-ins: what an operator has done in the course of a session, besides moving instances.

An admin names them in the session's request. Those of one type run in the alphabetical order of their names.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.attach.wire_recorder import ACTOR
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.simtime.clock import Clock, ClockError, ClockStopped

if TYPE_CHECKING:
    from openstack.connection import Connection

ENTRY_POINTS = "pytest_doctor_maint.actions"
"""The entry points' group in which packages offer plug-ins."""


class ActionType(StrEnum):
    """When a plug-in runs."""

    PRE = "pre"
    """Once, at the start of maintenance, before anything else."""
    HOST = "host"
    """On every host, before the plug-ins for its own kind."""
    COMPUTE = "compute"
    """On every compute, while it is empty and in maintenance."""
    CONTROLLER = "controller"
    """On every controller, before the computes."""
    POST = "post"
    """Once, after the last host."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What a plug-in is given.

    Attributes:
        session_id: The session.
        type: When it runs.
        host: The host that it runs for; None for ``pre`` and ``post``.
        metadata: What the admin wrote for this plug-in.
        session_metadata: What the admin wrote for the session.
        clock: Waits go through it.
        connection: The admin tool's own; it has the admin role.
    """

    session_id: str
    type: ActionType
    host: str | None
    metadata: Mapping[str, Any]
    session_metadata: Mapping[str, Any]
    clock: Clock
    connection: Connection


class ActionPlugin(ABC):
    """A plug-in; it is made for each run.

    Args:
        context: What it works with.
    """

    def __init__(self, context: ActionContext) -> None:
        self.context = context

    @abstractmethod
    def run(self) -> None:
        """Do the work, and return when it is done.

        Raises:
            Exception: It failed, and so does the session; the message is a part of the session's reason.
        """


@dataclass(frozen=True, slots=True)
class WantedAction:
    """A plug-in that a session is to run.

    Attributes:
        plugin: Its name, as the admin wrote it.
        type: When it runs.
        factory: Makes it.
        metadata: What it is told.
    """

    plugin: str
    type: ActionType
    factory: Callable[[ActionContext], ActionPlugin]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ActionRun:
    """One run of a plug-in, as the admin sees it.

    Attributes:
        plugin: Its name.
        type: When it runs.
        host: Where; None for ``pre`` and ``post``.
        state: ``RUNNING``, ``DONE`` or ``FAILED``, in Fenix's words.
    """

    plugin: str
    type: ActionType
    host: str | None
    state: str = "RUNNING"


class Actions:
    """The plug-ins of one session.

    Args:
        wanted: Which, in any order.
        session_id: The session.
        session_metadata: The session's metadata.
        clock: Handed to them.
        connection: Handed to them.
        history: Where their runs are recorded.

    Attributes:
        runs: Those that have begun, in order.
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
        """Whether there is one of these types."""
        return any(action.type in types for action in self._wanted)

    def run(self, action_type: ActionType, host: str | None = None) -> None:
        """Run all of one type, one after the other.

        Raises:
            SessionFailed: One failed; those after it have not run.
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
        # Whatever somebody else's code raises is its failure, not ours.
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
    """The plug-in of this name: one of ``known``, an entry point's, or, for ``package.module:Class``, that class.

    Raises:
        ValueError: There is none, or it is no plug-in; the message says what was looked for.
    """
    if name in known:
        return known[name]
    found: Any
    if offered := list(entry_points(group=ENTRY_POINTS, name=name)):
        found = _imported(name, offered[0].load)
    elif ":" in name:
        module, _, attribute = name.partition(":")
        found = _imported(name, lambda: getattr(import_module(module), attribute))
    else:
        raise ValueError(
            f"there is no plug-in {name}: it is neither an entry point in {ENTRY_POINTS} nor of the form "
            "package.module:Class"
        )
    if not isinstance(found, type) or not issubclass(found, ActionPlugin):
        raise ValueError(f"{name} is no subclass of ActionPlugin")
    return found


def _imported(name: str, load: Any) -> Any:
    try:
        return load()
    except (ClockStopped, ClockError):
        raise
    # Importing runs somebody else's code.
    except (Exception, SystemExit) as error:
        raise ValueError(f"the plug-in {name} cannot be imported: {type(error).__name__}: {error}") from error
