"""Glance's metadata definitions catalog: which properties mean what, by namespace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core


@dataclass(slots=True)
class Definition:
    """An object, a property, a tag or a resource type's association of a namespace.

    Attributes:
        values: Its fields as the API names them, other than its times.
    """

    values: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Namespace:
    """A namespace and all that is defined in it, each kind by name.

    Attributes:
        namespace: Its unique name.
        visibility: ``public`` or ``private`` (seen by its owner alone).
        resource_types: The resource types whose properties it defines.
    """

    namespace: str
    owner: str
    created_at: datetime
    updated_at: datetime
    display_name: str | None = None
    description: str | None = None
    visibility: str = "private"
    protected: bool = False
    resource_types: dict[str, Definition] = field(default_factory=dict)
    objects: dict[str, Definition] = field(default_factory=dict)
    properties: dict[str, Definition] = field(default_factory=dict)
    tags: dict[str, Definition] = field(default_factory=dict)

    def visible_to(self, caller: Caller) -> bool:
        """Whether the caller may see it."""
        return caller.is_admin or self.visibility == "public" or caller.project_id == self.owner


#: The resource types that Glance's own catalog knows from the start.
RESOURCE_TYPES = (
    "OS::Cinder::Volume",
    "OS::Glance::Image",
    "OS::Nova::Aggregate",
    "OS::Nova::Flavor",
    "OS::Nova::Server",
)


class Metadefs:
    """The namespaces by name, in the order of their creation.

    Attributes:
        resource_types: All resource types and when each was first named, UTC.
    """

    def __init__(self, core: Core) -> None:
        self.namespaces: dict[str, Namespace] = {}
        self.resource_types: dict[str, datetime] = dict.fromkeys(RESOURCE_TYPES, core.clock.now())
