"""``/servers/ID/os-volume_attachments``: always empty, because this cloud has no volumes."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.errors import Missing
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import BOOLEAN, TAG, UUID, nullable, section, string
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

_ATTACHMENT = {
    "volumeId": UUID,
    "device": nullable(string(pattern="(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$")),
}
ATTACH = Schemas(
    section("volumeAttachment", _ATTACHMENT, ["volumeId"]),
    {
        (2, 49): section("volumeAttachment", {**_ATTACHMENT, "tag": TAG}, ["volumeId"]),
        (2, 79): section(
            "volumeAttachment", {**_ATTACHMENT, "tag": TAG, "delete_on_termination": BOOLEAN}, ["volumeId"]
        ),
    },
)


class VolumeAttachmentRoutes(NovaService):
    """The volumes of servers."""

    @route("GET", "/v2.1/servers/<server_id>/os-volume_attachments")
    def list_volume_attachments(self, request: NovaRequest, server_id: str) -> Answer:
        self.nova.server(server_id, request.caller)
        return {"volumeAttachments": []}

    @route("GET", "/v2.1/servers/<server_id>/os-volume_attachments/<volume_id>")
    @route("PUT", "/v2.1/servers/<server_id>/os-volume_attachments/<volume_id>")
    @route("DELETE", "/v2.1/servers/<server_id>/os-volume_attachments/<volume_id>")
    def volume_attachment(self, request: NovaRequest, server_id: str, volume_id: str) -> Answer:
        """Show, change or detach a volume; always answers 404, because this cloud has no volumes."""
        self.nova.server(server_id, request.caller)
        raise Missing(f"Volume {volume_id} could not be found.")

    @route("POST", "/v2.1/servers/<server_id>/os-volume_attachments")
    def attach_volume(self, request: NovaRequest, server_id: str) -> Answer:
        """Attach a volume; always answers 404, because this cloud has no volumes."""
        volume_id = request.valid_body(ATTACH)["volumeAttachment"]["volumeId"]
        self.nova.server(server_id, request.caller)
        raise Missing(f"Volume {volume_id} could not be found.")
