"""Keystone's state as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.keystone.catalog import Catalog
from pytest_doctor_maint.embedded.keystone.delegations import Delegations
from pytest_doctor_maint.embedded.keystone.directory import Directory
from pytest_doctor_maint.embedded.keystone.errors import Forbidden, Missing
from pytest_doctor_maint.embedded.keystone.grants import Grants
from pytest_doctor_maint.embedded.keystone.login import Login
from pytest_doctor_maint.embedded.keystone.records import SYSTEM, Assignment, Document, Project, Role, Target, User
from pytest_doctor_maint.embedded.keystone.tokens import Tokens

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core

ROLES = ("admin", "manager", "member", "reader", "service")
"""The roles there from the start, as ``keystone-manage bootstrap`` makes them."""
HIERARCHY = ("admin", "manager", "member", "reader")
"""Each of these implies the next."""
DOCUMENT_KINDS = ("policy", "limit", "registered_limit", "consumer", "endpoint_group")
"""What Keystone keeps without giving it a meaning."""


class Keystone:
    """Who may do what on the cloud, and where its services are.

    Attributes:
        directory: Domains, projects, users and groups.
        grants: Roles and who holds them.
        catalog: Services, endpoints and regions.
        delegations: Credentials, application credentials and trusts.
        tokens: The tokens given out.
        login: Gives tokens out.
        documents: Resources without a meaning to Keystone: by kind, then by id.
        domain_configs: What is kept as a domain's configuration: by domain id, then group and option.
        admin_project_id: The project ``admin``.
        changes: How often something changed that decides what a token is worth.
    """

    def __init__(self, core: Core, *, admin_password: str, region: str) -> None:
        self.core = core
        self._region = region
        self.changes = 0
        self.directory = Directory(self)
        self.grants = Grants(self)
        self.catalog = Catalog(self)
        self.delegations = Delegations(self)
        self.tokens = Tokens(self)
        self.login = Login(self)
        self.documents: dict[str, dict[str, Document]] = {kind: {} for kind in DOCUMENT_KINDS}
        self.domain_configs: dict[str, dict[str, dict[str, Any]]] = {}
        self._bootstrap(admin_password)

    def _bootstrap(self, admin_password: str) -> None:
        self.directory.create_domain("Default", domain_id="default", description="The default domain")
        roles = {name: self.grants.create_role(name) for name in ROLES}
        for prior, implied in pairwise(HIERARCHY):
            self.grants.imply(roles[prior], roles[implied])
        project = self.directory.create_project("admin", description="Bootstrap project for initializing the cloud.")
        self.admin_project_id = project.id
        admin = self.directory.create_user("admin", password=admin_password)
        for target in (Target("project", project.id), Target("domain", "default"), SYSTEM):
            self.grants.grant(Assignment("user", admin.id, target, roles["admin"].id))
        self.catalog.seed(self._region)

    # What the other services and the harness need

    def validate(self, token_id: str) -> Caller | None:
        """Who bears the token now; None when it is not, or no longer, valid."""
        return self.tokens.validate(token_id)

    def create_project(self, name: str, domain_id: str = "default") -> Project:
        """A new project.

        Raises:
            Conflict: The name is taken.
        """
        return self.directory.create_project(name, domain_id)

    def create_user(self, name: str, password: str, project_id: str, roles: Sequence[str] = ("member",)) -> User:
        """A new user of the default domain who holds ``roles`` (names) on the project.

        Raises:
            Conflict: The name is taken.
            Missing: There is no such project or role.
        """
        self.directory.project(project_id)
        found = []
        for name_of_role in roles:
            role = self.grants.role_named(name_of_role)
            if role is None:
                raise Missing("role", name_of_role)
            found.append(role)
        user = self.directory.create_user(name, password=password, default_project_id=project_id)
        for role in found:
            self.grants.grant(Assignment("user", user.id, Target("project", project_id), role.id))
        return user

    def project_exists(self, project_id: str) -> bool:
        """Whether there is a project of this id that is no domain."""
        project = self.directory.projects.get(project_id)
        return project is not None and not project.is_domain

    def project_name(self, project_id: str) -> str:
        """The name of a project.

        Raises:
            Missing: There is no such project.
        """
        return self.directory.project(project_id).name

    # What the parts share

    def changed(self) -> None:
        """Let every token be looked at anew."""
        self.changes += 1

    def must_be_mutable(self, record: Project | Role) -> None:
        """Do nothing when a record may be changed or deleted.

        Raises:
            Forbidden: It has the option ``immutable``.
        """
        if getattr(record, "options", {}).get("immutable"):
            raise Forbidden(f"Cannot modify immutable resource {record.id}.")

    def update(self, record: Any, values: Mapping[str, Any]) -> None:
        """Set fields of a record; what is no field of it goes to its ``extra``, and None takes it out of there.

        Raises:
            Forbidden: The record is marked immutable, and stays so.
        """
        options: Mapping[str, Any] = getattr(record, "options", {})
        if values.get("options", {}).get("immutable") is not False:
            self.must_be_mutable(record)
        for key, value in values.items():
            if key == "options":
                # An option that is set to None is taken back; the others stay.
                merged = {**options, **value}
                record.options = {name: kept for name, kept in merged.items() if kept is not None}
            elif key != "extra":
                setattr(record, key, value)
        record.extra.update(values.get("extra", {}))
        record.extra = {key: value for key, value in record.extra.items() if value is not None}
        self.changed()
