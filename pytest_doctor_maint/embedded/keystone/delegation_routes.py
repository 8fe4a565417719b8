"""Acting for another user: application credentials with access rules, and trusts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import AccessRule, ApplicationCredential, Role, Trust
from pytest_doctor_maint.embedded.keystone.redelegation import redelegation_count
from pytest_doctor_maint.embedded.keystone.times import read_time
from pytest_doctor_maint.simtime.http import Answer, route

_BY_ID = {"required": ["id"]}
_ACCESS_RULE = {
    "type": "object",
    "properties": {
        "id": schemas.ID,
        "service": schemas.NAME,
        "path": schemas.text(minLength=1, maxLength=225, pattern=r"^/"),
        "method": schemas.text(enum=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    },
    "anyOf": [_BY_ID, {"required": ["service", "method", "path"]}],
}
_ROLES = schemas.items(
    {
        "type": "object",
        "properties": {"id": schemas.ID, "name": schemas.NAME},
        "anyOf": [_BY_ID, {"required": ["name"]}],
    }
)
NEW_APPLICATION_CREDENTIAL = schemas.Resource(
    "application_credential",
    {
        "name": schemas.NAME,
        "description": schemas.DESCRIPTION,
        "secret": schemas.nullable(schemas.text(minLength=1)),
        "expires_at": schemas.nullable(schemas.TEXT),
        "roles": _ROLES,
        "unrestricted": schemas.FLAG,
        "access_rules": schemas.items(_ACCESS_RULE),
        "project_id": schemas.ID,
    },
    required=("name",),
)
NEW_TRUST = schemas.Resource(
    "trust",
    {
        "trustor_user_id": schemas.ID,
        "trustee_user_id": schemas.ID,
        "project_id": schemas.REFERENCE,
        "impersonation": schemas.FLAG,
        "roles": _ROLES,
        "expires_at": schemas.nullable(schemas.TEXT),
        "remaining_uses": {"type": ["integer", "null"], "minimum": 1},
        "allow_redelegation": schemas.nullable(schemas.FLAG),
        "redelegation_count": {"type": ["integer", "null"], "minimum": 0},
    },
    required=("trustor_user_id", "trustee_user_id", "impersonation"),
)


class DelegationRoutes(IdentityService):
    """Application credentials, access rules and trusts."""

    @route("POST", "/v3/users/<user_id>/application_credentials")
    def create_application_credential(self, request: IdentityRequest, user_id: str) -> Answer:
        """Create an application credential of the caller."""
        if user_id != request.caller.user_id:
            raise self.forbidden(request)
        self._not_of_trust(request)
        self._not_restricted(request)
        values = NEW_APPLICATION_CREDENTIAL.read(request.json_object())
        project_id = request.caller.project_id
        if not project_id or values.get("project_id", project_id) != project_id:
            raise Invalid("An application credential is for the project that the token is scoped to.")
        for key in ("extra", "project_id"):
            values.pop(key, None)
        asked = values.pop("roles", None)
        own = self.keystone.tokens.roles(request.token)
        roles = self._roles_named(asked) if asked else own
        if any(role not in own for role in roles):
            # A token of another application credential may have fewer roles than its user.
            raise Invalid("Cannot create an application credential with unassigned role")
        values["expires_at"] = read_time(values.get("expires_at"))
        rules = [self._rule(user_id, each) for each in values.pop("access_rules", ())]
        secret = values.pop("secret", None) or self.core.ids.hex("application credential secret")
        credential = self.keystone.delegations.create_application_credential(
            user_id, project_id, values.pop("name"), secret, roles, **values
        )
        credential.access_rule_ids = [
            self.keystone.delegations.create_access_rule(user_id, **rule).id for rule in rules
        ]
        # The secret is shown this once.
        return 201, {"application_credential": {**self._credential_view(request, credential), "secret": secret}}

    def _not_of_trust(self, request: IdentityRequest) -> None:
        """Check that the request's token is not one of a trust, which has no part in application credentials.

        Raises:
            Forbidden: It is.
        """
        if request.token.trust_id:
            raise Forbidden("Cannot manage application credentials with a token issued via delegation.")

    def _not_restricted(self, request: IdentityRequest) -> None:
        """Check that the request's token is not one of a restricted application credential.

        Raises:
            Forbidden: It is.
        """
        key = request.token.application_credential_id
        if key and not self.keystone.delegations.application_credential(key).unrestricted:
            raise Forbidden("Tokens of a restricted application credential cannot make or delete others.")

    def _roles_named(self, references: list[Mapping[str, Any]]) -> list[Role]:
        found = []
        for reference in references:
            if "id" in reference:
                found.append(self.keystone.grants.role(reference["id"]))
            else:
                role = self.keystone.grants.role_named(reference["name"])
                if role is None:
                    raise Missing("role", reference["name"])
                found.append(role)
        return found

    def _rule(self, user_id: str, reference: Mapping[str, Any]) -> dict[str, str]:
        if "id" in reference:
            rule = self.keystone.delegations.access_rule(user_id, reference["id"])
            return {"service": rule.service, "method": rule.method, "path": rule.path}
        return {key: reference[key] for key in ("service", "method", "path")}

    def _credential_view(self, request: IdentityRequest, credential: ApplicationCredential) -> dict[str, Any]:
        roles = [self.keystone.grants.role(each) for each in credential.role_ids]
        rules = [self.keystone.delegations.access_rules[each] for each in credential.access_rule_ids]
        return views.application_credential(credential, roles, rules, request.root)

    @route("GET", "/v3/users/<user_id>/application_credentials")
    def list_application_credentials(self, request: IdentityRequest, user_id: str) -> Answer:
        """List the application credentials of a user."""
        self.must_read(request, owner=user_id)
        self._not_of_trust(request)
        self.keystone.directory.user(user_id)
        found = [
            self._credential_view(request, each)
            for each in self.keystone.delegations.application_credentials.values()
            if each.user_id == user_id
        ]
        return self.listing(request, "application_credentials", found, "name")

    def _application_credential(self, user_id: str, credential_id: str) -> ApplicationCredential:
        credential = self.keystone.delegations.application_credential(credential_id)
        if credential.user_id != user_id:
            raise Missing("application credential", credential_id)
        return credential

    @route("GET", "/v3/users/<user_id>/application_credentials/<credential_id>")
    def show_application_credential(self, request: IdentityRequest, user_id: str, credential_id: str) -> Answer:
        """Show an application credential."""
        self.must_read(request, owner=user_id)
        self._not_of_trust(request)
        credential = self._application_credential(user_id, credential_id)
        return {"application_credential": self._credential_view(request, credential)}

    @route("DELETE", "/v3/users/<user_id>/application_credentials/<credential_id>")
    def delete_application_credential(self, request: IdentityRequest, user_id: str, credential_id: str) -> Answer:
        """Delete an application credential."""
        self.must_own(request, user_id)
        self._not_of_trust(request)
        self._not_restricted(request)
        self.keystone.delegations.delete_application_credential(self._application_credential(user_id, credential_id))
        return None

    # Access rules

    @route("GET", "/v3/users/<user_id>/access_rules")
    def list_access_rules(self, request: IdentityRequest, user_id: str) -> Answer:
        """List the access rules of a user."""
        self.must_read(request, owner=user_id)
        self._not_of_trust(request)
        rules = [each for each in self.keystone.delegations.access_rules.values() if each.user_id == user_id]
        found = [views.access_rule(each, request.root) for each in rules]
        return self.listing(request, "access_rules", found, "service", "path", "method")

    @route("GET", "/v3/users/<user_id>/access_rules/<rule_id>")
    def show_access_rule(self, request: IdentityRequest, user_id: str, rule_id: str) -> Answer:
        """Show an access rule."""
        self.must_read(request, owner=user_id)
        self._not_of_trust(request)
        rule: AccessRule = self.keystone.delegations.access_rule(user_id, rule_id)
        return {"access_rule": views.access_rule(rule, request.root)}

    @route("DELETE", "/v3/users/<user_id>/access_rules/<rule_id>")
    def delete_access_rule(self, request: IdentityRequest, user_id: str, rule_id: str) -> Answer:
        """Delete an access rule that no application credential has."""
        self.must_own(request, user_id)
        self._not_of_trust(request)
        self.keystone.delegations.delete_access_rule(self.keystone.delegations.access_rule(user_id, rule_id))
        return None

    # Trusts

    def _not_of_credential(self, request: IdentityRequest) -> None:
        """Check that the request's token is not one of an application credential, which has no part in trusts.

        Raises:
            Forbidden: It is.
        """
        if request.token.application_credential_id:
            raise Forbidden("Delegated tokens cannot manage trusts.")

    @route("POST", "/v3/OS-TRUST/trusts")
    def create_trust(self, request: IdentityRequest) -> Answer:
        """Create a trust of the caller. With a token of a trust that trust is redelegated."""
        values = NEW_TRUST.read(request.json_object())
        if values["trustor_user_id"] != request.caller.user_id:
            raise self.forbidden(request)
        self._not_of_credential(request)
        delegations, source = self.keystone.delegations, request.token.trust_id
        project_id, roles = values.pop("project_id", None) or None, values.pop("roles", [])
        if project_id and not roles:
            raise Forbidden("At least one role should be specified")
        values["expires_at"] = read_time(values.get("expires_at"))
        redelegated = delegations.trust(source) if source else None
        values["redelegation_count"] = redelegation_count(
            values.get("redelegation_count"),
            allowed=values.pop("allow_redelegation", None) or False,
            parent=redelegated,
            remaining_uses=values.get("remaining_uses"),
        )
        trust = delegations.create_trust(
            values.pop("trustor_user_id"),
            values.pop("trustee_user_id"),
            project_id,
            self._roles_named(roles),
            impersonation=values.pop("impersonation"),
            redelegated=redelegated,
            **values,
        )
        return 201, {"trust": self._trust_view(request, trust)}

    def _trust_view(self, request: IdentityRequest, trust: Trust) -> dict[str, Any]:
        return views.trust(trust, [self.keystone.grants.role(each) for each in trust.role_ids], request.root)

    @route("GET", "/v3/OS-TRUST/trusts")
    def list_trusts(self, request: IdentityRequest) -> Answer:
        """List the trusts in which the caller takes part, or all."""
        asked = request.args.get("trustor_user_id") or request.args.get("trustee_user_id")
        self.must_read(request, owner=asked or "")
        self._not_of_credential(request)
        delegations = self.keystone.delegations
        found = [self._trust_view(request, each) for each in delegations.trusts.values() if delegations.is_usable(each)]
        return self.listing(request, "trusts", found, "trustor_user_id", "trustee_user_id")

    def _readable_trust(self, request: IdentityRequest, trust_id: str) -> Trust:
        trust = self.keystone.delegations.trust(trust_id)
        if request.caller.user_id not in (trust.trustor_user_id, trust.trustee_user_id):
            self.must_read(request)
        self._not_of_credential(request)
        return trust

    @route("GET", "/v3/OS-TRUST/trusts/<trust_id>")
    def show_trust(self, request: IdentityRequest, trust_id: str) -> Answer:
        """Show a trust."""
        return {"trust": self._trust_view(request, self._readable_trust(request, trust_id))}

    @route("DELETE", "/v3/OS-TRUST/trusts/<trust_id>")
    def delete_trust(self, request: IdentityRequest, trust_id: str) -> Answer:
        """Delete a trust."""
        trust = self.keystone.delegations.trust(trust_id)
        self.must_own(request, trust.trustor_user_id)
        self._not_of_credential(request)
        self.keystone.delegations.delete_trust(trust)
        return None

    @route("GET", "/v3/OS-TRUST/trusts/<trust_id>/roles")
    def list_trust_roles(self, request: IdentityRequest, trust_id: str) -> Answer:
        """List the roles of a trust."""
        trust = self._readable_trust(request, trust_id)
        found = [views.role(self.keystone.grants.role(each), request.root) for each in trust.role_ids]
        return self.listing(request, "roles", found, "name")

    @route("GET", "/v3/OS-TRUST/trusts/<trust_id>/roles/<role_id>")
    def show_trust_role(self, request: IdentityRequest, trust_id: str, role_id: str) -> Answer:
        """Show a role of a trust."""
        trust = self._readable_trust(request, trust_id)
        if role_id not in trust.role_ids:
            raise Missing("role", role_id)
        return {"role": views.role(self.keystone.grants.role(role_id), request.root)}
