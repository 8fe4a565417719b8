"""``/os-migrations``, ``/servers/ID/migrations`` and ``/servers/ID/os-instance-actions``: what was done to servers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.instance_actions import ActionEvent, InstanceAction
from pytest_doctor_maint.embedded.nova.listing import moment
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.routes_servers import asked, check_lock
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

Noted = TypeVar("Noted", Migration, InstanceAction)

_FILTERS = {
    "status": "status",
    "instance_uuid": "server_id",
    "source_compute": "source",
    "migration_type": "kind",
    "user_id": "user_id",
    "project_id": "project_id",
}


class MigrationsRoutes(NovaService):
    """Migrations and instance actions."""

    # -- migrations of all servers -----------------------------------------------------------------------------------

    @route("GET", "/v2.1/os-migrations", admin=True)
    def list_migrations(self, request: NovaRequest) -> Answer:
        found = list(self.nova.migrations)
        args, version = request.args, request.version
        for name, attribute in _FILTERS.items():
            if name in args and (version >= (2, 80) or name not in ("user_id", "project_id")):
                found = [migration for migration in found if getattr(migration, attribute) == args[name]]
        if "host" in args:
            found = [migration for migration in found if args["host"] in (migration.source, migration.dest)]
        answer: dict[str, Any] = {}
        if version >= (2, 59):
            found = self._in_time(request, found[::-1])
            found, more = self.page(request, found, lambda migration: migration.uuid)
            if more:
                query = [(key, value) for key, value in args.items(multi=True) if key != "marker"]
                query.append(("marker", found[-1].uuid))
                href = f"{self.base_url(request)}/os-migrations?{urlencode(query)}"
                answer["migrations_links"] = [{"rel": "next", "href": href}]
        return {"migrations": [self._migration(request, migration) for migration in found], **answer}

    def _migration(self, request: NovaRequest, migration: Migration) -> dict[str, Any]:
        version = request.version
        shown = {
            "id": migration.number,
            "status": migration.status,
            "instance_uuid": migration.server_id,
            **self._places(migration),
            "old_instance_type_id": _flavor_number(migration.old_flavor.id),
            "new_instance_type_id": _flavor_number(migration.new_flavor.id),
            "created_at": micros(migration.created_at),
            "updated_at": micros(migration.updated_at),
        }
        if version >= (2, 23):
            shown["migration_type"] = migration.kind
            if migration.is_live_in_progress:
                path = f"servers/{migration.server_id}/migrations/{migration.number}"
                shown["links"] = [
                    {"rel": "self", "href": f"{self.base_url(request)}/{path}"},
                    {"rel": "bookmark", "href": f"{self.bookmark_url(request)}/{path}"},
                ]
        return self._with_ids(request, migration, shown)

    def _places(self, migration: Migration) -> dict[str, Any]:
        return {
            "source_compute": migration.source,
            "source_node": migration.source,
            "dest_compute": migration.dest,
            "dest_node": migration.dest,
            "dest_host": None if migration.dest is None else f"{migration.dest}.example.org",
        }

    def _with_ids(self, request: NovaRequest, migration: Migration, shown: dict[str, Any]) -> dict[str, Any]:
        if request.version >= (2, 59):
            shown["uuid"] = migration.uuid
        if request.version >= (2, 80):
            shown |= {"user_id": migration.user_id, "project_id": migration.project_id}
        return shown

    def _in_time(self, request: NovaRequest, found: Sequence[Noted]) -> list[Noted]:
        since = request.args.get("changes-since")
        before = request.args.get("changes-before") if request.version >= (2, 66) else None
        low = moment("changes-since", since) if since else None
        high = moment("changes-before", before) if before else None
        if low is not None and high is not None and high < low:
            raise Invalid("The value of changes-since must be less than or equal to changes-before.")
        return [
            one for one in found if (low is None or one.updated_at >= low) and (high is None or one.updated_at <= high)
        ]

    # -- live migrations of one server -------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/migrations", admin=True, min=(2, 23))
    def list_server_migrations(self, request: NovaRequest, server_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        found = [one for one in self.nova.registry.migrations_of(server.id) if one.is_live_in_progress]
        return {"migrations": [self._server_migration(request, one) for one in found]}

    @route("GET", "/v2.1/servers/<server_id>/migrations/<number>", admin=True, min=(2, 23))
    def show_server_migration(self, request: NovaRequest, server_id: str, number: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        for one in self.nova.registry.migrations_of(server.id):
            if str(one.number) == number and one.is_live_in_progress:
                return {"migration": self._server_migration(request, one)}
        raise Missing(f"In-progress live migration {number} is not found for server {server_id}.")

    @route("DELETE", "/v2.1/servers/<server_id>/migrations/<number>", admin=True, min=(2, 24))
    def abort_server_migration(self, request: NovaRequest, server_id: str, number: str) -> Answer:
        server = self._movable(request, server_id)
        action = asked(request, "abort", "live_migration_cancel")
        self.nova.live_migrations.abort(server, self._number(number, server_id), action)
        return 202, None

    @route("POST", "/v2.1/servers/<server_id>/migrations/<number>/action", admin=True, min=(2, 22))
    def act_on_server_migration(self, request: NovaRequest, server_id: str, number: str) -> Answer:
        body = request.json_object()
        if set(body) != {"force_complete"} or body["force_complete"] is not None:
            raise HttpError(400, "The body must be {'force_complete': null}.")
        server = self._movable(request, server_id)
        action = asked(request, "force_complete", "live_migration_force_complete")
        self.nova.live_migrations.force_complete(server, self._number(number, server_id), action)
        return 202, None

    def _movable(self, request: NovaRequest, server_id: str) -> Server:
        server = self.nova.server(server_id, request.caller)
        check_lock(server, request)
        return server

    def _number(self, number: str, server_id: str) -> int:
        if not number.isdigit():
            raise Missing(f"Migration {number} not found for instance {server_id}.")
        return int(number)

    def _server_migration(self, request: NovaRequest, migration: Migration) -> dict[str, Any]:
        total = migration.old_flavor.ram << 20
        shown = {
            "id": migration.number,
            "status": migration.status,
            "server_uuid": migration.server_id,
            **self._places(migration),
            "created_at": micros(migration.created_at),
            "updated_at": micros(migration.updated_at),
            "memory_total_bytes": total,
            "memory_processed_bytes": total // 2,
            "memory_remaining_bytes": total - total // 2,
            "disk_total_bytes": 0,
            "disk_processed_bytes": 0,
            "disk_remaining_bytes": 0,
        }
        return self._with_ids(request, migration, shown)

    # -- instance actions --------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/os-instance-actions")
    def list_instance_actions(self, request: NovaRequest, server_id: str) -> Answer:
        server = self._even_if_gone(request, server_id)
        found = server.actions[::-1]
        answer: dict[str, Any] = {}
        if request.version >= (2, 58):
            found = self._in_time(request, found)
            found, more = self.page(request, found, lambda action: action.request_id)
            if more:
                query = [(key, value) for key, value in request.args.items(multi=True) if key != "marker"]
                query.append(("marker", found[-1].request_id))
                href = f"{self.base_url(request)}/servers/{server_id}/os-instance-actions?{urlencode(query)}"
                answer["links"] = [{"rel": "next", "href": href}]
        return {"instanceActions": [self._action(request, server, action) for action in found], **answer}

    @route("GET", "/v2.1/servers/<server_id>/os-instance-actions/<request_id>")
    def show_instance_action(self, request: NovaRequest, server_id: str, request_id: str) -> Answer:
        server = self._even_if_gone(request, server_id)
        for action in server.actions:
            if action.request_id == request_id:
                shown = self._action(request, server, action)
                if request.caller.is_admin or request.version >= (2, 51):
                    shown["events"] = [self._event(request, server, event) for event in action.events[::-1]]
                return {"instanceAction": shown}
        raise Missing(f"Action {request_id} for instance {server_id} not found")

    def _even_if_gone(self, request: NovaRequest, server_id: str) -> Server:
        """The server; from 2.21 on a deleted one will do."""
        nova, caller = self.nova, request.caller
        gone = nova.gone.get(server_id)
        if (
            gone is not None
            and request.version >= (2, 21)
            and (caller.is_admin or gone.project_id == caller.project_id)
        ):
            return gone
        return nova.server(server_id, caller)

    def _action(self, request: NovaRequest, server: Server, action: InstanceAction) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "action": action.action,
            "instance_uuid": server.id,
            "request_id": action.request_id,
            "user_id": action.user_id,
            "project_id": action.project_id,
            "start_time": micros(action.started_at),
            "message": action.message,
        }
        if request.version >= (2, 58):
            shown["updated_at"] = micros(action.updated_at)
        return shown

    def _event(self, request: NovaRequest, server: Server, event: ActionEvent) -> dict[str, Any]:
        admin = request.caller.is_admin
        shown: dict[str, Any] = {
            "event": event.name,
            "start_time": micros(event.started_at),
            "finish_time": micros(event.finished_at),
            "result": event.result,
        }
        if admin or request.version < (2, 51):
            shown["traceback"] = event.traceback
        if request.version >= (2, 62):
            where = f"{server.project_id}{event.host}".encode()
            shown["hostId"] = hashlib.sha224(where).hexdigest() if event.host else ""
            if admin:
                shown["host"] = event.host
        if request.version >= (2, 84):
            shown["details"] = event.traceback
        return shown


def _flavor_number(flavor_id: str) -> int:
    """The number of a flavor in Nova's database, which the API shows here and nowhere else."""
    return int(flavor_id) if flavor_id.isdigit() else int(hashlib.sha224(flavor_id.encode()).hexdigest()[:6], 16)
