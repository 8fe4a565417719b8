"""Credentials that Keystone keeps for others: ``/v3/credentials`` and EC2 keys."""

from __future__ import annotations

import json
from typing import Any

from pytest_doctor_maint.embedded.keystone import schema, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import Credential
from pytest_doctor_maint.embedded.keystone.secret import sha256
from pytest_doctor_maint.simtime.http import Answer, route

CREDENTIAL: schema.Fields = {
    "blob": schema.Text(),
    "type": schema.Text(least=1, most=255),
    "user_id": schema.ID,
    "project_id": schema.Text(null=True, least=1, most=64),
}


class CredentialRoutes(IdentityService):
    """Credentials."""

    @route("POST", "/v3/credentials")
    def create_credential(self, request: IdentityRequest) -> Answer:
        values = schema.read(request.json_object(), "credential", CREDENTIAL, required=("blob", "type"))
        user_id = values.pop("user_id", request.caller.user_id)
        self.must_own(request, user_id)
        self.keystone.directory.user(user_id)
        kind, blob = values.pop("type"), values.pop("blob")
        key = self.core.ids.hex("credential")
        if kind == "ec2":
            key = sha256(_access(blob))
            if not values.get("project_id"):
                raise Invalid("Expecting to find project_id, a string, in credential.")
        credential = self.keystone.delegations.create_credential(key, user_id, kind, blob, **values)
        return 201, {"credential": views.credential(credential, request.root)}

    @route("GET", "/v3/credentials")
    def list_credentials(self, request: IdentityRequest) -> Answer:
        found = [
            views.credential(each, request.root)
            for each in self.keystone.delegations.credentials.values()
            if self.reads_all(request) or each.user_id == request.caller.user_id
        ]
        return self.listing(request, "credentials", found, "user_id", "type")

    def _own_credential(self, request: IdentityRequest, credential_id: str) -> Credential:
        credential = self.keystone.delegations.credential(credential_id)
        self.must_own(request, credential.user_id)
        return credential

    @route("GET", "/v3/credentials/<credential_id>")
    def show_credential(self, request: IdentityRequest, credential_id: str) -> Answer:
        credential = self.keystone.delegations.credential(credential_id)
        self.must_read(request, owner=credential.user_id)
        return {"credential": views.credential(credential, request.root)}

    @route("PATCH", "/v3/credentials/<credential_id>")
    def update_credential(self, request: IdentityRequest, credential_id: str) -> Answer:
        credential = self._own_credential(request, credential_id)
        values = schema.read(request.json_object(), "credential", CREDENTIAL, key=credential_id)
        if "user_id" in values:
            self.must_own(request, values["user_id"])
            self.keystone.directory.user(values["user_id"])
        if values.get("type", credential.type) == "ec2":
            _access(values.get("blob", credential.blob))
            if not values.get("project_id", credential.project_id):
                raise Invalid("Expecting to find project_id, a string, in credential.")
        self.keystone.update(credential, values)
        return {"credential": views.credential(credential, request.root)}

    @route("DELETE", "/v3/credentials/<credential_id>")
    def delete_credential(self, request: IdentityRequest, credential_id: str) -> Answer:
        credential = self._own_credential(request, credential_id)
        del self.keystone.delegations.credentials[credential.id]
        return None

    # EC2 keys are credentials whose blob holds the pair.

    @route("POST", "/v3/users/<user_id>/credentials/OS-EC2")
    def create_ec2_credential(self, request: IdentityRequest, user_id: str) -> Answer:
        self.must_own(request, user_id)
        self.keystone.directory.user(user_id)
        body = request.json_object()
        schema.check(body, {"tenant_id": schema.ID}, required=("tenant_id",))
        project = self.keystone.directory.project(body["tenant_id"])
        access, secret = self.core.ids.hex("ec2 access"), self.core.ids.hex("ec2 secret")
        blob = json.dumps({"access": access, "secret": secret, "trust_id": None})
        credential = self.keystone.delegations.create_credential(
            sha256(access), user_id, "ec2", blob, project_id=project.id
        )
        return 201, {"credential": _ec2(credential, request.root)}

    @route("GET", "/v3/users/<user_id>/credentials/OS-EC2")
    def list_ec2_credentials(self, request: IdentityRequest, user_id: str) -> Answer:
        self.must_read(request, owner=user_id)
        self.keystone.directory.user(user_id)
        kept = self.keystone.delegations.credentials.values()
        found = [_ec2(each, request.root) for each in kept if each.type == "ec2" and each.user_id == user_id]
        return {"credentials": found, "links": {"self": request.base_url, "previous": None, "next": None}}

    def _ec2_credential(self, user_id: str, access: str) -> Credential:
        credential = self.keystone.delegations.credentials.get(sha256(access))
        if credential is None or credential.user_id != user_id or credential.type != "ec2":
            raise Missing("credential", access)
        return credential

    @route("GET", "/v3/users/<user_id>/credentials/OS-EC2/<access>")
    def show_ec2_credential(self, request: IdentityRequest, user_id: str, access: str) -> Answer:
        self.must_read(request, owner=user_id)
        return {"credential": _ec2(self._ec2_credential(user_id, access), request.root)}

    @route("DELETE", "/v3/users/<user_id>/credentials/OS-EC2/<access>")
    def delete_ec2_credential(self, request: IdentityRequest, user_id: str, access: str) -> Answer:
        self.must_own(request, user_id)
        del self.keystone.delegations.credentials[self._ec2_credential(user_id, access).id]
        return None


def _access(blob: str) -> str:
    """The access key in the blob of an EC2 credential."""
    try:
        access = json.loads(blob)["access"]
    except (ValueError, KeyError, TypeError):
        access = None
    if not isinstance(access, str):
        raise Invalid("The blob of an ec2 credential must be a JSON object with the string access.")
    return access


def _ec2(credential: Credential, root: str) -> dict[str, Any]:
    blob = json.loads(credential.blob)
    return {
        "access": blob["access"],
        "secret": blob.get("secret"),
        "trust_id": blob.get("trust_id"),
        "user_id": credential.user_id,
        "tenant_id": credential.project_id,
        "links": {"self": f"{root}/users/{credential.user_id}/credentials/OS-EC2/{blob['access']}"},
    }
