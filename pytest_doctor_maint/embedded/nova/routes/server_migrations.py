"""``/servers/ID/migrations``: the live migrations of a server that are in progress."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Missing
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.routes.migrations import owner, places
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import object_
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, route

FORCE_COMPLETE = Schemas(object_({"force_complete": {"type": "null"}}, ["force_complete"]))


class ServerMigrationRoutes(NovaService):
    """The live migrations of a server that are in progress."""

    @route("GET", "/v2.1/servers/<server_id>/migrations", admin=True, min=(2, 23))
    def list_server_migrations(self, request: NovaRequest, server_id: str) -> Answer:
        """List the live migrations of a server that are in progress."""
        found = self._in_progress(request, server_id)
        return {"migrations": [self._server_migration(request, migration) for migration in found]}

    @route("GET", "/v2.1/servers/<server_id>/migrations/<number>", admin=True, min=(2, 23))
    def show_server_migration(self, request: NovaRequest, server_id: str, number: str) -> Answer:
        for migration in self._in_progress(request, server_id):
            if str(migration.number) == number:
                return {"migration": self._server_migration(request, migration)}
        raise Missing(f"In-progress live migration {number} is not found for server {server_id}.")

    @route("DELETE", "/v2.1/servers/<server_id>/migrations/<number>", admin=True, min=(2, 24))
    def abort_server_migration(self, request: NovaRequest, server_id: str, number: str) -> Answer:
        """Abort a live migration."""
        server = self.unlocked_server(request, server_id)
        action = request.action("abort", "live_migration_cancel")
        self.nova.live_migrations.abort(server, number, action)
        return 202, None

    @route("POST", "/v2.1/servers/<server_id>/migrations/<number>/action", admin=True, min=(2, 22))
    def act_on_server_migration(self, request: NovaRequest, server_id: str, number: str) -> Answer:
        """Force a live migration to complete."""
        request.valid_body(FORCE_COMPLETE)
        server = self.unlocked_server(request, server_id)
        action = request.action("force_complete", "live_migration_force_complete")
        self.nova.live_migrations.force_complete(server, number, action)
        return 202, None

    def _in_progress(self, request: NovaRequest, server_id: str) -> list[Migration]:
        server = self.nova.server(server_id, request.caller)
        return [one for one in self.nova.registry.migrations_of(server.id) if one.is_live_in_progress]

    def _server_migration(self, request: NovaRequest, migration: Migration) -> dict[str, Any]:
        total = migration.old_flavor.ram << 20
        return {
            "id": migration.number,
            "status": migration.status,
            "server_uuid": migration.server_id,
            **places(migration),
            "created_at": micros(migration.created_at),
            "updated_at": micros(migration.updated_at),
            "memory_total_bytes": total,
            "memory_processed_bytes": total // 2,
            "memory_remaining_bytes": total - total // 2,
            "disk_total_bytes": 0,
            "disk_processed_bytes": 0,
            "disk_remaining_bytes": 0,
            **owner(request, migration),
        }
