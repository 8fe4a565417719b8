"""Actions that change the power state of a server: start, stop, pause, suspend, reboot, rescue, and back."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.routes.actions import ACCEPTED, ActionRoutes, action
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, UUID, anything, enum, section
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.embedded.nova.usable import usable_image
from pytest_doctor_maint.simtime.http import Answer

REBOOT = Schemas(section("reboot", {"type": enum("HARD", "Hard", "hard", "SOFT", "Soft", "soft")}, ["type"]))
RESCUE = Schemas(section("rescue", {"adminPass": ANY_STRING, "rescue_image_ref": UUID}, nullable=True))


class PowerRoutes(ActionRoutes):
    """Actions that change the power state of a server."""

    def _change(self, request: NovaRequest, server: Server, verb: str, name: str) -> Answer:
        self.nova.lifecycle.change(server, request.action(verb, name))
        return ACCEPTED

    @action("os-start", Schemas(anything("os-start")))
    def start_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        return self._change(request, server, "os-start", "start")

    @action("os-stop", Schemas(anything("os-stop")))
    def stop_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        return self._change(request, server, "os-stop", "stop")

    @action("pause", Schemas(anything("pause")))
    def pause_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        return self._change(request, server, "pause", "pause")

    @action("unpause", Schemas(anything("unpause")))
    def unpause_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        return self._change(request, server, "unpause", "unpause")

    @action("suspend", Schemas(anything("suspend")))
    def suspend_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        return self._change(request, server, "suspend", "suspend")

    @action("resume", Schemas(anything("resume")))
    def resume_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        return self._change(request, server, "resume", "resume")

    @action("reboot", REBOOT)
    def reboot_server(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        self.nova.lifecycle.reboot(server, request.action("reboot"), hard=value["type"].upper() == "HARD")
        return ACCEPTED

    @action("rescue", RESCUE)
    def rescue_server(self, request: NovaRequest, server: Server, value: dict[str, Any] | None) -> Answer:
        fields = value or {}
        if "rescue_image_ref" in fields:
            usable_image(self.nova, request.caller, fields["rescue_image_ref"], server.flavor)
        self.nova.lifecycle.change(server, request.action("rescue"))
        return 200, {"adminPass": fields.get("adminPass") or self.new_password()}

    @action("unrescue", Schemas(anything("unrescue")))
    def unrescue_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        return self._change(request, server, "unrescue", "unrescue")
