"""``/os-keypairs``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.keypairs import TYPES, Keypair, generate
from pytest_doctor_maint.embedded.nova.schema import Json, Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, NAME, PAGING, enum, many, query, section
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, route

_KEYPAIR: Json = {"name": {**NAME, "pattern": r"^[_\- a-zA-Z0-9]+$"}, "public_key": ANY_STRING}
_KEYPAIR_2_2: Json = {**_KEYPAIR, "type": enum(*TYPES)}
_KEYPAIR_2_10: Json = {**_KEYPAIR_2_2, "user_id": ANY_STRING}
_KEYPAIR_2_92: Json = {**_KEYPAIR_2_10, "name": {**NAME, "pattern": r"^[_\-\@\. a-zA-Z0-9]+$"}}
CREATE = Schemas(
    section("keypair", _KEYPAIR, ["name"]),
    {
        (2, 2): section("keypair", _KEYPAIR_2_2, ["name"]),
        (2, 10): section("keypair", _KEYPAIR_2_10, ["name"]),
        (2, 92): section("keypair", _KEYPAIR_2_92, ["name", "public_key"]),
    },
)
_OWNER = {"user_id": many(ANY_STRING)}
LIST = Schemas(
    query(), {(2, 10): query(_OWNER), (2, 35): query(_OWNER, PAGING), (2, 75): query(_OWNER, PAGING, closed=True)}
)
SHOW = Schemas(query(), {(2, 10): query(_OWNER), (2, 75): query(_OWNER, closed=True)})


class KeypairRoutes(NovaService):
    """``/os-keypairs``, which belong to users, so readers have them too. Admins can use it for others from 2.10 on."""

    @route("GET", "/v2.1/os-keypairs")
    def list_keypairs(self, request: NovaRequest) -> Answer:
        args = request.valid_query(LIST)
        keypairs = self.nova.keypairs.of(self._owner(request, args.get("user_id")))
        links: dict[str, Any] = {}
        if request.version >= (2, 35):
            keypairs, more = self.page(request, keypairs, lambda keypair: keypair.name)
            if more:
                rest = f"limit={len(keypairs)}&marker={keypairs[-1].name}"
                links["keypairs_links"] = [{"rel": "next", "href": f"{self.base_url(request)}/os-keypairs?{rest}"}]
        return {"keypairs": [{"keypair": self._keypair_brief(request, keypair)} for keypair in keypairs], **links}

    @route("POST", "/v2.1/os-keypairs", role="reader")
    def create_keypair(self, request: NovaRequest) -> Answer:
        fields = request.valid_body(CREATE)["keypair"]
        user_id = self._owner(request, fields.get("user_id"))
        name, kind, project_id = fields["name"].strip(), fields.get("type", "ssh"), request.caller.project_id
        keypairs = self.nova.keypairs
        private_key = None
        if "public_key" in fields:
            public_key = fields["public_key"]
        else:
            # Generating a key takes time: not for a request that is refused anyway.
            keypairs.check(project_id, user_id, name)
            public_key, private_key = generate(kind, user_id, request.now)
        keypair = keypairs.add(project_id, user_id, name, kind, public_key)
        shown = {**self._keypair_brief(request, keypair), "user_id": user_id}
        if private_key is not None:
            shown["private_key"] = private_key
        return (201 if request.version >= (2, 2) else 200), {"keypair": shown}

    @route("GET", "/v2.1/os-keypairs/<name>")
    def show_keypair(self, request: NovaRequest, name: str) -> Answer:
        keypair = self._keypair(request, name)
        return {
            "keypair": {
                **self._keypair_brief(request, keypair),
                "id": keypair.id,
                "user_id": keypair.user_id,
                "created_at": micros(keypair.created_at),
                "updated_at": None,
                "deleted": False,
                "deleted_at": None,
            }
        }

    @route("DELETE", "/v2.1/os-keypairs/<name>", role="reader")
    def delete_keypair(self, request: NovaRequest, name: str) -> Answer:
        self.nova.keypairs.delete(self._keypair(request, name))
        return (204 if request.version >= (2, 2) else 202), None

    def _keypair(self, request: NovaRequest, name: str) -> Keypair:
        args = request.valid_query(SHOW)
        return self.nova.keypairs.get(self._owner(request, args.get("user_id")), name)

    def _owner(self, request: NovaRequest, user_id: str | None) -> str:
        """Return the user whose key pairs a request is about."""
        if user_id is None or request.version < (2, 10) or user_id == request.caller.user_id:
            return request.caller.user_id
        if not request.caller.is_admin:
            raise self.forbidden(request)
        return user_id

    def _keypair_brief(self, request: NovaRequest, keypair: Keypair) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "name": keypair.name,
            "public_key": keypair.public_key,
            "fingerprint": keypair.fingerprint,
        }
        if request.version >= (2, 2):
            shown["type"] = keypair.kind
        return shown
