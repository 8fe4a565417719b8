"""No maintenance test passes that judged nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

_DUE = "maintenance.when(...).holds() or .violates(...)"


@dataclass
class Judged:
    """What one attempt of a test did with its fixture ``maintenance``.

    Attributes:
        carried_out: The number of runs that were carried out to their end.
        refused: The number of runs that could not be carried out, such as on an unsuitable cloud. A test that expects
            the error judges that.
        judged: The number of times that claims were judged.
        looked: The number of times that the test read the history of a run, to judge it by rules of its own.
    """

    carried_out: int = 0
    refused: int = 0
    judged: int = 0
    looked: int = 0

    def missing(self) -> str:
        """Return what a test lacks that has passed so far; empty if it judged something."""
        if self.judged or self.looked or (self.refused and not self.carried_out):
            return ""
        if not self.carried_out:
            return f"judged nothing: the test uses the fixture maintenance, and carried no run out; due: {_DUE}"
        runs = f"{self.carried_out} run{'' if self.carried_out == 1 else 's'}"
        return f"judged nothing: the test carried {runs} out, asked for no claim and read no history; due: {_DUE}"


JUDGED = pytest.StashKey[Judged]()


def check(item: pytest.Item) -> None:
    """Fail a test that has passed so far, and judged nothing.

    Called in the call phase of the test: programs that drive pytest count the reports of calls alone.

    Raises:
        AssertionError: The test judged nothing; pytest's own failure.
    """
    found = item.stash.get(JUDGED, None)
    if found is not None and (missing := found.missing()):
        pytest.fail(missing, pytrace=False)
