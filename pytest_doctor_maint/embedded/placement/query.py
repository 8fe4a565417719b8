"""The query parameters by which requests select providers: ``resources``, ``required``, ``member_of``, ``in_tree``."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.placement.providers import (
    DISABLED,
    RESOURCE_CLASSES,
    TRAITS,
    aggregates,
    has_room,
    traits,
)
from pytest_doctor_maint.simtime.http import HttpError
from pytest_doctor_maint.simtime.numbers import natural

UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


@dataclass(slots=True)
class ProviderQuery:
    """The requirements on a provider.

    Attributes:
        resources: How much of each class must be free.
        traits: Sets of traits; the provider must have at least one of each set.
        forbidden_traits: Traits that the provider must not have.
        aggregates: Sets of aggregates; the provider must be in at least one of each set.
        forbidden_aggregates: Aggregates that the provider must not be in.
        in_tree: The root of the provider's tree; each compute is a tree of one provider.
    """

    resources: dict[str, int] = field(default_factory=dict)
    traits: list[set[str]] = field(default_factory=list)
    forbidden_traits: set[str] = field(default_factory=set)
    aggregates: list[set[str]] = field(default_factory=list)
    forbidden_aggregates: set[str] = field(default_factory=set)
    in_tree: str | None = None

    def matches(self, nova: Nova, compute: Compute) -> bool:
        """Return True if a provider has everything that the query asks for."""
        held, groups = set(traits(compute)), set(aggregates(nova, compute))
        return (
            (self.in_tree is None or self.in_tree == compute.uuid)
            and all(one & held for one in self.traits)
            and not self.forbidden_traits & held
            and all(one & groups for one in self.aggregates)
            and not self.forbidden_aggregates & groups
            and has_room(compute, self.resources)
        )

    def add_resources(self, text: str) -> None:
        """Add a value of ``resources``: ``VCPU:1,MEMORY_MB:512``. The amounts of several groups add up.

        Raises:
            HttpError: 400, the value is malformed, or names an unknown resource class.
        """
        for part in text.split(","):
            name, colon, amount = part.strip().partition(":")
            count = natural(amount)
            if not colon or not count:
                raise HttpError(400, f"Badly formed resources parameter. Expected NAME:AMOUNT,…, got {text!r}")
            if name not in RESOURCE_CLASSES:
                raise HttpError(400, f"Invalid resource class in resources parameter: No such resource class {name}.")
            self.resources[name] = self.resources.get(name, 0) + count

    def add_required(self, text: str, version: tuple[int, int]) -> None:
        """Add a value of ``required``: ``TRAIT,!TRAIT`` or, from 1.39 on, ``in:TRAIT,TRAIT``.

        Raises:
            HttpError: 400, the value is malformed, or names an unknown trait.
        """
        if text.startswith("in:") and version >= (1, 39):
            names = text[3:].split(",")
            self.traits.append(set(names))
        else:
            names = []
            for part in text.split(","):
                forbidden = part.startswith("!")
                if forbidden and version < (1, 22):
                    raise HttpError(400, f"Invalid required parameter {text!r}: no forbidden traits before 1.22")
                names.append(part.removeprefix("!"))
                if forbidden:
                    self.forbidden_traits.add(names[-1])
                else:
                    self.traits.append({names[-1]})
        if not all(names):
            raise HttpError(400, f"Invalid query string parameters: {text!r} is not a list of traits")
        unknown = [name for name in names if name not in (*TRAITS, DISABLED)]
        if unknown:
            raise HttpError(400, f"No such trait(s): {', '.join(unknown)}.")

    def add_member_of(self, text: str, version: tuple[int, int]) -> None:
        """Add a value of ``member_of``: a uuid or ``in:UUID,UUID``; from 1.32 on ``!`` in front negates it.

        Raises:
            HttpError: 400, the value names something that is not a uuid.
        """
        forbidden = text.startswith("!") and version >= (1, 32)
        found = text.removeprefix("!") if forbidden else text
        wanted = {uuid(one, "member_of") for one in found.removeprefix("in:").split(",")}
        if not found.startswith("in:") and len(wanted) > 1:
            raise HttpError(400, "Multiple values for 'member_of' must be prefixed with 'in:'")
        if forbidden:
            self.forbidden_aggregates |= wanted
        else:
            self.aggregates.append(wanted)


def uuid(text: str, name: str) -> str:
    """Return a uuid in lower case.

    Raises:
        HttpError: 400, the parameter ``name`` is not a uuid.
    """
    if not UUID.fullmatch(text):
        raise HttpError(400, f"Invalid query string parameters: {name} must be a uuid, not {text!r}")
    return text.lower()


def check_known(given: Collection[str], known: Collection[str]) -> None:
    """Raise unless all query parameters are known.

    Raises:
        HttpError: 400, one is not.
    """
    unknown = [name for name in given if name not in known]
    if unknown:
        raise HttpError(
            400, f"Invalid query string parameters: Additional properties are not allowed ({', '.join(unknown)})"
        )
