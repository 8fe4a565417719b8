"""Kinds of resources of the Networking API, and their attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.checks import Check
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, not_found

Record = dict[str, Any]
"""A resource: its attributes by the API's names."""


class _Mark:
    """A value that no request can have."""


REQUIRED: Final = _Mark()
"""The default of an attribute that a new resource must be given."""
UNSET: Final = _Mark()
"""The default of an attribute that Neutron computes if it is not given."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a kind of resource.

    Attributes:
        check: Checks values in requests; None: requests cannot set the attribute.
        default: The value in a new resource.
        post: True if requests for a new resource may set the attribute.
        put: True if requests may change the attribute.
        set_admin: True if only admins may set the attribute.
        see_admin: True if only admins see the attribute.
        shown: True if answers have the attribute.
    """

    check: Check | None = None
    default: Any = UNSET
    post: bool = True
    put: bool = True
    set_admin: bool = False
    see_admin: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """A kind of resource.

    Attributes:
        name: The name of one resource, as the key of a body (``network``). Quotas use it, too.
        collection: The name of the collection, as in the path (``networks``).
        title: The name in messages (``Network``).
        not_found: The name of the error for a resource that does not exist (``NetworkNotFound``).
        attributes: The attributes by name.
        tags: True if the resources can be tagged.
        indexed: The attributes by which tables find records without reading all.
        absent: What the message of the error ``not_found`` says of the resource.
    """

    name: str
    collection: str
    title: str
    not_found: str
    attributes: Mapping[str, Attribute] = field(repr=False)
    tags: bool = True
    indexed: tuple[str, ...] = ()
    absent: str = "could not be found."

    def missing(self, record_id: str) -> NeutronError:
        """Return the error for a resource that does not exist or that the caller does not see."""
        return not_found(self.not_found, f"{self.title} {record_id} {self.absent}")


def standard() -> dict[str, Attribute]:
    """Return the attributes that all kinds of resources have."""
    return {
        "id": Attribute(),
        "tenant_id": Attribute(checks.text(), put=False),
        "project_id": Attribute(checks.text(), put=False),
        "created_at": Attribute(),
        "updated_at": Attribute(),
        "revision_number": Attribute(),
        "tags": Attribute(),
        "description": Attribute(checks.or_none(checks.text()), default=""),
    }


def show(kind: ResourceKind, record: Record, caller: Caller) -> Record:
    """Return the attributes of a record that the caller sees."""
    return {
        name: record.get(name)
        for name, attribute in kind.attributes.items()
        if attribute.shown and (caller.is_admin or not attribute.see_admin)
    }
