"""How Aodh calls the URLs of an alarm."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from pytest_doctor_maint.simtime.http import HttpSession

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.core import Core

_log = logging.getLogger(__name__)


class Notifier:
    """Calls the actions of alarms: a thread for each alarm that fires, and in it one URL after the other.

    As Aodh does by default (``rest_notifier_max_retries = 0``), it makes one attempt for each URL. One that fails, or
    is answered with an error, is logged as a warning and has no other effect.

    Attributes:
        session: What calls the URLs in simulated time, where one thread runs at a time.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self.session = HttpSession(core.clock)

    def notify(self, actions: Sequence[str], body: Mapping[str, Any]) -> None:
        """Call ``actions`` with ``body``, ``alarm_delivery`` seconds from now; returns at once."""
        request_id = "req-" + self._core.ids.uuid("alarm-delivery")

        def deliver() -> None:
            self._core.clock.sleep(self._core.timings.alarm_delivery)
            with self._session() as session:
                for action in actions:
                    self._call(session, action, body, request_id)

        self._core.clock.spawn(deliver, f"aodh-notifier-{body['alarm_name']}")

    def close(self) -> None:
        """Close the connections to those who were called."""
        self.session.close()

    @contextmanager
    def _session(self) -> Iterator[HttpSession]:
        if self._core.clock.simulated:
            yield self.session
        else:
            with HttpSession(self._core.clock) as own:
                yield own

    def _call(self, session: HttpSession, action: str, body: Mapping[str, Any], request_id: str) -> None:
        scheme = urlsplit(action).scheme
        if scheme in ("log", "test"):
            return
        if scheme not in ("http", "https"):
            _log.warning("alarm %s: no way to call %s actions on this cloud", body["alarm_id"], scheme)
            return
        headers = {"content-type": "application/json", "x-openstack-request-id": request_id}
        try:
            # requests gives up on the way too (a URL that it cannot read); nothing of it may end Aodh.
            answer = session.post(action, data=json.dumps(body), headers=headers)
        except requests.RequestException as error:
            _log.warning("alarm %s did not reach %s: %s", body["alarm_id"], action, error)
            return
        if not answer.ok:
            _log.warning("alarm %s: %s answered %s", body["alarm_id"], action, answer.status_code)
