"""What a run stands on: the embedded cloud in simulated time, or a cloud that already runs, on the wall clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_doctor_maint.attach.observer import Observer
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.attach.watched_history import WatchedHistory
from pytest_doctor_maint.embedded import CloudSettings, ComputeSpec, EmbeddedCloud, Timings
from pytest_doctor_maint.faults.fault import Computes
from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.connection import cloud_region, connect, connect_named, disconnect
from pytest_doctor_maint.simtime.clock import Clock, SimulatedClock, WallClock
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.projects import ProjectAccess
from pytest_doctor_maint.testbed.topology import Topology

if TYPE_CHECKING:
    from openstack.connection import Connection

EMBEDDED = "embedded"


class CloudUnderTest(ABC):
    """A cloud and the clock that goes with it.

    Attributes:
        name: What the history calls the cloud.
        clock: The time of the run.
    """

    name: str
    clock: Clock

    def __init__(self) -> None:
        self._connections: list[Connection] = []

    @abstractmethod
    def history(self) -> History:
        """A new history for a run on it."""

    @abstractmethod
    def build(self, topology: Topology, timings: Timings, history: History, ids: Ids) -> None:
        """Make the cloud, as far as that is to be made."""

    @abstractmethod
    def connect_admin(self, tenant: ProjectAccess | None = None) -> Connection:
        """A connection with the admin role: in the admin's own project, or in a tenant's, where it has it too."""

    @abstractmethod
    def connect(self, user: str, password: str, project: str) -> Connection:
        """A connection of a user that the run made."""

    @abstractmethod
    def start(self) -> None:
        """Let the cloud answer."""

    @abstractmethod
    def stop(self) -> None:
        """Let it answer no more; what waits ends when the clock is stopped."""

    @abstractmethod
    def join(self) -> None:
        """Wait for the last of it, after the clock was stopped."""

    @property
    @abstractmethod
    def computes(self) -> Computes:
        """The computes' power switches.

        Raises:
            UnsuitableCloud: They are out of reach.
        """

    @property
    def observer(self) -> Observer | None:
        """What records the cloud from outside; None where it records itself."""
        return None

    def hosts(self, topology: Topology) -> Mapping[str, str]:
        """The cloud's own name for each compute of ``topology``.

        Raises:
            UnsuitableCloud: The cloud has another number of computes.
        """
        return {host: host for host in topology.hosts}

    def disconnect(self) -> None:
        """Give all sockets back."""
        for connection in self._connections:
            disconnect(connection)

    def _keep(self, connection: Connection) -> Connection:
        self._connections.append(connection)
        return connection


class EmbeddedCloudUnderTest(CloudUnderTest):
    """The embedded cloud in simulated time. It is made for the run and tells all that happens on it by itself.

    Attributes:
        cloud: The cloud; there once :meth:`build` was called.
    """

    name = EMBEDDED
    cloud: EmbeddedCloud

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.clock = SimulatedClock(seed)
        self._password = ""

    def history(self) -> History:
        return History(self.clock.now)

    def build(self, topology: Topology, timings: Timings, history: History, ids: Ids) -> None:
        specs = [ComputeSpec(host, vcpus) for host, vcpus in zip(topology.hosts, topology.vcpus, strict=True)]
        self._password = ids.hex("password")
        settings = CloudSettings(specs, timings, admin_password=self._password)
        self.cloud = EmbeddedCloud(self.clock, history, ids, settings)

    def connect_admin(self, tenant: ProjectAccess | None = None) -> Connection:
        return self.connect("admin", self._password, "admin" if tenant is None else tenant.name)

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

    @property
    def computes(self) -> Computes:
        return self.cloud.nova


class NamedCloudUnderTest(CloudUnderTest):
    """A cloud of clouds.yaml, on the wall clock. What happens on it is seen from outside, by looking again and again.

    Args:
        name: Its name there.
        every: Seconds between two looks.

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

    def connect_admin(self, tenant: ProjectAccess | None = None) -> Connection:
        project_id = None if tenant is None else tenant.project_id
        return self._keep(connect_named(self.clock, self.name, project_id=project_id))

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
        """Nothing to do: it runs."""

    def stop(self) -> None:
        """It runs on; the observer's thread ends with the clock."""

    def join(self) -> None:
        """Nothing to wait for."""

    @property
    def computes(self) -> Computes:
        raise UnsuitableCloud(
            f"nobody can switch computes of the cloud {self.name!r} off; this scenario needs the embedded one"
        )

    @property
    def observer(self) -> Observer | None:
        return self._observer

    def hosts(self, topology: Topology) -> Mapping[str, str]:
        found = sorted(self._observer.hosts()) if self._observer is not None else []
        wanted = topology.hosts
        if len(found) != len(wanted):
            raise UnsuitableCloud(
                f"the scenario is for {len(wanted)} computes; the cloud {self.name!r} has {len(found)}: "
                f"{', '.join(found) or 'none'}; choose with --computes={len(found)}"
            )
        return dict(zip(wanted, found, strict=True))


class CloudSilent(Exception):
    """A cloud of clouds.yaml does not answer a question; the message tells why."""


def count_computes(cloud: str) -> int:
    """How many computes a cloud of clouds.yaml has.

    Raises:
        CloudSilent: It does not tell.
        UnknownCloud: It is not in clouds.yaml.
    """
    clock = WallClock()
    connection = connect_named(clock, cloud)
    try:
        return len(call(connection.compute, "GET", "/os-hypervisors")["hypervisors"])
    # For what is missing in clouds.yaml keystoneauth raises what has no class of its own.
    except Exception as error:
        raise CloudSilent(f"the cloud {cloud!r} does not tell how many computes it has: {error}") from error
    finally:
        disconnect(connection)
        clock.stop()


def cloud_for(cloud: str, seed: int, every: float) -> CloudUnderTest:
    """What a run on ``cloud`` stands on.

    Raises:
        UnknownCloud: It is neither the embedded one nor in clouds.yaml.
    """
    return EmbeddedCloudUnderTest(seed) if cloud == EMBEDDED else NamedCloudUnderTest(cloud, every)
