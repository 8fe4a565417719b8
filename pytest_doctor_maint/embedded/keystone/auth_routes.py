"""Versions and tokens: ``/``, ``/v3``, ``/v3/auth``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.keystone import views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import SYSTEM, Project, Target, Token
from pytest_doctor_maint.embedded.keystone.schema import iso
from pytest_doctor_maint.simtime.http import Answer, route

VERSION = "v3.14"
"""The newest version of the Identity API."""


class AuthRoutes(IdentityService):
    """Discovery and authentication."""

    @route("GET", "/", public=True)
    def list_versions(self, request: IdentityRequest) -> Answer:
        return 300, {"versions": {"values": [self._version(request)]}}, {"Location": request.root + "/"}

    @route("GET", "/v3", public=True)
    def show_version(self, request: IdentityRequest) -> Answer:
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
        auth = request.json_object().get("auth")
        if not isinstance(auth, dict):
            raise Invalid("Expecting to find auth, an object, in the request body.")
        token = self.keystone.login.run(auth)
        return 201, self._token_body(request, token), {"X-Subject-Token": token.id, "Vary": "X-Auth-Token"}

    @route("GET", "/v3/auth/tokens")
    def show_token(self, request: IdentityRequest) -> Answer:
        token = self._subject(request)
        if "service" not in request.caller.roles:
            # That role is for other services, which look every token up.
            self.must_read(request, owner=token.user_id)
        return 200, self._token_body(request, token), {"X-Subject-Token": token.id, "Vary": "X-Auth-Token"}

    @route("DELETE", "/v3/auth/tokens")
    def revoke_token(self, request: IdentityRequest) -> Answer:
        subject = self._subject(request)
        self.must_own(request, subject.user_id)
        self.keystone.tokens.revoke(lambda token: token is subject)
        return None

    def _subject(self, request: IdentityRequest) -> Token:
        token = self.keystone.tokens.get(request.headers.get("X-Subject-Token", ""))
        if token is None:
            # The token itself is not repeated: messages end up in logs.
            raise Missing("token", "the one in X-Subject-Token")
        return token

    def _token_body(self, request: IdentityRequest, token: Token) -> dict[str, Any]:
        directory = self.keystone.directory
        user = directory.user(token.user_id)
        body: dict[str, Any] = {
            "methods": list(token.methods),
            "user": {**self._in_domain(user.id, user.name, user.domain_id), "password_expires_at": None},
            "audit_ids": list(token.audit_ids),
            "issued_at": iso(token.issued_at),
            "expires_at": iso(token.expires_at),
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
                body["catalog"] = self.keystone.catalog.entries(*self._places(token))
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
        if not request.token.target.kind:
            raise self.forbidden(request)
        entries = self.keystone.catalog.entries(*self._places(request.token))
        return {"catalog": entries, "links": {"self": request.base_url, "previous": None, "next": None}}

    @route("GET", "/v3/auth/projects")
    def list_scopable_projects(self, request: IdentityRequest) -> Answer:
        found = [views.project(each, request.root) for each in self._scopable(request, "project") if not each.is_domain]
        return self.listing(request, "projects", found, "name", "domain_id", "enabled")

    @route("GET", "/v3/auth/domains")
    def list_scopable_domains(self, request: IdentityRequest) -> Answer:
        found = [views.domain(each, request.root) for each in self._scopable(request, "domain") if each.is_domain]
        return self.listing(request, "domains", found, "name", "enabled")

    @route("GET", "/v3/auth/system")
    def list_scopable_system(self, request: IdentityRequest) -> Answer:
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
