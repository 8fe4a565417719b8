"""Records the changes of a cloud that does not report them: the observer polls the cloud as an admin.

The embedded cloud reports each change as it happens. From outside, a change is seen at the next poll. Therefore every
recorded event has ``since``, the time at which the previous poll began (UTC): the change happened between that and the
event's own time. A state that begins and ends between two polls is not seen.

What was there at the first poll and is not as it should be is left out, see :data:`STANDING`: no actor of the run has
done it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.attach.shared_action import SharedAction
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.alarms import alarms_of
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.simtime.clock import Clock, ClockStopped

if TYPE_CHECKING:
    from openstack.connection import Connection

ACTOR = "observer"
#: Seconds between two polls by default.
EVERY = 0.5

#: Nova's names of instance actions that differ from the name of the request, which the history has.
_WORDS = {"live-migration": "os-migrateLive"}
_MOVES = ("migrate", "os-migrateLive")
#: Statuses of a server that holds room on its source compute as well.
_ON_TWO = ("RESIZE", "VERIFY_RESIZE", "REVERT_RESIZE", "MIGRATING")
#: Statuses of a move that has ended and holds no room.
_OVER = ("confirmed", "reverted", "completed", "done", "cancelled", "failed", "error")
#: Statuses in which a server's guest runs, according to Nova.
_RUNNING = ("ACTIVE", "VERIFY_RESIZE", "MIGRATING", "PASSWORD")
#: The number of attempts to see the same cloud twice in a row, before the last answer is taken.
_TRIES = 5

#: What the first look leaves out of the history for good: claims would blame somebody for what was there before. A
#: compute that is not in use, such as a service that was never removed, a server that does not run, every alarm, and a
#: group with anti-affinity whose members are together. Other things are recorded as they are: the servers that run are
#: what is maintained.
STANDING: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    kinds.COMPUTE: lambda data: data["status"] != "enabled" or data["state"] != "up",
    kinds.SERVER: lambda data: data["status"] != "ACTIVE",
    kinds.ALARM_CREATED: lambda data: True,
}

#: States by kind of event and id.
_Found = dict[tuple[str, str], dict[str, Any]]
#: A kind of event, an id and a state.
_State = tuple[str, str, dict[str, Any]]


class Observer:
    """Records computes, servers, server groups, floating IPs and alarms of a cloud that does not report them.

    OpenStack does not know whether a guest answers: ``guest`` events are derived from the server's status and the state
    of its compute, and their reason says so.

    Args:
        clock: The clock of the run.
        history: Where changes are recorded.
        connection: A connection with the admin role.
        every: Seconds between two polls.

    Attributes:
        error: The reason why the last poll failed; None if it did not fail.
    """

    def __init__(self, clock: Clock, history: History, connection: Connection, *, every: float = EVERY) -> None:
        self.every = every
        self.error: Exception | None = None
        self._blind_since: datetime | None = None
        self._standing: set[tuple[str, str]] | None = None
        self._clock = clock
        self._history = history
        self._connection = connection
        self._projects: dict[str, None] = {}
        self._looks = SharedAction(self._look)
        self._seen: _Found = {}
        self._last: _Found = {}
        self._known_actions: dict[str, set[str]] = {}
        self._up: dict[str, bool] = {}
        self._vcpus: dict[str, int] = {}
        self._is_admin: dict[tuple[str, str], bool] = {}
        self._since: datetime = clock.now()
        self._running = False

    def hosts(self) -> dict[str, int]:
        """Return the VCPUs of each compute by host name."""
        found = call(self._connection.compute, "GET", "/os-hypervisors/detail")["hypervisors"]
        return {item["service"]["host"]: int(item["vcpus"]) for item in found}

    def watch(self, project_ids: Iterable[str]) -> None:
        """Look at the resources of these projects too. Those of projects that are not named are ignored."""
        # Replaced, not changed: a poll may be under way.
        self._projects = {**self._projects, **dict.fromkeys(project_ids)}

    def start(self) -> None:
        """Poll for the first time, then every few seconds until :meth:`stop` or the end of the clock."""
        self._vcpus = self.hosts()
        self._running = True
        self.look()
        self._clock.spawn(self._keep_looking, ACTOR)

    def stop(self) -> None:
        """Poll for the last time."""
        self.look()
        self._running = False

    def abandon(self) -> None:
        """Stop polling."""
        self._running = False

    @property
    def blind_for(self) -> float:
        """The seconds for which every look has failed; 0 if the last one did not."""
        return 0.0 if self._blind_since is None else -self._clock.until(self._blind_since)

    def _keep_looking(self) -> None:
        while self._running:
            self._clock.sleep(self.every)
            self.try_to_look()

    def try_to_look(self) -> None:
        """Look, where the cloud answers.

        A cloud that does not answer for a moment is looked at again later: a change has happened between two looks
        that did not fail. The run breaks off when it stays blind, see :attr:`blind_for`.
        """
        try:
            self.look()
        except ClockStopped:
            raise
        except Exception as error:
            self.error = error
            self._blind_since = self._blind_since or self._clock.now()
        else:
            self.error = self._blind_since = None

    def look(self) -> None:
        """Record what has changed since the previous poll. Simultaneous calls may share one poll.

        Raises:
            openstack.exceptions.HttpException: The cloud refused a request.
        """
        self._looks.run()

    def _look(self) -> None:
        if not self._running:
            return
        begins = self._clock.now()
        found = self._look_until_settled()
        if self._standing is None:
            self._standing = {key for key, data in found.items() if _stands(key[0], data, found)}
        found = {key: data for key, data in found.items() if key not in self._standing}
        states = [*self._states(found), *self._deletions(found)]
        # After the last request, so that every change has happened by then.
        at = self._clock.now()
        for kind, identifier, data in states:
            self._record_change(kind, identifier, data, at)
        self._derive_guests(at)
        self._since = begins

    # -- looking -----------------------------------------------------------------------------------------------------

    def _look_until_settled(self) -> _Found:
        """Return the state of the cloud at one moment.

        It takes several requests to see a cloud, and the cloud changes between them: a floating IP may seem to lead to
        a server that is down, because the two were requested at different times. So when anything has changed, the
        requests are repeated until two answers in a row are the same.
        """
        found = self._look_once()
        if found == self._last:
            return found
        for _ in range(_TRIES):
            before, found = found, self._look_once()
            if before == found:
                break
        self._last = found
        return found

    def _look_once(self) -> _Found:
        return {**self._computes(), **self._servers(), **self._groups(), **self._floating_ips(), **self._alarms()}

    def _computes(self) -> _Found:
        services = call(self._connection.compute, "GET", "/os-services", binary="nova-compute")["services"]
        return {
            (kinds.COMPUTE, service["host"]): {
                "host": service["host"],
                "status": service["status"],
                "state": service["state"],
                "forced_down": bool(service.get("forced_down")),
                # The power switch cannot be seen from outside.
                "powered": service["state"] == "up",
                "vcpus": self._vcpus.get(service["host"], 0),
            }
            for service in services
        }

    def _servers(self) -> _Found:
        found: list[dict[str, Any]] = []
        query: dict[str, str | int] = {"all_tenants": 1}
        while page := call(self._connection.compute, "GET", "/servers/detail", **query):
            found += page["servers"]
            if not page.get("servers_links"):
                break
            query["marker"] = page["servers"][-1]["id"]
        return {
            (kinds.SERVER, body["id"]): {
                "server_id": body["id"],
                "name": body["name"],
                "project_id": body["tenant_id"],
                "status": body["status"],
                "host": body.get("OS-EXT-SRV-ATTR:host"),
                "vcpus": int(body["flavor"]["vcpus"]),
                "task_state": body.get("OS-EXT-STS:task_state"),
            }
            for body in found
            if body["tenant_id"] in self._projects
        }

    def _groups(self) -> _Found:
        groups = call(self._connection.compute, "GET", "/os-server-groups", all_projects="True")["server_groups"]
        return {
            (kinds.SERVER_GROUP, group["id"]): {
                "group_id": group["id"],
                "name": group["name"],
                "project_id": group["project_id"],
                # Below microversion 2.64 a group has a list of policies.
                "policy": group.get("policy") or next(iter(group.get("policies", ())), ""),
                "members": list(group["members"]),
            }
            for group in groups
            if group["project_id"] in self._projects
        }

    def _floating_ips(self) -> _Found:
        found = call(self._connection.network, "GET", "/floatingips")["floatingips"]
        return {
            (kinds.FLOATING_IP, item["id"]): {
                "floating_ip_id": item["id"],
                "address": item["floating_ip_address"],
                "project_id": item["project_id"],
                "server_id": self._device(item),
            }
            for item in found
            if item["project_id"] in self._projects
        }

    def _device(self, floating_ip: Mapping[str, Any]) -> str | None:
        """Return the id of the server behind a floating IP's port."""
        from openstack.exceptions import NotFoundException

        if not floating_ip["port_id"]:
            return None
        if (details := floating_ip.get("port_details")) is not None:
            return details["device_id"] or None
        try:
            port = call(self._connection.network, "GET", f"/ports/{floating_ip['port_id']}")["port"]
        except NotFoundException:
            return None
        return port["device_id"] or None

    def _alarms(self) -> _Found:
        return {
            (kinds.ALARM_CREATED, alarm["alarm_id"]): {
                "alarm_id": alarm["alarm_id"],
                "name": alarm["name"],
                "project_id": alarm["project_id"],
                "event_type": alarm["event_rule"].get("event_type"),
            }
            for project_id in self._projects
            for alarm in alarms_of(self._connection, project_id)
            if alarm["type"] == "event"
        }

    def _held_on(self, data: Mapping[str, Any]) -> list[str]:
        """Return the computes on which a server holds room.

        Nova shows one compute; a server that moves holds room on its source and on its target.
        """
        hosts = [data["host"]] if data["host"] else []
        if data["status"] not in _ON_TWO and data["task_state"] not in ("migrating", "resize_migrating"):
            return hosts
        moves = call(self._connection.compute, "GET", "/os-migrations", instance_uuid=data["server_id"])["migrations"]
        under_way = [move for move in moves if move["status"] not in _OVER]
        newest = max(under_way, key=lambda move: (move["created_at"], move["id"]), default=None)
        both = [] if newest is None else [newest["source_compute"], newest["dest_compute"]]
        return list(dict.fromkeys([*hosts, *(host for host in both if host)]))

    def _latest_action(self, server_id: str, project_id: str, *, moved: bool = False) -> dict[str, Any]:
        """Return Nova's last instance action on a server, the project that asked for it, and for a move by another
        project than the administrator's whether an admin asked for it.

        Args:
            server_id: The server.
            project_id: The project to report where Nova shows no action.
            moved: True if the server is on another compute than before. Then a new move is preferred, because it is the
                reason, even if it began and ended between two polls.
        """
        from openstack.exceptions import NotFoundException

        try:
            path = f"/servers/{server_id}/os-instance-actions"
            actions = call(self._connection.compute, "GET", path)["instanceActions"]
        except NotFoundException:
            actions = []
        known = self._known_actions.setdefault(server_id, set())
        new = [item for item in actions if item["request_id"] not in known]
        known.update(item["request_id"] for item in new)
        moves = [item for item in new if moved and _word(item) in _MOVES]
        newest = next(iter(moves or actions), None)
        if newest is None:
            return {"action": "create", "by": project_id}
        found: dict[str, Any] = {"action": _word(newest), "by": newest["project_id"]}
        if found["action"] in _MOVES and found["by"] != self._connection.session.get_project_id():
            found["by_admin"] = self._has_admin_role(newest["user_id"], newest["project_id"])
        return found

    def _has_admin_role(self, user_id: str | None, project_id: str | None) -> bool | None:
        """Return True if a user has the admin role in a project; None if Keystone does not tell."""
        from openstack.exceptions import HttpException

        if not user_id or not project_id:
            return None
        if (user_id, project_id) not in self._is_admin:
            query = {"user.id": user_id, "scope.project.id": project_id, "effective": "", "include_names": ""}
            try:
                found = call(self._connection.identity, "GET", "/role_assignments", **query)["role_assignments"]
            except HttpException:
                return None
            self._is_admin[user_id, project_id] = any(each["role"]["name"] == "admin" for each in found)
        return self._is_admin[user_id, project_id]

    # -- recording ---------------------------------------------------------------------------------------------------

    def _states(self, found: _Found) -> Iterator[_State]:
        """Yield the state of everything that was found; that of a server that has changed, with the details."""
        for (kind, identifier), data in found.items():
            if kind != kinds.SERVER:
                yield kind, identifier, data
            elif (details := self._server_details(identifier, data)) is not None:
                yield kind, identifier, details

    def _server_details(self, server_id: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """Return the state of a server with the computes that it holds and its last action; None if nothing changed."""
        before = self._seen.get((kinds.SERVER, server_id))
        # Nova does not show the target of a move, which may be chosen after everything else has changed.
        data = {**data, "held_on": self._held_on(data)}
        if before is not None and all(before[key] == value for key, value in data.items()):
            return None
        moved = before is not None and before["host"] != data["host"]
        return {**data, **self._latest_action(server_id, data["project_id"], moved=moved)}

    def _deletions(self, found: _Found) -> Iterator[_State]:
        """Yield the last state of what was seen before and is not found any more."""
        for (kind, identifier), before in list(self._seen.items()):
            if (kind, identifier) in found:
                continue
            if kind == kinds.SERVER and before["status"] != "DELETED":
                by = self._latest_action(identifier, before["project_id"])["by"]
                gone: dict[str, Any] = {"status": "DELETED", "task_state": None, "held_on": [], "action": "delete"}
                yield kind, identifier, {**_without_role(before), **gone, "by": by}
            elif kind == kinds.FLOATING_IP:
                yield kind, identifier, {**before, "server_id": None}
            elif kind == kinds.ALARM_CREATED:
                yield kinds.ALARM_DELETED, identifier, {"alarm_id": identifier, "project_id": before["project_id"]}

    def _derive_guests(self, at: datetime) -> None:
        computes = {key: data for (kind, key), data in self._seen.items() if kind == kinds.COMPUTE}
        for (kind, server_id), server in list(self._seen.items()):
            if kind != kinds.SERVER:
                continue
            status, host = server["status"], server["host"]
            lost = host in computes and computes[host]["state"] == "down"
            up = status in _RUNNING and not lost
            if self._up.get(server_id, False) != up:
                self._up[server_id] = up
                reason = f"derived: Nova says {status}" + (f", {host} is down" if lost else "")
                self._append(kinds.GUEST, {"server_id": server_id, "up": up, "reason": reason}, at)

    def _record_change(self, kind: str, identifier: str, data: dict[str, Any], at: datetime) -> None:
        """Record a state, if it differs from the one before."""
        if self._seen.get((kind, identifier)) != data:
            self._seen[kind, identifier] = data
            self._append(kind, data, at)

    def _append(self, kind: str, data: Mapping[str, Any], at: datetime) -> None:
        since = self._since.isoformat(timespec="microseconds")
        self._history.append(ACTOR, kind, {**data, "since": since}, at=at)


def _without_role(server: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in server.items() if name != "by_admin"}


def _stands(kind: str, data: Mapping[str, Any], found: _Found) -> bool:
    """Return True if a state of the first look is left out."""
    if kind == kinds.SERVER_GROUP and data["policy"] == "anti-affinity":
        members = [found[kinds.SERVER, member] for member in data["members"] if (kinds.SERVER, member) in found]
        return len({member["host"] for member in members}) < len(members)
    return kind in STANDING and STANDING[kind](data)


def _word(action: Mapping[str, Any]) -> str:
    name = str(action["action"])
    return _WORDS.get(name, name)
