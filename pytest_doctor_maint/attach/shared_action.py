"""One run of an action for several callers."""

from __future__ import annotations

import threading
from collections.abc import Callable


class SharedAction:
    """Runs an action, one run at a time, and one run for all callers that call before it begins.

    Under load many threads may want a look at the cloud while one is under way. They need another one, which begins
    after their call, but not one each.

    Args:
        action: What is run. An exception that it raises is the caller's; the other callers then try by themselves.
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
