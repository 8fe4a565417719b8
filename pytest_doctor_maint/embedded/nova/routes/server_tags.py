"""``/servers/ID/tags``."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import TAG, TAGS_PER_SERVER, array, object_
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

ALL = Schemas(object_({"tags": array(TAG, maxItems=TAGS_PER_SERVER)}, ["tags"]))
ONE = Schemas(TAG)

#: The VM states in which tags can be changed.
_STATES = ("active", "paused", "suspended", "stopped")


class ServerTagRoutes(NovaService):
    """The tags of servers, from 2.26 on."""

    @route("GET", "/v2.1/servers/<server_id>/tags", min=(2, 26))
    def list_tags(self, request: NovaRequest, server_id: str) -> Answer:
        return {"tags": self.nova.server(server_id, request.caller).tags}

    @route("PUT", "/v2.1/servers/<server_id>/tags", min=(2, 26))
    def replace_tags(self, request: NovaRequest, server_id: str) -> Answer:
        tags = request.valid_body(ALL)["tags"]
        server = self._taggable(request, server_id)
        server.tags = sorted(set(tags))
        return {"tags": server.tags}

    @route("DELETE", "/v2.1/servers/<server_id>/tags", min=(2, 26))
    def delete_tags(self, request: NovaRequest, server_id: str) -> Answer:
        self._taggable(request, server_id).tags = []
        return None

    @route("GET", "/v2.1/servers/<server_id>/tags/<name>", min=(2, 26))
    def show_tag(self, request: NovaRequest, server_id: str, name: str) -> Answer:
        _require_tag(self.nova.server(server_id, request.caller), name)
        return None

    @route("PUT", "/v2.1/servers/<server_id>/tags/<name>", min=(2, 26))
    def add_tag(self, request: NovaRequest, server_id: str, name: str) -> Answer:
        try:
            ONE.check_body(name)
        except Invalid as error:
            raise Invalid(
                f"Tag '{name}' is invalid. It must be a non empty string without characters '/' and ','. "
                f"Validation error message: {error}"
            ) from error
        server = self._taggable(request, server_id)
        if name in server.tags:
            return None
        if len(server.tags) >= TAGS_PER_SERVER:
            raise Invalid(f"The number of tags exceeded the per-server limit {TAGS_PER_SERVER}")
        server.tags = sorted([*server.tags, name])
        return 201, None, {"Location": f"{self.base_url(request)}/servers/{server_id}/tags/{name}"}

    @route("DELETE", "/v2.1/servers/<server_id>/tags/<name>", min=(2, 26))
    def delete_tag(self, request: NovaRequest, server_id: str, name: str) -> Answer:
        server = self._taggable(request, server_id)
        _require_tag(server, name)
        server.tags = [tag for tag in server.tags if tag != name]
        return None

    def _taggable(self, request: NovaRequest, server_id: str) -> Server:
        server = self.nova.server(server_id, request.caller)
        server.require_state("update tag", _STATES, any_task=True)
        return server


def _require_tag(server: Server, name: str) -> None:
    if name not in server.tags:
        raise Missing(f"Server {server.id} has no tag '{name}'")
