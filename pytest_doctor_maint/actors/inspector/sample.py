"""The sample Inspector: automatic fault management that ignores a compute while it is in maintenance."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

from pytest_doctor_maint.actors.alarms import record_alarm
from pytest_doctor_maint.actors.contract import InspectorContext
from pytest_doctor_maint.actors.inspector.events import MonitorEvents, parse_events
from pytest_doctor_maint.actors.inspector.failures import FailureRegistry, HostRecords
from pytest_doctor_maint.actors.naming import Named
from pytest_doctor_maint.actors.registry import ActorSpec
from pytest_doctor_maint.history.kinds import FAULT_MANAGEMENT, HOST_FAILURE
from pytest_doctor_maint.openstack.alarm_api import AlarmApi
from pytest_doctor_maint.openstack.calls import CLIENT_PATIENCE, call, cloud_errors, patient
from pytest_doctor_maint.openstack.servers import list_servers
from pytest_doctor_maint.openstack.subscriptions import Subscriptions
from pytest_doctor_maint.openstack.url_secrets import UrlSecrets
from pytest_doctor_maint.protocol import HOST_EVENT, Step, parse_alarm, parse_host_message
from pytest_doctor_maint.secret_keys import MONITORS
from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, HttpServer, Request, route
from pytest_doctor_maint.simtime.http.lifecycle import Served
from pytest_doctor_maint.simtime.nesting import parse_json

ACTOR = "inspector"

_log = logging.getLogger(__name__)


class UnknownHost(LookupError):
    """A compute that Nova does not know."""


class Inspector(Served, Named):
    """Forces a failed compute down and resets its instances to error, unless the compute is in maintenance.

    A failure is managed once. It has ended when nova-compute on that host is found no longer forced down: the operator
    who repaired the compute reset that, and a report after that is a new failure.

    A failure that is reported while its compute is in maintenance is suppressed, but noted: monitors may report a
    failure only once. If Nova shows the compute as down when its maintenance is complete (in all sessions that had it),
    the failure is managed then.

    It serves POST ``/maintenance/SECRET``, the URL of its alarm; PUT ``/monitors/SECRET/events``, the reports of
    monitors; and GET ``/hosts``.

    A subclass may override a step: :meth:`receive` takes an alarm, :meth:`report` takes reports,
    :meth:`handle_failure` decides about a failure with :meth:`is_suppressed`, and :meth:`manage` carries out the fault
    management.

    Args:
        context: The context from the testbed.

    Attributes:
        clock: The clock of the run.
        history: Where alarms, reports and the fault management are recorded.
        connection: A connection with the admin role. The project of its token owns the Inspector's alarm.
        failures: The record of maintenance and failures of each compute.
        url: Where the Inspector is served (``http://HOST:PORT``).
        monitor_url: The URL below which monitors report; it has a secret.

    Raises:
        OSError: The address cannot be bound.
    """

    name = "sample"

    def __init__(self, context: InspectorContext) -> None:
        self.clock = context.clock
        self.history = context.history
        self.connection = context.connection
        self.failures = FailureRegistry()
        api = InspectorApi(self, is_open=context.is_open)
        server = HttpServer(
            api,
            name=ACTOR,
            clock=context.clock,
            host=context.host,
            port=context.port,
            public_host=context.public_host,
        )
        super().__init__(server)
        self._alarms = Subscriptions(self.url, api)
        secret = api.monitors.issue()
        self.monitor_url = f"{self.url}{MONITORS}/{secret}" if secret else self.url
        context.history.alias(self.url, ACTOR)

    def subscribe(self) -> str:
        """Create the alarm for messages about computes, and return the alarm's id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        with patient(self.clock, CLIENT_PATIENCE):
            return self._alarms.subscribe(self.connection, name="inspector_maintenance", event_type=HOST_EVENT)

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        with patient(self.clock, CLIENT_PATIENCE):
            self._alarms.unsubscribe()

    def new_alarm_url(self) -> str:
        """Return a new URL for an alarm that another client creates. It is valid as long as the server."""
        return self._alarms.new_url()

    # -- maintenance -------------------------------------------------------------------------------------------------

    def receive(self, body: Mapping[str, object]) -> None:
        """Record an alarm, and note that a compute goes into maintenance or comes back.

        Raises:
            ValueError: ``body`` is not that of an alarm, or carries no message about a compute; the text says what is
                wrong.
        """
        alarm = parse_alarm(body)
        if alarm.event_type != HOST_EVENT:
            raise ValueError(f"invalid event_type {alarm.event_type!r}; allowed: {HOST_EVENT!r}")
        message = parse_host_message(alarm.traits)
        own = str(self.connection.session.get_project_id())
        if message.project_id != own:
            raise ValueError(f"invalid project_id {message.project_id!r}; allowed: {own!r}, the admin project")
        record_alarm(self.history, ACTOR, alarm, own)
        if not self.failures.is_new(alarm.message_id):
            return
        if message.state == Step.IN_MAINTENANCE:
            self.failures.begin_maintenance(message.host, message.session_id)
        elif self.failures.end_maintenance(message.host, message.session_id):
            name = f"{ACTOR} handles suppressed failures of {message.host}"
            self.clock.spawn(lambda: self._handle_suppressed(message.host), name)

    def _handle_suppressed(self, host: str) -> None:
        """Handle a failure that was suppressed, if the compute is still down."""
        try:
            with patient(self.clock):
                service = self._service(host)
                if service["state"] == "down" and not service["forced_down"]:
                    self.handle_failure(host)
        except cloud_errors() as error:
            # Nobody waits for an answer. The failure is not noted as managed, so a monitor may report it again.
            _log.warning("%s: the failure of %s could not be managed: %s", ACTOR, host, error)

    # -- failures ----------------------------------------------------------------------------------------------------

    def report(self, body: object) -> None:
        """Take the reports of a monitor, and handle the failures before returning.

        Raises:
            ValueError: ``body`` is not a list of reports; the text says what is wrong. Nothing was done.
            UnknownHost: A report names a compute that Nova does not know. Nothing was done.
            openstack.exceptions.SDKException: Nova refused a request, or could not be reached. A failure that could
                not be managed may be reported again.
        """
        hosts = [event.details.hostname for event in parse_events(body)]
        with patient(self.clock, CLIENT_PATIENCE):
            for host in hosts:
                self._service(host)
            for host in hosts:
                failure = self.history.append(ACTOR, HOST_FAILURE, {"host": host})
                with caused_by(failure.seq):
                    self._handle_reported(host)

    def _handle_reported(self, host: str) -> None:
        # A compute that somebody else has forced down may be under repair: its instances must not be touched.
        if self._service(host)["forced_down"] and not self.failures.is_managed(host):
            self._record(host, "repeated")
        else:
            self.handle_failure(host)

    def handle_failure(self, host: str) -> None:
        """Manage a failure, unless it is suppressed or was managed before."""
        if self.is_suppressed(host):
            self._record(host, "suppressed")
            return
        if self.failures.is_managed(host) and not self._service(host)["forced_down"]:
            self.failures.end_failure(host)
        if not self.failures.begin_failure(host):
            self._record(host, "repeated")
            return
        try:
            self.manage(host)
        except cloud_errors():
            # A failure that is noted as managed would be ignored when it is reported again.
            self.failures.end_failure(host)
            raise

    def is_suppressed(self, host: str) -> bool:
        """Return True if a failure must not be managed now, because the compute is in maintenance."""
        return self.failures.suppress(host)

    def manage(self, host: str) -> None:
        """Force nova-compute on the host down, and reset the instances of the compute to error."""
        service_id = self._service(host)["id"]
        call(self.connection.compute, "PUT", f"/os-services/{service_id}", {"forced_down": True})
        self._record(host, "force_down")
        for server in list_servers(self.connection, all_tenants=1, host=host):
            body = {"os-resetState": {"state": "error"}}
            call(self.connection.compute, "POST", f"/servers/{server.id}/action", body)
            self._record(host, "reset_state", server.id)

    def _service(self, host: str) -> dict[str, Any]:
        """Return the service nova-compute of a host, as Nova shows it.

        Raises:
            UnknownHost: The host has no service nova-compute.
        """
        services = call(self.connection.compute, "GET", "/os-services", binary="nova-compute", host=host)["services"]
        found = [service for service in services if service["host"] == host]
        if not found:
            raise UnknownHost(f"Nova knows no compute {host!r}")
        service: dict[str, Any] = found[0]
        return service

    def _record(self, host: str, action: str, server_id: str | None = None) -> None:
        self.history.append(ACTOR, FAULT_MANAGEMENT, {"host": host, "action": action, "server_id": server_id})


class InspectorApi(AlarmApi):
    """The HTTP side of the Inspector. A ValueError is answered 400 by the base class."""

    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {UnknownHost: 404}

    def __init__(self, inspector: Inspector, *, is_open: bool) -> None:
        super().__init__(inspector.receive, is_open=is_open)
        self.monitors = UrlSecrets(is_open=is_open)
        self._inspector = inspector

    @route("PUT", "/events", body=MonitorEvents, refuses=(403, 404))
    @route("PUT", f"{MONITORS}/<secret>/events", body=MonitorEvents, refuses=(403, 404))
    def events(self, request: Request, secret: str = "") -> Answer:
        """Take the reports of a monitor."""
        self.monitors.check(secret)
        self._inspector.report(parse_json(request.get_data()))
        return {}

    @route("GET", "/hosts", answer=HostRecords)
    def hosts(self, request: Request) -> Answer:
        """Show the record of each compute."""
        return HostRecords(hosts=self._inspector.failures.records()).model_dump()


SPEC = ActorSpec(summary="the sample Inspector: fault management that ignores computes in maintenance", make=Inspector)
