"""The output and the consoles of servers."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid
from pytest_doctor_maint.embedded.nova.routes.actions import ActionRoutes, action
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import enum, integer, nullable, section
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.simtime.http import Answer, route

OUTPUT = Schemas(section("os-getConsoleOutput", {"length": nullable(integer(-1))}))
VNC = Schemas(section("os-getVNCConsole", {"type": enum("novnc", "xvpvnc")}, ["type"]))
SPICE = Schemas(section("os-getSPICEConsole", {"type": enum("spice-html5")}, ["type"]))
SERIAL = Schemas(section("os-getSerialConsole", {"type": enum("serial")}, ["type"]))


def _remote(protocols: list[str], types: list[str]) -> dict[str, Any]:
    return section("remote_console", {"protocol": enum(*protocols), "type": enum(*types)}, ["protocol", "type"])


_PROTOCOLS = ["vnc", "spice", "serial", "rdp"]
_TYPES = ["novnc", "xvpvnc", "spice-html5", "serial", "rdp-html5"]
REMOTE = Schemas(_remote(_PROTOCOLS, _TYPES), {(2, 8): _remote([*_PROTOCOLS, "mks"], [*_TYPES, "webmks"])})

#: The consoles that this cloud has: the type by protocol.
CONSOLES = {"vnc": "novnc", "spice": "spice-html5", "serial": "serial", "mks": "webmks"}
_PAGES = {"vnc": "vnc_auto.html", "spice": "spice_auto.html", "mks": "mks.html"}


class ConsoleRoutes(ActionRoutes):
    """The output and the consoles of servers."""

    @action("os-getConsoleOutput", OUTPUT, locked=True)
    def console_output(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        _require_started(server)
        lines = [f"{server.hostname} boot line {line}" for line in range(1, 33)]
        length = -1 if value.get("length") is None else int(value["length"])
        shown = lines if length == -1 else lines[len(lines) - min(length, len(lines)) :]
        return {"output": "\n".join(shown)}

    @action("os-getVNCConsole", VNC, highest=(2, 5), locked=True)
    def vnc_console(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        return self._console(server, value, "vnc")

    @action("os-getSPICEConsole", SPICE, highest=(2, 5), locked=True)
    def spice_console(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        return self._console(server, value, "spice")

    @action("os-getSerialConsole", SERIAL, highest=(2, 5), locked=True)
    def serial_console(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        return self._console(server, value, "serial")

    def _console(self, server: Server, value: dict[str, Any], protocol: str) -> Answer:
        return {"console": {"type": value["type"], "url": self._console_url(server, protocol)}}

    @route("POST", "/v2.1/servers/<server_id>/remote-consoles", min=(2, 6))
    def create_remote_console(self, request: NovaRequest, server_id: str) -> Answer:
        fields = request.valid_body(REMOTE)["remote_console"]
        server = self.nova.server(server_id, request.caller)
        if fields["type"] != CONSOLES.get(fields["protocol"]):
            raise Invalid(f"Unavailable console type {fields['type']}.")
        return {"remote_console": {**fields, "url": self._console_url(server, fields["protocol"])}}

    def _console_url(self, server: Server, protocol: str) -> str:
        """Return the URL of a console, with a token that is valid for nothing else.

        Raises:
            Conflict: The server was not started yet, or is on no compute.
        """
        _require_started(server)
        return f"{self.core.url}/{_PAGES.get(protocol, '')}?path=%3Ftoken%3D{self.core.ids.uuid('console')}"


def _require_started(server: Server) -> None:
    server.require_host()
    if server.launched_at is None:
        raise Conflict(f"Instance {server.id} is not ready")
