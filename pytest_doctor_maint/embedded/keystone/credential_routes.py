"""Credentials that Keystone keeps for other services: ``/v3/credentials`` and EC2 keys."""

from __future__ import annotations

import json
from typing import Any

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import Credential
from pytest_doctor_maint.embedded.keystone.secret import sha256
from pytest_doctor_maint.simtime.http import Answer, route
from pytest_doctor_maint.simtime.nesting import parse_json

_CREDENTIAL = {
    "blob": schemas.TEXT,
    "type": schemas.text(minLength=1, maxLength=255),
    "user_id": schemas.ID,
    "project_id": schemas.REFERENCE,
}
NEW_CREDENTIAL = schemas.Resource("credential", _CREDENTIAL, required=("blob", "type"))
CREDENTIAL = schemas.Resource("credential", _CREDENTIAL)
EC2_PROJECT = schemas.Body("tenant_id", schemas.ID)


class CredentialRoutes(IdentityService):
    """Credentials."""

    @route("POST", "/v3/credentials")
    def create_credential(self, request: IdentityRequest) -> Answer:
        """Create a credential."""
        values = NEW_CREDENTIAL.read(request.json_object())
        user_id = values.pop("user_id", request.caller.user_id)
        self.must_own(request, user_id)
        self.must_be_primary(request)
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
        """List the credentials that the caller may read."""
        found = [
            views.credential(each, request.root)
            for each in self.keystone.delegations.credentials.values()
            if self.reads_all(request) or each.user_id == request.caller.user_id
        ]
        if request.token.is_delegated:
            found = []
        return self.listing(request, "credentials", found, "user_id", "type")

    def _own_credential(self, request: IdentityRequest, credential_id: str) -> Credential:
        known = self.keystone.delegations.credentials.get(credential_id)
        self.must_own(request, known.user_id if known else "")
        credential = self.keystone.delegations.credential(credential_id)
        self.must_be_primary(request)
        return credential

    @route("GET", "/v3/credentials/<credential_id>")
    def show_credential(self, request: IdentityRequest, credential_id: str) -> Answer:
        """Show a credential."""
        known = self.keystone.delegations.credentials.get(credential_id)
        self.must_read(request, owner=known.user_id if known else "")
        credential = self.keystone.delegations.credential(credential_id)
        self.must_be_primary(request)
        return {"credential": views.credential(credential, request.root)}

    @route("PATCH", "/v3/credentials/<credential_id>")
    def update_credential(self, request: IdentityRequest, credential_id: str) -> Answer:
        """Update a credential."""
        credential = self._own_credential(request, credential_id)
        values = CREDENTIAL.read(request.json_object(), key=credential_id)
        if "user_id" in values:
            self.must_own(request, values["user_id"])
            self.keystone.directory.user(values["user_id"])
        if values.get("type", credential.type) == "ec2":
            _access(values.get("blob", credential.blob))
            if not values.get("project_id", credential.project_id):
                raise Invalid("Expecting to find project_id, a string, in credential.")
        self.keystone.delegations.update_credential(credential, values)
        return {"credential": views.credential(credential, request.root)}

    @route("DELETE", "/v3/credentials/<credential_id>")
    def delete_credential(self, request: IdentityRequest, credential_id: str) -> Answer:
        """Delete a credential."""
        self.keystone.delegations.delete_credential(self._own_credential(request, credential_id))
        return None

    # EC2 keys are credentials whose blob contains the access key and the secret key.

    @route("POST", "/v3/users/<user_id>/credentials/OS-EC2")
    def create_ec2_credential(self, request: IdentityRequest, user_id: str) -> Answer:
        """Create EC2 keys for a user and a project."""
        self._must_write_keys(request, user_id)
        self.keystone.directory.user(user_id)
        project = self.keystone.directory.project(EC2_PROJECT.read(request.json_object()))
        self.must_be_primary(request)
        access, secret = self.core.ids.hex("ec2 access"), self.core.ids.hex("ec2 secret")
        blob = json.dumps({"access": access, "secret": secret, "trust_id": None})
        credential = self.keystone.delegations.create_credential(
            sha256(access), user_id, "ec2", blob, project_id=project.id
        )
        return 201, {"credential": _ec2(credential, request.root)}

    def _must_write_keys(self, request: IdentityRequest, user_id: str) -> None:
        """Check that the caller may create and delete EC2 keys of a user: an admin, or a member who is the user.

        Raises:
            HttpError: 403, the caller may not.
        """
        self.must_own(request, user_id)
        if not self.holds(request.caller, "member"):
            raise self.forbidden(request)

    @route("GET", "/v3/users/<user_id>/credentials/OS-EC2")
    def list_ec2_credentials(self, request: IdentityRequest, user_id: str) -> Answer:
        """List the EC2 keys of a user."""
        self.must_read(request, owner=user_id)
        self.must_be_primary(request)
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
        """Show EC2 keys of a user."""
        self.must_read(request, owner=user_id)
        credential = self._ec2_credential(user_id, access)
        self.must_be_primary(request)
        return {"credential": _ec2(credential, request.root)}

    @route("DELETE", "/v3/users/<user_id>/credentials/OS-EC2/<access>")
    def delete_ec2_credential(self, request: IdentityRequest, user_id: str, access: str) -> Answer:
        """Delete EC2 keys of a user."""
        self._must_write_keys(request, user_id)
        credential = self._ec2_credential(user_id, access)
        self.must_be_primary(request)
        self.keystone.delegations.delete_credential(credential)
        return None


def _access(blob: str) -> str:
    """Return the access key in the blob of an EC2 credential.

    Raises:
        Invalid: The blob has none.
    """
    try:
        access = parse_json(blob)["access"]
    except (ValueError, KeyError, TypeError):
        access = None
    if not isinstance(access, str):
        raise Invalid("The blob of an ec2 credential must be a JSON object with the string access.")
    return access


def _ec2(credential: Credential, root: str) -> dict[str, Any]:
    blob = parse_json(credential.blob)
    return {
        "access": blob["access"],
        "secret": blob.get("secret"),
        "trust_id": blob.get("trust_id"),
        "user_id": credential.user_id,
        "tenant_id": credential.project_id,
        "links": {"self": f"{root}/users/{credential.user_id}/credentials/OS-EC2/{blob['access']}"},
    }
