"""The maintenance workflow, as the use case tells it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from openstack.exceptions import SDKException

from pytest_doctor_maint.actors.admin_tool.base.cloud_view import CloudView
from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, Message
from pytest_doctor_maint.actors.admin_tool.base.moves import Moves
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance, plan_moves
from pytest_doctor_maint.actors.admin_tool.base.session import (
    MAINTENANCE_DONE,
    MAINTENANCE_FAILED,
    START_MAINTENANCE,
    HostState,
    MaintenanceSession,
    SessionFailed,
)
from pytest_doctor_maint.openstack.notifier import NotificationLost
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, Action, Dialect, Reply, Step, to_wire
from pytest_doctor_maint.simtime.clock import Clock, ClockError, ClockStopped

#: Clock seconds that a compute may take to report again after the work on it, and between two looks.
HOST_PATIENCE, HOST_POLL = 300.0, 5.0


class Notifier(Protocol):
    """Where events go."""

    def emit(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Hand ``payload`` to whoever has an alarm for ``event_type``.

        Raises:
            NotificationLost: It could not be handed over.
        """


@dataclass(frozen=True, slots=True)
class WorkflowSettings:
    """What an operator may set.

    Attributes:
        profile: The words and windows.
        windows: Seconds to answer each step, where they differ from the profile's.
        allowed_actions: What projects may choose for an instance that must move.
        work: The real work on one compute, given its host name; returns when it is done.
    """

    profile: Dialect
    work: Callable[[str], None]
    windows: Mapping[Step, float]
    allowed_actions: tuple[Action, ...] = (Action.MIGRATE, Action.LIVE_MIGRATE, Action.OWN_ACTION)

    def window(self, step: Step) -> float:
        """Seconds that a project has to answer ``step``."""
        return self.windows.get(step, self.profile.windows.get(step, 0.0))


class Workflow:
    """Carries out one session.

    Args:
        session: What to do; its state is kept current.
        mailbox: Where answers arrive.
        url: The admin tool's own URL, for ``reply_url``.
        admin_project_id: Whose alarms events about computes reach.
        taken: Tells the computes of all running sessions.
    """

    def __init__(
        self,
        session: MaintenanceSession,
        mailbox: Mailbox,
        *,
        clock: Clock,
        cloud: CloudView,
        moves: Moves,
        notifier: Notifier,
        settings: WorkflowSettings,
        url: str,
        admin_project_id: str,
        taken: Callable[[], Collection[str]],
    ) -> None:
        self._session = session
        self._mailbox = mailbox
        self._clock = clock
        self._cloud = cloud
        self._moves = moves
        self._notifier = notifier
        self._settings = settings
        self._url = url
        self._admin_project_id = admin_project_id
        self._taken = taken
        self._hosts = list(session.request.hosts)
        self._maintained: list[str] = []
        self._disabled: list[str] = []
        self._in_maintenance: list[str] = []
        self._capacity: dict[str, int] = {}

    def run(self) -> None:
        """Maintain every compute of the session; however it ends, nothing is left half done.

        Raises:
            Exception: What nobody foresaw. The session has failed and everything is put back all the same.
        """
        try:
            self.maintain()
        except (ClockStopped, ClockError):
            # There is no time left in which anything could be put back.
            raise
        except (SessionFailed, NotificationLost) as failure:
            self._fail(str(failure))
        except Exception as error:
            self._fail(f"{type(error).__name__}: {error}")
            raise
        else:
            self.enter(MAINTENANCE_DONE)

    def enter(self, state: str) -> None:
        """The workflow has come to ``state``, as the admin reads it."""
        self._session.state = state

    def maintain(self) -> None:
        """The use case, step by step."""
        projects = self.announce()
        self.wait_for_start()
        if not self.empty_hosts() and not self.host_with_room():
            self.ask_to_scale_down(projects)
        if not self.empty_hosts():
            self.make_a_host_empty()
        self.disable_hosts()
        self.maintain_hosts()
        self.complete(projects)

    def maintain_hosts(self) -> None:
        """Maintain the empty computes first; then empty and maintain one after the other."""
        for host in self.empty_hosts():
            self.work_on(host)
        while (occupied := self.next_host()) is not None:
            self.empty_by_plan(occupied)
            self.work_on(occupied)

    # -- the steps ---------------------------------------------------------------------------------------------------

    def announce(self) -> list[str]:
        """Tell every project with instances on the computes, and wait for their answers; gives the projects."""
        self._capacity = self._cloud.capacity()
        instances = self._cloud.instances(self._hosts)
        projects = sorted({instance.project_id for instance in instances})
        starts = self._session.request.maintenance_at
        window = self._settings.window(Step.MAINTENANCE)
        due = next_second(self._clock.now() + timedelta(seconds=window)) if window else starts
        self._ask(Step.MAINTENANCE, instances, due=min(due, starts), actions_at=starts)
        return projects

    def wait_for_start(self) -> None:
        """Do nothing before the time that was announced."""
        self._mailbox.pause(self._clock.until(self._session.request.maintenance_at))
        self.enter(START_MAINTENANCE)

    def ask_to_scale_down(self, projects: Iterable[str]) -> None:
        """Let the projects free capacity."""
        instances = self._cloud.instances(self._hosts)
        self._ask(Step.DOWN_SCALE, [instance for instance in instances if instance.project_id in set(projects)])

    def make_a_host_empty(self) -> None:
        """Move the instances of one compute to room elsewhere."""
        host = self.host_with_room()
        if host is None:
            raise SessionFailed(f"there is no room to empty any of {', '.join(self._hosts)}")
        others = [other for other in self._hosts if other != host]
        # What a project re-creates by itself must not come back to this compute.
        self._disable(host)
        self._empty(Step.PREPARE_MAINTENANCE, host, [*others, *self._elsewhere()])

    def disable_hosts(self) -> None:
        """Let nothing new be scheduled to the computes that are still to be maintained."""
        for host in self._hosts:
            if host not in self._disabled:
                self._disable(host)

    def empty_by_plan(self, host: str) -> None:
        """Move the instances of ``host`` to computes that are maintained already."""
        self._empty(Step.PLANNED_MAINTENANCE, host, self._targets())

    def work_on(self, host: str) -> None:
        """Do the real work on an empty compute, and tell the Inspector before and after."""
        self._mailbox.check()
        self._tell_host(host, Step.IN_MAINTENANCE)
        self._in_maintenance.append(host)
        self._session.hosts[host] = HostState.IN_MAINTENANCE
        self._settings.work(host)
        self._wait_until_up(host)
        self._in_maintenance.remove(host)
        self._tell_host(host, Step.MAINTENANCE_COMPLETE)
        self._cloud.enable(host)
        self._disabled.remove(host)
        self._maintained.append(host)
        self._session.hosts[host] = HostState.MAINTAINED

    def complete(self, projects: Iterable[str]) -> None:
        """Tell the projects that they may have their full capacity again."""
        self._ask(Step.MAINTENANCE_COMPLETE, [], projects=projects)

    # -- what the steps are made of ----------------------------------------------------------------------------------

    def _disable(self, host: str) -> None:
        self._disabled.append(host)
        self._cloud.disable(host, f"maintenance session {self._session.session_id}")

    def empty_hosts(self) -> list[str]:
        """The computes without instances that are still to be maintained."""
        return [host for host in self._hosts if host not in self._maintained and not self._cloud.instances([host])]

    def next_host(self) -> str | None:
        """The next compute to maintain: the first, in the session's order, whose instances fit on maintained ones."""
        left = [host for host in self._hosts if host not in self._maintained]
        fits = (host for host in left if self._plan(self._cloud.instances([host]), self._targets()) is not None)
        return next(fits, left[0]) if left else None

    def _elsewhere(self) -> list[str]:
        """The computes in use that no session has: what must leave a compute before any is maintained may go there."""
        taken = self._taken()
        return [host for host in self._cloud.in_use() if host not in taken]

    def _targets(self) -> list[str]:
        """The maintained computes, the newest first: that is the one most likely to be empty."""
        return list(reversed(self._maintained))

    def host_with_room(self) -> str | None:
        """The compute with the fewest instances whose instances all fit on the others."""
        room = [*self._hosts, *self._elsewhere()]
        on_host = {host: self._cloud.instances([host]) for host in room}
        free = {host: self._capacity[host] - sum(item.vcpus for item in on_host[host]) for host in room}
        apart = self._cloud.apart()
        homes = {item.instance_id: item.host for items in on_host.values() for item in items}
        for host in sorted(self._hosts, key=lambda name: (len(on_host[name]), self._hosts.index(name))):
            elsewhere = {other: vcpus for other, vcpus in free.items() if other != host}
            if plan_moves(on_host[host], elsewhere, apart, homes) is not None:
                return host
        return None

    def _plan(self, instances: list[Instance], targets: list[str]) -> dict[str, str] | None:
        """Where ``instances`` can go: on as few of ``targets`` as need be, since each one costs a look at its books."""
        apart = self._cloud.apart()
        free: dict[str, int] = {}
        homes: dict[str, str] = {}
        for host in targets:
            free[host] = self._capacity[host] - self._cloud.used(host)
            homes.update({item.instance_id: host for item in self._cloud.instances([host])})
            if (plan := plan_moves(instances, free, apart, homes)) is not None:
                return plan
        return {} if not instances else None

    def _empty(self, step: Step, host: str, targets: list[str]) -> None:
        instances = self._cloud.instances([host])
        replies, due = self._ask(step, instances, allowed=self._settings.allowed_actions)
        actions = {key: action for reply in replies.values() for key, action in reply.instance_actions.items()}
        own = [instance for instance in instances if actions[instance.instance_id] is Action.OWN_ACTION]
        ours = [instance for instance in instances if actions[instance.instance_id] is not Action.OWN_ACTION]
        plan = self._plan(ours, targets)
        if plan is None:
            raise SessionFailed(
                f"there is no room for the instances of {host} on {', '.join(targets) or 'any compute'}"
            )
        for instance in ours:
            self._mailbox.check()
            self._moves.move(instance, actions[instance.instance_id], plan[instance.instance_id])
            self._tell_done(instance)
        for instance in own:
            self._moves.wait_until_left(instance, due)

    def _wait_until_up(self, host: str) -> None:
        waited = 0.0
        while not self._cloud.is_up(host):
            if waited >= HOST_PATIENCE:
                raise SessionFailed(f"{host} did not come back within {HOST_PATIENCE:g} s after its maintenance")
            self._clock.sleep(HOST_POLL)
            waited += HOST_POLL

    def _fail(self, reason: str) -> None:
        """Put everything back, then tell the admin. What cannot be put back is told too."""
        reasons = [reason]
        try:
            enable: list[Callable[[], None]] = [partial(self._cloud.enable, host) for host in self._disabled]
            for put_back in [self._moves.settle, *enable, self._tell_who_is_back]:
                try:
                    put_back()
                except (SessionFailed, SDKException, NotificationLost) as error:
                    reasons.append(f"not put back: {error}")
        finally:
            self._session.reason = "; ".join(reasons)
            try:
                self.enter(MAINTENANCE_FAILED)
            except NotificationLost as error:
                self._session.reason += f"; not told: {error}"

    def _tell_who_is_back(self) -> None:
        """Tell of computes whose maintenance was broken off, as far as they are up: their faults are faults again."""
        for host in self._in_maintenance:
            if self._cloud.is_up(host):
                self._tell_host(host, Step.MAINTENANCE_COMPLETE)
                self._session.hosts[host] = HostState.PENDING

    # -- messages ----------------------------------------------------------------------------------------------------

    def _ask(
        self,
        step: Step,
        instances: list[Instance],
        *,
        projects: Iterable[str] | None = None,
        due: datetime | None = None,
        actions_at: datetime | None = None,
        allowed: tuple[Action, ...] = (),
    ) -> tuple[dict[str, Reply], datetime]:
        """Send ``step`` to every project of ``instances`` (or to ``projects``) and wait until all agreed.

        The admin tool acts at ``actions_at``; where that is None, as soon as all agreed.
        """
        self._mailbox.check()
        word = self._settings.profile.word(step)
        self.enter(word)
        due = due or next_second(self._clock.now() + timedelta(seconds=self._settings.window(step)))
        messages = []
        for project in sorted(projects or {instance.project_id for instance in instances}):
            theirs = tuple(instance.instance_id for instance in instances if instance.project_id == project)
            message = Message(project, word, due, theirs, allowed)
            self._mailbox.post(message)
            messages.append(message)
            reply_url = self._reply_url(project)
            self._tell(project, word, instance_ids=reply_url, allowed=allowed, due=due, actions_at=actions_at or due)
        return self._mailbox.wait(messages), due

    def _tell_done(self, instance: Instance) -> None:
        word = self._settings.profile.word(Step.ADMIN_ACTION_DONE)
        self._tell(instance.project_id, word, instance_ids=[instance.instance_id])

    def _tell(
        self,
        project: str,
        word: str,
        *,
        instance_ids: str | list[str],
        allowed: tuple[Action, ...] = (),
        due: datetime | None = None,
        actions_at: datetime | None = None,
        reply_url: str = "",
    ) -> None:
        self._notifier.emit(
            SCHEDULED_EVENT,
            {
                "session_id": self._session.session_id,
                "project_id": project,
                "state": word,
                "instance_ids": instance_ids,
                "allowed_actions": [action.value for action in allowed],
                "actions_at": None if actions_at is None else to_wire(actions_at),
                "reply_at": None if due is None else to_wire(due),
                "reply_url": reply_url or self._reply_url(project),
                "metadata": dict(self._session.request.metadata) if due is not None else {},
            },
        )

    def _tell_host(self, host: str, step: Step) -> None:
        self._notifier.emit(
            HOST_EVENT,
            {
                "session_id": self._session.session_id,
                "project_id": self._admin_project_id,
                "host": host,
                "state": self._settings.profile.word(step),
            },
        )

    def _reply_url(self, project: str) -> str:
        return f"{self._url}/maintenance/{self._session.session_id}/{project}"


def next_second(moment: datetime) -> datetime:
    """``moment``, rounded up: times on the wire have whole seconds, and a window must not lose a part of one."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)
