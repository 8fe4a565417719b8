"""The sample app manager: a VNFM that replies to maintenance messages so that its service never stops."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_doctor_maint.actors.alarms import record_alarm
from pytest_doctor_maint.actors.app_manager.base.application import REDUNDANT, Application
from pytest_doctor_maint.actors.app_manager.base.deliveries import Deliveries
from pytest_doctor_maint.actors.app_manager.base.handover_guard import CannotComply, HandoverGuard
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.base.service import MaintenanceService
from pytest_doctor_maint.actors.app_manager.base.trouble import is_trouble
from pytest_doctor_maint.actors.contract import AppManagerContext
from pytest_doctor_maint.actors.naming import Named
from pytest_doctor_maint.actors.registry import ActorSpec
from pytest_doctor_maint.openstack.alarm_api import AlarmApi
from pytest_doctor_maint.openstack.calls import CLIENT_PATIENCE, cloud_errors, patient
from pytest_doctor_maint.openstack.subscriptions import Subscriptions
from pytest_doctor_maint.protocol import (
    ANSWERED,
    SCHEDULED_EVENT,
    Action,
    ProjectMessage,
    Step,
    ack,
    as_list,
    nack,
    parse_alarm,
    parse_project_message,
)
from pytest_doctor_maint.secret_keys import without_url_secrets
from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import Clock, ClockStopped
from pytest_doctor_maint.simtime.http import HttpServer, HttpSession
from pytest_doctor_maint.simtime.http.lifecycle import Served

if TYPE_CHECKING:
    from openstack.connection import Connection
    from requests.adapters import HTTPAdapter

#: Seconds before the reply is due at which the work for the reply must have ended.
MARGIN = 1.0
#: Seconds that work may take where the message sets no time.
PATIENCE = 300.0
#: Seconds to wait for the other instance of the pair if no message says when the reply is due: less than the windows of
#: all known admin tools, of which Fenix's is the shortest with 20 s.
UNTOLD = 15.0
#: The steps in which an admin tool moves no instance of the project.
_NOTHING_MOVES = (Step.MAINTENANCE, Step.DOWN_SCALE, Step.MAINTENANCE_COMPLETE)
#: Seconds for which requests are repeated while there is trouble, where the message sets no time.
RETRY_FOR = 10.0

_log = logging.getLogger(__name__)


class AppManager(Served, Named):
    """Manages the application of one project through maintenance.

    It serves one route, POST ``/maintenance/SECRET``, the URL of its alarm; each alarm has a new secret. An alarm is
    answered with 200 at once, and its message is handled in a thread of its own; the project's reply goes to the
    message's ``reply_url``.

    Another :class:`Policy` changes the decisions. A subclass changes the actions by overriding a step:

    1. :meth:`receive` takes the alarm and calls :meth:`handle` in a thread.
    2. :meth:`handle` goes through the following steps. Every message that asks for a reply gets one: NACK where a step
       fails, or cannot end before the reply is due.
    3. :meth:`prepare` makes the application ready, by :meth:`scale_down`, :meth:`make_ready` or :meth:`restore`.
    4. :meth:`reply` sends the reply, whose part about instances :meth:`chosen` writes.
    5. :meth:`act` carries out OWN_ACTION, before or after the reply.

    Args:
        context: The context from the testbed.

    Attributes:
        project_id: The id of the project.
        project_name: The name of the project; it begins the names of the app manager's resources.
        policy: The decisions.
        application: The project's application.
        clock: The clock of the run.
        history: Where alarms are recorded.
        connection: A connection of the project's user.
        service: Sends requests to admin tools.
        guard: The instances that are handed over to the admin tool.
        url: Where the app manager is served (``http://HOST:PORT``).

    Raises:
        OSError: The address cannot be bound.
    """

    name = "sample"

    def __init__(self, context: AppManagerContext) -> None:
        self.project_id = context.project_id
        self.project_name = context.project_name
        self.policy: Policy = context.policy or Policy()
        self.clock = context.clock
        self.history = context.history
        self.connection = context.connection
        self.application = Application(context.clock, context.connection, context.project_name)
        self._actor = f"app_manager {context.project_name}"
        api = AlarmApi(self.receive, is_open=context.is_open)
        server = HttpServer(
            api,
            name=self._actor,
            clock=context.clock,
            host=context.host,
            port=context.port,
            public_host=context.public_host,
        )
        super().__init__(server)
        self._alarms = Subscriptions(self.url, api)
        self._http = self.close_at_end(HttpSession(context.clock))
        self.service = MaintenanceService(context.connection, self._http)
        self.guard = HandoverGuard(context.clock, self.application)
        self._deliveries = Deliveries()
        # The instances of each session that were removed, and those whose OWN_ACTION failed: their ids by name.
        self._removed: dict[str, dict[str, str]] = {}
        self._lost: dict[str, dict[str, str]] = {}
        self._scaling = threading.Lock()
        context.history.alias(self.url, f"app_manager-{context.project_name}")

    def reply_through(self, adapter: HTTPAdapter) -> None:
        """Send all requests with ``adapter``, which may record the replies to an admin tool that runs elsewhere."""
        for session in (self._http, self.connection.session.session):
            for prefix in ("http://", "https://"):
                session.mount(prefix, adapter)

    # -- the application and its alarm -------------------------------------------------------------------------------

    def subscribe(self) -> str:
        """Create the alarm for this project's messages, and return the alarm's id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        with patient(self.clock, CLIENT_PATIENCE):
            return self._alarms.subscribe(
                self.connection, name=f"{self.project_name}_maintenance", event_type=SCHEDULED_EVENT
            )

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

    def deploy(
        self,
        *,
        image: str,
        flavor: str,
        external_network: str,
        instances: int,
        placement: Mapping[str, str],
        placer: Connection | None,
    ) -> None:
        """Create the application, and wait until all its instances are ACTIVE; see :meth:`Application.deploy`."""
        with patient(self.clock):
            self.application.deploy(
                image=image,
                flavor=flavor,
                external_network=external_network,
                instances=instances,
                placement=placement,
                placer=placer,
            )

    def withdraw(self, clock: Clock | None = None) -> None:
        """Delete the application; see :meth:`Application.withdraw`. With a clock, patience is the caller's."""
        with patient(self.clock) if clock is None else nullcontext():
            self.application.withdraw(clock)

    # -- messages ----------------------------------------------------------------------------------------------------

    def receive(self, body: Mapping[str, object]) -> None:
        """Record an alarm, and start to handle its message in a thread.

        Raises:
            ValueError: ``body`` is not that of an alarm, or carries no message to this project; the text says what is
                wrong.
        """
        alarm = parse_alarm(body)
        if alarm.event_type != SCHEDULED_EVENT:
            raise ValueError(f"invalid event_type {alarm.event_type!r}; allowed: {SCHEDULED_EVENT!r}")
        message = parse_project_message(alarm.traits)
        step = self._checked(message)
        event = record_alarm(self.history, "app_manager", alarm, self.project_id)
        if self._deliveries.is_new(message, alarm.message_id):
            # A due time that is past is no limit that anybody could keep.
            until = message.due if message.due is not None and message.due > self.clock.now() else None
            with caused_by(event.cause), patient(self.clock, RETRY_FOR, until=until):
                self.clock.spawn(lambda: self.handle(step, message), self._actor)

    def _checked(self, message: ProjectMessage) -> Step:
        """Return the step of a message that this app manager can handle.

        Raises:
            ValueError: The message is not for this project, or a field has an invalid value.
        """
        step = message.step
        if step is None or step is Step.IN_MAINTENANCE:
            raise ValueError(f"invalid state {message.state!r}; allowed: a step that concerns a project")
        if message.project_id != self.project_id:
            raise ValueError(f"invalid project_id {message.project_id!r}; allowed: {self.project_id!r}, this project")
        urls = [message.reply_url] if step in ANSWERED else []
        urls += [message.instance_ids] if isinstance(message.instance_ids, str) else []
        for url in urls:
            if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
                raise ValueError(f"invalid reply_url or instance_ids {url!r}; allowed: an http or https URL")
        return step

    def handle(self, step: Step, message: ProjectMessage) -> None:
        """Carry out what a message asks for, and reply to it: ACK, or NACK where that fails.

        Trouble with the cloud, with the admin tool or with the time is logged. Any other exception is raised after the
        reply.
        """
        received = self.clock.now()
        # Some admin tools send times that are past. They are no limit that anybody could keep.
        message = message.without_times() if message.due is not None and message.due <= received else message
        is_asked = step in ANSWERED and step not in self.policy.ignore
        refuses = step in self.policy.refuse
        try:
            self.begin(step)
            if step is Step.ADMIN_ACTION_DONE:
                self.guard.take_back(self.instance_ids(message))
            if step in _NOTHING_MOVES:
                self.guard.take_back_from(message.session_id)
            actions = self.prepare(step, message) if is_asked and not refuses else {}
        except ClockStopped:
            raise
        except Exception as error:
            if is_asked:
                self.reply(message, received, nack(message.state), {})
            if not is_trouble(error):
                raise
            text = without_url_secrets(str(error))
            _log.warning("%s could not comply with %s: %s", self._actor, message.state, text)
            self.recover(step, message)
            return
        if is_asked:
            self.reply(message, received, nack(message.state) if refuses else ack(message.state), actions)
            if not refuses and not self.policy.own_action_first:
                # The window for the reply has ended, the window for the action has not.
                with patient(self.clock):
                    self._act_after_the_reply(step, message, actions)

    def _act_after_the_reply(self, step: Step, message: ProjectMessage, actions: Mapping[str, Action]) -> None:
        """Carry out the project's own part; what cannot be done is logged, since the reply was sent already."""
        try:
            self.act(message, actions)
        except ClockStopped:
            raise
        except Exception as error:
            if not is_trouble(error):
                raise
            own = [server_id for server_id, action in actions.items() if action is Action.OWN_ACTION]
            names = ", ".join(own)
            _log.warning("%s could not carry out its OWN_ACTION on %s after its reply: %s", self._actor, names, error)
            self.recover(step, message)
            self.guard.take_back(own)

    def begin(self, step: Step) -> None:
        """Called before a message is handled, for subclasses."""

    def recover(self, step: Step, message: ProjectMessage) -> None:
        """Create the instances again that are missing after a failure to comply with a step."""
        is_about_scale = step in (Step.DOWN_SCALE, Step.MAINTENANCE_COMPLETE)
        missing = (self._removed if is_about_scale else self._lost).get(message.session_id, {})
        try:
            self.application.wait_until_gone(missing.values(), PATIENCE)
            if is_about_scale:
                self.restore(message.without_times())
            else:
                self.application.restore(list(missing), PATIENCE)
                self._lost.pop(message.session_id, None)
        except ClockStopped:
            raise
        except Exception as error:
            if not is_trouble(error):
                raise
            _log.warning("%s could not create %s again: %s", self._actor, ", ".join(missing), error)

    def prepare(self, step: Step, message: ProjectMessage) -> dict[str, Action]:
        """Make the application ready for the step, and return the chosen action for each instance of the message.

        Raises:
            CannotComply: The step would harm the service.
        """
        match step:
            case Step.DOWN_SCALE:
                self.scale_down(message)
            case Step.PREPARE_MAINTENANCE | Step.PLANNED_MAINTENANCE:
                return self.make_ready(message)
            case Step.MAINTENANCE_COMPLETE:
                self.restore(message)
            case _:
                # MAINTENANCE only announces the session.
                pass
        return {}

    def scale_down(self, message: ProjectMessage) -> None:
        """Remove the instances that the policy chooses, so that computes get room.

        Raises:
            CannotComply: There is no time for it.
            WaitTimeoutError: An instance still exists when the reply is due.
        """
        if self.patience(message) <= 0:
            raise CannotComply(f"the reply to {message.state} is due before an instance can be removed")
        servers = self.application.servers()
        # Room on other computes is of no use to this session: its message names the instances on its own computes.
        concerned = self.instance_ids(message) or [server.id for server in servers]
        # Another session may scale down at the same time: instances that one session has chosen are not removable for
        # the other.
        with self._scaling:
            ids = self.application.ids
            removable = [
                name
                for name, server_id in ids.items()
                if name not in REDUNDANT and server_id in concerned and not self.guard.is_handed_over(server_id)
            ]
            names = self.policy.instances_to_remove([server for server in servers if server.name in ids], removable)
            server_ids = self.application.release(names)
            self._removed.setdefault(message.session_id, {}).update(zip(names, server_ids, strict=True))
        self.application.delete(server_ids, self.patience(message))

    def restore(self, message: ProjectMessage) -> None:
        """Create the instances again that were removed for the session.

        Raises:
            WaitError: An instance did not become ACTIVE in time.
        """
        removed = self._removed.get(message.session_id, {})
        existing = self.application.ids
        self.application.restore([name for name in removed if name not in existing], self.patience(message))
        self._removed.pop(message.session_id, None)

    def make_ready(self, message: ProjectMessage) -> dict[str, Action]:
        """Take the instances of the message out of use before they are impacted, and return the chosen action for each.

        Raises:
            CannotComply: Both instances of the pair would be unusable at once.
        """
        server_ids = self.instance_ids(message)
        servers = [server for server in self.application.servers() if server.id in server_ids]
        actions = {server.id: self.policy.action_for(server, message.allowed_actions) for server in servers}
        # The admin tool demands an action for each instance, also for one that is gone by now.
        actions |= {gone: message.allowed_actions[0] for gone in server_ids if gone not in actions}
        until = message.due or self.clock.now() + timedelta(seconds=UNTOLD)
        self.guard.hand_over(server_ids, message.session_id, until)
        try:
            if self.policy.switch_over and self.application.active in self.application.names_of(server_ids):
                self.application.switch_over()
            if self.policy.own_action_first:
                self.act(message, actions)
        except Exception:
            # The reply is NACK, so the admin tool leaves them where they are.
            self.guard.take_back(server_ids)
            raise
        return actions

    def act(self, message: ProjectMessage, actions: Mapping[str, Action]) -> None:
        """Carry out the project's own part: re-create the instances whose chosen action is OWN_ACTION."""
        own = [server_id for server_id, action in actions.items() if action is Action.OWN_ACTION]
        for name in self.application.names_of(own):
            server_id = self.application.ids[name]
            try:
                self.application.replace(name, self.patience(message))
            except Exception:
                if name not in self.application.ids:
                    self._lost.setdefault(message.session_id, {})[name] = server_id
                raise
        self.guard.take_back(own)

    def instance_ids(self, message: ProjectMessage) -> list[str]:
        """Return the instances that a message is about: those that it lists, or those at the URL that it names.

        Raises:
            requests.HTTPError: The admin tool refused to list them.
            CannotComply: The admin tool answered with something else.
        """
        if not isinstance(message.instance_ids, str):
            return list(message.instance_ids)
        answer = self.service.request("GET", message.instance_ids)
        answer.raise_for_status()
        try:
            return list(as_list(answer.json()["instance_ids"]))
        except (ValueError, KeyError, TypeError):
            raise CannotComply(f"{message.instance_ids} lists no instance_ids: {answer.text[:200]!r}") from None

    def patience(self, message: ProjectMessage) -> float:
        """Return the number of seconds that work for a message may still take."""
        return PATIENCE if message.due is None else max(0.0, self.clock.until(message.due) - MARGIN)

    # -- replies -----------------------------------------------------------------------------------------------------

    def reply(self, message: ProjectMessage, received: datetime, state: str, actions: Mapping[str, Action]) -> None:
        """Send the reply to a message at the time of the policy, or at once where that time is past.

        A reply that the admin tool refuses (the session may have failed) is not sent again. If nothing answers, the
        reply is sent again until it is due; then this is logged.

        Args:
            message: The message.
            received: When the message arrived (UTC).
            state: ``ACK_`` or ``NACK_`` with the state of the message.
            actions: The chosen action by instance id.
        """
        body: dict[str, Any] = {"session_id": message.session_id, "state": state}
        if actions:
            body |= self.chosen(message, actions)
        pause = self.policy.delay + self.clock.until(received)
        if self.policy.last_second and message.due is not None:
            pause = max(pause, self.clock.until(message.due) - MARGIN)
        if pause > 0:
            self.clock.sleep(pause)
        try:
            for each in self.policy.replies(message, body):
                self.service.request("PUT", message.reply_url, each)
        except cloud_errors() as error:
            text = without_url_secrets(f"{state} to {message.reply_url}: {error}")
            _log.warning("%s could not send %s", self._actor, text)

    def chosen(self, message: ProjectMessage, actions: Mapping[str, Action]) -> dict[str, Any]:
        """Return the part of a reply that names the chosen action for each instance."""
        return {"instance_actions": {server_id: action.value for server_id, action in actions.items()}}


SPEC = ActorSpec(
    summary="the sample app manager: an application with a redundant pair, whose service never stops",
    make=AppManager,
)
