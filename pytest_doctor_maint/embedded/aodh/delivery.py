"""Calls of the URLs of alarms."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import requests

from pytest_doctor_maint.embedded.aodh.alarm import presented_action
from pytest_doctor_maint.embedded.aodh.trusts import PREFIX
from pytest_doctor_maint.embedded.keystone.errors import IdentityError
from pytest_doctor_maint.simtime.http import HttpSession

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.aodh.trusts import AlarmTrusts
    from pytest_doctor_maint.embedded.core import Core

_log = logging.getLogger(__name__)

#: The schemes of the URLs that are called; ``trust+…`` with a token of the user who created the alarm.
_SCHEMES = ("http", "https", "trust+http", "trust+https")


class AlarmCaller:
    """Calls the actions of alarms: in one thread for each alarm that fires, one URL after the other.

    As Aodh does by default (``rest_notifier_max_retries = 0``), it makes one attempt for each URL. A failed attempt and
    an answer with an error status are logged as a warning and have no other effect.
    """

    def __init__(self, core: Core, trusts: AlarmTrusts) -> None:
        self._core = core
        self._trusts = trusts
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
        url = urlsplit(action)
        if url.scheme in ("log", "test"):
            return
        shown = presented_action(action)
        if url.scheme not in _SCHEMES:
            _log.warning("alarm %s: %s actions cannot be called on the embedded cloud", body["alarm_id"], url.scheme)
            return
        headers = {"content-type": "application/json", "x-openstack-request-id": request_id}
        try:
            if url.scheme.startswith(PREFIX):
                with self._core.lock:
                    headers["X-Auth-Token"] = self._trusts.token(url)
                # Neither the trust nor the prefix is part of the URL that is called.
                url = url._replace(scheme=url.scheme.removeprefix(PREFIX), netloc=url.netloc.rpartition("@")[2])
            # requests also raises for a URL that it cannot parse; no error may end Aodh.
            answer = session.post(url.geturl(), data=json.dumps(body), headers=headers, verify=_verify(url))
        except (requests.RequestException, IdentityError, ValueError) as error:
            _log.warning("alarm %s did not reach %s: %s", body["alarm_id"], shown, error)
            return
        if not answer.ok:
            _log.warning("alarm %s: %s answered %s", body["alarm_id"], shown, answer.status_code)


def _verify(url: SplitResult) -> bool:
    """Return False if the URL asks not to check the certificate of its server (``aodh-alarm-ssl-verify=0``).

    Raises:
        ValueError: The value is not a number.
    """
    return bool(int(parse_qs(url.query).get("aodh-alarm-ssl-verify", ["1"])[-1]))
