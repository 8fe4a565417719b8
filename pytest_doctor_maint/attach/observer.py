"""What happens on a cloud, seen from outside: an admin who looks again and again, and records what is different.

The embedded cloud tells of each change as it happens. From outside a change is seen at the next look. So every recorded
event has ``since``, when the look before began (UTC): the change came between that and the event's own time. A state
that came and went between two looks is not seen.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.alarms import alarms_of
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection

ACTOR = "observer"
#: Seconds between two looks by default.
EVERY = 0.5

#: Nova's names of instance actions where the history has the word of the request.
_WORDS = {"live-migration": "os-migrateLive"}
_MOVES = ("migrate", "os-migrateLive")
#: Statuses of a server that holds room on the compute it comes from as well.
_ON_TWO = ("RESIZE", "VERIFY_RESIZE", "REVERT_RESIZE", "MIGRATING")
#: Statuses of a move that is over, and holds no room any more.
_OVER = ("confirmed", "reverted", "completed", "done", "cancelled", "failed", "error")
#: Statuses in which a server's guest runs, as far as Nova knows.
_RUNNING = ("ACTIVE", "VERIFY_RESIZE", "MIGRATING", "PASSWORD")
#: How often a cloud that changes is asked before it is taken as it is.
_TRIES = 5

_Found = dict[tuple[str, str], dict[str, Any]]


class Observer:
    """Records computes, servers, server groups, floating IPs and alarms of a cloud that cannot tell of itself.

    Whether a guest answers cannot be asked of OpenStack: ``guest`` events are derived from the server's status and the
    state of its compute, and say so.

    Args:
        clock: Its time.
        history: Where changes are recorded.
        connection: An admin's.
        every: Seconds between two looks.
    """

    def __init__(self, clock: Clock, history: History, connection: Connection, *, every: float = EVERY) -> None:
        self.every = every
        self._clock = clock
        self._history = history
        self._connection = connection
        self._projects: dict[str, None] = {}
        self._lock = threading.Lock()
        self._seen: _Found = {}
        self._last: _Found = {}
        self._known_actions: dict[str, set[str]] = {}
        self._up: dict[str, bool] = {}
        self._vcpus: dict[str, int] = {}
        self._since: datetime = clock.now()
        self._running = False

    def hosts(self) -> dict[str, int]:
        """The VCPUs of each compute by host name."""
        found = call(self._connection.compute, "GET", "/os-hypervisors/detail")["hypervisors"]
        return {item["service"]["host"]: int(item["vcpus"]) for item in found}

    def watch(self, project_ids: Iterable[str]) -> None:
        """Look at what belongs to these projects too. Everything else on the cloud is none of our business."""
        with self._lock:
            self._projects.update(dict.fromkeys(project_ids))

    def start(self) -> None:
        """Look for the first time, then again and again until :meth:`stop` or the clock's end."""
        self._vcpus = self.hosts()
        self._running = True
        self.look()
        self._clock.spawn(self._keep_looking, ACTOR)

    def stop(self) -> None:
        """Look for the last time."""
        self.look()
        self._running = False

    def abandon(self) -> None:
        """Look no more."""
        self._running = False

    def _keep_looking(self) -> None:
        while self._running:
            self._clock.sleep(self.every)
            self.look()

    def look(self) -> None:
        """Record what is different from the last time.

        Raises:
            openstack.exceptions.HttpException: The cloud refused.
        """
        with self._lock:
            if not self._running:
                return
            begins = self._clock.now()
            found = self._steady()
            at = self._clock.now()
            for (kind, identifier), data in found.items():
                if kind == kinds.SERVER:
                    self._note_server(identifier, data, at)
                else:
                    self._note(kind, identifier, data, at)
            self._note_what_is_gone(found, at)
            self._derive_guests(at)
            self._since = begins

    # -- what is looked at -------------------------------------------------------------------------------------------

    def _steady(self) -> _Found:
        """What there is, as it was at one moment. It takes several questions to see a cloud; while they are asked it
        changes: a floating IP may seem to lead to a server that is down, because the two were asked about at different
        times. So where anything is new, it is asked again, until two answers in a row are the same.
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
                # Nobody outside sees the power switch.
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
                # Below 2.64 a group has a list of policies.
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
        """The server behind a floating IP's port."""
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
        """Where the server holds room. Nova shows one compute; while it moves it holds both the one that it comes from
        and the one that it goes to.
        """
        hosts = [data["host"]] if data["host"] else []
        if data["status"] not in _ON_TWO and data["task_state"] not in ("migrating", "resize_migrating"):
            return hosts
        moves = call(self._connection.compute, "GET", "/os-migrations", instance_uuid=data["server_id"])["migrations"]
        under_way = [move for move in moves if move["status"] not in _OVER]
        newest = max(under_way, key=lambda move: (move["created_at"], move["id"]), default=None)
        both = [] if newest is None else [newest["source_compute"], newest["dest_compute"]]
        return list(dict.fromkeys([*hosts, *(host for host in both if host)]))

    def _latest_action(self, server_id: str, project_id: str, *, moved: bool = False) -> dict[str, str]:
        """What Nova says was done to the server last, and by whom. A move that came and went unseen is still the reason
        why it is elsewhere.
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
        return {"action": _word(newest), "by": newest["project_id"]}

    # -- what is recorded --------------------------------------------------------------------------------------------

    def _note_server(self, server_id: str, data: dict[str, Any], at: datetime) -> None:
        before = self._seen.get((kinds.SERVER, server_id))
        # Nova does not show where it moves to; that may be settled later than everything else.
        data = {**data, "held_on": self._held_on(data)}
        if before is not None and all(before[key] == value for key, value in data.items()):
            return
        moved = before is not None and before["host"] != data["host"]
        action = self._latest_action(server_id, data["project_id"], moved=moved)
        self._note(kinds.SERVER, server_id, {**data, **action}, at)

    def _note_what_is_gone(self, found: _Found, at: datetime) -> None:
        for (kind, identifier), before in list(self._seen.items()):
            if (kind, identifier) in found:
                continue
            if kind == kinds.SERVER and before["status"] != "DELETED":
                by = self._latest_action(identifier, before["project_id"])["by"]
                gone: dict[str, Any] = {"status": "DELETED", "task_state": None, "held_on": [], "action": "delete"}
                self._note(kind, identifier, {**before, **gone, "by": by}, at)
            elif kind == kinds.FLOATING_IP:
                self._note(kind, identifier, {**before, "server_id": None}, at)
            elif kind == kinds.ALARM_CREATED:
                data = {"alarm_id": identifier, "project_id": before["project_id"]}
                self._note(kinds.ALARM_DELETED, identifier, data, at)

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

    def _note(self, kind: str, identifier: str, data: dict[str, Any], at: datetime) -> None:
        """Record the state of a thing, if it is new."""
        if self._seen.get((kind, identifier)) != data:
            self._seen[kind, identifier] = data
            self._append(kind, data, at)

    def _append(self, kind: str, data: Mapping[str, Any], at: datetime) -> None:
        since = self._since.isoformat(timespec="microseconds")
        self._history.append(ACTOR, kind, {**data, "since": since}, at=at)


def _word(action: Mapping[str, Any]) -> str:
    name = str(action["action"])
    return _WORDS.get(name, name)
