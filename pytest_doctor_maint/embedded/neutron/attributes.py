"""Which attributes a resource of the Networking API has, and how a request's body is held against them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.checks import Check
from pytest_doctor_maint.embedded.neutron.errors import invalid, malformed, not_allowed

Record = dict[str, Any]
"""A resource: its attributes by the API's names."""


class _Mark:
    """A value that no request can hold."""


REQUIRED: Final = _Mark()
"""The default of an attribute that a new resource must be given."""
UNSET: Final = _Mark()
"""The default of an attribute that the model works out when it is not given."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a resource.

    Attributes:
        check: What values it takes; None: requests cannot set it.
        default: Its value in a new resource.
        post: Whether a new resource may be given it.
        put: Whether it can be changed.
        set_admin: Whether only admins may set it.
        see_admin: Whether only admins see it.
        shown: Whether answers have it.
    """

    check: Check | None = None
    default: Any = UNSET
    post: bool = True
    put: bool = True
    set_admin: bool = False
    see_admin: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource.

    Attributes:
        name: Its name, as the key of a body (``network``).
        collection: The name of many, as in the path (``networks``).
        attributes: Its attributes.
        title: The name in messages (``Network``).
        tags: Whether it can be tagged.
    """

    name: str
    collection: str
    title: str
    attributes: Mapping[str, Attribute] = field(repr=False)
    tags: bool = True

    @property
    def not_found(self) -> str:
        """The name of the error for one that does not exist."""
        return f"{self.title.replace(' ', '')}NotFound"


def standard(*, description: bool = True) -> dict[str, Attribute]:
    """The attributes that every resource has."""
    shared = {
        "id": Attribute(),
        "tenant_id": Attribute(checks.text(), put=False),
        "project_id": Attribute(checks.text(), put=False),
        "created_at": Attribute(),
        "updated_at": Attribute(),
        "revision_number": Attribute(),
        "tags": Attribute(),
    }
    if description:
        shared["description"] = Attribute(checks.or_none(checks.text()), default="")
    return shared


def _known(kind: Kind, body: Mapping[str, Any]) -> None:
    if unknown := [name for name in body if name not in kind.attributes]:
        raise malformed(f"Unrecognized attribute(s) '{', '.join(map(str, unknown))}'")


def _checked(name: str, attribute: Attribute, value: Any) -> Any:
    assert attribute.check is not None  # noqa: S101 - both callers have refused read-only attributes
    try:
        return attribute.check(value)
    except ValueError as error:
        raise invalid(name, str(error)) from error


def owner_of(body: Mapping[str, Any], caller: Caller) -> str:
    """The project that a new resource belongs to.

    Raises:
        NeutronError: 400, a project other than the caller's, who is no admin, or two projects at once.
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


def creation(kind: Kind, body: Any, caller: Caller) -> Record:
    """The attributes of a new resource: what ``body`` gives, and the defaults of what it does not.

    Attributes that the model works out are missing when they were not given.

    Raises:
        NeutronError: 400, the body is not of the resource's form; 403, it has an attribute that only admins may set.
    """
    if not isinstance(body, dict):
        raise malformed(f"Body contains invalid data: the '{kind.name}' is not an object")
    _known(kind, body)
    project_id = owner_of(body, caller)
    record: Record = {}
    for name, attribute in kind.attributes.items():
        if name not in body:
            if attribute.default is REQUIRED:
                raise malformed(f"Failed to parse request. Required attribute '{name}' not specified")
            if attribute.default is not UNSET:
                record[name] = copy.copy(attribute.default)
            continue
        if attribute.check is None or not attribute.post:
            raise malformed(f"Attribute '{name}' not allowed in POST")
        record[name] = _checked(name, attribute, body[name])
        if attribute.set_admin and not caller.is_admin and record[name] != attribute.default:
            raise not_allowed(f"create_{kind.name}:{name}")
    record["project_id"] = record["tenant_id"] = project_id
    return record


def changes(kind: Kind, body: Any, caller: Caller) -> Record:
    """The attributes that an update sets.

    Raises:
        NeutronError: 400, the body is not of the resource's form; 403, it has an attribute that only admins may set.
    """
    if not isinstance(body, dict):
        raise malformed(f"Body contains invalid data: the '{kind.name}' is not an object")
    _known(kind, body)
    record: Record = {}
    for name, value in body.items():
        attribute = kind.attributes[name]
        if attribute.check is None or not attribute.put:
            raise malformed(f"Cannot update read-only attribute {name}")
        record[name] = _checked(name, attribute, value)
        if attribute.set_admin and not caller.is_admin:
            raise not_allowed(f"update_{kind.name}:{name}")
    return record
