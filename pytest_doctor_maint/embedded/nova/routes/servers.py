"""``/servers``: creating, listing, showing, updating and deleting servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_doctor_maint.embedded.nova import listing, views
from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.routes.create_request import blueprint
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.server_schemas import UPDATE
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.values import address, boolean
from pytest_doctor_maint.simtime.http import Answer, route


class ServerRoutes(NovaService):
    """``/servers``."""

    @route("GET", "/v2.1/servers", waits=True)
    def list_servers(self, request: NovaRequest) -> Answer:
        return self._list_page(request, "servers", lambda server: views.brief(request, server))

    @route("GET", "/v2.1/servers/detail", waits=True)
    def list_servers_detail(self, request: NovaRequest) -> Answer:
        """List servers in detail."""
        nova = self.nova
        return self._list_page(request, "servers/detail", lambda server: views.full(nova, request, server, listed=True))

    def _list_page(self, request: NovaRequest, path: str, show: Callable[[Server], dict[str, Any]]) -> Answer:
        found = listing.find(self.nova, request)
        if marker := request.args.get("marker"):
            ids = [server.id for server in found]
            if marker not in ids:
                raise Invalid(f"marker [{marker}] not found")
            found = found[ids.index(marker) + 1 :]
        limit = min(int(request.args.get("limit", listing.MOST)), listing.MOST)
        page = found[:limit]
        with self.core.lock:
            answer: dict[str, Any] = {"servers": [show(server) for server in page]}
        if page and len(page) == limit and ("limit" in request.args or len(found) > limit):
            answer["servers_links"] = self.next_page(request, path, page[-1].id)
        return answer

    @route("POST", "/v2.1/servers")
    @route("POST", "/v2.1/os-volumes_boot", max=(2, 89))
    def create_server(self, request: NovaRequest) -> Answer:
        wanted, fields = blueprint(self.nova, request)
        first, *_ = self.nova.building.create(wanted, request.action("create"))
        if boolean(fields.get("return_reservation_id", False)):
            return 202, {"reservation_id": first.reservation_id}
        answer = {
            "id": first.id,
            "links": views.links(request, first.id),
            "OS-DCF:diskConfig": first.disk_config,
            "security_groups": [{"name": name} for name in wanted.security_groups or ["default"]],
            "adminPass": fields.get("adminPass") or self.new_password(),
        }
        return 202, {"server": answer}, {"Location": f"{self.base_url(request)}/servers/{first.id}"}

    @route("GET", "/v2.1/servers/<server_id>")
    def show_server(self, request: NovaRequest, server_id: str) -> Answer:
        return {"server": views.full(self.nova, request, self.nova.server(server_id, request.caller))}

    @route("PUT", "/v2.1/servers/<server_id>")
    def update_server(self, request: NovaRequest, server_id: str) -> Answer:
        fields = request.valid_body(UPDATE)["server"]
        server = self.nova.server(server_id, request.caller)
        server.disk_config = fields.get("OS-DCF:diskConfig", server.disk_config)
        server.description = fields.get("description", server.description)
        server.hostname = fields.get("hostname", server.hostname)
        if "accessIPv4" in fields:
            server.access_ipv4 = address(fields["accessIPv4"])
        if "accessIPv6" in fields:
            server.access_ipv6 = address(fields["accessIPv6"])
        if "name" in fields:
            server.name = fields["name"].strip()
            self.nova.operations.changed(server, request.action("update"))
        else:
            server.updated_at = request.now
        shown = views.full(self.nova, request, server)
        return {"server": shown if request.version >= (2, 75) else views.without_extended(shown)}

    @route("DELETE", "/v2.1/servers/<server_id>")
    def delete_server(self, request: NovaRequest, server_id: str) -> Answer:
        server = self.unlocked_server(request, server_id)
        self.nova.deletion.delete(server, request.action("delete"))
        return None
