"""The sample Inspector: automatic fault management that keeps still while a compute is in maintenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.actors.inspector.events import parse_events
from pytest_doctor_maint.actors.inspector.failures import FailureRegistry
from pytest_doctor_maint.history import History
from pytest_doctor_maint.history.kinds import ALARM, FAULT_MANAGEMENT, HOST_FAILURE
from pytest_doctor_maint.openstack.alarm_api import PATH, AlarmApi
from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.servers import list_servers
from pytest_doctor_maint.protocol import HOST_EVENT, Step, parse_alarm, parse_host_message
from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import Answer, HttpError, HttpServer, Request, route

if TYPE_CHECKING:
    from openstack.connection import Connection

ACTOR = "inspector"


class UnknownHost(LookupError):
    """A compute that Nova does not know."""


class Inspector:
    """Forces a failed compute down and resets its instances to error, unless the compute is in maintenance.

    A failure is managed once. It is over when nova-compute on that host is found no longer forced down: whoever
    repaired the compute took that back, and a report after that is a new failure.

    A failure that is reported while its compute is in maintenance is suppressed, but remembered: monitors may report
    a failure only once. If Nova finds the compute down when its maintenance is complete (in all sessions that had it),
    the failure is managed then.

    It serves POST ``/maintenance``, the URL of its alarm; PUT ``/events``, a monitor's reports; and GET ``/hosts``.

    Args:
        clock: All its time.
        history: Where alarms, reports and what is done about them are recorded.
        connection: An admin's. The project of its token is the one whose alarm the Inspector gets.
        host: The address to listen on.
        port: The port; 0 takes a free one.

    Attributes:
        url: Where it is served (``http://HOST:PORT``).

    Raises:
        OSError: The address cannot be bound.
    """

    def __init__(
        self, clock: Clock, history: History, connection: Connection, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._clock = clock
        self._history = history
        self._connection = connection
        self._books = FailureRegistry()
        self._alarm_id = ""
        self._server = HttpServer(_Api(self), name=ACTOR, clock=clock, host=host, port=port)
        self.url = self._server.url
        history.alias(self.url, ACTOR)

    # -- its life ----------------------------------------------------------------------------------------------------

    def start(self) -> Inspector:
        """Begin to serve."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Serve no more."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last handlers, after the clock was stopped."""
        self._server.join()

    def subscribe(self) -> str:
        """Create the alarm for messages about computes; gives its id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        self._alarm_id = subscribe(
            self._connection, name="inspector_maintenance", event_type=HOST_EVENT, url=f"{self.url}{PATH}"
        )
        return self._alarm_id

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        if self._alarm_id:
            unsubscribe(self._connection, self._alarm_id)
            self._alarm_id = ""

    # -- maintenance -------------------------------------------------------------------------------------------------

    def receive(self, body: Mapping[str, Any]) -> None:
        """Take an alarm: a compute goes into maintenance, or comes back.

        Raises:
            ValueError: It is no alarm, or carries no message about a compute; the text says what is wrong.
        """
        alarm = parse_alarm(body)
        if alarm.event_type != HOST_EVENT:
            raise ValueError(f"event_type: {alarm.event_type!r} is not {HOST_EVENT!r}")
        message = parse_host_message(alarm.traits)
        own = self._connection.session.get_project_id()
        if message.project_id != own:
            raise ValueError(f"project_id: {message.project_id!r} is not the admin project, {own!r}")
        self._history.append(ACTOR, ALARM, {**alarm.notification, "subscriber_id": own})
        if not self._books.is_new(alarm.message_id):
            return
        if message.state == Step.IN_MAINTENANCE:
            self._books.begin_maintenance(message.host, message.session_id)
        elif self._books.end_maintenance(message.host, message.session_id):
            self._clock.spawn(lambda: self._look_after(message.host), f"{ACTOR} looks after {message.host}")

    def _look_after(self, host: str) -> None:
        """Manage a failure that was suppressed, if the compute is still down."""
        if self._service(host)["state"] == "down":
            self._manage(host)

    # -- failures ----------------------------------------------------------------------------------------------------

    def report(self, body: object) -> None:
        """Take a monitor's reports, and manage the failures; it is done when this returns.

        Raises:
            ValueError: They are none; the text says what is wrong. Nothing was done.
            UnknownHost: Nova does not know a compute that they name. Nothing was done.
            openstack.exceptions.HttpException: Nova refused something.
        """
        hosts = [event.details.hostname for event in parse_events(body)]
        for host in hosts:
            self._service(host)
        for host in hosts:
            failure = self._history.append(ACTOR, HOST_FAILURE, {"host": host})
            with caused_by(failure.seq):
                self._manage(host)

    def hosts(self) -> list[dict[str, Any]]:
        """What is known of each compute."""
        return self._books.show()

    def _manage(self, host: str) -> None:
        if self._books.suppress(host):
            self._record(host, "suppressed")
            return
        if self._books.managed(host) and not self._service(host)["forced_down"]:
            self._books.recovered(host)
        if not self._books.manage(host):
            self._record(host, "repeated")
            return
        service_id = self._service(host)["id"]
        call(self._connection.compute, "PUT", f"/os-services/{service_id}", {"forced_down": True})
        self._record(host, "force_down")
        for server in list_servers(self._connection, all_tenants=1, host=host):
            body = {"os-resetState": {"state": "error"}}
            call(self._connection.compute, "POST", f"/servers/{server.id}/action", body)
            self._record(host, "reset_state", server.id)

    def _service(self, host: str) -> dict[str, Any]:
        """The compute service of ``host``, as Nova shows it."""
        found = call(self._connection.compute, "GET", "/os-services", binary="nova-compute", host=host)["services"]
        if not found:
            raise UnknownHost(f"Nova knows no compute {host!r}")
        service: dict[str, Any] = found[0]
        return service

    def _record(self, host: str, action: str, server_id: str | None = None) -> None:
        self._history.append(ACTOR, FAULT_MANAGEMENT, {"host": host, "action": action, "server_id": server_id})


class _Api(AlarmApi):
    """The HTTP side."""

    def __init__(self, inspector: Inspector) -> None:
        super().__init__(inspector.receive)
        self._inspector = inspector

    @route("PUT", "/events")
    def events(self, request: Request) -> Answer:
        """Take a monitor's reports."""
        try:
            self._inspector.report(json.loads(request.get_data()))
        except ValueError as error:
            raise HttpError(400, str(error)) from error
        except UnknownHost as error:
            raise HttpError(404, str(error)) from error
        return {}

    @route("GET", "/hosts")
    def hosts(self, request: Request) -> Answer:
        """What is known of each compute."""
        return {"hosts": self._inspector.hosts()}
