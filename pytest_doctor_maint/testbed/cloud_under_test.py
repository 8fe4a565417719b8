"""The cloud of a run: the embedded one in simulated time, or one that already runs, on the wall clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_doctor_maint.attach.observer import Observer
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.embedded import CloudSettings, ComputeSpec, EmbeddedCloud, Timings
from pytest_doctor_maint.faults import Computes
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.connection import cloud_region, connect, connect_named, disconnect
from pytest_doctor_maint.openstack.reasons import reason_of
from pytest_doctor_maint.simtime.clock import Clock, SimulatedClock, WallClock
from pytest_doctor_maint.simtime.http.wires import WIRES
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.settings import EMBEDDED, TestbedSettings
from pytest_doctor_maint.testbed.topology import Topology

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion
    from openstack.connection import Connection


class CloudUnderTest(ABC):
    """A cloud and its clock.

    Attributes:
        name: The name of the cloud in the history.
        clock: The clock of the run.
    """

    name: str
    clock: Clock

    def __init__(self) -> None:
        self._connections: list[Connection] = []

    @abstractmethod
    def history(self) -> History:
        """Return a new history for a run on the cloud."""

    @abstractmethod
    def build(self, topology: Topology, timings: Timings, history: History, ids: Ids) -> None:
        """Make the cloud, or what observes it."""

    @abstractmethod
    def connect_admin(self) -> Connection:
        """Return a connection with the admin role in the admin's own project."""

    @abstractmethod
    def connect(self, user: str, password: str, project: str) -> Connection:
        """Return a connection of a user that the run created."""

    @abstractmethod
    def start(self) -> None:
        """Let the cloud answer requests."""

    @abstractmethod
    def stop(self) -> None:
        """Let the cloud answer no more requests. Work that waits ends when the clock is stopped."""

    @abstractmethod
    def join(self) -> None:
        """Wait for the last handlers, after the clock was stopped."""

    @property
    @abstractmethod
    def computes(self) -> Computes:
        """The computes' power switches.

        Raises:
            UnsuitableCloud: They are out of reach.
        """

    @abstractmethod
    def require_switches(self) -> None:
        """Check that the computes' power switches are within reach.

        Raises:
            UnsuitableCloud: They are out of reach.
        """

    @property
    def observer(self) -> Observer | None:
        """The observer that records the cloud from outside; None where the cloud reports its changes itself."""
        return None

    def hosts(self, topology: Topology) -> Mapping[str, str]:
        """Return the cloud's own name for each compute of `topology`.

        Raises:
            UnsuitableCloud: The cloud has another number of computes.
        """
        return {host: host for host in topology.hosts}

    @property
    def title(self) -> str:
        """The cloud in messages, with its address where the user gave one."""
        return "the embedded cloud"

    def disconnect(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            disconnect(connection)

    def _keep(self, connection: Connection) -> Connection:
        self._connections.append(connection)
        return connection


class EmbeddedCloudUnderTest(CloudUnderTest):
    """The embedded cloud in simulated time. It is made for the run and reports all its changes itself.

    Attributes:
        cloud: The cloud; there once :meth:`build` was called.
    """

    name = EMBEDDED
    cloud: EmbeddedCloud

    def __init__(self, seed: int, wire: str = "socket") -> None:
        super().__init__()
        self.clock = SimulatedClock(seed, wire=WIRES[wire]())
        self._password = ""

    def history(self) -> History:
        return History(self.clock.now)

    def build(self, topology: Topology, timings: Timings, history: History, ids: Ids) -> None:
        specs = [ComputeSpec(host, vcpus) for host, vcpus in zip(topology.hosts, topology.vcpus, strict=True)]
        self._password = ids.hex("password")
        settings = CloudSettings(specs, timings, admin_password=self._password)
        self.cloud = EmbeddedCloud(self.clock, history, ids, settings)

    def connect_admin(self) -> Connection:
        return self.connect("admin", self._password, "admin")

    def connect(self, user: str, password: str, project: str) -> Connection:
        auth_url = self.cloud.auth_url
        return self._keep(
            connect(self.clock, auth_url=auth_url, username=user, password=password, project_name=project)
        )

    def start(self) -> None:
        self.cloud.start()

    def stop(self) -> None:
        self.cloud.stop()

    def join(self) -> None:
        self.cloud.join()

    def require_switches(self) -> None:
        """Do nothing: every compute has a power switch."""

    @property
    def computes(self) -> Computes:
        return self.cloud.nova


class NamedCloudUnderTest(CloudUnderTest):
    """A cloud of clouds.yaml, on the wall clock. An observer polls the cloud.

    Args:
        name: Its name in clouds.yaml.
        every: Seconds between two polls.

    Raises:
        UnknownCloud: There is no such cloud.
    """

    def __init__(self, name: str, every: float) -> None:
        super().__init__()
        self.name = name
        self.clock = WallClock()
        self._region = cloud_region(name)
        self._every = every
        self._observer: Observer | None = None

    def history(self) -> WatchedHistory:
        return WatchedHistory(self.clock)

    def build(self, topology: Topology, timings: Timings, history: History, ids: Ids) -> None:
        self._observer = Observer(self.clock, history, self.connect_admin(), every=self._every)
        if isinstance(history, WatchedHistory):
            history.observer = self._observer

    def connect_admin(self) -> Connection:
        return self._keep(connect_named(self.clock, self.name))

    def connect(self, user: str, password: str, project: str) -> Connection:
        return self._keep(
            connect(
                self.clock,
                auth_url=self._region.config["auth"]["auth_url"],
                username=user,
                password=password,
                project_name=project,
                region=self._region.get_region_name() or "RegionOne",
            )
        )

    def start(self) -> None:
        """Do nothing: the cloud runs already."""

    def stop(self) -> None:
        """Do nothing: the cloud goes on running, and the observer's thread ends with the clock."""

    def join(self) -> None:
        """Do nothing: there is nothing to wait for."""

    def require_switches(self) -> None:
        raise UnsuitableCloud(
            f"the cloud {self.name!r} has no power switches for its computes; this scenario needs the embedded cloud"
        )

    @property
    def computes(self) -> Computes:
        raise LookupError(f"the cloud {self.name!r} has no power switches")

    @property
    def observer(self) -> Observer | None:
        return self._observer

    @property
    def title(self) -> str:
        return title_of_cloud(self.name, self._region)

    def hosts(self, topology: Topology) -> Mapping[str, str]:
        found = sorted(self._observer.hosts()) if self._observer is not None else []
        wanted = topology.hosts
        if len(found) != len(wanted):
            raise UnsuitableCloud(
                f"the scenario is for {len(wanted)} computes; the cloud {self.name!r} has {len(found)}: "
                f"{', '.join(found) or 'none'}; choose with --computes={len(found)}"
            )
        return dict(zip(wanted, found, strict=True))


def title_of_cloud(name: str, region: CloudRegion) -> str:
    """Return a cloud of clouds.yaml as messages name it, with the address that the user gave."""
    return f"the cloud {name!r} at {region.config['auth'].get('auth_url', 'no auth_url')}"


class CloudSilent(Exception):
    """A cloud of clouds.yaml did not answer; the message says why."""


def count_computes(cloud: str) -> int:
    """Return the number of computes of a cloud of clouds.yaml.

    Raises:
        CloudSilent: The cloud did not answer.
        UnknownCloud: There is no such cloud in clouds.yaml.
    """
    clock = WallClock()
    connection = connect_named(clock, cloud)
    try:
        return len(call(connection.compute, "GET", "/os-hypervisors")["hypervisors"])
    # keystoneauth has no class of its own for what is missing in clouds.yaml.
    except Exception as error:
        title = title_of_cloud(cloud, cloud_region(cloud))
        raise CloudSilent(f"the computes of {title} cannot be counted: {reason_of(error)}") from error
    finally:
        disconnect(connection)
        clock.stop()


def cloud_for(settings: TestbedSettings) -> CloudUnderTest:
    """Return the cloud of a run, not started yet.

    Raises:
        UnknownCloud: The cloud is neither the embedded cloud nor in clouds.yaml.
    """
    if settings.cloud == EMBEDDED:
        return EmbeddedCloudUnderTest(settings.seed, settings.wire)
    return NamedCloudUnderTest(settings.cloud, settings.observed_every)
