"""The base of the commands that run one actor by itself, on the wall clock and a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from pytest_doctor_maint.actors.registry import ActorSpec, names_of
from pytest_doctor_maint.commands import process
from pytest_doctor_maint.commands.arguments import add_address, cannot_listen
from pytest_doctor_maint.commands.cleanup import Cleanup
from pytest_doctor_maint.commands.long_history import KEPT, LongHistory, add_history, write_history
from pytest_doctor_maint.commands.process import UsageError, say
from pytest_doctor_maint.registry import BrokenEntry, Registry
from pytest_doctor_maint.simtime.clock import WallClock

if TYPE_CHECKING:
    from openstack.connection import Connection

    from pytest_doctor_maint.actors.contract import Actor
    from pytest_doctor_maint.report.progress import Progress

ActorT = TypeVar("ActorT", bound="Actor")
#: Seconds between two checks whether an actor is ready.
_INTERVAL = 0.05


class CannotServe(Exception):
    """The actor cannot serve on this cloud; the message says why."""


def add_options(parser: argparse.ArgumentParser, port: int, actors: Registry[ActorSpec]) -> None:
    """Add the options of every actor; `port` is where clients expect the actor."""
    names = names_of(actors)
    parser.add_argument(
        "--type", choices=names, default="sample", help=f"the {actors.what} ({', '.join(names)}; default: sample)"
    )
    parser.add_argument(
        "--os-cloud", required=True, metavar="NAME", help="the cloud, by its name in clouds.yaml; required"
    )
    add_address(parser, port)
    add_history(parser, "what the actor records")


def add_alarm_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of an actor that takes alarms: the alarm of another process, and alarms from anybody."""
    parser.add_argument(
        "--no-subscribe",
        action="store_true",
        help="create no alarm, because pytest or another client that attaches to the actor creates one; with two "
        "alarms, each message arrives twice",
    )
    parser.add_argument(
        "--open",
        action="store_true",
        help="take requests from any client that can reach the actor, also those without the secret in the URL: for "
        "senders that know only the bare URL",
    )


def alarm_url(actor: Actor, *, no_subscribe: bool) -> str:
    """Return the URL that takes alarms, with a secret for an alarm of another process.

    The actor of another distribution may have no secrets; then it is Doctor's URL.
    """
    new_alarm_url: Callable[[], str] | None = getattr(actor, "new_alarm_url", None)
    if no_subscribe and new_alarm_url is not None:
        return new_alarm_url()
    return f"{actor.url}/maintenance"


class ActorRun(ABC, Generic[ActorT]):
    """One actor that serves until Ctrl-C or SIGTERM.

    A subclass says how the actor is made (:meth:`make`), and what must be done before it is ready (:meth:`prepare`).

    Args:
        options: The arguments; those of :func:`add_options` are among them.
        usage_error: Reports wrong arguments and ends the process.
        actors: The actors that ``--type`` chooses from.

    Attributes:
        command: The subcommand, for reports.
        spec: The chosen actor.
        clock: The clock of the actor.
        history: Where the actor records; its newest events are kept, and all are written to the file of ``--history``.
        connection: A connection as the user of clouds.yaml; set when the cloud has been reached.
        project_id: The project of that user; set when the cloud has been reached.
        cleanup: What is removed from the cloud at the end, after the clock has stopped; set when the cloud has been
            reached.
    """

    command: ClassVar[str]
    connection: Connection
    project_id: str
    cleanup: Cleanup

    def __init__(self, options: argparse.Namespace, usage_error: UsageError, actors: Registry[ActorSpec]) -> None:
        self.options = options
        self.usage_error = usage_error
        try:
            self.spec = actors.get(options.type)
        except BrokenEntry as error:
            usage_error(f"argument --type: {error}")
        self.clock = WallClock()
        self.clock.on_failure = process.show
        self.history = LongHistory(self.clock.now, KEPT, self.report)
        self._connections: list[Connection] = []

    @property
    @abstractmethod
    def title(self) -> str:
        """The actor, at the beginning of a sentence."""

    @abstractmethod
    def make(self) -> ActorT:
        """Make the actor, which binds its address.

        Raises:
            OSError: The address cannot be bound.
        """

    def prepare(self, actor: ActorT) -> str:
        """Do what must be done before the actor is ready, and return the line for stdout: the URL to attach to.

        The actor already answers requests. Ctrl-C ends every wait on the clock.

        Raises:
            CannotServe: The actor cannot serve on this cloud.
        """
        return actor.url

    def progress(self) -> Progress:
        """Return what follows the events of the actor, for the user who waits."""
        from pytest_doctor_maint.report.progress import STEPS_OF_SUBSCRIBERS, Progress

        return Progress(STEPS_OF_SUBSCRIBERS)

    def report(self, text: str) -> None:
        """Report to the user what went wrong."""
        say(f"doctor-maint {self.command}: {text}")

    def connect(self, project_id: str, user_id: str, password: str) -> Connection:
        """Return another connection, of a user who was created for the actor. It is closed at the end."""
        from pytest_doctor_maint.openstack.connection import connect_named

        connection = connect_named(self.clock, self.options.os_cloud, login=(project_id, user_id, password))
        self._connections.append(connection)
        return connection

    def run(self) -> int:
        """Serve until Ctrl-C or SIGTERM, and return the exit code."""
        process.begin()
        write_history(self.history, self.options.history, self.usage_error)
        # These imports take a second, which --help does not need.
        from keystoneauth1.exceptions import ClientException
        from openstack.exceptions import SDKException

        from pytest_doctor_maint.openstack.connection import UnknownCloud, connect_named, disconnect
        from pytest_doctor_maint.openstack.waiters import WaitError

        cloud = self.options.os_cloud
        try:
            self.connection = connect_named(self.clock, cloud)
        except UnknownCloud as error:
            self.usage_error(f"argument --os-cloud: {error}")
        self._connections.append(self.connection)
        self.cleanup = Cleanup(cloud, self.report, say)
        try:
            # This request also shows whether the cloud accepts the login.
            self.project_id = self.connection.session.get_project_id() or ""
        except (SDKException, ClientException, OSError) as error:
            # An OSError: a certificate file that clouds.yaml names does not exist.
            self.report(f"the cloud {cloud} does not accept the login: {error}")
            return 1
        try:
            with process.showing_progress(self.command, self.history, self.progress()):
                self._serve()
        except (SDKException, ClientException) as error:
            self.report(f"the cloud {cloud} refused a request: {error}")
            return 1
        except (WaitError, CannotServe) as error:
            self.report(str(error))
            return 1
        finally:
            self.cleanup.run()
            for connection in self._connections:
                disconnect(connection)
            self.history.close()
        say(f"{self.title} has ended.")
        return 0

    def _serve(self) -> None:
        try:
            actor = self.make()
        except OSError as error:
            self.usage_error(cannot_listen(self.options, error))
        try:
            actor.start()
            if (line := self._prepared(actor)) is not None:
                process.write(f"{line}\n")
                say(f"{self.title} serves the cloud {self.options.os_cloud} at {line}. Ctrl-C ends it.")
                process.wait_for_the_end()
        finally:
            # Before the cleanup: an actor that still works could create further resources.
            process.end(self.command, self.clock, actor)

    def _prepared(self, actor: ActorT) -> str | None:
        """Return what :meth:`prepare` returns or raises; None if Ctrl-C or SIGTERM came first."""
        outcome: Future[str] = Future()

        def work() -> None:
            try:
                outcome.set_result(self.prepare(actor))
            except BaseException as error:
                # The main thread raises the error again, and reports it.
                outcome.set_exception(error)

        self.clock.spawn(work, self.command)
        while not outcome.done():
            if process.ends_within(_INTERVAL):
                return None
        return outcome.result()
