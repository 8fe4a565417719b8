"""The contract between the testbed and the actors.

A custom admin tool, app manager or Inspector needs only these protocols of this package: a class whose constructor
takes the context of its role, and which has the members below, can take part in a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Dialect
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.ids import Ids

if TYPE_CHECKING:
    from openstack.connection import Connection

SettingsT = TypeVar("SettingsT", covariant=True)


class Actor(Protocol):
    """An HTTP server with a role in a run.

    The testbed makes the actor, then calls :meth:`start`, later :meth:`stop`, and :meth:`join` after it has stopped the
    clock.
    """

    @property
    def name(self) -> str:
        """The actor's own name, for histories and reports."""

    @property
    def version(self) -> str:
        """The actor's version; empty when it has none."""

    @property
    def url(self) -> str:
        """The URL below which the actor's API is served."""

    def start(self) -> object:
        """Begin to accept requests."""

    def stop(self) -> None:
        """Accept no more requests. Work that waits on the clock ends when the clock is stopped."""

    def join(self) -> None:
        """Wait for the last handlers and release all sockets."""


class AdminToolActor(Actor, Protocol):
    """An admin tool. The API below its `url` is that of the sample admin tool, or that of Fenix."""

    @property
    def dialect(self) -> Dialect:
        """The words of its messages, and the windows in which a project must reply to them."""


class AppManagerActor(Actor, Protocol):
    """An app manager: it manages the application of one project.

    For sessions of an admin tool that runs elsewhere it may also have a method ``reply_through(adapter)``, which mounts
    an adapter of requests on all its HTTP sessions: replies and constraints are recorded there. Without the method they
    are not in the history, and the claims about them are undecided.
    """

    @property
    def project_id(self) -> str:
        """The id of the project."""

    def deploy(
        self,
        *,
        image: str,
        flavor: str,
        external_network: str,
        instances: int,
        placement: Mapping[str, str],
        placer: Connection | None,
    ) -> None:
        """Create the application, and wait until all its instances are ACTIVE.

        Args:
            image: The id of the image.
            flavor: The id of the flavor; an instance takes half of a compute.
            external_network: The id of the network of floating IPs.
            instances: The number of instances, including the redundant pair.
            placement: The compute on which an instance must start, by the instance's name; Nova's scheduler chooses the
                compute of the other instances.
            placer: A connection that may name a compute; None when `placement` is empty.
        """

    def withdraw(self, clock: Clock | None = None) -> None:
        """Delete the application.

        Args:
            clock: The clock on which to wait, where the app manager's own clock was stopped.
        """

    def subscribe(self) -> object:
        """Create the alarm for messages to the project."""

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one."""


class InspectorActor(Actor, Protocol):
    """An Inspector. Monitors report failures to it with PUT ``/events`` below its `url`.

    It may have an attribute ``monitor_url``, with a secret in it: monitors then report below that URL.
    """

    def subscribe(self) -> object:
        """Create the alarm for messages about computes."""

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one."""


class Notifier(Protocol):
    """Emits the notifications of an admin tool."""

    def emit(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Emit `payload`: every alarm for `event_type` gets it.

        Raises:
            NotificationLost: The notification could not be delivered to the cloud.
        """


@dataclass(frozen=True, slots=True)
class AdminToolContext(Generic[SettingsT]):
    """The context of an admin tool.

    Attributes:
        clock: The clock of the run; all waiting goes through it.
        history: The history of the run. An admin tool records there what cannot be seen from outside, such as the work
            on a compute.
        ids: The source of the ids of sessions, so that one seed always produces the same history.
        connection: A connection with the admin role.
        notifier: Emits the notifications.
        admin_project_id: The id of the project whose alarms get the messages about computes.
        settings: The settings of the operator.
    """

    clock: Clock
    history: History
    ids: Ids
    connection: Connection
    notifier: Notifier
    admin_project_id: str
    settings: SettingsT


@dataclass(frozen=True, slots=True)
class AppManagerContext:
    """The context of an app manager.

    Attributes:
        clock: The clock of the run; all waiting goes through it.
        history: The history of the run, in which the app manager records the alarms that it gets.
        connection: A connection of the project's own user, without the admin role.
        project_id: The id of the project.
        project_name: The name of the project; it begins the names of what the app manager makes.
        policy: The decisions that the scenario demands, a :class:`Policy`; None for the app manager's own decisions.
        constraints: The constraints that the scenario demands of a VNFM, a :class:`ConstraintPolicy`; None for the
            VNFM's own constraints.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        public_host: The host in the URLs that others get, where they use another one than `host`.
        is_open: Take alarms at the bare URL, too, from senders that do not know the secret of the alarm's URL.
    """

    clock: Clock
    history: History
    connection: Connection
    project_id: str
    project_name: str
    policy: Any = None
    constraints: Any = None
    host: str = "127.0.0.1"
    port: int = 0
    public_host: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class InspectorContext:
    """The context of an Inspector.

    Attributes:
        clock: The clock of the run; all waiting goes through it.
        history: The history of the run, in which the Inspector records alarms, reports and its fault management.
        connection: A connection with the admin role. The project of its token owns the Inspector's alarm.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        public_host: The host in the URLs that others get, where they use another one than `host`.
        is_open: Take alarms and reports at the bare URLs, too, from senders that do not know the secrets of the URLs.
    """

    clock: Clock
    history: History
    connection: Connection
    host: str = "127.0.0.1"
    port: int = 0
    public_host: str = ""
    is_open: bool = False
