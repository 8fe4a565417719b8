"""Calls of the URLs of alarms."""

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


class AlarmCaller:
    """Calls the actions of alarms: in one thread for each alarm that fires, one URL after the other.

    As Aodh does by default (``rest_notifier_max_retries = 0``), it makes one attempt for each URL. A failed attempt and
    an answer with an error status are logged as a warning and have no other effect.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        # For simulated time, where one thread runs at a time.
        self._shared_session = HttpSession(core.clock)

    def call(self, actions: Sequence[str], body: Mapping[str, Any]) -> None:
        """Call ``actions`` with ``body`` after the time ``alarm_delivery``; return at once."""
        request_id = "req-" + self._core.ids.uuid("alarm-delivery")

        def deliver() -> None:
            self._core.clock.sleep(self._core.timings.alarm_delivery)
            with self._session() as session:
                for action in actions:
                    self._call(session, action, body, request_id)

        self._core.clock.spawn(deliver, f"aodh-notifier-{body['alarm_name']}")

    def close(self) -> None:
        """Close the connections."""
        self._shared_session.close()

    @contextmanager
    def _session(self) -> Iterator[HttpSession]:
        if self._core.clock.simulated:
            yield self._shared_session
        else:
            with HttpSession(self._core.clock) as own:
                yield own

    def _call(self, session: HttpSession, action: str, body: Mapping[str, Any], request_id: str) -> None:
        scheme = urlsplit(action).scheme
        if scheme in ("log", "test"):
            return
        if scheme not in ("http", "https"):
            _log.warning("alarm %s: %s actions cannot be called on the embedded cloud", body["alarm_id"], scheme)
            return
        headers = {"content-type": "application/json", "x-openstack-request-id": request_id}
        try:
            # requests also raises for a URL that it cannot parse; no error may end Aodh.
            answer = session.post(action, data=json.dumps(body), headers=headers)
        except requests.RequestException as error:
            _log.warning("alarm %s did not reach %s: %s", body["alarm_id"], action, error)
            return
        if not answer.ok:
            _log.warning("alarm %s: %s answered %s", body["alarm_id"], action, answer.status_code)
