"""The relay between Aodh and an actor that runs elsewhere: it records the actor's alarms, and passes them on."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from werkzeug.wrappers import Response

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.alarm_api import PATH, AlarmApi
from pytest_doctor_maint.openstack.reasons import reason_of
from pytest_doctor_maint.openstack.subscriptions import Subscriptions
from pytest_doctor_maint.protocol import parse_alarm
from pytest_doctor_maint.secret_keys import without_url_secrets
from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpError, HttpServer, HttpSession
from pytest_doctor_maint.simtime.http.lifecycle import Served

#: What messages call the actors of the history.
TITLES = {"app_manager": "app manager", "inspector": "Inspector"}


class AlarmRelay(Served):
    """A server that takes the alarms of one actor, records them as alarms of that actor, and passes them on unchanged.

    The actor's answer goes back to Aodh. Where the actor refuses an alarm or does not answer, the history says so: the
    message has not reached the actor.

    Args:
        target: The URL at which the actor takes alarms; without a path, ``/maintenance`` is added, the path of Doctor's
            actors.
        clock: The clock of the run.
        history: Where the alarms are recorded.
        actor: The name of the actor in the history.
        subscriber_id: The project that owns the alarm.

    Attributes:
        alarms: The alarms by which Aodh calls the relay in place of ``target``.

    Raises:
        OSError: There is no free port.
    """

    def __init__(self, target: str, clock: Clock, history: History, *, actor: str, subscriber_id: str) -> None:
        api = AlarmApi(self.pass_on)
        super().__init__(HttpServer(api, name=f"relay to {actor}", clock=clock))
        self.alarms = Subscriptions(self.url, api)
        self._target = target if urlsplit(target).path.strip("/") else f"{target.rstrip('/')}{PATH}"
        self._history = history
        self._actor = actor
        self._title = TITLES[actor]
        self._subscriber_id = subscriber_id
        self._http = self.close_at_end(HttpSession(clock))

    def pass_on(self, body: Mapping[str, object]) -> Response:
        """Record an alarm, pass it on to the actor, and return the actor's answer.

        Raises:
            ValueError: The alarm is not about a message of an admin tool; the text says what is wrong.
            HttpError: 502, the actor does not answer.
        """
        alarm = parse_alarm(body)
        if missing := sorted(kinds.kind(kinds.ALARM).required - alarm.notification.keys() - {"subscriber_id"}):
            raise ValueError(f"not a message of an admin tool: it has no {', '.join(missing)}")
        data = {**alarm.notification, "subscriber_id": self._subscriber_id, **alarm.identity}
        event = self._history.append(self._actor, kinds.ALARM, data)
        try:
            with caused_by(event.seq):
                answer = self._http.post(self._target, json=body)
        except requests.RequestException as error:
            reason = without_url_secrets(f"the {self._title} at {self._target} does not answer: {reason_of(error)}")
            self._record_refusal(event.seq, None, reason)
            raise HttpError(502, reason) from error
        if not answer.ok:
            self._record_refusal(event.seq, answer.status_code, answer.text[:200])
        return Response(answer.content, status=answer.status_code, content_type=answer.headers.get("Content-Type"))

    def _record_refusal(self, cause: int, status: int | None, error: str) -> None:
        data = {"status": status, "error": error}
        self._history.append(self._actor, kinds.ALARM_REFUSED, data, cause=cause)
