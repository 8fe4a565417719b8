"""What stands between Aodh and an actor that runs elsewhere: it records the actor's alarms, and passes them on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from werkzeug.wrappers import Response

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.alarm_api import PATH, AlarmApi
from pytest_doctor_maint.protocol import parse_alarm
from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpError, HttpServer, HttpSession


class AlarmRelay:
    """Takes the alarms of one actor, records them as that actor's, and passes them on as they came.

    What the actor answers goes back to Aodh. Where it does not take an alarm, or nobody answers at its URL, the history
    tells that too: the message has not reached it.

    Args:
        target: The URL at which the actor takes alarms; without a path, it takes them at ``/maintenance``, as Doctor's
            actors do.
        clock: Its time.
        history: Where the alarms are recorded.
        actor: What the history calls the actor.
        subscriber_id: The project that owns the alarm.

    Attributes:
        url: What Aodh is to call instead of ``target``.

    Raises:
        OSError: There is no free port.
    """

    def __init__(self, target: str, clock: Clock, history: History, *, actor: str, subscriber_id: str) -> None:
        self._target = target if urlsplit(target).path.strip("/") else f"{target.rstrip('/')}{PATH}"
        self._history = history
        self._actor = actor
        self._subscriber_id = subscriber_id
        self._http = HttpSession(clock)
        self._server = HttpServer(AlarmApi(self.pass_on), name=f"relay to {actor}", clock=clock)
        self.url = f"{self._server.url}{PATH}"

    def start(self) -> None:
        """Begin to pass on."""
        self._server.start()

    def stop(self) -> None:
        """Pass on no more."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last alarms and give the sockets back, after the clock was stopped."""
        self._server.join()
        self._http.close()

    def pass_on(self, body: Mapping[str, Any]) -> Response:
        """Record an alarm, and hand it to the actor; gives the actor's answer.

        Raises:
            ValueError: It is no alarm of an admin tool's message; the text says what is wrong.
            HttpError: 502, nobody answers.
        """
        told = parse_alarm(body).notification
        if missing := sorted(kinds.kind(kinds.ALARM).required - told.keys() - {"subscriber_id"}):
            raise ValueError(f"not a message of an admin tool: it has no {', '.join(missing)}")
        alarm = self._history.append(self._actor, kinds.ALARM, {**told, "subscriber_id": self._subscriber_id})
        try:
            with caused_by(alarm.seq):
                answer = self._http.post(self._target, json=body)
        except requests.RequestException as error:
            self._refused(alarm.seq, None, f"nobody answers: {type(error).__name__}")
            raise HttpError(502, f"the {self._actor} at {self._target} does not answer: {error}") from error
        if not answer.ok:
            self._refused(alarm.seq, answer.status_code, answer.text[:200])
        return Response(answer.content, status=answer.status_code, content_type=answer.headers.get("Content-Type"))

    def _refused(self, cause: int, status: int | None, error: str) -> None:
        data = {"status": status, "error": error}
        self._history.append(self._actor, kinds.ALARM_REFUSED, data, cause=cause)
