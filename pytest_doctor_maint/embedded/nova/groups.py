"""Server groups: which servers must, or should, be kept together or apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded import events
from pytest_doctor_maint.embedded.nova.errors import Conflict, Missing

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.nova.models import Nova

POLICIES = ("anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity")


@dataclass(slots=True, eq=False)
class ServerGroup:
    """A server group.

    Attributes:
        policy: One of :data:`POLICIES`; None for a group made without one by an old client.
        rules: ``max_server_per_host`` (as a number) for anti-affinity.
        members: Ids of the servers that are in it, in the order they came.
    """

    id: str
    name: str
    project_id: str
    user_id: str
    policy: str | None
    rules: dict[str, int] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)

    @property
    def max_server_per_host(self) -> int:
        """How many members anti-affinity lets onto one compute."""
        return self.rules.get("max_server_per_host", 1)

    def occupied(self, nova: Nova, but: str = "") -> dict[str, int]:
        """How many members are on each compute, or on their way to it; one member may be left out."""
        counts: dict[str, int] = {}
        for server_id in self.members:
            server = nova.servers.get(server_id)
            if server is None or server_id == but:
                continue
            moving = server.migration if server.task_state is not None else None
            for host in {server.host: None, moving.dest if moving else None: None}:
                if host is not None:
                    counts[host] = counts.get(host, 0) + 1
        return counts

    def hosts_of(self, nova: Nova) -> list[str]:
        """The computes of its members."""
        return list(self.occupied(nova))


class Groups:
    """All server groups, in the order of their making."""

    def __init__(self, nova: Nova) -> None:
        self._nova = nova
        self._groups: dict[str, ServerGroup] = {}

    def all(self, project_id: str | None = None) -> list[ServerGroup]:
        """The groups of a project, or of all."""
        return [group for group in self._groups.values() if project_id in (None, group.project_id)]

    def get(self, group_id: str | None) -> ServerGroup | None:
        """The group of that id."""
        return self._groups.get(group_id) if group_id else None

    def find(self, group_id: str, project_id: str | None) -> ServerGroup:
        """The group of that id, if it is the project's (None: an admin, who may see all).

        Raises:
            Missing: There is none.
        """
        group = self._groups.get(group_id)
        if group is None or project_id not in (None, group.project_id):
            raise Missing(f"Instance group {group_id} could not be found.")
        return group

    def create(
        self, name: str, policy: str | None, rules: dict[str, int], project_id: str, user_id: str
    ) -> ServerGroup:
        """A new, empty group.

        Raises:
            QuotaExceeded: The project has as many as it may have.
        """
        self._nova.quotas.check(project_id, user_id, server_groups=1)
        group = ServerGroup(self._nova.core.ids.uuid("server_group"), name, project_id, user_id, policy, dict(rules))
        self._groups[group.id] = group
        self._nova.quotas.use(project_id, user_id, server_groups=1)
        self._record(group)
        return group

    def delete(self, group: ServerGroup) -> None:
        """Remove a group; its members stay where they are."""
        del self._groups[group.id]
        self._nova.quotas.use(group.project_id, group.user_id, server_groups=-1)
        group.members.clear()
        self._record(group, deleted=True)

    def join(self, group_id: str, server_id: str) -> None:
        """A server is a member from now on.

        Raises:
            Conflict: The group has no place for more.
        """
        group = self._groups[group_id]
        limit = self._nova.quotas.limits(group.project_id)["server_group_members"]
        if 0 <= limit <= len(group.members):
            raise Conflict("Quota exceeded, too many servers in group")
        group.members.append(server_id)
        self._record(group)

    def leave(self, server_id: str, group_id: str | None) -> None:
        """A server is gone."""
        group = self.get(group_id)
        if group is not None and server_id in group.members:
            group.members.remove(server_id)
            self._record(group)

    def _record(self, group: ServerGroup, *, deleted: bool = False) -> None:
        data: dict[str, Any] = {
            "group_id": group.id,
            "name": group.name,
            "project_id": group.project_id,
            "policy": group.policy,
            "members": list(group.members),
        }
        if deleted:
            data["deleted"] = True
        self._nova.core.recorder.append("nova", events.SERVER_GROUP, data)
