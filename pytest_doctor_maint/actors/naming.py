"""The name and the version by which an actor of this package reports itself."""

from __future__ import annotations

from typing import ClassVar


class Named:
    """An actor with a name of its own.

    A subclass that defines no ``name`` is called by its class name, never by the name of its base class: a history must
    not report another actor as the system under test. A subclass that defines no ``version`` has none.

    Attributes:
        name: The actor's own name.
        version: The actor's version; empty when it has none.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in vars(cls):
            cls.name = cls.__name__
        if "version" not in vars(cls):
            cls.version = ""
