"""``/servers/ID/metadata``."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import METADATA, ONE_PAIR, object_
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

ALL = Schemas(object_({"metadata": METADATA}, ["metadata"]))
ITEM = Schemas(object_({"meta": ONE_PAIR}, ["meta"]))

#: The VM states in which metadata can be changed.
_STATES = ("active", "paused", "suspended", "stopped")


class ServerMetadataRoutes(NovaService):
    """The metadata of servers."""

    @route("GET", "/v2.1/servers/<server_id>/metadata")
    def list_metadata(self, request: NovaRequest, server_id: str) -> Answer:
        return {"metadata": self.nova.server(server_id, request.caller).metadata}

    @route("POST", "/v2.1/servers/<server_id>/metadata")
    def add_metadata(self, request: NovaRequest, server_id: str) -> Answer:
        added = request.valid_body(ALL)["metadata"]
        server = self.unlocked_server(request, server_id)
        return {"metadata": self._set_metadata(server, {**server.metadata, **added})}

    @route("PUT", "/v2.1/servers/<server_id>/metadata")
    def replace_metadata(self, request: NovaRequest, server_id: str) -> Answer:
        metadata = request.valid_body(ALL)["metadata"]
        return {"metadata": self._set_metadata(self.unlocked_server(request, server_id), metadata)}

    @route("GET", "/v2.1/servers/<server_id>/metadata/<key>")
    def show_metadata_item(self, request: NovaRequest, server_id: str, key: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        _require_key(server, key)
        return {"meta": {key: server.metadata[key]}}

    @route("PUT", "/v2.1/servers/<server_id>/metadata/<key>")
    def set_metadata_item(self, request: NovaRequest, server_id: str, key: str) -> Answer:
        meta = request.valid_body(ITEM)["meta"]
        if key not in meta:
            raise Invalid("Request body and URI mismatch")
        server = self.unlocked_server(request, server_id)
        self._set_metadata(server, {**server.metadata, **meta})
        return {"meta": meta}

    @route("DELETE", "/v2.1/servers/<server_id>/metadata/<key>")
    def delete_metadata_item(self, request: NovaRequest, server_id: str, key: str) -> Answer:
        server = self.unlocked_server(request, server_id)
        _require_key(server, key)
        self._set_metadata(server, {name: value for name, value in server.metadata.items() if name != key})
        return None

    def _set_metadata(self, server: Server, metadata: dict[str, str]) -> dict[str, str]:
        self.nova.quotas.check_request(server.project_id, metadata_items=len(metadata))
        server.require_state("update metadata", _STATES, any_task=True)
        server.metadata = metadata
        return metadata


def _require_key(server: Server, key: str) -> None:
    if key not in server.metadata:
        raise Missing("Metadata item was not found")
