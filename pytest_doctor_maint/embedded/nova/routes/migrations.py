"""``/os-migrations``: the moves of all servers."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.routes.period import PERIOD_2_66, SINCE, in_period
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, ONE_PAGING, many, query
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import digest, micros
from pytest_doctor_maint.simtime.http import Answer, route

#: The query parameters by which the listing is filtered, and the attributes of a migration.
_FILTERS = {
    "status": "status",
    "instance_uuid": "server_id",
    "source_compute": "source",
    "migration_type": "kind",
}
#: Further ones from 2.80 on.
_OWNER_FILTERS = {"user_id": "user_id", "project_id": "project_id"}

_QUERY = dict.fromkeys((*_FILTERS, "host", "hidden"), many(ANY_STRING))
LIST = Schemas(
    query(_QUERY),
    {
        (2, 59): query(_QUERY, SINCE, ONE_PAGING, closed=True),
        (2, 66): query(_QUERY, PERIOD_2_66, ONE_PAGING, closed=True),
        (2, 80): query(_QUERY, dict.fromkeys(_OWNER_FILTERS, many(ANY_STRING)), PERIOD_2_66, ONE_PAGING, closed=True),
    },
)


class MigrationRoutes(NovaService):
    """``/os-migrations``."""

    @route("GET", "/v2.1/os-migrations", admin=True)
    def list_migrations(self, request: NovaRequest) -> Answer:
        args, version = request.valid_query(LIST), request.version
        found = list(self.nova.migrations)
        filters = {**_FILTERS, **_OWNER_FILTERS} if version >= (2, 80) else _FILTERS
        for name, attribute in filters.items():
            if name in args:
                found = [migration for migration in found if getattr(migration, attribute) == args[name]]
        if "host" in args:
            found = [migration for migration in found if args["host"] in (migration.source, migration.dest)]
        answer: dict[str, Any] = {}
        if version >= (2, 59):
            found, more = self.page(request, in_period(request, found[::-1]), lambda migration: migration.uuid)
            if more:
                answer["migrations_links"] = self.next_page(request, "os-migrations", found[-1].uuid)
        return {"migrations": [self._migration(request, migration) for migration in found], **answer}

    def _migration(self, request: NovaRequest, migration: Migration) -> dict[str, Any]:
        shown = {
            "id": migration.number,
            "status": migration.status,
            "instance_uuid": migration.server_id,
            **places(migration),
            "old_instance_type_id": _flavor_number(migration, migration.old_flavor),
            "new_instance_type_id": _flavor_number(migration, migration.new_flavor),
            "created_at": micros(migration.created_at),
            "updated_at": micros(migration.updated_at),
        }
        if request.version >= (2, 23):
            shown["migration_type"] = migration.kind
            if migration.is_live_in_progress:
                shown["links"] = self.links(request, f"servers/{migration.server_id}/migrations/{migration.number}")
        return {**shown, **owner(request, migration)}


def places(migration: Migration) -> dict[str, Any]:
    """Return source and destination of a migration, as the API shows them."""
    return {
        "source_compute": migration.source,
        "source_node": migration.source,
        "dest_compute": migration.dest,
        "dest_node": migration.dest,
        "dest_host": None if migration.dest is None else f"{migration.dest}.example.org",
    }


def owner(request: NovaRequest, migration: Migration) -> dict[str, Any]:
    """Return the uuid and the owner of a migration, as far as the microversion shows them."""
    shown = {}
    if request.version >= (2, 59):
        shown["uuid"] = migration.uuid
    if request.version >= (2, 80):
        shown |= {"user_id": migration.user_id, "project_id": migration.project_id}
    return shown


def _flavor_number(migration: Migration, flavor: Flavor) -> int | None:
    """Return the number of a flavor in Nova's database, which the API shows here only.

    An evacuation has none (``API.evacuate`` in nova/compute/api.py).
    """
    if migration.kind == "evacuation":
        return None
    return int(flavor.id) if flavor.id.isdigit() else int(digest(flavor.id)[:6], 16)
