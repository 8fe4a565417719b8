"""The sample app manager: a VNFM that answers maintenance so that its service never stops."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_doctor_maint.actors.app_manager.base.application import REDUNDANT, Application
from pytest_doctor_maint.actors.app_manager.base.handover_guard import CannotComply, HandoverGuard
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.base.service import MaintenanceService
from pytest_doctor_maint.history import History
from pytest_doctor_maint.history.kinds import ALARM
from pytest_doctor_maint.openstack.alarm_api import PATH, AlarmApi
from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe
from pytest_doctor_maint.protocol import (
    ANSWERED,
    SCHEDULED_EVENT,
    Action,
    ProjectMessage,
    Step,
    ack,
    nack,
    parse_alarm,
    parse_project_message,
)
from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpServer, HttpSession

if TYPE_CHECKING:
    from openstack.connection import Connection
    from requests.adapters import HTTPAdapter

#: Work that an answer waits for ends so many seconds before the answer is due.
MARGIN = 1.0
#: Seconds that work may take where no time is set.
PATIENCE = 300.0


@dataclass(slots=True)
class _Told:
    """What has been heard, so that a message that is delivered twice is handled once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def is_new(self, message: ProjectMessage, message_id: str) -> bool:
        key = (message.session_id, message.state, message_id)
        with self.lock:
            if message_id and key in self.seen:
                return False
            self.seen.add(key)
            return True


class AppManager:
    """Manages the application of one project through maintenance.

    It serves one route, POST ``/maintenance``, the URL of its alarm. An alarm is answered 200 at once and its message
    worked on in a thread of its own; the project's answer goes to the message's ``reply_url``.

    Args:
        clock: All its time.
        history: Where alarms are recorded.
        connection: The project's.
        project_id: The project.
        name: The project's name; begins the names of what it makes.
        policy: What it decides.
        host: The address to listen on.
        port: The port; 0 takes a free one.

    Attributes:
        application: The project's application.
        url: Where it is served (``http://HOST:PORT``).

    Raises:
        OSError: The address cannot be bound.
    """

    def __init__(
        self,
        clock: Clock,
        history: History,
        connection: Connection,
        *,
        project_id: str,
        name: str,
        policy: Policy | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.project_id = project_id
        self.name = name
        self.policy = policy or Policy()
        self.application = Application(clock, connection, name)
        self._clock = clock
        self._history = history
        self._connection = connection
        self._http = HttpSession(clock)
        self._service = MaintenanceService(connection, self._http)
        self._guard = HandoverGuard(clock, self.application)
        self._told = _Told()
        self._removed: dict[str, list[str]] = {}
        self._scaling = threading.Lock()
        self._alarm_id = ""
        self._server = HttpServer(AlarmApi(self.receive), name=f"app_manager {name}", clock=clock, host=host, port=port)
        self.url = self._server.url
        history.alias(self.url, f"app_manager-{name}")

    # -- its life ----------------------------------------------------------------------------------------------------

    def start(self) -> AppManager:
        """Begin to serve."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Serve no more. Work under way ends when the clock is stopped."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last handlers and give all sockets back, after the clock was stopped."""
        self._server.join()
        self._http.close()

    def answer_through(self, adapter: HTTPAdapter) -> None:
        """Send all requests with ``adapter``, which may record those that go to an admin tool elsewhere."""
        for session in (self._http, self._connection.session.session):
            for prefix in ("http://", "https://"):
                session.mount(prefix, adapter)

    def subscribe(self) -> str:
        """Create the alarm for this project's messages; gives its id.

        Raises:
            openstack.exceptions.HttpException: Aodh refused.
        """
        self._alarm_id = subscribe(
            self._connection,
            name=f"{self.name}_maintenance",
            event_type=SCHEDULED_EVENT,
            url=f"{self.url}{PATH}",
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

    def deploy(self, **details: Any) -> None:
        """Make the application; see :meth:`Application.deploy`."""
        self.application.deploy(**details)

    def withdraw(self, clock: Clock | None = None) -> None:
        """Delete the application; see :meth:`Application.withdraw`."""
        self.application.withdraw(clock)

    # -- messages ----------------------------------------------------------------------------------------------------

    def receive(self, body: Mapping[str, Any]) -> None:
        """Take an alarm: record it, and begin to work on its message.

        Raises:
            ValueError: It is no alarm, or carries no message to this project; the text says what is wrong.
        """
        alarm = parse_alarm(body)
        if alarm.event_type != SCHEDULED_EVENT:
            raise ValueError(f"event_type: {alarm.event_type!r} is not {SCHEDULED_EVENT!r}")
        message = parse_project_message(alarm.traits)
        step = self._checked(message)
        event = self._history.append("app_manager", ALARM, {**alarm.notification, "subscriber_id": self.project_id})
        if self._told.is_new(message, alarm.message_id):
            with caused_by(event.cause):
                self._clock.spawn(lambda: self._handle(step, message), f"app_manager {self.name}")

    def _checked(self, message: ProjectMessage) -> Step:
        step = message.step
        if step is None or step is Step.IN_MAINTENANCE:
            raise ValueError(f"state: {message.state!r} is no step that a project is told")
        if message.project_id != self.project_id:
            raise ValueError(f"project_id: {message.project_id!r} is not this app manager's, {self.project_id!r}")
        urls = [message.reply_url] if step in ANSWERED else []
        urls += [message.instance_ids] if isinstance(message.instance_ids, str) else []
        for url in urls:
            if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
                raise ValueError(f"reply_url and instance_ids: {url!r} is no http or https URL")
        return step

    def _handle(self, step: Step, message: ProjectMessage) -> None:
        """Do what a message asks for, and answer it."""
        if step is Step.ADMIN_ACTION_DONE:
            self._guard.take_back(self._instance_ids(message))
            return
        if step in self.policy.ignore:
            return
        received = self._clock.now()
        if step in self.policy.refuse:
            self._answer(message, received, nack(message.state), {})
            return
        try:
            actions = self._prepare(step, message)
        except CannotComply:
            self._answer(message, received, nack(message.state), {})
            return
        self._answer(message, received, ack(message.state), actions)
        if not self.policy.own_action_first:
            self._act(message, actions)

    def _prepare(self, step: Step, message: ProjectMessage) -> dict[str, Action]:
        """Make the application ready for the step; gives what is to be done with the instances that it is about."""
        match step:
            case Step.DOWN_SCALE:
                self._scale_down(message)
            case Step.PREPARE_MAINTENANCE | Step.PLANNED_MAINTENANCE:
                return self._make_ready(message)
            case Step.MAINTENANCE_COMPLETE:
                self.application.restore(self._removed.pop(message.session_id, []), self._patience(message))
            case _:
                # MAINTENANCE only announces.
                pass
        return {}

    def _scale_down(self, message: ProjectMessage) -> None:
        servers = self.application.servers()
        # Room elsewhere is of no use to this session: its message says which instances are on its computes.
        concerned = self._instance_ids(message) or [server.id for server in servers]
        # Another session may scale down at the same time: what one has chosen is no longer there for the other.
        with self._scaling:
            ids = self.application.ids
            removable = [
                name
                for name, server_id in ids.items()
                if name not in REDUNDANT and server_id in concerned and not self._guard.away(server_id)
            ]
            names = self.policy.instances_to_remove([server for server in servers if server.name in ids], removable)
            server_ids = self.application.give_up(names)
            self._removed.setdefault(message.session_id, []).extend(names)
        self.application.delete(server_ids, self._patience(message))

    def _make_ready(self, message: ProjectMessage) -> dict[str, Action]:
        """Get the instances that are going to be hit out of use, and choose what is to be done with each."""
        server_ids = self._instance_ids(message)
        servers = [server for server in self.application.servers() if server.id in server_ids]
        actions = {server.id: self.policy.action_for(server, message.allowed_actions) for server in servers}
        self._guard.hand_over(server_ids, message.due)
        if self.policy.switch_over and self.application.active in self.application.names_of(server_ids):
            self.application.switch_over()
        if self.policy.own_action_first:
            self._act(message, actions)
        return actions

    def _act(self, message: ProjectMessage, actions: Mapping[str, Action]) -> None:
        """Do the project's own part: re-create the instances of which it said so."""
        own = [server_id for server_id, action in actions.items() if action is Action.OWN_ACTION]
        for name in self.application.names_of(own):
            self.application.replace(name, self._patience(message))
        self._guard.take_back(own)

    def _instance_ids(self, message: ProjectMessage) -> list[str]:
        """The instances that a message is about, wherever they are written."""
        if not isinstance(message.instance_ids, str):
            return list(message.instance_ids)
        answer = self._service.request("GET", message.instance_ids)
        answer.raise_for_status()
        return list(answer.json()["instance_ids"])

    def _patience(self, message: ProjectMessage) -> float:
        """Seconds that work for a message may take."""
        return PATIENCE if message.due is None else max(0.0, self._clock.until(message.due) - MARGIN)

    # -- answers -----------------------------------------------------------------------------------------------------

    def _answer(self, message: ProjectMessage, received: datetime, state: str, actions: Mapping[str, Action]) -> None:
        """Answer a message when the policy says; at once when that is past.

        An answer that the admin tool refuses (its session may have failed meanwhile) is not sent again.
        """
        body: dict[str, Any] = {"session_id": message.session_id, "state": state}
        if actions:
            body |= self.chosen(message, actions)
        pause = self.policy.delay + self._clock.until(received)
        if self.policy.last_second and message.due is not None:
            pause = max(pause, self._clock.until(message.due) - MARGIN)
        if pause > 0:
            self._clock.sleep(pause)
        for answer in self.policy.answers(message, body):
            self._service.request("PUT", message.reply_url, answer)

    def chosen(self, message: ProjectMessage, actions: Mapping[str, Action]) -> dict[str, Any]:
        """How an answer tells what is to be done with each instance."""
        return {"instance_actions": {server_id: action.value for server_id, action in actions.items()}}
