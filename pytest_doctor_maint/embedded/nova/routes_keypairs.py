"""Nova's key pairs over HTTP."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova import body as read
from pytest_doctor_maint.embedded.nova.keypairs import TYPES, Keypair, generate
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, route


class KeypairRoutes(NovaService):
    """``/os-keypairs``. From 2.10 on, admins handle other users' pairs."""

    @route("GET", "/v2.1/os-keypairs")
    def list_keypairs(self, request: NovaRequest) -> Answer:
        keypairs = self.nova.keypairs.of(self._keypair_owner(request, request.args.get("user_id")))
        links: dict[str, Any] = {}
        if request.version >= (2, 35):
            keypairs, more = self.page(request, keypairs, lambda keypair: keypair.name)
            if more:
                query = f"limit={len(keypairs)}&marker={keypairs[-1].name}"
                links["keypairs_links"] = [{"rel": "next", "href": f"{self.base_url(request)}/os-keypairs?{query}"}]
        return {"keypairs": [{"keypair": self._keypair_brief(request, keypair)} for keypair in keypairs], **links}

    @route("POST", "/v2.1/os-keypairs")
    def create_keypair(self, request: NovaRequest) -> Answer:
        version = request.version
        # Until 2.92 white space at the ends of a name did not count.
        characters = r"[a-zA-Z0-9 @._-]+" if version >= (2, 92) else r"[a-zA-Z0-9 _-]+"
        name_of = read.text(1, 255, pattern=characters)
        fields: dict[str, read.Reader] = {
            "name": lambda name, value: name_of(name, read.named(name, value)),
            "public_key": read.text(0, 1 << 16),
        }
        if version >= (2, 2):
            fields["type"] = read.one_of(*TYPES)
        if version >= (2, 10):
            fields["user_id"] = read.text()
        required = ("name", "public_key") if version >= (2, 92) else ("name",)
        values = read.section(request.json_object(), "keypair", fields, required)
        user_id = self._keypair_owner(request, values.get("user_id"))
        keypairs = self.nova.keypairs
        kind = values.get("type", "ssh")
        private_key = None
        if "public_key" in values:
            public_key = values["public_key"]
        else:
            # A key takes a while to make: not for a request that is refused anyway.
            keypairs.check(request.caller.project_id, user_id, values["name"])
            public_key, private_key = generate(kind, user_id, self.core.clock.now())
        keypair = keypairs.add(request.caller.project_id, user_id, values["name"], kind, public_key)
        shown = {**self._keypair_brief(request, keypair), "user_id": user_id}
        if private_key is not None:
            shown["private_key"] = private_key
        return (201 if version >= (2, 2) else 200), {"keypair": shown}

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

    @route("DELETE", "/v2.1/os-keypairs/<name>")
    def delete_keypair(self, request: NovaRequest, name: str) -> Answer:
        self.nova.keypairs.delete(self._keypair(request, name))
        return (204 if request.version >= (2, 2) else 202), None

    def _keypair(self, request: NovaRequest, name: str) -> Keypair:
        return self.nova.keypairs.get(self._keypair_owner(request, request.args.get("user_id")), name)

    def _keypair_owner(self, request: NovaRequest, user_id: str | None) -> str:
        """Whose key pairs the request is about."""
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
