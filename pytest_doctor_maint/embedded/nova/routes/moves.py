"""Actions that move a server to another compute: resize, migration, live migration, evacuation."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.routes.actions import ACCEPTED, ActionRoutes, action
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import (
    ANY_STRING,
    BOOLEAN,
    BOOLEAN_OR_AUTO,
    DISK_CONFIG,
    FLAVOR_REF,
    HOST,
    anything,
    nullable,
    section,
)
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.embedded.nova.usable import usable_flavor
from pytest_doctor_maint.embedded.nova.values import boolean, reference
from pytest_doctor_maint.simtime.http import Answer

RESIZE = Schemas(section("resize", {"flavorRef": FLAVOR_REF, "OS-DCF:diskConfig": DISK_CONFIG}, ["flavorRef"]))
MIGRATE = Schemas(anything("migrate"), {(2, 56): section("migrate", {"host": nullable(HOST)}, nullable=True)})

_LIVE = {"host": nullable(HOST), "block_migration": BOOLEAN}
_LIVE_2_25 = {**_LIVE, "block_migration": BOOLEAN_OR_AUTO}
LIVE_MIGRATE = Schemas(
    section("os-migrateLive", {**_LIVE, "disk_over_commit": BOOLEAN}, ["block_migration", "disk_over_commit", "host"]),
    {
        (2, 25): section("os-migrateLive", _LIVE_2_25, ["block_migration", "host"]),
        (2, 30): section("os-migrateLive", {**_LIVE_2_25, "force": BOOLEAN}, ["block_migration", "host"]),
        (2, 68): section("os-migrateLive", _LIVE_2_25, ["block_migration", "host"]),
    },
)
_EVACUATE = {"host": HOST, "adminPass": ANY_STRING}
EVACUATE = Schemas(
    section("evacuate", {**_EVACUATE, "onSharedStorage": BOOLEAN}, ["onSharedStorage"]),
    {
        (2, 14): section("evacuate", _EVACUATE),
        (2, 29): section("evacuate", {**_EVACUATE, "force": BOOLEAN}),
        (2, 68): section("evacuate", _EVACUATE),
    },
)


class MoveRoutes(ActionRoutes):
    """Actions that move a server to another compute."""

    @action("resize", RESIZE)
    def resize_server(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        flavor = usable_flavor(self.nova, request.caller, reference(value["flavorRef"]))
        self.nova.cold_migrations.resize(server, request.action("resize"), flavor)
        server.disk_config = value.get("OS-DCF:diskConfig", server.disk_config)
        return ACCEPTED

    @action("confirmResize", Schemas(anything("confirmResize")))
    def confirm_resize(self, request: NovaRequest, server: Server, value: object) -> Answer:
        self.nova.cold_migrations.confirm(server, request.action("confirmResize"))
        return 204, None

    @action("revertResize", Schemas(anything("revertResize")))
    def revert_resize(self, request: NovaRequest, server: Server, value: object) -> Answer:
        self.nova.cold_migrations.revert(server, request.action("revertResize"))
        return ACCEPTED

    @action("migrate", MIGRATE, admin=True)
    def migrate_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        # Before 2.56 the value of "migrate" does not matter.
        host = value.get("host") if value and request.version >= (2, 56) else None
        self.nova.cold_migrations.migrate(server, request.action("migrate"), host)
        return ACCEPTED

    @action("os-migrateLive", LIVE_MIGRATE, admin=True)
    def live_migrate(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        host = value["host"]
        self.nova.live_migrations.migrate(
            server,
            request.action("os-migrateLive", "live-migration"),
            host,
            forced=_is_forced(value, host, always=request.version < (2, 30)),
            wait=request.version < (2, 34),
        )
        return ACCEPTED

    @action("evacuate", EVACUATE, admin=True)
    def evacuate_server(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        version, host = request.version, value.get("host")
        shared = version < (2, 14) and boolean(value["onSharedStorage"])
        if shared and "adminPass" in value:
            raise Invalid("admin password can't be changed on existing disk")
        self.nova.evacuations.evacuate(
            server,
            request.action("evacuate"),
            host,
            forced=_is_forced(value, host, always=version < (2, 29)),
            stopped=version >= (2, 95),
        )
        if version >= (2, 14):
            return 200, None
        return 200, {"adminPass": None if shared else value.get("adminPass") or self.new_password()}


def _is_forced(value: dict[str, Any], host: str | None, *, always: bool) -> bool:
    """Return True if the scheduler must not check ``host``; ``always`` is True for the first microversions.

    Raises:
        Invalid: ``force`` is set without a host.
    """
    force = boolean(value.get("force", False))
    if force and host is None:
        raise Invalid("Can't force to a non-provided destination")
    return host is not None and (always or force)
