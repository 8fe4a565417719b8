"""Which instances are handed over to the admin tool, so that both instances of the pair are never impacted at once."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime

from pytest_doctor_maint.actors.app_manager.base.application import REDUNDANT, Application
from pytest_doctor_maint.openstack.waiters import wait_for
from pytest_doctor_maint.simtime.clock import Clock

#: Seconds between two checks whether the other instance of the pair is usable again.
INTERVAL = 1.0


class CannotComply(Exception):
    """The step would harm the service, or cannot be carried out; the message says why. The reply is NACK."""


class HandoverGuard:
    """Hands instances over to the admin tool, which is going to impact them, and takes them back.

    Two sessions can ask for the two instances of the pair at once; the second session waits until the first instance is
    usable again. The active instance is not handed over either while the other one is not ACTIVE (because its compute
    died, for example).

    Args:
        clock: The clock on which to wait.
        application: The application.
    """

    def __init__(self, clock: Clock, application: Application) -> None:
        self._clock = clock
        self._application = application
        self._lock = threading.Lock()
        # The session of each instance that is handed over, by the instance's id.
        self._handed_over: dict[str, str] = {}

    def hand_over(self, server_ids: Collection[str], session_id: str, until: datetime | None) -> None:
        """Hand ``server_ids`` over as soon as neither instance of the pair is impacted while the other one is unusable.

        Args:
            server_ids: The instances.
            session_id: The session whose admin tool gets them.
            until: When the reply is due (UTC); None for no limit.

        Raises:
            CannotComply: Both instances of the pair are asked for at once, or the other instance is not usable before
                ``until``.
        """
        pair = [name for name in self._application.names_of(server_ids) if name in REDUNDANT]
        if len(pair) == len(REDUNDANT):
            raise CannotComply("both instances of the redundant pair would be impacted at once")

        def try_once() -> bool | None:
            if self._hand_over_now(server_ids, session_id, pair):
                return True
            if until is not None and self._clock.until(until) <= INTERVAL:
                raise CannotComply("the other instance of the redundant pair is not usable yet")
            return None

        wait_for(self._clock, try_once, timeout=None, interval=INTERVAL)

    def _hand_over_now(self, server_ids: Collection[str], session_id: str, pair: Collection[str]) -> bool:
        """Hand ``server_ids`` over and return True, unless the pair would be harmed.

        Args:
            server_ids: The instances.
            session_id: The session.
            pair: The names of those that belong to the pair.
        """
        is_safe = self._application.active not in pair or self._application.standby_is_up()
        with self._lock:
            others = {self._application.ids.get(self._application.standby_of(name)) for name in pair}
            if not is_safe or others & self._handed_over.keys():
                return False
            self._handed_over.update(dict.fromkeys(server_ids, session_id))
            return True

    def take_back(self, server_ids: Collection[str]) -> None:
        """Note that ``server_ids`` are usable again."""
        with self._lock:
            for server_id in server_ids:
                self._handed_over.pop(server_id, None)

    def take_back_from(self, session_id: str) -> None:
        """Take back the instances that a session has, and that are not under way.

        Its admin tool has given up what it was going to do with them, and may not say so: Fenix sends SCALE_IN after a
        migration that failed, and no INSTANCE_ACTION_DONE.
        """
        with self._lock:
            held = {server_id for server_id, session in self._handed_over.items() if session == session_id}
        if held:
            moving = {server.id for server in self._application.servers() if server.is_moving}
            self.take_back(held - moving)

    def is_handed_over(self, server_id: str) -> bool:
        """Return True if the instance is handed over to the admin tool."""
        with self._lock:
            return server_id in self._handed_over
