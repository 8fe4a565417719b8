"""Keystone's state as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.keystone.catalog import Catalog
from pytest_doctor_maint.embedded.keystone.changes import Changes
from pytest_doctor_maint.embedded.keystone.delegations import Delegations
from pytest_doctor_maint.embedded.keystone.deletion import Deletion
from pytest_doctor_maint.embedded.keystone.directory import Directory
from pytest_doctor_maint.embedded.keystone.endpoint_filter import EndpointFilter
from pytest_doctor_maint.embedded.keystone.errors import Missing
from pytest_doctor_maint.embedded.keystone.grants import Grants
from pytest_doctor_maint.embedded.keystone.login import Login
from pytest_doctor_maint.embedded.keystone.records import SYSTEM, Assignment, Document, Project, Target, User
from pytest_doctor_maint.embedded.keystone.token_store import TokenStore
from pytest_doctor_maint.embedded.keystone.tokens import Tokens

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core

ROLES = ("admin", "manager", "member", "reader", "service")
"""The roles of a new cloud, as ``keystone-manage bootstrap`` creates them."""
HIERARCHY = ("admin", "manager", "member", "reader")
"""Each of these implies the next."""
DOCUMENT_KINDS = ("policy", "limit", "registered_limit", "consumer", "endpoint_group")
"""The kinds of resources of which Keystone keeps the values alone."""


class Keystone:
    """Users, projects, roles and tokens of the cloud, and the catalog of its services.

    Args:
        core: What all services share.
        admin_password: The password of the user ``admin``.
        region: The id of the region of the cloud's services.

    Attributes:
        directory: Domains, projects, users and groups.
        grants: Roles and role assignments.
        catalog: Services, endpoints and regions.
        delegations: Credentials, application credentials and trusts.
        deletion: Deletes resources on which others depend.
        token_store: The tokens that were issued.
        tokens: Evaluates tokens.
        login: Issues tokens to clients that authenticate.
        documents: Resources that Keystone does not use: by kind, then by id.
        endpoint_filter: The endpoints that are assigned to projects.
        domain_configs: The configurations of domains: by domain id, then by group and option.
        admin_project_id: The id of the project ``admin``.
    """

    def __init__(self, core: Core, *, admin_password: str, region: str) -> None:
        changes = Changes()
        self.token_store = store = TokenStore(core.clock, core.ids)
        self.directory = directory = Directory(core.ids, changes, store)
        self.grants = grants = Grants(core.ids, changes, directory)
        self.catalog = Catalog(core, changes)
        self.delegations = delegations = Delegations(
            core.clock, core.ids, changes, directory=directory, grants=grants, tokens=store
        )
        self.tokens = tokens = Tokens(store, changes, directory=directory, grants=grants, delegations=delegations)
        self.deletion = Deletion(changes, tokens=store, directory=directory, grants=grants, delegations=delegations)
        self.login = Login(core.clock, store, tokens, directory=directory, grants=grants, delegations=delegations)
        self.documents: dict[str, dict[str, Document]] = {kind: {} for kind in DOCUMENT_KINDS}
        self.endpoint_filter = EndpointFilter(self.catalog, self.documents["endpoint_group"])
        self.domain_configs: dict[str, dict[str, dict[str, Any]]] = {}
        self.admin_project_id = self._bootstrap(admin_password, region)

    def _bootstrap(self, admin_password: str, region: str) -> str:
        """Create what a new cloud has, and return the id of the project ``admin``."""
        self.directory.create_domain("Default", domain_id="default", description="The default domain")
        roles = {name: self.grants.create_role(name) for name in ROLES}
        for prior, implied in pairwise(HIERARCHY):
            self.grants.imply(roles[prior], roles[implied])
        project = self.directory.create_project("admin", description="Bootstrap project for initializing the cloud.")
        admin = self.directory.create_user("admin", password=admin_password)
        for target in (Target("project", project.id), Target("domain", "default"), SYSTEM):
            self.grants.grant(Assignment("user", admin.id, target, roles["admin"].id))
        self.catalog.seed(region)
        return project.id

    # What the other services and the testbed use

    def validate(self, token_id: str) -> Caller | None:
        """Return the bearer of a token, or None if the token is not valid."""
        return self.tokens.validate(token_id)

    def create_project(self, name: str, domain_id: str = "default") -> Project:
        """Create a project.

        Raises:
            Conflict: The domain has a project with the name.
        """
        return self.directory.create_project(name, domain_id)

    def create_user(self, name: str, password: str, project_id: str, roles: Sequence[str] = ("member",)) -> User:
        """Create a user of the default domain who holds ``roles`` (names) on the project.

        Raises:
            Conflict: The domain has a user with the name.
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
        """Return True if there is a project with this id that is not a domain."""
        project = self.directory.projects.get(project_id)
        return project is not None and not project.is_domain

    def project_name(self, project_id: str) -> str:
        """Return the name of a project.

        Raises:
            Missing: There is no such project.
        """
        return self.directory.project(project_id).name
