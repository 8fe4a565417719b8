"""Actions by which a server is administered: password, lock, state, networking, deletion, crash dump."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Refused
from pytest_doctor_maint.embedded.nova.routes.actions import ACCEPTED, ActionRoutes, action
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, anything, enum, object_, section, string
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.simtime.http import Answer

CHANGE_PASSWORD = Schemas(section("changePassword", {"adminPass": ANY_STRING}, ["adminPass"]))
LOCK = Schemas(anything("lock"), {(2, 73): section("lock", {"locked_reason": string(1, 255)}, nullable=True)})
RESET_STATE = Schemas(section("os-resetState", {"state": enum("active", "error")}, ["state"]))
CRASH_DUMP = Schemas(object_({"trigger_crash_dump": {"type": "null"}}, ["trigger_crash_dump"]))


class AdminActionRoutes(ActionRoutes):
    """Actions by which a server is administered."""

    @action("changePassword", CHANGE_PASSWORD)
    def change_password(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        self.nova.lifecycle.change_password(server, request.action("changePassword"))
        return ACCEPTED

    @action("lock", LOCK, locked=True)
    def lock_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        # Before 2.73 the value of "lock" does not matter.
        reason = value.get("locked_reason") if value and request.version >= (2, 73) else None
        by = "owner" if server.project_id == request.caller.project_id else "admin"
        self.nova.lifecycle.lock(server, request.action("lock"), by, reason)
        return ACCEPTED

    @action("unlock", Schemas(anything("unlock")), locked=True)
    def unlock_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        if server.locked_by == "admin" and not request.caller.is_admin:
            raise Refused("Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.")
        self.nova.lifecycle.unlock(server, request.action("unlock"))
        return ACCEPTED

    @action("os-resetState", RESET_STATE, admin=True, locked=True)
    def reset_state(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        self.nova.lifecycle.reset_state(server, request.action("os-resetState"), value["state"])
        return ACCEPTED

    @action("resetNetwork", Schemas(anything("resetNetwork")), admin=True, highest=(2, 92))
    def reset_network(self, request: NovaRequest, server: Server, value: object) -> Answer:
        server.require_state("resetNetwork", ("active", "stopped", "paused", "suspended"), any_task=True)
        return ACCEPTED

    @action("injectNetworkInfo", Schemas(anything("injectNetworkInfo")), admin=True, highest=(2, 92))
    def inject_network_info(self, request: NovaRequest, server: Server, value: object) -> Answer:
        server.require_state("injectNetworkInfo", ("active", "stopped", "paused"), any_task=True)
        return ACCEPTED

    @action("forceDelete", Schemas(anything("forceDelete")))
    def force_delete(self, request: NovaRequest, server: Server, value: object) -> Answer:
        self.nova.deletion.delete(server, request.action("forceDelete", "delete"))
        return ACCEPTED

    @action("restore", Schemas(anything("restore")))
    def restore_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        # Servers are never deleted softly on this cloud, so there is nothing to restore.
        server.require_state("restore", ("soft-delete",), any_task=True)
        return ACCEPTED

    @action("trigger_crash_dump", CRASH_DUMP, lowest=(2, 17))
    def trigger_crash_dump(self, request: NovaRequest, server: Server, value: None) -> Answer:
        # The guest decides what it does with the interrupt; the guests of this cloud run on.
        server.require_state("trigger_crash_dump", ("active", "paused", "rescued", "resized", "error"))
        return ACCEPTED
