"""What the commands share that run one actor by itself, on the wall clock and a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

from pytest_doctor_maint.commands import process
from pytest_doctor_maint.commands.process import say, show, whole_number

if TYPE_CHECKING:
    from openstack.connection import Connection

    from pytest_doctor_maint.history import History
    from pytest_doctor_maint.simtime.clock import WallClock

UsageError = Callable[[str], NoReturn]
#: Seconds between two looks at whether an actor has begun.
_GLANCE = 0.05


class CannotServe(Exception):
    """The actor cannot do its part on this cloud; the text says why."""


class Actor(Protocol):
    """What is run."""

    def start(self) -> object:
        """Begin to serve."""

    def stop(self) -> None:
        """Serve no more."""

    def join(self) -> None:
        """Wait for the last handlers, after the clock was stopped."""


AnyActor = TypeVar("AnyActor", bound=Actor)


@dataclass(frozen=True, slots=True)
class _Removal:
    """How something is taken off the cloud again."""

    what: str
    remove: Callable[[], object]
    holds: bool


@dataclass(slots=True)
class Stage:
    """What an actor is run on.

    Attributes:
        command: The subcommand, for what is told of errors.
        cloud: The cloud's name in clouds.yaml.
        clock: All its time.
        history: Where it records; kept in memory alone.
        connection: The cloud, as the user of clouds.yaml.
        project_id: That user's project; empty before the cloud was asked.
    """

    command: str
    cloud: str
    clock: WallClock
    history: History
    connection: Connection
    project_id: str = ""
    _connections: list[Connection] = field(default_factory=list)
    _removals: list[_Removal] = field(default_factory=list)

    def connect(self, project_id: str, user_id: str, password: str) -> Connection:
        """Another connection, of a user that was made for the actor. It goes back in the end."""
        from pytest_doctor_maint.openstack.connection import connect_named

        connection = connect_named(self.clock, self.cloud, project_id=project_id, user=(user_id, password))
        self._connections.append(connection)
        return connection

    def undo(self, what: str, remove: Callable[[], object], *, holds: bool = False) -> None:
        """Let ``remove()`` be called in the end, when the clock has stopped: what was made last goes first.

        Args:
            what: What it removes, for what is told when it cannot.
            remove: Removes it.
            holds: Whether what was made before is of use as long as this is there, and stays with it.
        """
        self._removals.append(_Removal(what, remove, holds))

    def clear(self) -> None:
        """Remove what was made. Whatever cannot be removed is told."""
        while self._removals:
            removal = self._removals.pop()
            try:
                removal.remove()
            except Exception as error:
                self.tell(f"{removal.what} could not be removed from the cloud {self.cloud}: {error}")
                if removal.holds and self._removals:
                    self.tell(f"what it needs stays with it: {', '.join(kept.what for kept in self._removals)}")
                    self._removals.clear()

    def close(self) -> None:
        """Give all sockets back."""
        from pytest_doctor_maint.openstack.connection import disconnect

        for connection in (*self._connections, self.connection):
            disconnect(connection)

    def tell(self, text: str) -> None:
        """Tell the user what went wrong."""
        say(f"doctor-maint {self.command}: {text}")


def add_options(parser: argparse.ArgumentParser, port: int) -> None:
    """Add the options that tell where an actor runs; ``port`` is where it is expected."""
    parser.add_argument("--os-cloud", required=True, metavar="NAME", help="the cloud, by its name in clouds.yaml")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port",
        type=whole_number(0, 65535),
        default=port,
        help=f"the port to listen on; 0 takes a free one (default: {port})",
    )


def add_no_subscribe(parser: argparse.ArgumentParser) -> None:
    """Add the option that leaves the alarm to somebody else."""
    parser.add_argument(
        "--no-subscribe",
        action="store_true",
        help="make no alarm: whoever attaches to it, such as pytest, makes one (with two, each message comes twice)",
    )


def run(
    options: argparse.Namespace,
    usage_error: UsageError,
    command: str,
    title: str,
    *,
    make: Callable[[Stage], AnyActor],
    begin: Callable[[Stage, AnyActor], str],
) -> int:
    """Run an actor until Ctrl-C or SIGTERM; gives the exit code.

    Args:
        options: Those of :func:`add_options`.
        usage_error: Ends the process with code 2.
        command: The subcommand.
        title: What the actor is called.
        make: Makes the actor, whose address is bound then.
        begin: Does what is due before it is of use, once it answers; gives the line for stdout. It may take its time:
            Ctrl-C ends its waiting.
    """
    process.begin()
    # These take a second to import; who asks for --help need not wait for them.
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    from pytest_doctor_maint.history import History
    from pytest_doctor_maint.openstack.connection import UnknownCloud, connect_named
    from pytest_doctor_maint.openstack.waiters import WaitError
    from pytest_doctor_maint.simtime.clock import WallClock

    clock = WallClock()
    clock.on_failure = show
    try:
        connection = connect_named(clock, options.os_cloud)
    except UnknownCloud as error:
        usage_error(f"argument --os-cloud: {error}")
    stage = Stage(command, options.os_cloud, clock, History(clock.now), connection)
    actor: AnyActor | None = None
    try:
        try:
            # Asking who we are is also the first test of whether the cloud knows us.
            stage.project_id = connection.session.get_project_id() or ""
        except (SDKException, ClientException, OSError) as error:
            # An OSError is a certificate that is not where clouds.yaml says.
            stage.tell(f"the cloud {stage.cloud} does not let us in: {error}")
            return 1
        try:
            actor = make(stage)
        except OSError as error:
            usage_error(
                f"argument --host, --port: cannot listen on {options.host}:{options.port}: {error.strerror or error}"
            )
        actor.start()
        if (line := _begun(stage, actor, begin)) is not None:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            say(f"{title} serves the cloud {stage.cloud} at {line}. Ctrl-C ends it.")
            process.wait_for_the_end()
    except (SDKException, ClientException) as error:
        stage.tell(f"the cloud {stage.cloud} refused: {error}")
        return 1
    except (WaitError, CannotServe) as error:
        stage.tell(str(error))
        return 1
    finally:
        _end(stage, actor)
    say(f"{title} is gone.")
    return 0


def _begun(stage: Stage, actor: AnyActor, begin: Callable[[Stage, AnyActor], str]) -> str | None:
    """What ``begin`` gives or raises; None when Ctrl-C or SIGTERM came first."""
    outcome: Future[str] = Future()

    def work() -> None:
        try:
            outcome.set_result(begin(stage, actor))
        except BaseException as error:
            # It is raised again where somebody can do something about it.
            outcome.set_exception(error)

    stage.clock.spawn(work, stage.command)
    while not outcome.done():
        if process.ends_within(_GLANCE):
            return None
    return outcome.result()


def _end(stage: Stage, actor: Actor | None) -> None:
    """Stop everything, then clean up: nothing that still works may add to what is being removed."""
    try:
        if actor is not None:
            actor.stop()
        stage.clock.stop()
        if actor is not None:
            actor.join()
    except RuntimeError as error:
        # A thread that waits for an answer of the cloud, most likely. The process takes it along.
        stage.tell(str(error))
    finally:
        stage.clear()
        stage.close()
