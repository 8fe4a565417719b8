"""Versions of the API, and tokens: ``/``, ``/v3``, ``/v3/auth``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Missing
from pytest_doctor_maint.embedded.keystone.records import SYSTEM, Project, Target, Token
from pytest_doctor_maint.embedded.keystone.times import write_time
from pytest_doctor_maint.simtime.http import Answer, route

VERSION = "v3.14"
"""The newest version of the Identity API."""

_STRING = {"type": "string"}
_BY_ID = {"required": ["id"]}
_DOMAIN = {
    "type": "object",
    "properties": {"id": _STRING, "name": _STRING},
    "anyOf": [_BY_ID, {"required": ["name"]}],
}
_NAMES = {"id": _STRING, "name": _STRING, "domain": _DOMAIN}
_BY_ID_OR_NAME = [_BY_ID, {"required": ["name", "domain"]}]
_IN_DOMAIN = {"type": "object", "properties": _NAMES, "anyOf": _BY_ID_OR_NAME}
_PASSWORD_USER = {
    "type": "object",
    "properties": {**_NAMES, "password": _STRING},
    "required": ["password"],
    "anyOf": _BY_ID_OR_NAME,
}
_PROOFS = {
    "password": {"type": "object", "properties": {"user": _PASSWORD_USER}, "required": ["user"]},
    "token": {"type": "object", "properties": {"id": _STRING}, "required": ["id"]},
    "application_credential": {
        "type": "object",
        "properties": {"id": _STRING, "name": _STRING, "secret": _STRING, "user": _IN_DOMAIN},
        "required": ["secret"],
        "anyOf": [_BY_ID, {"required": ["name", "user"]}],
    },
}
_IDENTITY = {
    "type": "object",
    "properties": {"methods": {"type": "array", "items": _STRING}, **_PROOFS},
    "required": ["methods"],
    # Each method needs its proof.
    "allOf": [
        {"if": {"properties": {"methods": {"contains": {"const": method}}}}, "then": {"required": [method]}}
        for method in _PROOFS
    ],
}
_SCOPE = {
    "type": ["object", "string"],
    "properties": {
        "project": _IN_DOMAIN,
        "domain": _DOMAIN,
        "system": {"type": "object", "properties": {"all": {"const": True}}, "required": ["all"]},
        "unscoped": {"type": "object"},
        "OS-TRUST:trust": {"type": "object", "properties": {"id": _STRING}, "required": ["id"]},
    },
}
AUTH = schemas.Body(
    "auth",
    {"type": "object", "properties": {"identity": _IDENTITY, "scope": _SCOPE}, "required": ["identity"]},
)


class AuthRoutes(IdentityService):
    """Discovery and authentication."""

    @route("GET", "/", public=True)
    def list_versions(self, request: IdentityRequest) -> Answer:
        """List the versions of the Identity API."""
        return 300, {"versions": {"values": [self._version(request)]}}, {"Location": request.root + "/"}

    @route("GET", "/v3", public=True)
    def show_version(self, request: IdentityRequest) -> Answer:
        """Show version 3 of the Identity API."""
        return {"version": self._version(request)}

    @staticmethod
    def _version(request: IdentityRequest) -> dict[str, Any]:
        return {
            "id": VERSION,
            "status": "stable",
            "updated": "2020-04-07T00:00:00Z",
            "links": [{"rel": "self", "href": request.root + "/"}],
            "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
        }

    @route("POST", "/v3/auth/tokens", public=True)
    def create_token(self, request: IdentityRequest) -> Answer:
        """Authenticate, and issue a token for a scope."""
        token = self.keystone.login.authenticate(AUTH.read(request.json_object()))
        return 201, self._token_body(request, token), {"X-Subject-Token": token.id, "Vary": "X-Auth-Token"}

    @route("GET", "/v3/auth/tokens")
    def show_token(self, request: IdentityRequest) -> Answer:
        """Validate a token, and show its user, scope, roles and catalog."""
        token = self._subject(request)
        if "service" not in request.caller.roles:
            # That role is for the other services, which validate every token.
            self.must_read(request, owner=token.user_id)
        return 200, self._token_body(request, token), {"X-Subject-Token": token.id, "Vary": "X-Auth-Token"}

    @route("DELETE", "/v3/auth/tokens")
    def revoke_token(self, request: IdentityRequest) -> Answer:
        """Revoke a token."""
        subject = self._subject(request)
        self.must_own(request, subject.user_id)
        self.keystone.token_store.revoke(lambda token: token is subject)
        return None

    def _subject(self, request: IdentityRequest) -> Token:
        token = self.keystone.tokens.get(request.headers.get("X-Subject-Token", ""))
        if token is None:
            # The token is not repeated, because messages end up in logs.
            raise Missing("token", "the one in X-Subject-Token")
        return token

    def _token_body(self, request: IdentityRequest, token: Token) -> dict[str, Any]:
        directory = self.keystone.directory
        user = directory.user(token.user_id)
        body: dict[str, Any] = {
            "methods": list(token.methods),
            "user": {**self._in_domain(user.id, user.name, user.domain_id), "password_expires_at": None},
            "audit_ids": list(token.audit_ids),
            "issued_at": write_time(token.issued_at),
            "expires_at": write_time(token.expires_at),
        }
        if token.target.kind == "project":
            project = directory.project(token.target.id)
            domain_id = project.domain_id or project.id
            body["project"] = self._in_domain(project.id, project.name, domain_id)
            body["is_domain"] = project.is_domain
        elif token.target.kind == "domain":
            body["domain"] = {"id": token.target.id, "name": directory.domain(token.target.id).name}
        elif token.target.kind == "system":
            body["system"] = {"all": True}
        if token.target.kind:
            body["roles"] = [{"id": role.id, "name": role.name} for role in self.keystone.tokens.roles(token)]
            if "nocatalog" not in request.args:
                body["catalog"] = self.keystone.endpoint_filter.entries(*self._places(token))
        if token.application_credential_id:
            credential = self.keystone.delegations.application_credential(token.application_credential_id)
            body["application_credential"] = {
                "id": credential.id,
                "name": credential.name,
                "restricted": not credential.unrestricted,
            }
        if token.trust_id:
            trust = self.keystone.delegations.trusts[token.trust_id]
            body["OS-TRUST:trust"] = {
                "id": trust.id,
                "impersonation": trust.impersonation,
                "trustor_user": {"id": trust.trustor_user_id},
                "trustee_user": {"id": trust.trustee_user_id},
            }
        return {"token": body}

    def _in_domain(self, key: str, name: str, domain_id: str) -> dict[str, Any]:
        domain = self.keystone.directory.domain(domain_id)
        return {"id": key, "name": name, "domain": {"id": domain.id, "name": domain.name}}

    @staticmethod
    def _places(token: Token) -> tuple[str, str]:
        return token.target.id if token.target.kind == "project" else "", token.user_id

    @route("GET", "/v3/auth/catalog")
    def show_catalog(self, request: IdentityRequest) -> Answer:
        """Show the catalog of the token's scope."""
        if not request.token.target.kind:
            raise self.forbidden(request)
        entries = self.keystone.endpoint_filter.entries(*self._places(request.token))
        return {"catalog": entries, "links": {"self": request.base_url, "previous": None, "next": None}}

    @route("GET", "/v3/auth/projects")
    def list_scopable_projects(self, request: IdentityRequest) -> Answer:
        """List the projects that the caller can scope a token to."""
        found = [views.project(each, request.root) for each in self._scopable(request, "project") if not each.is_domain]
        return self.listing(request, "projects", found, "name", "domain_id", "enabled")

    @route("GET", "/v3/auth/domains")
    def list_scopable_domains(self, request: IdentityRequest) -> Answer:
        """List the domains that the caller can scope a token to."""
        found = [views.domain(each, request.root) for each in self._scopable(request, "domain") if each.is_domain]
        return self.listing(request, "domains", found, "name", "enabled")

    @route("GET", "/v3/auth/system")
    def list_scopable_system(self, request: IdentityRequest) -> Answer:
        """Show whether the caller can scope a token to the system."""
        held = self.keystone.grants.roles_on(request.caller.user_id, SYSTEM)
        links = {"self": request.base_url, "previous": None, "next": None}
        return {"system": [{"all": True}] if held else [], "links": links}

    def _scopable(self, request: IdentityRequest, kind: str) -> list[Project]:
        directory = self.keystone.directory
        return [
            each
            for each in directory.projects.values()
            if directory.usable(each) and self.keystone.grants.roles_on(request.caller.user_id, Target(kind, each.id))
        ]
