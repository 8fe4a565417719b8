"""Registries: actors, claims and faults by name.

A registry has the entries of this package, and those that other distributions provide through entry points. A list of
the names is cheap: nothing is imported before an entry is asked for.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from pytest_doctor_maint.refusal import Refusal, suggestion

Entry = TypeVar("Entry")


class UnknownName(Refusal, LookupError):
    """There is no entry of that name; the message lists the names that there are."""


class BrokenEntry(Refusal):
    """An entry point cannot be loaded; the message names it, its distribution and the reason."""


class Registry(Generic[Entry]):
    """Entries by name.

    ``name in registry``, ``registry[name]``, ``len(registry)`` and iteration over the names work as for a mapping.

    Args:
        what: What an entry is called in messages, such as ``claim``.
        group: The group of entry points, such as ``pytest_doctor_maint.claims``.
        kind: The type that every entry must have.
        package: A package all of whose modules are imported when an entry is first asked for. A module that has an
            attribute of its own name, of type ``kind``, is one entry; other modules register their entries with
            :meth:`add`. None where all entries come through entry points.
        base: Where entries are classes, the class that each must derive from.
        order: The sort key of an entry. None: the package's own in the order of their registration, then the others by
            name.
    """

    def __init__(
        self,
        what: str,
        group: str,
        kind: type[Entry],
        package: str | None = None,
        order: Callable[[Entry], tuple[int, str]] | None = None,
        *,
        base: type | None = None,
    ) -> None:
        self.what = what
        self.group = group
        self._kind = kind
        self._base = base
        self._package = package
        self._order = order
        self._own: dict[str, Entry] = {}
        self._points: dict[str, EntryPoint] | None = None
        self._is_read = package is None

    def add(self, name: str, entry: Entry) -> Entry:
        """Register an entry of the package itself, and return it.

        Raises:
            ValueError: The name is taken.
        """
        if name in self._own:
            raise ValueError(f"there are two {self.what}s named {name!r}")
        self._own[name] = entry
        return entry

    def names(self) -> tuple[str, ...]:
        """Return all names in order (see ``order``).

        An entry that cannot be loaded has no sort key, and comes last.
        """
        self._read_package()
        names = (*self._own, *sorted(self._entry_points().keys() - self._own.keys()))
        order = self._order
        return names if order is None else tuple(sorted(names, key=lambda name: self._place(name, order)))

    def get(self, name: str) -> Entry:
        """Return the entry of this name.

        Raises:
            UnknownName: No entry has this name; the message lists the names.
            BrokenEntry: The entry point of this name cannot be loaded.
        """
        self._read_package()
        if name in self._own:
            return self._own[name]
        point = self._entry_points().get(name)
        if point is None:
            names = self.names()
            raise UnknownName(
                f"there is no {self.what} {name!r}{suggestion(name, names)}; there are {', '.join(names)}"
            )
        # Not kept: a run of pytest within pytest (pytester) imports all modules again, and needs their new classes.
        return self._load(point)

    def items(self) -> Iterator[tuple[str, Entry]]:
        """Yield every name with its entry, in the order of :meth:`names`.

        Raises:
            BrokenEntry: As for :meth:`get`.
        """
        return ((name, self.get(name)) for name in self.names())

    def readable(self) -> Iterator[tuple[str, Entry | BrokenEntry]]:
        """Yield every name with its entry, or with the error of an entry point that cannot be loaded."""
        for name in self.names():
            try:
                yield name, self.get(name)
            except BrokenEntry as error:
                yield name, error

    def refresh(self) -> None:
        """Read the entry points again.

        They are read once, because that takes milliseconds. A distribution that is installed later is not seen before.
        """
        self._points = None

    def __getitem__(self, name: str) -> Entry:
        return self.get(name)

    def __contains__(self, name: object) -> bool:
        self._read_package()
        return name in self._own or name in self._entry_points()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def _place(self, name: str, order: Callable[[Entry], tuple[int, str]]) -> tuple[int, str]:
        try:
            return order(self.get(name))
        except BrokenEntry:
            return sys.maxsize, name

    def _read_package(self) -> None:
        if self._is_read or self._package is None:
            return
        package = importlib.import_module(self._package)
        for found in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{self._package}.{found.name}")
            entry: object = getattr(module, found.name, None)
            if isinstance(entry, self._kind) and self._own.get(found.name) is not entry:
                self.add(found.name, entry)
        # Only now: if a module cannot be imported, the next caller gets the same error, not an incomplete registry.
        self._is_read = True

    def _entry_points(self) -> dict[str, EntryPoint]:
        if self._points is None:
            self._points = {point.name: point for point in entry_points(group=self.group)}
        return self._points

    def _load(self, point: EntryPoint) -> Entry:
        try:
            loaded: object = point.load()
        except Exception as error:
            raise self._broken(point, f"cannot be loaded: {type(error).__name__}: {error}") from error
        if not isinstance(loaded, self._kind):
            raise self._broken(point, f"is a {type(loaded).__name__}; allowed: a {self._kind.__name__}")
        if self._base is not None and not (isinstance(loaded, type) and issubclass(loaded, self._base)):
            raise self._broken(point, f"is not a subclass of {self._base.__name__}")
        return loaded

    def _broken(self, point: EntryPoint, reason: str) -> BrokenEntry:
        # Read for an error only: reading the metadata of a distribution takes milliseconds.
        origin = "an unknown distribution" if point.dist is None else f"{point.dist.name} {point.dist.version}"
        return BrokenEntry(f"the {self.what} {point.name!r} ({point.value}, from {origin}) {reason}")
