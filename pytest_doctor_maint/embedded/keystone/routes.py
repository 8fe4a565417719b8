"""Keystone's HTTP API."""

from __future__ import annotations

from pytest_doctor_maint.embedded.keystone.assignment_routes import AssignmentRoutes
from pytest_doctor_maint.embedded.keystone.auth_routes import AuthRoutes
from pytest_doctor_maint.embedded.keystone.catalog_routes import CatalogRoutes
from pytest_doctor_maint.embedded.keystone.credential_routes import CredentialRoutes
from pytest_doctor_maint.embedded.keystone.delegation_routes import DelegationRoutes
from pytest_doctor_maint.embedded.keystone.document_routes import DocumentRoutes
from pytest_doctor_maint.embedded.keystone.endpoint_filter_routes import EndpointFilterRoutes
from pytest_doctor_maint.embedded.keystone.limit_routes import LimitRoutes
from pytest_doctor_maint.embedded.keystone.project_routes import ProjectRoutes
from pytest_doctor_maint.embedded.keystone.role_routes import RoleRoutes
from pytest_doctor_maint.embedded.keystone.user_routes import UserRoutes


class KeystoneApi(
    AuthRoutes,
    ProjectRoutes,
    UserRoutes,
    RoleRoutes,
    AssignmentRoutes,
    CatalogRoutes,
    CredentialRoutes,
    DelegationRoutes,
    DocumentRoutes,
    EndpointFilterRoutes,
    LimitRoutes,
):
    """The Identity API v3, put together from its groups of routes."""
