"""The action ``rebuild``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova import views
from pytest_doctor_maint.embedded.nova.routes.actions import ActionRoutes, action
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import (
    ANY_STRING,
    BASE64,
    BOOLEAN,
    DESCRIPTION,
    DISK_CONFIG,
    HOST,
    HOSTNAME,
    IPV4,
    IPV6,
    METADATA,
    NAME,
    PERSONALITY,
    TRUSTED_CERTS,
    UUID,
    nullable,
    section,
    string,
)
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.embedded.nova.usable import usable_image
from pytest_doctor_maint.embedded.nova.values import address
from pytest_doctor_maint.simtime.http import Answer

_FIELDS = {
    "name": NAME,
    "imageRef": UUID,
    "adminPass": ANY_STRING,
    "metadata": METADATA,
    "preserve_ephemeral": BOOLEAN,
    "OS-DCF:diskConfig": DISK_CONFIG,
    "accessIPv4": IPV4,
    "accessIPv6": IPV6,
}
_WITH_FILES = {**_FIELDS, "personality": PERSONALITY}
_2_19 = {**_WITH_FILES, "description": DESCRIPTION}
_2_54 = {**_2_19, "key_name": nullable(string(1, 255))}
_2_57 = {
    **_FIELDS,
    "description": DESCRIPTION,
    "key_name": nullable(string(1, 255)),
    "user_data": nullable({**BASE64, "maxLength": 65535}),
}
_2_63 = {**_2_57, "trusted_image_certificates": TRUSTED_CERTS}

REBUILD = Schemas(
    section("rebuild", _WITH_FILES, ["imageRef"]),
    {
        (2, 19): section("rebuild", _2_19, ["imageRef"]),
        (2, 54): section("rebuild", _2_54, ["imageRef"]),
        (2, 57): section("rebuild", _2_57, ["imageRef"]),
        (2, 63): section("rebuild", _2_63, ["imageRef"]),
        (2, 90): section("rebuild", {**_2_63, "hostname": HOSTNAME}, ["imageRef"]),
        (2, 94): section("rebuild", {**_2_63, "hostname": HOST}, ["imageRef"]),
    },
)

#: The attribute of a server that each field changes.
_ATTRIBUTES = {
    "name": "name",
    "metadata": "metadata",
    "description": "description",
    "key_name": "key_name",
    "user_data": "user_data",
    "hostname": "hostname",
    "OS-DCF:diskConfig": "disk_config",
    "accessIPv4": "access_ipv4",
    "accessIPv6": "access_ipv6",
    "trusted_image_certificates": "trusted_certs",
}


class RebuildRoutes(ActionRoutes):
    """The action ``rebuild``."""

    @action("rebuild", REBUILD)
    def rebuild_server(self, request: NovaRequest, server: Server, value: dict[str, Any]) -> Answer:
        nova = self.nova
        image = usable_image(nova, request.caller, value["imageRef"], server.flavor)
        if value.get("key_name") is not None:
            nova.keypairs.get(request.caller.user_id, value["key_name"])
        nova.quotas.check_request(request.caller.project_id, metadata_items=len(value.get("metadata", {})))
        files = [(item["path"], item["contents"]) for item in value.get("personality", [])]
        nova.quotas.check_files(request.caller.project_id, files)
        changes = {attribute: value[field] for field, attribute in _ATTRIBUTES.items() if field in value}
        for attribute in ("access_ipv4", "access_ipv6"):
            if attribute in changes:
                changes[attribute] = address(changes[attribute])
        if "name" in changes:
            changes["name"] = changes["name"].strip()
        nova.lifecycle.rebuild(server, request.action("rebuild"), image.id, changes)
        shown = {**self._rebuilt(request, server), "adminPass": value.get("adminPass") or self.new_password()}
        return 202, {"server": shown}, {"Location": f"{self.base_url(request)}/servers/{server.id}"}

    def _rebuilt(self, request: NovaRequest, server: Server) -> dict[str, Any]:
        version = request.version
        shown = views.full(self.nova, request, server)
        if version < (2, 75):
            shown = views.without_extended(shown)
            if version >= (2, 54):
                shown["key_name"] = server.key_name
        if version >= (2, 57):
            shown.pop("OS-EXT-SRV-ATTR:user_data", None)
            shown["user_data"] = server.user_data
        return shown
