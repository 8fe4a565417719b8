"""The JSON of Keystone's resources. ``root`` is the URL of version 3 of the API."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.keystone.records import (
    AccessRule,
    ApplicationCredential,
    CatalogService,
    Credential,
    Document,
    Endpoint,
    Group,
    Project,
    Region,
    Role,
    Trust,
    User,
)
from pytest_doctor_maint.embedded.keystone.times import write_time


def _self(root: str, collection: str, key: str) -> dict[str, str]:
    return {"self": f"{root}/{collection}/{key}"}


def domain(record: Project, root: str) -> dict[str, Any]:
    """Return a domain."""
    return {
        **record.extra,
        "id": record.id,
        "name": record.name,
        "description": record.description,
        "enabled": record.enabled,
        "tags": list(record.tags),
        "options": dict(record.options),
        "links": _self(root, "domains", record.id),
    }


def project(record: Project, root: str) -> dict[str, Any]:
    """Return a project, or a domain as a project."""
    return {
        **record.extra,
        "id": record.id,
        "name": record.name,
        "domain_id": record.domain_id,
        "parent_id": record.parent_id,
        "description": record.description,
        "enabled": record.enabled,
        "is_domain": record.is_domain,
        "tags": list(record.tags),
        "options": dict(record.options),
        "links": _self(root, "projects", record.id),
    }


def user(record: User, root: str) -> dict[str, Any]:
    """Return a user. As in Keystone, a user without a default project has no field ``default_project_id``."""
    default = {"default_project_id": record.default_project_id} if record.default_project_id is not None else {}
    return {
        **record.extra,
        "id": record.id,
        "name": record.name,
        "domain_id": record.domain_id,
        "enabled": record.enabled,
        "options": dict(record.options),
        "password_expires_at": None,
        **default,
        "links": _self(root, "users", record.id),
    }


def group(record: Group, root: str) -> dict[str, Any]:
    """Return a group."""
    return {
        **record.extra,
        "id": record.id,
        "name": record.name,
        "domain_id": record.domain_id,
        "description": record.description,
        "links": _self(root, "groups", record.id),
    }


def role(record: Role, root: str) -> dict[str, Any]:
    """Return a role."""
    return {
        **record.extra,
        "id": record.id,
        "name": record.name,
        "domain_id": record.domain_id,
        "description": record.description,
        "options": dict(record.options),
        "links": _self(root, "roles", record.id),
    }


def region(record: Region, root: str) -> dict[str, Any]:
    """Return a region."""
    return {
        **record.extra,
        "id": record.id,
        "description": record.description,
        "parent_region_id": record.parent_region_id,
        "links": _self(root, "regions", record.id),
    }


def service(record: CatalogService, root: str) -> dict[str, Any]:
    """Return a service of the catalog. Its description, if it has one, is a field that the API does not define."""
    return {
        **record.extra,
        "id": record.id,
        "name": record.name or "",
        "type": record.type,
        "enabled": record.enabled,
        "links": _self(root, "services", record.id),
    }


def endpoint(record: Endpoint, url: str, root: str) -> dict[str, Any]:
    """Return an endpoint with its absolute URL."""
    return {
        **record.extra,
        "id": record.id,
        "service_id": record.service_id,
        "interface": record.interface,
        "region": record.region_id,
        "region_id": record.region_id,
        "url": url,
        "enabled": record.enabled,
        "links": _self(root, "endpoints", record.id),
    }


def credential(record: Credential, root: str) -> dict[str, Any]:
    """Return a credential with its blob, for which it is kept."""
    return {
        **record.extra,
        "id": record.id,
        "user_id": record.user_id,
        "project_id": record.project_id,
        "type": record.type,
        "blob": record.blob,
        "links": _self(root, "credentials", record.id),
    }


def access_rule(record: AccessRule, root: str) -> dict[str, Any]:
    """Return an access rule."""
    return {
        "id": record.id,
        "service": record.service,
        "method": record.method,
        "path": record.path,
        "links": _self(root, f"users/{record.user_id}/access_rules", record.id),
    }


def application_credential(
    record: ApplicationCredential, roles: list[Role], rules: list[AccessRule], root: str
) -> dict[str, Any]:
    """Return an application credential without its secret."""
    restricted = {"access_rules": [_bare(rule, root) for rule in rules]} if rules else {}
    return {
        "id": record.id,
        "name": record.name,
        "description": record.description,
        "user_id": record.user_id,
        "project_id": record.project_id,
        "roles": [{"id": each.id, "name": each.name, "domain_id": each.domain_id} for each in roles],
        # Keystone writes this time without a zone.
        "expires_at": record.expires_at.strftime("%Y-%m-%dT%H:%M:%S.%f") if record.expires_at else None,
        "unrestricted": record.unrestricted,
        "system": None,
        **restricted,
        "links": _self(root, f"users/{record.user_id}/application_credentials", record.id),
    }


def _bare(rule: AccessRule, root: str) -> dict[str, Any]:
    return {key: value for key, value in access_rule(rule, root).items() if key != "links"}


def trust(record: Trust, roles: list[Role], root: str) -> dict[str, Any]:
    """Return a trust with its roles."""
    roles_url = f"{root}/OS-TRUST/trusts/{record.id}/roles"
    return {
        **record.extra,
        "id": record.id,
        "trustor_user_id": record.trustor_user_id,
        "trustee_user_id": record.trustee_user_id,
        "project_id": record.project_id,
        "impersonation": record.impersonation,
        "expires_at": write_time(record.expires_at),
        "deleted_at": None,
        "remaining_uses": record.remaining_uses,
        "redelegation_count": record.redelegation_count,
        "redelegated_trust_id": record.redelegated_trust_id,
        "roles": [{"id": each.id, "name": each.name, "links": _self(root, "roles", each.id)} for each in roles],
        "roles_links": {"self": roles_url, "previous": None, "next": None},
        "links": _self(root, "OS-TRUST/trusts", record.id),
    }


def document(record: Document, collection: str, root: str) -> dict[str, Any]:
    """Return a resource that Keystone does not use, as it was created."""
    return {**record.values, "id": record.id, "links": _self(root, collection, record.id)}
