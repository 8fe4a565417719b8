"""``POST /servers/ID/action``: the actions that move a server to another compute, or bring it back to one."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.body import Reader, boolean, one_of, text, values
from pytest_doctor_maint.embedded.nova.errors import Invalid, Refused
from pytest_doctor_maint.embedded.nova.readers import hostname, object_, optional, reference
from pytest_doctor_maint.embedded.nova.routes_actions import ACCEPTED, ActionsRoutes, action, fields_of
from pytest_doctor_maint.embedded.nova.routes_servers import admin_password, asked
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.versions import NovaRequest
from pytest_doctor_maint.simtime.http import Answer


def _auto(name: str, value: Any) -> bool | str:
    return "auto" if value == "auto" else bool(boolean(name, value))


class MovesRoutes(ActionsRoutes):
    """Resizes, migrations, evacuation, shelving."""

    @action("resize")
    def resize_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        nova = self.nova
        readers: dict[str, Reader] = {"flavorRef": reference, "OS-DCF:diskConfig": one_of("AUTO", "MANUAL")}
        fields = fields_of("resize", value, readers, ("flavorRef",))
        flavor = nova.flavors.get(fields["flavorRef"])
        if flavor is None or not (request.caller.is_admin or flavor.visible_to(request.caller.project_id)):
            raise Invalid(f"Flavor {fields['flavorRef']} could not be found.")
        nova.cold_migrations.resize(server, asked(request, "resize"), flavor)
        server.disk_config = fields.get("OS-DCF:diskConfig", server.disk_config)
        return ACCEPTED

    @action("confirmResize")
    def confirm_resize(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        self.nova.cold_migrations.confirm(server, asked(request, "confirmResize"))
        return 204, None

    @action("revertResize")
    def revert_resize(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        self.nova.cold_migrations.revert(server, asked(request, "revertResize"))
        return ACCEPTED

    @action("migrate", admin=True)
    def migrate_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        host = None
        if request.version >= (2, 56) and value is not None:
            host = fields_of("migrate", value, {"host": optional(hostname)}).get("host")
        self.nova.cold_migrations.migrate(server, asked(request, "migrate"), host)
        return ACCEPTED

    @action("os-migrateLive", admin=True)
    def live_migrate(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        version = request.version
        readers: dict[str, Reader] = {"host": optional(hostname), "block_migration": boolean}
        required = ["host", "block_migration"]
        if version < (2, 25):
            readers["disk_over_commit"] = boolean
            required.append("disk_over_commit")
        else:
            readers["block_migration"] = _auto
        if (2, 30) <= version < (2, 68):
            readers["force"] = boolean
        fields = fields_of("os-migrateLive", value, readers, tuple(required))
        forced = fields["host"] is not None and (version < (2, 30) or fields.get("force", False))
        if fields.get("force") and fields["host"] is None:
            raise Invalid("Can't force to a non-provided destination")
        self.nova.live_migrations.migrate(
            server,
            asked(request, "os-migrateLive", "live-migration"),
            fields["host"],
            forced=forced,
            wait=version < (2, 34),
        )
        return ACCEPTED

    @action("evacuate", admin=True)
    def evacuate_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        version = request.version
        readers: dict[str, Reader] = {"host": optional(hostname), "adminPass": text(0, 255)}
        required: tuple[str, ...] = ()
        if version < (2, 14):
            readers["onSharedStorage"] = boolean
            required = ("onSharedStorage",)
        if (2, 29) <= version < (2, 68):
            readers["force"] = boolean
        fields = fields_of("evacuate", value, readers, required)
        host = fields.get("host")
        if fields.get("force") and host is None:
            raise Invalid("Can't force to a non-provided destination")
        forced = host is not None and (version < (2, 29) or fields.get("force", False))
        self.nova.evacuations.evacuate(
            server, asked(request, "evacuate"), host, forced=forced, stopped=version >= (2, 95)
        )
        if version >= (2, 14):
            return 200, None
        password = fields.get("adminPass")
        return 200, {} if fields["onSharedStorage"] else {"adminPass": password or admin_password(self)}

    @action("shelve")
    def shelve_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        self.nova.shelving.shelve(server, asked(request, "shelve"))
        return ACCEPTED

    @action("shelveOffload", admin=True)
    def shelve_offload_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        self.nova.shelving.offload(server, asked(request, "shelveOffload"))
        return ACCEPTED

    @action("unshelve")
    def unshelve_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        zone = host = None
        if request.version >= (2, 77) and value is not None:
            readers: dict[str, Reader] = {"availability_zone": text(1, 255)}
            if request.version >= (2, 91):
                readers = {"availability_zone": text(1, 255, optional=True), "host": hostname}
            fields = values(object_("unshelve", value), readers)
            if not fields:
                raise Invalid("Invalid input for field/attribute unshelve. It must name a zone or a host.")
            zone, host = fields.get("availability_zone"), fields.get("host")
            if host is not None and not request.caller.is_admin:
                raise Refused("Policy doesn't allow os_compute_api:os-shelve:unshelve_to_host to be performed.")
            if zone is not None:
                server.require_state("unshelve", ("shelved_offloaded",))
        self.nova.shelving.unshelve(server, asked(request, "unshelve"), zone, host)
        return ACCEPTED
