"""Which instances are in the admin tool's hands, so that the pair is never hit on both sides."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime

from pytest_doctor_maint.actors.app_manager.base.application import REDUNDANT, Application
from pytest_doctor_maint.simtime.clock import Clock

#: Seconds between two looks whether the other one is back.
INTERVAL = 1.0


class CannotComply(Exception):
    """The step cannot be agreed to without harm to the service; the message says why. The answer is NACK."""


class HandoverGuard:
    """Hands instances over to be hit, and takes them back.

    Two sessions can ask for both sides of the pair at once; the second one waits until the first side is usable again.
    Likewise the active side is not handed over while the other one is not ACTIVE (its compute died, for example).

    Args:
        clock: Waits.
        application: The application.
    """

    def __init__(self, clock: Clock, application: Application) -> None:
        self._clock = clock
        self._application = application
        self._lock = threading.Lock()
        self._away: set[str] = set()

    def hand_over(self, server_ids: Collection[str], until: datetime | None) -> None:
        """Give ``server_ids`` out of hand, once no side of the pair is hit while the other is out.

        Raises:
            CannotComply: Both sides are asked for at once, or the other side is not usable before ``until`` (UTC).
        """
        hit = [name for name in self._application.names_of(server_ids) if name in REDUNDANT]
        if len(hit) == len(REDUNDANT):
            raise CannotComply("both instances of the redundant pair would be hit at once")
        while True:
            fit = self._application.active not in hit or self._application.standby_is_up()
            with self._lock:
                others = {self._application.ids[self._application.standby_of(name)] for name in hit}
                if fit and not others & self._away:
                    self._away.update(server_ids)
                    return
            if until is not None and self._clock.until(until) <= INTERVAL:
                raise CannotComply("the other instance of the redundant pair is not usable yet")
            self._clock.sleep(INTERVAL)

    def take_back(self, server_ids: Collection[str]) -> None:
        """Note that ``server_ids`` are usable again."""
        with self._lock:
            self._away.difference_update(server_ids)

    def away(self, server_id: str) -> bool:
        """Whether the instance is out of hand."""
        with self._lock:
            return server_id in self._away
