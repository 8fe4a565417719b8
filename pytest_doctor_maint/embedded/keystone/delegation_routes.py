"""Acting for somebody else: application credentials with their access rules, and trusts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.keystone import schema, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.delegations import MAX_REDELEGATION
from pytest_doctor_maint.embedded.keystone.errors import Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import AccessRule, ApplicationCredential, Role, Trust
from pytest_doctor_maint.simtime.http import Answer, route

APPLICATION_CREDENTIAL: schema.Fields = {
    "name": schema.NAME,
    "description": schema.DESCRIPTION,
    "secret": schema.Text(null=True, least=1),
    "expires_at": schema.Text(null=True),
    "roles": schema.Items(schema.Object()),
    "unrestricted": schema.FLAG,
    "access_rules": schema.Items(schema.Object()),
    "project_id": schema.ID,
}
ACCESS_RULE: schema.Fields = {
    "id": schema.ID,
    "service": schema.NAME,
    "path": schema.Text(least=1, most=225, pattern=r"^/"),
    "method": schema.Text(choices=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
}
ROLE_REFERENCE: schema.Fields = {"id": schema.ID, "name": schema.NAME}
TRUST: schema.Fields = {
    "trustor_user_id": schema.ID,
    "trustee_user_id": schema.ID,
    "project_id": schema.Text(null=True, least=1, most=64),
    "impersonation": schema.FLAG,
    "roles": schema.Items(schema.Object()),
    "expires_at": schema.Text(null=True),
    "remaining_uses": schema.Number(least=1, null=True),
    "allow_redelegation": schema.FLAG,
    "redelegation_count": schema.Number(null=True),
}


class DelegationRoutes(IdentityService):
    """Application credentials, access rules and trusts."""

    @route("POST", "/v3/users/<user_id>/application_credentials")
    def create_application_credential(self, request: IdentityRequest, user_id: str) -> Answer:
        if user_id != request.caller.user_id:
            raise self.forbidden(request)
        self._not_restricted(request)
        values = schema.read(
            request.json_object(), "application_credential", APPLICATION_CREDENTIAL, required=("name",)
        )
        project_id = request.caller.project_id
        if not project_id or values.get("project_id", project_id) != project_id:
            raise Invalid("An application credential is for the project that the token is scoped to.")
        for key in ("extra", "project_id"):
            values.pop(key, None)
        asked = values.pop("roles", None)
        roles = self._roles_named(asked) if asked else self.keystone.tokens.roles(request.token)
        values["expires_at"] = schema.moment(values.get("expires_at"))
        rules = [self._rule(user_id, each) for each in values.pop("access_rules", ())]
        secret = values.pop("secret", None) or self.core.ids.hex("application credential secret")
        credential = self.keystone.delegations.create_application_credential(
            user_id, project_id, values.pop("name"), secret, roles, **values
        )
        credential.access_rule_ids = [
            self.keystone.delegations.create_access_rule(user_id, **rule).id for rule in rules
        ]
        # The one time that the secret is told.
        return 201, {"application_credential": {**self._credential_view(request, credential), "secret": secret}}

    def _not_restricted(self, request: IdentityRequest) -> None:
        key = request.token.application_credential_id
        if key and not self.keystone.delegations.application_credential(key).unrestricted:
            raise Forbidden("Tokens of a restricted application credential cannot make or delete others or trusts.")

    def _roles_named(self, references: list[Mapping[str, Any]]) -> list[Role]:
        found = []
        for reference in references:
            schema.check(reference, ROLE_REFERENCE)
            if "id" in reference:
                found.append(self.keystone.grants.role(reference["id"]))
            elif "name" in reference:
                role = self.keystone.grants.role_named(reference["name"])
                if role is None:
                    raise Missing("role", reference["name"])
                found.append(role)
            else:
                raise Invalid("A role is named by its id or its name.")
        return found

    def _rule(self, user_id: str, reference: Mapping[str, Any]) -> dict[str, str]:
        schema.check(reference, ACCESS_RULE)
        if "id" in reference:
            rule = self.keystone.delegations.access_rule(user_id, reference["id"])
            return {"service": rule.service, "method": rule.method, "path": rule.path}
        schema.check(reference, ACCESS_RULE, required=("service", "method", "path"))
        return {key: reference[key] for key in ("service", "method", "path")}

    def _credential_view(self, request: IdentityRequest, credential: ApplicationCredential) -> dict[str, Any]:
        roles = [self.keystone.grants.role(each) for each in credential.role_ids]
        rules = [self.keystone.delegations.access_rules[each] for each in credential.access_rule_ids]
        return views.application_credential(credential, roles, rules, request.root)

    @route("GET", "/v3/users/<user_id>/application_credentials")
    def list_application_credentials(self, request: IdentityRequest, user_id: str) -> Answer:
        self.must_read(request, owner=user_id)
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
        self.must_read(request, owner=user_id)
        credential = self._application_credential(user_id, credential_id)
        return {"application_credential": self._credential_view(request, credential)}

    @route("DELETE", "/v3/users/<user_id>/application_credentials/<credential_id>")
    def delete_application_credential(self, request: IdentityRequest, user_id: str, credential_id: str) -> Answer:
        self.must_own(request, user_id)
        self._not_restricted(request)
        self.keystone.delegations.delete_application_credential(self._application_credential(user_id, credential_id))
        return None

    # Access rules

    @route("GET", "/v3/users/<user_id>/access_rules")
    def list_access_rules(self, request: IdentityRequest, user_id: str) -> Answer:
        self.must_read(request, owner=user_id)
        rules = [each for each in self.keystone.delegations.access_rules.values() if each.user_id == user_id]
        found = [views.access_rule(each, request.root) for each in rules]
        return self.listing(request, "access_rules", found, "service", "path", "method")

    @route("GET", "/v3/users/<user_id>/access_rules/<rule_id>")
    def show_access_rule(self, request: IdentityRequest, user_id: str, rule_id: str) -> Answer:
        self.must_read(request, owner=user_id)
        rule: AccessRule = self.keystone.delegations.access_rule(user_id, rule_id)
        return {"access_rule": views.access_rule(rule, request.root)}

    @route("DELETE", "/v3/users/<user_id>/access_rules/<rule_id>")
    def delete_access_rule(self, request: IdentityRequest, user_id: str, rule_id: str) -> Answer:
        self.must_own(request, user_id)
        self.keystone.delegations.delete_access_rule(self.keystone.delegations.access_rule(user_id, rule_id))
        return None

    # Trusts

    @route("POST", "/v3/OS-TRUST/trusts")
    def create_trust(self, request: IdentityRequest) -> Answer:
        self._not_restricted(request)
        values = schema.read(
            request.json_object(),
            "trust",
            TRUST,
            required=("trustor_user_id", "trustee_user_id", "impersonation"),
        )
        trustor = values.pop("trustor_user_id")
        if trustor != request.caller.user_id or request.token.trust_id:
            raise self.forbidden(request)
        roles = self._roles_named(values.pop("roles", []))
        project_id = values.pop("project_id", None)
        if bool(project_id) != bool(roles):
            raise self.forbidden(request)
        values["expires_at"] = schema.moment(values.get("expires_at"))
        count = values.pop("redelegation_count", None)
        if values.pop("allow_redelegation", False):
            count = MAX_REDELEGATION if count is None else count
        if count is not None and count > MAX_REDELEGATION:
            raise Forbidden(f"A trust can be handed on at most {MAX_REDELEGATION} times.")
        trust = self.keystone.delegations.create_trust(
            trustor, values.pop("trustee_user_id"), project_id, roles, redelegation_count=count or 0, **values
        )
        return 201, {"trust": self._trust_view(request, trust)}

    def _trust_view(self, request: IdentityRequest, trust: Trust) -> dict[str, Any]:
        return views.trust(trust, [self.keystone.grants.role(each) for each in trust.role_ids], request.root)

    @route("GET", "/v3/OS-TRUST/trusts")
    def list_trusts(self, request: IdentityRequest) -> Answer:
        own = request.caller.user_id
        asked = [request.args.get("trustor_user_id"), request.args.get("trustee_user_id")]
        if own not in asked:
            self.must_read(request)
        delegations = self.keystone.delegations
        found = [self._trust_view(request, each) for each in delegations.trusts.values() if delegations.lives(each)]
        return self.listing(request, "trusts", found, "trustor_user_id", "trustee_user_id")

    def _readable_trust(self, request: IdentityRequest, trust_id: str) -> Trust:
        trust = self.keystone.delegations.trust(trust_id)
        if request.caller.user_id not in (trust.trustor_user_id, trust.trustee_user_id):
            self.must_read(request)
        return trust

    @route("GET", "/v3/OS-TRUST/trusts/<trust_id>")
    def show_trust(self, request: IdentityRequest, trust_id: str) -> Answer:
        return {"trust": self._trust_view(request, self._readable_trust(request, trust_id))}

    @route("DELETE", "/v3/OS-TRUST/trusts/<trust_id>")
    def delete_trust(self, request: IdentityRequest, trust_id: str) -> Answer:
        trust = self.keystone.delegations.trust(trust_id)
        self.must_own(request, trust.trustor_user_id)
        self.keystone.delegations.delete_trust(trust)
        return None

    @route("GET", "/v3/OS-TRUST/trusts/<trust_id>/roles")
    def list_trust_roles(self, request: IdentityRequest, trust_id: str) -> Answer:
        trust = self._readable_trust(request, trust_id)
        found = [views.role(self.keystone.grants.role(each), request.root) for each in trust.role_ids]
        return self.listing(request, "roles", found, "name")

    @route("GET", "/v3/OS-TRUST/trusts/<trust_id>/roles/<role_id>")
    def show_trust_role(self, request: IdentityRequest, trust_id: str, role_id: str) -> Answer:
        trust = self._readable_trust(request, trust_id)
        if role_id not in trust.role_ids:
            raise Missing("role", role_id)
        return {"role": views.role(self.keystone.grants.role(role_id), request.root)}
