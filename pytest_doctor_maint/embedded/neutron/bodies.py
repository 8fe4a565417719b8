"""Reading of the attributes of resources from the bodies of requests."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, UNSET, Attribute, Record, ResourceKind
from pytest_doctor_maint.embedded.neutron.checks import Check
from pytest_doctor_maint.embedded.neutron.errors import invalid, malformed, not_allowed


def checked(name: str, check: Check, value: object) -> Any:
    """Return ``value`` in the form that ``check`` gives it.

    Raises:
        NeutronError: 400, the attribute ``name`` cannot have this value.
    """
    try:
        return check(value)
    except ValueError as error:
        raise invalid(name, str(error)) from error


def inner(body: Record, name: str) -> Any:
    """Return the value of the key ``name`` of a body.

    Raises:
        NeutronError: 400, the body does not have this key.
    """
    if name not in body:
        raise malformed(f"Unable to find '{name}' in request body")
    return body[name]


def owner_of(body: Mapping[str, Any], caller: Caller) -> str:
    """Return the project that owns a new resource.

    Raises:
        NeutronError: 400, the body names two projects, or one that is not the caller's, who is not an admin.
    """
    named = [body[key] for key in ("project_id", "tenant_id") if key in body]
    if len(set(map(str, named))) > 1:
        raise malformed("'project_id' and 'tenant_id' do not match")
    if named and named[0] != caller.project_id and not caller.is_admin:
        raise malformed(
            "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin "
            "privileges"
        )
    return str(named[0]) if named else caller.project_id


def creation(kind: ResourceKind, body: object, caller: Caller) -> Record:
    """Return the attributes of a new resource: those of ``body``, and the defaults of all others.

    Attributes that are not given and that Neutron computes are missing.

    Raises:
        NeutronError: 400, the body does not have the form of the resource; 403, only admins may set an attribute.
    """
    given = _known(kind, body)
    project_id = owner_of(given, caller)
    check_rights(kind, given, caller, new=True)
    record: Record = {}
    for name, attribute in kind.attributes.items():
        if name not in given:
            if attribute.default is REQUIRED:
                raise malformed(f"Failed to parse request. Required attribute '{name}' not specified")
            if attribute.default is not UNSET:
                record[name] = copy.copy(attribute.default)
            continue
        if attribute.check is None or not attribute.post:
            raise malformed(f"Attribute '{name}' not allowed in POST")
        record[name] = checked(name, attribute.check, given[name])
    record["project_id"] = record["tenant_id"] = project_id
    return record


def changes(kind: ResourceKind, body: object, caller: Caller) -> Record:
    """Return the attributes that an update sets.

    Raises:
        NeutronError: 400, the body does not have the form of the resource; 403, only admins may set an attribute.
    """
    record: Record = {}
    given = _known(kind, body)
    check_rights(kind, given, caller)
    for name, value in given.items():
        attribute = kind.attributes[name]
        if attribute.check is None or not attribute.put:
            raise malformed(f"Cannot update read-only attribute {name}")
        record[name] = checked(name, attribute.check, value)
    return record


def check_rights(kind: ResourceKind, body: object, caller: Caller, *, new: bool = False) -> None:
    """Check that the caller may set the attributes of a body, whether or not their values are right.

    Args:
        kind: The kind of the resource.
        body: The body; what is wrong with it is reported by others.
        caller: The caller.
        new: True for a new resource, to which everyone may give the defaults.

    Raises:
        NeutronError: 403, only admins may set one of them.
    """
    if caller.is_admin or not isinstance(body, dict):
        return
    for name, value in body.items():
        attribute = kind.attributes.get(name)
        if attribute is None or not attribute.set_admin or not (new or attribute.put):
            continue
        if not (new and _is_default(attribute, value)):
            raise not_allowed(f"{'create' if new else 'update'}_{kind.name}:{name}")


def _is_default(attribute: Attribute, value: object) -> bool:
    try:
        return attribute.check is not None and bool(attribute.check(value) == attribute.default)
    except ValueError:
        return False


def _known(kind: ResourceKind, body: object) -> Record:
    """Return ``body``, which must be an object that has only attributes of ``kind``."""
    if not isinstance(body, dict):
        raise malformed(f"Body contains invalid data: the '{kind.name}' is not an object")
    if unknown := [name for name in body if name not in kind.attributes]:
        raise malformed(f"Unrecognized attribute(s) '{', '.join(map(str, unknown))}'")
    return body
