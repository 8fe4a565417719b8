"""One run of an action for several callers."""

from __future__ import annotations

import threading
from collections.abc import Callable


class SharedAction:
    """Runs an action, one run at a time, and one run for all callers that call before it begins.

    Under load many threads may ask for a poll of the cloud while a poll is under way. Each needs a poll that begins
    after its call, but one such poll serves all of them.

    Args:
        action: The action. An exception is raised in the caller that runs it; the other callers then run it again.
    """

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action
        self._running = threading.Lock()
        self._counting = threading.Lock()
        self._calls = 0
        self._served = 0

    def run(self) -> None:
        """Return when a run has ended that began after this call."""
        with self._counting:
            self._calls += 1
            mine = self._calls
        with self._running:
            if self._served >= mine:
                return
            with self._counting:
                before = self._calls
            self._action()
            self._served = before
