"""The maintenance workflow, as the use case describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from pytest_doctor_maint.actors.admin_tool import ACTOR
from pytest_doctor_maint.actors.admin_tool.base.context import WorkflowContext
from pytest_doctor_maint.actors.admin_tool.base.messaging import Messaging
from pytest_doctor_maint.actors.admin_tool.base.moves import UNMOVABLE
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance, plan_moves
from pytest_doctor_maint.actors.admin_tool.base.session import (
    MAINTENANCE_DONE,
    MAINTENANCE_FAILED,
    START_MAINTENANCE,
    HostState,
    SessionFailed,
)
from pytest_doctor_maint.actors.admin_tool.base.waiting import wait_or_fail
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.calls import cloud_errors, patient
from pytest_doctor_maint.openstack.notifier import NotificationLost
from pytest_doctor_maint.protocol import Action, Step
from pytest_doctor_maint.simtime.clock import ClockError, ClockStopped

#: Seconds in which a compute must report again after the work on it, and between two polls.
HOST_PATIENCE, HOST_POLL = 300.0, 5.0
#: The exceptions that end a session with a reason. All others are errors of the admin tool.
FORESEEN: tuple[type[Exception], ...] = (SessionFailed, NotificationLost, *cloud_errors())


class Workflow(Messaging):
    """Carries out one session.

    A custom workflow may override the steps, the building blocks and the decisions below, and may read and change the
    attributes, also those of the base class, which has the messages. :meth:`maintain` reads like the use case.

    Args:
        context: The context of the workflow.

    Attributes:
        cloud: The requests to OpenStack.
        moves: Moves instances.
        hosts: The computes to maintain, by host name, in the order of the request.
        maintained: The computes that are maintained, in the order in which their maintenance ended.
        disabled: The computes that the workflow has disabled and not enabled again.
        in_maintenance: The computes on which work goes on.
        capacity: The number of VCPUs of each compute, by host name; filled by :meth:`announce`.
    """

    def __init__(self, context: WorkflowContext) -> None:
        super().__init__(context)
        self.cloud = context.cloud
        self.moves = context.moves
        self.hosts = list(context.session.request.hosts)
        self.maintained: list[str] = []
        self.disabled: list[str] = []
        self.in_maintenance: list[str] = []
        self.capacity: dict[str, int] = {}

    def run(self) -> None:
        """Maintain every compute of the session. A session that fails puts everything back.

        Requests to the cloud are repeated while it is in trouble; trouble that lasts fails the session.

        Raises:
            Exception: An unexpected error. The session has failed, and everything was put back.
        """
        with patient(self.clock):
            self._run()

    def _run(self) -> None:
        try:
            self.maintain()
        except (ClockStopped, ClockError):
            # The clock was stopped, so that nothing can be put back.
            raise
        except FORESEEN as failure:
            self.fail(str(failure))
        except Exception as error:
            self.fail(f"{type(error).__name__}: {error}")
            raise
        else:
            self.enter(MAINTENANCE_DONE)

    def maintain(self) -> None:
        """Carry out the use case, step by step."""
        projects = self.announce()
        self.wait_for_start()
        # Days may have passed, and nothing has been touched.
        self.require_movable(self.cloud.instances(self.hosts))
        if not self.empty_hosts() and not self.host_with_room():
            self.ask_to_scale_down(projects)
        if not self.empty_hosts():
            self.make_a_host_empty()
        self.disable_hosts()
        self.maintain_hosts()
        self.complete(projects)

    # -- the steps ---------------------------------------------------------------------------------------------------

    def announce(self) -> list[str]:
        """Announce the maintenance to every project with instances on the computes, and wait for the replies.

        Returns:
            The ids of these projects.

        Raises:
            SessionFailed: An instance cannot be moved, or a project did not agree in time.
        """
        self.capacity.update(self.cloud.capacity())
        instances = self.cloud.instances(self.hosts)
        self.require_movable(instances)
        projects = sorted({instance.project_id for instance in instances})
        starts = self.session.request.maintenance_at
        due = self.reply_due(Step.MAINTENANCE) if self.settings.window(Step.MAINTENANCE) else starts
        self.ask(Step.MAINTENANCE, instances, due=min(due, starts), actions_at=starts)
        return projects

    def wait_for_start(self) -> None:
        """Wait for the announced start of maintenance."""
        self.mailbox.pause(self.clock.until(self.session.request.maintenance_at))
        self.enter(START_MAINTENANCE)

    def ask_to_scale_down(self, projects: Iterable[str]) -> None:
        """Ask the projects to free capacity."""
        projects = set(projects)
        instances = self.cloud.instances(self.hosts)
        self.ask(Step.DOWN_SCALE, [instance for instance in instances if instance.project_id in projects])

    def make_a_host_empty(self) -> None:
        """Move the instances of one compute to free capacity on other computes."""
        host = self.host_with_room()
        if host is None:
            raise SessionFailed(f"there is no room to empty any of {', '.join(self.hosts)}")
        others = [other for other in self.hosts if other != host]
        # An instance that its project creates again must not return to this compute.
        self.disable(host)
        self.empty(Step.PREPARE_MAINTENANCE, host, [*others, *self.elsewhere()])

    def disable_hosts(self) -> None:
        """Disable the computes that are still to be maintained, so that Nova schedules nothing to them."""
        for host in self.hosts:
            if host not in self.disabled:
                self.disable(host)

    def maintain_hosts(self) -> None:
        """Maintain the empty computes first; then empty and maintain the others, one after the other."""
        for host in self.empty_hosts():
            self.work_on(host)
        while (occupied := self.next_host()) is not None:
            self.empty_by_plan(occupied)
            self.work_on(occupied)

    def empty_by_plan(self, host: str) -> None:
        """Move the instances of `host` to computes that are maintained already."""
        self.empty(Step.PLANNED_MAINTENANCE, host, self.targets())

    def work_on(self, host: str) -> None:
        """Do the work on an empty compute, with a message to the Inspector before and after it."""
        self.mailbox.check()
        self.send_host_message(host, Step.IN_MAINTENANCE)
        self.in_maintenance.append(host)
        self.session.hosts[host] = HostState.IN_MAINTENANCE
        self._record_work(host, "started")
        self.do_work(host)
        self._record_work(host, "ended")
        self.wait_until_up(host)
        self.in_maintenance.remove(host)
        self.send_host_message(host, Step.MAINTENANCE_COMPLETE)
        self.enable(host)
        self.maintained.append(host)
        self.session.hosts[host] = HostState.MAINTAINED

    def complete(self, projects: Iterable[str]) -> None:
        """Ask the projects to return to their full capacity."""
        self.ask(Step.MAINTENANCE_COMPLETE, [], projects=projects)

    def fail(self, reason: str) -> None:
        """Put everything back, then show the admin that the session failed for `reason`, and what was not put back."""
        reasons = [reason]
        try:
            enable: list[Callable[[], None]] = [partial(self.enable, host) for host in self.disabled]
            for put_back in [self.moves.settle, *enable, self._report_hosts_that_are_up]:
                try:
                    put_back()
                except FORESEEN as error:
                    reasons.append(f"not put back: {error}")
        finally:
            self.session.reason = "; ".join(reasons)
            try:
                self.enter(MAINTENANCE_FAILED)
            except NotificationLost as error:
                self.session.reason += f"; not reported: {error}"

    # -- decisions ---------------------------------------------------------------------------------------------------

    def empty_hosts(self) -> list[str]:
        """Return the computes without instances that are still to be maintained."""
        return [host for host in self.hosts if host not in self.maintained and not self.cloud.instances([host])]

    def next_host(self) -> str | None:
        """Return the next compute to maintain, or None when all are maintained.

        It is the first compute, in the order of the request, whose instances fit on maintained computes.
        """
        left = [host for host in self.hosts if host not in self.maintained]
        fits = (host for host in left if self.plan(self.cloud.instances([host]), self.targets()) is not None)
        return next(fits, left[0]) if left else None

    def host_with_room(self) -> str | None:
        """Return the compute with the fewest instances of those whose instances all fit on the other computes."""
        room = [*self.hosts, *self.elsewhere()]
        on_host = {host: self.cloud.instances([host]) for host in room}
        free = {host: self.capacity[host] - sum(item.vcpus for item in on_host[host]) for host in room}
        apart = self.cloud.apart()
        homes = {item.instance_id: item.host for items in on_host.values() for item in items}
        for host in sorted(self.hosts, key=lambda name: (len(on_host[name]), self.hosts.index(name))):
            others = {other: vcpus for other, vcpus in free.items() if other != host}
            if plan_moves(on_host[host], others, apart, homes) is not None:
                return host
        return None

    def targets(self) -> list[str]:
        """Return the maintained computes, the newest first: it is the most likely one to be empty."""
        return list(reversed(self.maintained))

    def elsewhere(self) -> list[str]:
        """Return the computes in use that are in no session.

        Instances that must leave a compute before any compute is maintained may go there.
        """
        taken = self.context.taken()
        return [host for host in self.cloud.in_use() if host not in taken]

    def plan(self, instances: Sequence[Instance], targets: Sequence[str]) -> dict[str, str] | None:
        """Find a target for each of `instances`; return the targets by instance id, or None when they do not fit.

        As few of `targets` as possible are used, since looking at each of them takes several requests.
        """
        apart = self.cloud.apart()
        free: dict[str, int] = {}
        homes: dict[str, str] = {}
        for host in targets:
            free[host] = self.capacity[host] - self.cloud.used(host)
            homes.update({item.instance_id: host for item in self.cloud.instances([host])})
            if (plan := plan_moves(instances, free, apart, homes)) is not None:
                return plan
        return {} if not instances else None

    # -- building blocks --------------------------------------------------------------------------------------------

    def do_work(self, host: str) -> None:
        """Do the work that the maintenance is for on an empty, disabled compute; return when it is done."""
        self.clock.sleep(self.settings.work_seconds)

    def wait_until_up(self, host: str) -> None:
        """Wait until the compute reports again.

        Raises:
            SessionFailed: The compute does not report within :data:`HOST_PATIENCE` seconds.
        """
        wait_or_fail(
            self.clock,
            lambda: True if self.cloud.is_up(host) else None,
            lambda: f"{host} is not up again after its maintenance",
            timeout=HOST_PATIENCE,
            interval=HOST_POLL,
        )

    def disable(self, host: str) -> None:
        """Disable a compute."""
        self.disabled.append(host)
        self.cloud.disable(host, f"maintenance session {self.session.session_id}")

    def enable(self, host: str) -> None:
        """Enable a compute again."""
        self.cloud.enable(host)
        if host in self.disabled:
            self.disabled.remove(host)

    def empty(self, step: Step, host: str, targets: Sequence[str]) -> None:
        """Ask the projects of the instances on `host` with the message `step`, then move the instances to `targets`.

        Raises:
            SessionFailed: A project does not agree, there is no room, or a move failed.
        """
        instances = self.cloud.instances([host])
        replies, due = self.ask(step, instances, allowed=self.settings.allowed_actions)
        actions = {key: action for reply in replies.values() for key, action in reply.instance_actions.items()}
        own = [instance for instance in instances if actions[instance.instance_id] is Action.OWN_ACTION]
        ours = [instance for instance in instances if actions[instance.instance_id] is not Action.OWN_ACTION]
        plan = self.plan(ours, targets)
        if plan is None:
            raise SessionFailed(
                f"there is no room for the instances of {host} on {', '.join(targets) or 'any compute'}"
            )
        for instance in ours:
            self.mailbox.check()
            self.move(instance, actions[instance.instance_id], plan[instance.instance_id])
            self.report_move(instance)
        for instance in own:
            self.moves.wait_until_left(instance, due)

    def move(self, instance: Instance, action: Action, target: str) -> None:
        """Move an instance to the compute `target`, and wait until it is there.

        Raises:
            SessionFailed: The move failed.
        """
        self.moves.move(instance, action, target)

    def report_move(self, instance: Instance) -> None:
        """Report a move to the instance's project, unless none was made: the project may have deleted the instance.

        Raises:
            NotificationLost: The message could not be emitted.
        """
        if instance.instance_id not in self.moves.not_needed:
            self.report_done(instance)

    def require_movable(self, instances: Iterable[Instance]) -> None:
        """Require that Nova can move each of `instances`, or that nothing of it need be moved.

        Raises:
            SessionFailed: There are others; the message names them.
        """
        if stuck := [item for item in instances if item.status in UNMOVABLE]:
            named = ", ".join(f"{item.instance_id} on {item.host} ({item.status})" for item in stuck)
            raise SessionFailed(
                f"Nova moves no instance in {', '.join(UNMOVABLE)}; its project must repair or delete it first: {named}"
            )

    # ----------------------------------------------------------------------------------------------------------------

    def _record_work(self, host: str, phase: str) -> None:
        data = {"host": host, "session_id": self.session.session_id, "phase": phase}
        self.context.history.append(ACTOR, kinds.HOST_WORK, data)

    def _report_hosts_that_are_up(self) -> None:
        """Report the end of a maintenance that was interrupted: failures of the compute must be managed again."""
        for host in self.in_maintenance:
            if self.cloud.is_up(host):
                self.send_host_message(host, Step.MAINTENANCE_COMPLETE)
                self.session.hosts[host] = HostState.PENDING
