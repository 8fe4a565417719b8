"""The HTTP side of servers: making, listing, showing, changing and deleting them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from pytest_doctor_maint.embedded.nova import listing, views
from pytest_doctor_maint.embedded.nova.body import named, one_of, section, text, trimmed
from pytest_doctor_maint.embedded.nova.create_request import blueprint
from pytest_doctor_maint.embedded.nova.errors import Conflict
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.readers import address, guest_name
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route


def asked(request: NovaRequest, verb: str, action: str | None = None) -> InstanceAction:
    """What a request asks of a server: ``verb`` is the API's word, ``action`` that of os-instance-actions."""
    now = request.now
    caller = request.caller
    return InstanceAction(action or verb, verb, request.request_id, caller.user_id, caller.project_id, now, now)


class ServersRoutes(NovaService):
    """``/servers``."""

    @route("GET", "/v2.1/servers")
    def list_servers(self, request: NovaRequest) -> Answer:
        return self._list_page(request, "servers", lambda server: views.brief(request, server))

    @route("GET", "/v2.1/servers/detail")
    def list_servers_detail(self, request: NovaRequest) -> Answer:
        nova = self.nova
        return self._list_page(request, "servers/detail", lambda server: views.full(nova, request, server, listed=True))

    def _list_page(self, request: NovaRequest, path: str, show: Callable[[Server], dict[str, Any]]) -> Answer:
        for name in ("limit", "offset"):
            if name in request.args and not request.args[name].isdigit():
                raise HttpError(400, f"Invalid input for query parameters {name}. Value: {request.args[name]}.")
        found = listing.find(self.nova, request)
        marker = request.args.get("marker")
        if marker:
            ids = [server.id for server in found]
            if marker not in ids:
                raise HttpError(400, f"marker [{marker}] not found")
            found = found[ids.index(marker) + 1 :]
        found = found[int(request.args.get("offset") or 0) :]
        limit = min(int(request.args.get("limit") or listing.MOST), listing.MOST)
        page = found[:limit]
        answer: dict[str, Any] = {"servers": [show(server) for server in page]}
        if page and len(page) == limit and ("limit" in request.args or len(found) > limit):
            query = [(key, value) for key, value in request.args.items(multi=True) if key != "marker"]
            href = f"{self.base_url(request)}/{path}?{urlencode([*query, ('marker', page[-1].id)])}"
            answer["servers_links"] = [{"rel": "next", "href": href}]
        return answer

    @route("POST", "/v2.1/servers")
    @route("POST", "/v2.1/os-volumes_boot", max=(2, 89))
    def create_server(self, request: NovaRequest) -> Answer:
        nova = self.nova
        wanted, fields = blueprint(nova, request, request.json_object())
        servers = nova.building.create(wanted, asked(request, "create"))
        if fields.get("return_reservation_id"):
            return 202, {"reservation_id": servers[0].reservation_id}
        first = servers[0]
        answer = {
            "id": first.id,
            "links": views.links(request, first.id),
            "OS-DCF:diskConfig": first.disk_config,
            "security_groups": [{"name": name} for name in wanted.security_groups or ["default"]],
            "adminPass": fields.get("adminPass") or admin_password(self),
        }
        return 202, {"server": answer}, {"Location": f"{self.base_url(request)}/servers/{first.id}"}

    @route("GET", "/v2.1/servers/<server_id>")
    def show_server(self, request: NovaRequest, server_id: str) -> Answer:
        nova = self.nova
        return {"server": views.full(nova, request, nova.server(server_id, request.caller))}

    @route("PUT", "/v2.1/servers/<server_id>")
    def update_server(self, request: NovaRequest, server_id: str) -> Answer:
        nova = self.nova
        readers = {
            "name": named if request.version >= (2, 1) and not request.legacy else trimmed,
            "OS-DCF:diskConfig": one_of("AUTO", "MANUAL"),
            "accessIPv4": address(4),
            "accessIPv6": address(6),
        }
        if request.version >= (2, 19):
            readers["description"] = text(0, 255, optional=True)
        if request.version >= (2, 90):
            readers["hostname"] = guest_name(request.version)
        fields = section(request.json_object(), "server", readers)
        server = nova.server(server_id, request.caller)
        attributes = {
            "OS-DCF:diskConfig": "disk_config",
            "accessIPv4": "access_ipv4",
            "accessIPv6": "access_ipv6",
        }
        for key, value in fields.items():
            setattr(server, attributes.get(key, key), value)
        if "name" in fields:
            nova.operations.changed(server, asked(request, "update"))
        else:
            server.updated_at = self.core.clock.now()
        shown = views.full(nova, request, server)
        return {"server": shown if request.version >= (2, 75) else views.without_extended(shown)}

    @route("DELETE", "/v2.1/servers/<server_id>")
    def delete_server(self, request: NovaRequest, server_id: str) -> Answer:
        nova = self.nova
        server = nova.server(server_id, request.caller)
        check_lock(server, request)
        nova.deletion.delete(server, asked(request, "delete"))
        return None


def check_lock(server: Server, request: NovaRequest) -> None:
    """Refuse to touch a locked server for anyone but an admin.

    Raises:
        Conflict: It is locked.
    """
    if server.locked_by is not None and not request.caller.is_admin:
        raise Conflict(f"Instance {server.id} is locked")


def admin_password(service: NovaService) -> str:
    """A password that Nova makes up; it is told once and kept nowhere."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    stream = service.core.ids.stream("admin_password")
    return "".join(letters[stream.getrandbits(16) % len(letters)] for _ in range(12))
