"""Server groups: servers that must, or should, share a compute or be on different computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_doctor_maint.embedded import events
from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.errors import Missing, QuotaExceeded
from pytest_doctor_maint.embedded.nova.quotas import Quotas
from pytest_doctor_maint.embedded.nova.server import Server


@dataclass(slots=True, eq=False)
class ServerGroup:
    """A server group.

    Attributes:
        policy: ``anti-affinity``, ``affinity``, ``soft-anti-affinity`` or ``soft-affinity``.
        rules: ``max_server_per_host`` (as a number) for anti-affinity.
        members: The ids of the servers in the group, in the order in which they joined.
    """

    id: str
    name: str
    project_id: str
    user_id: str
    policy: str
    rules: dict[str, int] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)

    @property
    def max_server_per_host(self) -> int:
        """How many members anti-affinity allows on one compute."""
        return self.rules.get("max_server_per_host", 1)

    def members_by_host(self, servers: Mapping[str, Server], but: str = "") -> dict[str, int]:
        """Return the number of members on each compute, or moving to it.

        Args:
            servers: All servers by id.
            but: A member that is not counted.
        """
        counts: dict[str, int] = {}
        for server_id in self.members:
            server = servers.get(server_id)
            if server is None or server_id == but:
                continue
            moving = server.migration if server.task_state is not None else None
            for host in {server.host: None, moving.dest if moving else None: None}:
                if host is not None:
                    counts[host] = counts.get(host, 0) + 1
        return counts


class Groups:
    """All server groups, in the order of their creation."""

    def __init__(self, core: Core, *, quotas: Quotas) -> None:
        self._core = core
        self._quotas = quotas
        self._groups: dict[str, ServerGroup] = {}

    def all(self, project_id: str | None = None) -> list[ServerGroup]:
        """Return the groups of a project; None: of all projects."""
        return [group for group in self._groups.values() if project_id in (None, group.project_id)]

    def get(self, group_id: str | None) -> ServerGroup | None:
        """Return the group with this id, or None."""
        return self._groups.get(group_id) if group_id else None

    def find(self, group_id: str, project_id: str | None) -> ServerGroup:
        """Return the group with this id.

        Args:
            group_id: The id.
            project_id: The project that the group must belong to; None for an admin, who sees all groups.

        Raises:
            Missing: There is no such group.
        """
        group = self._groups.get(group_id)
        if group is None or project_id not in (None, group.project_id):
            raise Missing(f"Instance group {group_id} could not be found.")
        return group

    def create(self, name: str, policy: str, rules: dict[str, int], project_id: str, user_id: str) -> ServerGroup:
        """Create an empty group and return it.

        Raises:
            QuotaExceeded: The project has as many groups as its quota allows.
        """
        try:
            self._quotas.check(project_id, user_id, server_groups=1)
        except QuotaExceeded as error:
            raise QuotaExceeded("Quota exceeded, too many server groups.") from error
        group = ServerGroup(self._core.ids.uuid("server_group"), name, project_id, user_id, policy, dict(rules))
        self._groups[group.id] = group
        self._quotas.use(project_id, user_id, server_groups=1)
        self._record(group)
        return group

    def delete(self, group: ServerGroup) -> None:
        """Delete a group; its members stay where they are."""
        del self._groups[group.id]
        self._quotas.use(group.project_id, group.user_id, server_groups=-1)
        group.members.clear()
        self._record(group, deleted=True)

    def check_room(
        self, group_id: str, project_id: str, user_id: str, count: int, servers: Mapping[str, Server]
    ) -> None:
        """Raise unless a user may add ``count`` servers to a group.

        As in ``_server_group_count_members_by_user`` in nova/quota.py, only the user's own members count.

        Raises:
            QuotaExceeded: The user would have more servers in the group than the quota allows.
        """
        own = sum(servers[member].user_id == user_id for member in self._groups[group_id].members)
        if 0 <= self._quotas.limits(project_id, user_id)["server_group_members"] < own + count:
            raise QuotaExceeded("Quota exceeded, too many servers in group")

    def join(self, group_id: str, server_id: str) -> None:
        """Add a server to a group, whose quota has been checked with :meth:`check_room`."""
        group = self._groups[group_id]
        group.members.append(server_id)
        self._record(group)

    def leave(self, group_id: str | None, server_id: str) -> None:
        """Remove a server from its group, if it has one."""
        group = self.get(group_id)
        if group is not None and server_id in group.members:
            group.members.remove(server_id)
            self._record(group)

    def _record(self, group: ServerGroup, *, deleted: bool = False) -> None:
        data: dict[str, object] = {
            "group_id": group.id,
            "name": group.name,
            "project_id": group.project_id,
            "policy": group.policy,
            "members": list(group.members),
        }
        if deleted:
            data["deleted"] = True
        self._core.recorder.append("nova", events.SERVER_GROUP, data)
