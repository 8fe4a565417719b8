"""Removal of everything that a command has created on a cloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Removal:
    """How one thing is removed, and whether what was created before it is needed as long as it exists."""

    what: str
    remove: Callable[[], object]
    needs_the_rest: bool


class Cleanup:
    """Removals in the reverse order of their creation.

    Args:
        cloud: The name of the cloud, for reports.
        report: Called with a sentence about what could not be removed.
        tell: Called with a sentence about what is being removed, which may take a while; None: nobody waits for it.
    """

    def __init__(self, cloud: str, report: Callable[[str], None], tell: Callable[[str], None] | None = None) -> None:
        self._cloud = cloud
        self._report = report
        self._tell = tell
        self._removals: list[_Removal] = []

    def add(self, what: str, remove: Callable[[], object], *, needs_the_rest: bool = False) -> None:
        """Remember how something is removed.

        Args:
            what: What it is, for the report when it cannot be removed.
            remove: Removes it.
            needs_the_rest: True if it is usable only with what was created before: when it cannot be removed, that
                stays as well.
        """
        self._removals.append(_Removal(what, remove, needs_the_rest))

    def run(self) -> None:
        """Remove everything, the last thing first. What cannot be removed is reported."""
        while self._removals:
            removal = self._removals.pop()
            if self._tell is not None:
                self._tell(f"Removing {removal.what} from the cloud {self._cloud}.")
            try:
                removal.remove()
            except Exception as error:
                self._report(f"{removal.what} could not be removed from the cloud {self._cloud}: {error}")
                if removal.needs_the_rest and self._removals:
                    kept = ", ".join(each.what for each in self._removals)
                    self._report(f"not removed because it is still needed: {kept}")
                    self._removals.clear()
