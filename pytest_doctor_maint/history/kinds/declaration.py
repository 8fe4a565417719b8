"""A kind of event, and the table of all kinds that are declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pytest_doctor_maint.history.kinds.types import FieldType

#: The data of an event. The values are `Any` because they are what JSON holds; each kind documents its own fields.
Data = Mapping[str, Any]
#: Return the name of the server, project, group or session that has this id, or the id itself when it has no name.
Name = Callable[[object], str]

#: As a source or a target: the actor of the event.
ACTOR = "{actor}"


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of event: what its data holds, who records it, and how reports show it.

    Attributes:
        name: The name in the history, such as ``reply.refused``.
        meaning: One or two sentences for the reference documentation.
        fields: The required fields of the data, each with its meaning in one line.
        optional: The other fields that the data may have, each with its meaning in one line. Data may have further
            fields, such as the other traits of a notification.
        types: The types of fields, by name. A field without a type is any JSON.
        actors: The actors that record events of this kind. Empty: any actor.
        source: The actor at which the arrow of a sequence diagram begins.
        target: The actor at which the arrow ends. None: there is no arrow, because one actor alone is concerned.
        text: Return the event in a few words, for a reader, from its data and from names for ids. None: the event reads
            as the name of its kind.
        names: Return names for the ids in the data, from the data and from the number of the event among those of its
            kind (1, 2, ...). None: the event names nothing.
        verbatim: The fields that hold what the user wrote: addresses in them are not replaced by the names of actors.
        is_step: True if a report of the run (Allure) has a step for each such event.
        is_quiet: True if such an event is left out of the diagram around a violation that is about other events.
    """

    name: str
    meaning: str
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    optional: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    types: Mapping[str, FieldType] = field(default_factory=lambda: MappingProxyType({}))
    actors: tuple[str, ...] = ()
    source: str = ACTOR
    target: str | None = None
    text: Callable[[Data, Name], str] | None = None
    names: Callable[[Data, int], Mapping[str, str]] | None = None
    verbatim: frozenset[str] = frozenset()
    is_step: bool = False
    is_quiet: bool = False

    @property
    def required(self) -> frozenset[str]:
        """The names of the required fields."""
        return frozenset(self.fields)

    def missing(self, data: Mapping[str, object]) -> tuple[str, ...]:
        """Return the names of the required fields that ``data`` lacks, sorted."""
        return tuple(sorted(self.required - data.keys()))

    def check(self, data: Mapping[str, object]) -> None:
        """Check that ``data`` has the required fields, and that the fields that it has are of their types.

        Raises:
            ValueError: It is not so; the message names the fields, or the field, its value and its type.
        """
        if missing := self.missing(data):
            raise ValueError(f"an event of kind {self.name!r} lacks {', '.join(missing)}")
        for name, allowed in self.types.items():
            if name in data and not allowed.allows(data[name]):
                shown = f"{data[name]!r:.80}"
                raise ValueError(f"{name} of an event of kind {self.name!r} is {shown}; allowed: {allowed.name}")

    def describe(self, data: Data, name: Name) -> str:
        """Return an event with this data in a few words."""
        return self.name if self.text is None else self.text(data, name)

    def ends(self, actor: str) -> tuple[str, ...]:
        """Return the source and, if there is one, the target of an event that ``actor`` recorded.

        An actor that acts for one project (``app_manager/PROJECT``) is shown without the project.
        """
        found = (self.source, self.target)
        return tuple(actor.split("/")[0] if end == ACTOR else end for end in found if end is not None)


_DECLARED: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    """Add ``kind`` to the table of all kinds, and return it. From now on its events can be recorded.

    Raises:
        ValueError: Another kind has that name.
    """
    if kind.name in _DECLARED:
        raise ValueError(f"there are two kinds of event named {kind.name!r}")
    _DECLARED[kind.name] = kind
    return kind


def kind(name: str) -> Kind:
    """Return the declared kind of this name.

    Raises:
        ValueError: No kind of this name is declared; the message lists the declared kinds.
    """
    if name not in _DECLARED:
        raise ValueError(f"unknown kind of event {name!r}; allowed: {', '.join(sorted(_DECLARED))}")
    return _DECLARED[name]


def is_declared(name: str) -> bool:
    """Return True if there is a kind of this name."""
    return name in _DECLARED


def for_reading(name: str) -> Kind:
    """Return the kind of this name as a reader of a history needs it, whether or not it is declared.

    A file may come from another version, or from a plugin that is not installed. The description of an event of an
    undeclared kind is the name of the kind.
    """
    return _DECLARED.get(name) or Kind(name, "An event of a kind that is not declared.")


def all_kinds() -> tuple[Kind, ...]:
    """Return all declared kinds, in the order of their declaration."""
    return tuple(_DECLARED.values())
