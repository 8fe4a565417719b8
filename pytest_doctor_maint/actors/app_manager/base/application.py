"""The application of the use case: a redundant pair behind one floating IP, and instances without redundancy."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.actors.app_manager.base.network import Network
from pytest_doctor_maint.openstack.calls import call, create
from pytest_doctor_maint.openstack.servers import ServerState, get_server, list_servers
from pytest_doctor_maint.openstack.waiters import WaitError, wait_for_gone, wait_for_server
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection

#: The names of the redundant pair: one instance is active (ACT), the other stands by (STBY).
REDUNDANT = ("doctor_ha_app_0", "doctor_ha_app_1")
#: Seconds within which an instance must become ACTIVE, or be deleted.
PATIENCE = 300.0


class Application:
    """The servers, the server group and the network of a project. Several threads may use it.

    Args:
        clock: The clock on which to wait.
        connection: A connection of the project's user.
        name: The beginning of the names of the network and the server group.

    Attributes:
        network: The application's network.
    """

    def __init__(self, clock: Clock, connection: Connection, name: str) -> None:
        self._clock = clock
        self._connection = connection
        self._name = name
        self._lock = threading.Lock()
        self._ids: dict[str, str] = {}
        # These include servers that do not belong to the application yet, or no longer.
        self._booted: set[str] = set()
        self._image = ""
        self._flavor = ""
        self._group_id = ""
        self._active = REDUNDANT[0]
        self.network = Network(connection, name)

    # -- the instances -----------------------------------------------------------------------------------------------

    @property
    def ids(self) -> Mapping[str, str]:
        """The ids of the instances by name."""
        with self._lock:
            return dict(self._ids)

    @property
    def active(self) -> str:
        """The name of the instance behind the floating IP."""
        return self._active

    @property
    def group_id(self) -> str:
        """The redundant pair's server group; empty before :meth:`deploy`."""
        return self._group_id

    def names_of(self, server_ids: Collection[str]) -> list[str]:
        """Return the names of the instances among ``server_ids``."""
        return [name for name, server_id in self.ids.items() if server_id in server_ids]

    def servers(self) -> list[ServerState]:
        """Return the states of all instances, in the order in which they were created."""
        names = {server_id: name for name, server_id in self.ids.items()}
        seen = {names[server.id]: server for server in list_servers(self._connection) if server.id in names}
        return [seen[name] for name in names.values() if name in seen]

    # -- creating and deleting the application -----------------------------------------------------------------------

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

        ``doctor_ha_app_0`` is active at first: the floating IP leads to it.

        Args:
            image: The id of the image.
            flavor: The id of the flavor; an instance takes half of a compute.
            external_network: The id of the network of floating IPs.
            instances: The number of instances, the redundant pair included; at least two. The others are called
                ``doctor_nonha_app_0``, ``doctor_nonha_app_1`` and so on.
            placement: The compute on which an instance must start, by the instance's name; Nova's scheduler chooses for
                the others.
            placer: A connection with the admin role *in this project*, which Nova requires for naming a compute; None
                where ``placement`` is empty.

        Raises:
            ValueError: There are fewer than two instances, ``placement`` names unknown ones, or there is a
                ``placement`` without ``placer``.
            WaitError: An instance did not become ACTIVE.
            openstack.exceptions.HttpException: The cloud refused a request.
        """
        alone = [f"doctor_nonha_app_{number}" for number in range(instances - len(REDUNDANT))]
        if instances < len(REDUNDANT):
            raise ValueError(f"invalid number of instances {instances}; allowed: {len(REDUNDANT)} or more")
        if unknown := sorted(placement.keys() - {*REDUNDANT, *alone}):
            raise ValueError(f"the placement names unknown instances: {', '.join(unknown)}")
        if placement and placer is None:
            raise ValueError("a placement on computes needs a connection with the admin role in the project")
        self._image, self._flavor = image, flavor
        self.network.create(external_network)
        self._group_id = self._create_group(f"{self._name}_ha_group")
        # Two members of a server group that are scheduled at the same moment can race for one compute.
        for name in REDUNDANT:
            self._create([name], PATIENCE, placement, placer)
        self._create(alone, PATIENCE, placement, placer)
        self.network.create_floating_ip(external_network, self.ids[REDUNDANT[0]])
        self._active = REDUNDANT[0]

    def withdraw(self, clock: Clock | None = None) -> None:
        """Delete what exists of the application, and the instances that interrupted work has left behind.

        Args:
            clock: The clock on which to wait, where the application's own clock was stopped.

        Raises:
            WaitError: An instance was not deleted in time.
            openstack.exceptions.HttpException: The cloud refused a request.
        """
        from openstack.exceptions import NotFoundException

        self.release(list(self.ids))
        with self._lock:
            booted = sorted(self._booted)
        for server_id in booted:
            try:
                call(self._connection.compute, "DELETE", f"/servers/{server_id}")
            except NotFoundException:
                # The deletion had begun before.
                continue
        for server_id in booted:
            self._wait_for_gone(server_id, PATIENCE, clock or self._clock)
        if self._group_id:
            call(self._connection.compute, "DELETE", f"/os-server-groups/{self._group_id}")
            self._group_id = ""
        self.network.remove()

    # -- what maintenance requires -----------------------------------------------------------------------------------

    def release(self, names: Iterable[str]) -> list[str]:
        """Take instances out of the application, and return their ids for :meth:`delete`."""
        with self._lock:
            return [self._ids.pop(name) for name in names]

    def delete(self, server_ids: Collection[str], patience: float) -> None:
        """Delete servers and wait, at most ``patience`` seconds in all, until they no longer exist."""
        for server_id in server_ids:
            call(self._connection.compute, "DELETE", f"/servers/{server_id}")
        self.wait_until_gone(server_ids, patience)

    def wait_until_gone(self, server_ids: Iterable[str], patience: float) -> None:
        """Wait, at most ``patience`` seconds in all, until servers no longer exist."""
        end = self._end_of(patience)
        for server_id in server_ids:
            self._wait_for_gone(server_id, self._left_until(end), self._clock)

    def restore(self, names: Sequence[str], patience: float) -> None:
        """Create instances again and wait, at most ``patience`` seconds in all, until they are ACTIVE."""
        self._create(names, patience)

    def switch_over(self) -> None:
        """Move the floating IP to the other instance of the pair."""
        standby = self.standby_of(self._active)
        self.network.move_floating_ip(self.ids[standby])
        self._active = standby

    def standby_is_up(self) -> bool:
        """Return True if the other instance of the pair is ACTIVE, so that the floating IP can move to it."""
        server_id = self.ids.get(self.standby_of(self._active))
        return server_id is not None and get_server(self._connection, server_id).status == "ACTIVE"

    @staticmethod
    def standby_of(name: str) -> str:
        """Return the name of the other instance of the pair."""
        return REDUNDANT[1] if name == REDUNDANT[0] else REDUNDANT[0]

    def replace(self, name: str, patience: float) -> None:
        """Re-create an instance on another compute.

        The new instance is created first, so that the service has all its instances. Where there is no capacity for
        that, the old instance is deleted first; if this then fails, the application lacks the instance. The active
        instance of the pair must not be replaced.

        Args:
            name: The instance.
            patience: Seconds within which all of this must have ended.

        Raises:
            WaitError: The new instance did not become ACTIVE.
        """
        from openstack.exceptions import ForbiddenException

        end = self._end_of(patience)
        old_id = self.ids[name]
        new_id = ""
        try:
            new_id = self._boot(name, {"different_host": [old_id]})
            wait_for_server(self._clock, self._connection, new_id, {"ACTIVE"}, timeout=self._left_until(end))
        except (WaitError, ForbiddenException):
            # No other compute has room for the new instance, or the quota has none.
            if new_id:
                self.delete([new_id], self._left_until(end))
            new_id = self._replace_in_its_room(name, old_id, end)
        else:
            self.delete([old_id], self._left_until(end))
        with self._lock:
            self._ids[name] = new_id

    def _replace_in_its_room(self, name: str, old_id: str, end: datetime) -> str:
        """Delete an instance, create it again and return its new id; if that fails, the application has what exists."""
        new_id = ""
        try:
            self.delete([old_id], self._left_until(end))
            new_id = self._boot(name)
            wait_for_server(self._clock, self._connection, new_id, {"ACTIVE"}, timeout=self._left_until(end))
        except Exception:
            with self._lock:
                self._ids.pop(name)
                if new_id:
                    self._ids[name] = new_id
            raise
        return new_id

    def _create_group(self, name: str) -> str:
        """Create the server group of the pair, and return its id."""
        nova = self._connection.compute

        def find() -> Any:
            groups = call(nova, "GET", "/os-server-groups")["server_groups"]
            return next(({"server_group": each} for each in groups if each["name"] == name), None)

        body = {"server_group": {"name": name, "policy": "anti-affinity"}}
        return str(create(nova, "/os-server-groups", body, find=find)["server_group"]["id"])

    def _create(
        self,
        names: Sequence[str],
        patience: float,
        placement: Mapping[str, str] | None = None,
        placer: Connection | None = None,
    ) -> None:
        end = self._end_of(patience)
        for name in names:
            server_id = self._boot(name, host=(placement or {}).get(name), placer=placer)
            with self._lock:
                self._ids[name] = server_id
        for name in names:
            left = self._left_until(end)
            wait_for_server(self._clock, self._connection, self.ids[name], {"ACTIVE"}, timeout=left)

    def _end_of(self, patience: float) -> datetime:
        return self._clock.now() + timedelta(seconds=patience)

    def _left_until(self, end: datetime) -> float:
        return max(0.0, self._clock.until(end))

    def _wait_for_gone(self, server_id: str, patience: float, clock: Clock) -> None:
        wait_for_gone(clock, self._connection, server_id, timeout=patience)
        with self._lock:
            self._booted.discard(server_id)

    def _boot(
        self,
        name: str,
        hints: Mapping[str, Any] | None = None,
        *,
        host: str | None = None,
        placer: Connection | None = None,
    ) -> str:
        """Ask Nova for an instance, and return its id."""
        server: dict[str, Any] = {
            "name": name,
            "imageRef": self._image,
            "flavorRef": self._flavor,
            "networks": [{"uuid": self.network.network_id}],
        }
        by = self._connection
        if host is not None and placer is not None:
            server["availability_zone"] = f"nova:{host}"
            by = placer
        body: dict[str, Any] = {"server": server}
        all_hints = {**(hints or {}), **({"group": self._group_id} if name in REDUNDANT else {})}
        if all_hints:
            body["os:scheduler_hints"] = all_hints

        def find() -> Any:
            """Find the server of an earlier request whose answer was lost."""
            with self._lock:
                known = set(self._booted)
            # Nova's filter is a regular expression.
            servers = call(self._connection.compute, "GET", "/servers", name=f"^{name}$")["servers"]
            return next(({"server": each} for each in servers if each["id"] not in known), None)

        server_id: str = create(by.compute, "/servers", body, find=find)["server"]["id"]
        with self._lock:
            self._booted.add(server_id)
        return server_id
