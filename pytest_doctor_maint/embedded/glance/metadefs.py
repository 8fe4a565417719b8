"""Glance's catalog of metadata definitions: namespaces of properties, objects and tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.glance.errors import Conflict, NotFound

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core


@dataclass(slots=True)
class Definition:
    """An object, a property, a tag, or the association of a resource type.

    Attributes:
        values: The fields by the API's names, other than the times.
        created_at: UTC.
        updated_at: UTC.
    """

    values: dict[str, Any]
    created_at: datetime
    updated_at: datetime

    @property
    def name(self) -> str:
        """The name, which is unique in its namespace among the definitions of its kind."""
        return str(self.values["name"])


class Definitions:
    """The definitions of one kind in a namespace, in the order of their creation.

    Args:
        title: The name of the kind in messages.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self._items: dict[str, Definition] = {}

    def __iter__(self) -> Iterator[Definition]:
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def find(self, name: str) -> Definition:
        """Return the definition with this name.

        Raises:
            NotFound: No definition has this name.
        """
        if name not in self._items:
            raise NotFound(f"Metadata definition {name} was not found.")
        return self._items[name]

    def add(self, values: dict[str, Any], now: datetime) -> Definition:
        """Add a definition.

        Raises:
            Conflict: A definition with this name exists.
        """
        return self.keep(Definition(values, now, now))

    def keep(self, definition: Definition) -> Definition:
        """Add a definition that is there already, such as one of another collection.

        Raises:
            Conflict: There is one with its name.
        """
        if definition.name in self._items:
            raise Conflict(f"A metadata definition {self.title} of name {definition.name} already exists.")
        self._items[definition.name] = definition
        return definition

    def replace(self, name: str, values: dict[str, Any], now: datetime) -> Definition:
        """Replace the fields of a definition, which may get another name.

        Raises:
            NotFound: There is no definition with this name.
            Conflict: Another definition has the new name.
        """
        definition = self.find(name)
        if values["name"] != name and values["name"] in self._items:
            raise Conflict(f"A metadata definition {self.title} of name {values['name']} already exists.")
        del self._items[name]
        definition.values = values
        definition.updated_at = now
        self._items[definition.name] = definition
        return definition

    def remove(self, name: str) -> None:
        """Remove a definition.

        Raises:
            NotFound: There is no definition with this name.
        """
        self.find(name)
        del self._items[name]

    def clear(self) -> None:
        """Remove all definitions."""
        self._items.clear()


@dataclass(slots=True)
class Namespace:
    """A namespace and its definitions.

    Attributes:
        namespace: Its unique name.
        owner: The project that owns it.
        created_at: UTC.
        updated_at: UTC.
        display_name: Its name for people.
        description: A text for people.
        visibility: ``public`` or ``private`` (only the owner sees it).
        protected: True if it cannot be deleted.
        resource_types: The resource types that its properties are for.
        objects: Its objects.
        properties: Its properties.
        tags: Its tags.
    """

    namespace: str
    owner: str
    created_at: datetime
    updated_at: datetime
    display_name: str | None = None
    description: str | None = None
    visibility: str = "private"
    protected: bool = False
    resource_types: Definitions = field(default_factory=lambda: Definitions("resource type association"))
    objects: Definitions = field(default_factory=lambda: Definitions("object"))
    properties: Definitions = field(default_factory=lambda: Definitions("property"))
    tags: Definitions = field(default_factory=lambda: Definitions("tag"))

    def visible_to(self, caller: Caller) -> bool:
        """Return True if the caller may see the namespace."""
        return caller.is_admin or self.visibility == "public" or caller.project_id == self.owner


#: The resource types in Glance's default catalog.
RESOURCE_TYPES = (
    "OS::Cinder::Volume",
    "OS::Glance::Image",
    "OS::Nova::Aggregate",
    "OS::Nova::Flavor",
    "OS::Nova::Server",
)


class Metadefs:
    """The catalog.

    Attributes:
        namespaces: All namespaces by name, in the order of their creation.
        resource_types: When each resource type was first named, UTC.
    """

    def __init__(self, core: Core) -> None:
        self.namespaces: dict[str, Namespace] = {}
        self.resource_types: dict[str, datetime] = dict.fromkeys(RESOURCE_TYPES, core.clock.now())

    def find(self, name: str, caller: Caller) -> Namespace:
        """Return the namespace with this name.

        Raises:
            NotFound: No namespace has this name, or the caller may not see it.
        """
        namespace = self.namespaces.get(name)
        if namespace is None or not namespace.visible_to(caller):
            raise NotFound(f"Metadata definition namespace={name} was not found.")
        return namespace

    def add(self, namespace: Namespace) -> None:
        """Add a namespace, and the resource types that it names.

        Raises:
            Conflict: There is a namespace with this name.
        """
        self.check_free(namespace.namespace)
        self.namespaces[namespace.namespace] = namespace
        for association in namespace.resource_types:
            self.resource_types.setdefault(association.name, association.created_at)

    def rename(self, namespace: Namespace, name: str) -> None:
        """Give a namespace another name; it becomes the last one in listings by creation.

        Raises:
            Conflict: Another namespace has the name.
        """
        if name != namespace.namespace:
            self.check_free(name)
        del self.namespaces[namespace.namespace]
        namespace.namespace = name
        self.namespaces[name] = namespace

    def check_free(self, name: str) -> None:
        """Check that no namespace has this name.

        Raises:
            Conflict: One has.
        """
        if name in self.namespaces:
            raise Conflict(f"Metadata definition namespace={name} already exists.")
