"""Fenix's ``vnf`` workflow: as much at a time as free capacity and the constraints of the VNFMs allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Message
from pytest_doctor_maint.actors.admin_tool.base.messaging import next_second
from pytest_doctor_maint.actors.admin_tool.base.moves import MoveFailed
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.fenix.context import FenixWorkflowContext
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.vnf.constraint_view import ConstraintView
from pytest_doctor_maint.actors.admin_tool.vnf.impact_tracker import Delay
from pytest_doctor_maint.actors.admin_tool.vnf.impacts import Impact, Progress, Stage
from pytest_doctor_maint.actors.admin_tool.vnf.planner import Room
from pytest_doctor_maint.actors.admin_tool.vnf.ranking import rank_hosts
from pytest_doctor_maint.actors.admin_tool.vnf.rooms import RoomPlanner, Targets, reserve
from pytest_doctor_maint.actors.admin_tool.vnf.threads import ClockLock, SessionThreads
from pytest_doctor_maint.actors.admin_tool.vnf.work_estimate import WorkEstimate
from pytest_doctor_maint.protocol import Action, Step
from pytest_doctor_maint.simtime.clock import ClockError, ClockStopped

#: Seconds between two checks while an instance must wait, and after which a session that is stuck fails.
LOOK_AGAIN, PATIENCE = 5.0, 3600.0
#: The allowed actions for an instance that its project creates again.
_OWN = (Action.OWN_ACTION,)


class VnfWorkflow(FenixWorkflow):
    """Carries out one session; see :class:`FenixWorkflow`.

    Each instance has a thread of its own that notifies the project, waits, moves the instance and reports it; each
    compute that is worked on has one too. The session's own thread, the scheduling thread, decides which compute is
    emptied next, where each instance goes, and when it may. It reads the constraints at the moment when they matter,
    since a VNFM may change them at any time:

    - ``lead_time`` and ``migration_type`` when the message is sent. A lead time that is longer than the work on a
      compute begins earlier: while the compute that the instance is to go to is still being emptied;
    - ``resource_mitigation`` then too: the message waits for the room on the target. Without it, the message is sent
      while the target is still being maintained, so that the lead time is over when the room is there;
    - ``max_impacted_members`` when the message is sent, since a project takes an instance out of use when it agrees,
      and again, with ``recovery_time``, when the action would begin, both over all sessions (by the impact tracker);
    - ``max_instances_per_host`` and anti-affinity (also that of Nova's server groups) when a target is chosen, and
      again when the action would begin;
    - ``max_interruption_time`` when the message is sent and when the action begins: a live migration that is expected
      to stop the instance for longer is not done. The fallback is a cold migration, which the message then offers
      instead, and for which the project prepares. ETSI defines this time for live migration alone. A live migration
      that fails in Nova has the same fallback.

    An instance whose ``migration_type`` is OWN_ACTION is impacted from the message on: the message is sent when there
    is room and the group may be impacted.

    Args:
        context: The context of the workflow.

    Attributes:
        progress: What is under way.
        rooms: Plans targets.
    """

    def __init__(self, context: FenixWorkflowContext) -> None:
        super().__init__(context)
        self.progress = Progress()
        self.rooms = RoomPlanner(self.cloud, self.constraints, self.capacity, self.progress)
        self._impacts = context.impacts
        self._view = ConstraintView(self.constraints, self.settings.allowed_actions)
        self._work_estimate = WorkEstimate()
        self._threads = SessionThreads(self.clock, self.mailbox, self.session.session_id)
        self._entering = ClockLock(self.clock)

    def enter(self, state: str) -> None:
        """Set the session's state; several threads may do so at the same time."""
        with self._entering.held():
            super().enter(state)

    # -- the steps ---------------------------------------------------------------------------------------------------

    def make_a_host_empty(self) -> None:
        """Bring instances together, so that as many computes become empty as there is room for."""
        plans = self._plans_to_free()
        if not plans:
            raise SessionFailed(f"there is no room to empty any of {', '.join(self.hosts)}")
        # An instance that its project creates again must not return to these computes.
        for host in plans:
            self.disable(host)
        self.enter(self.word(Step.PREPARE_MAINTENANCE))
        for host, (instances, targets) in plans.items():
            self._plan_impacts(Step.PREPARE_MAINTENANCE, host, instances, targets)
        self._run_until(lambda: not self.progress.impacts)

    def maintain_hosts(self) -> None:
        """Maintain all empty computes, and empty the next ones meanwhile, until all are maintained."""
        self.progress.waiting = {host: self.cloud.instances([host]) for host in self.hosts}
        self._run_until(lambda: len(self.maintained) == len(self.hosts), self._empty_further_hosts)

    def carry_out(self, impact: Impact, allowed: tuple[Action, ...]) -> None:
        """Carry out an impact: notify the project, wait for its reply and the lead time, move the instance, report it.

        Args:
            impact: The impact.
            allowed: The actions that the project may choose.

        Raises:
            SessionFailed: The project did not agree in time, or the move failed.
        """
        instance = impact.instance
        lead_time = self._view.lead_time(instance.instance_id)
        due = self.reply_due(impact.step)
        actions_at = max(due, next_second(self.clock.now() + timedelta(seconds=lead_time)))
        message = self._send_about(impact, allowed, due=due, actions_at=actions_at)
        notified_at = self.clock.now()
        action = self.wait_for_replies([message])[instance.project_id].instance_action
        if action is None:
            raise SessionFailed(f"project {instance.project_id} chose nothing for instance {instance.instance_id}")
        if action is Action.OWN_ACTION:
            self.moves.wait_until_left(instance, actions_at)
        else:
            self.mailbox.pause(self.clock.until(notified_at + timedelta(seconds=lead_time)))
            target = self._wait_for_turn(impact)
            if action is Action.LIVE_MIGRATE and self._view.interrupts_too_long(instance.instance_id):
                action = Action.MIGRATE
            self.move(instance, action, target)
            self.mailbox.check()
            self.report_move(instance)
        impact.gone_at = self.clock.now()
        impact.stage = Stage.GONE

    # -- decisions ---------------------------------------------------------------------------------------------------

    def host_with_room(self) -> str | None:
        """Return a compute whose instances all fit on the other computes, within the constraints."""
        return next(iter(self._plans_to_free()), None)

    def ranked(self, hosts: Sequence[str]) -> list[str]:
        """Return the computes that are still to be emptied, the best one first."""
        return rank_hosts(hosts, self.progress.waiting, self.progress.unmoved(), self.constraints)

    # -- building blocks ---------------------------------------------------------------------------------------------

    def move(self, instance: Instance, action: Action, target: str) -> None:
        """Move the instance. The fallback of a live migration that fails is a cold one, for which its project prepared.

        Raises:
            SessionFailed: The move failed.
        """
        try:
            super().move(instance, action, target)
        except MoveFailed:
            if action is not Action.LIVE_MIGRATE:
                raise
            self.mailbox.check()
            super().move(instance, Action.MIGRATE, target)

    # -- the scheduling thread ---------------------------------------------------------------------------------------

    def _run_until(self, done: Callable[[], bool], begin_more: Callable[[], None] = lambda: None) -> None:
        """Run the scheduling loop until ``done()`` returns True.

        Args:
            done: Returns True when this part of the session has ended.
            begin_more: Begins whatever can begin now.

        Raises:
            SessionFailed: Something failed, or cannot go on; all threads have ended then.
        """
        stuck_since = None
        try:
            while True:
                self._threads.changed.clear()
                self.mailbox.check()
                self._record_ends()
                if done():
                    return
                begin_more()
                delays = self._advance()
                if self.progress.at_work or any(
                    impact.stage in (Stage.NOTIFIED, Stage.MOVING) for impact in self.progress.all_impacts()
                ):
                    stuck_since = None
                else:
                    stuck_since = stuck_since or self.clock.now()
                    if -self.clock.until(stuck_since) > PATIENCE:
                        raise SessionFailed(f"nothing could be done for {PATIENCE:g} s: {self._why_stuck(delays)}")
                self.clock.wait(self._threads.changed, self._next_look(delays, stuck=stuck_since is not None))
        except (ClockStopped, ClockError):
            raise
        except Exception as error:
            # Without the scheduling thread the other threads must end.
            self.mailbox.close(str(error))
            raise
        finally:
            # When something is left to do, the mailbox is closed: a thread that gets its turn now ends.
            for impact in self.progress.all_impacts():
                impact.may_go.set()
            self._threads.join()
            self._impacts.forget(impact.instance.instance_id for impact in self.progress.all_impacts())

    def _record_ends(self) -> None:
        """Record the ends of impacts, and let work begin on the computes that have become empty."""
        for host, impacts in list(self.progress.impacts.items()):
            for impact in impacts:
                if impact.gone_at is not None and not impact.recorded:
                    impact.recorded = True
                    self._impacts.end(impact.instance.instance_id, impact.gone_at)
            if all(impact.recorded for impact in impacts):
                # The compute may have been the target of other instances meanwhile, so it is looked at again.
                del self.progress.impacts[host]
                self.progress.waiting[host] = self.cloud.instances([host])

    def _empty_further_hosts(self) -> None:
        """Begin work on the computes that are empty, and empty those whose instances fit where there will be room."""
        progress = self.progress
        for host in [name for name in self.hosts if name in progress.waiting and not progress.waiting[name]]:
            progress.waiting.pop(host)
            progress.at_work.append(host)
            self._threads.spawn(partial(self._work_and_learn, host), f"maintenance of {host}")
        rooms = self.rooms.rooms([*self.targets(), *progress.at_work, *self._hosts_about_to_be_empty()])
        while (choice := self._next_to_empty(rooms)) is not None:
            host, targets = choice
            instances = self.cloud.instances([host])
            if instances != progress.waiting[host]:
                # The compute has changed since it was looked at; the next round plans again.
                progress.waiting[host] = instances
                self._threads.changed.set()
                return
            self.enter(self.word(Step.PLANNED_MAINTENANCE))
            self._plan_impacts(Step.PLANNED_MAINTENANCE, host, instances, targets)
            del progress.waiting[host]
            reserve(rooms, instances, targets)

    def _next_to_empty(self, rooms: Sequence[Room]) -> tuple[str, Targets] | None:
        """Return the best compute whose instances all fit in `rooms`, and their targets."""
        if not any(room.free > 0 for room in rooms):
            return None
        for host in self.ranked(list(self.progress.waiting)):
            instances = self.progress.waiting[host]
            lead_time = max((self._view.lead_time(instance.instance_id) for instance in instances), default=0.0)
            ahead = self._work_estimate.works_ahead(lead_time)
            near = [room for room in rooms if self._works_until_maintained(room.host) <= ahead]
            if (targets := self.rooms.targets(instances, near)) is not None:
                return host, targets
        return None

    def _hosts_about_to_be_empty(self) -> list[str]:
        """Return the computes all of whose instances are on their way.

        The list is empty while a project is still to be notified of such an instance, since no other project is
        notified before it; and while an instance is still to be created again by its project, since it may take any
        room.
        """
        if any(impact.stage is Stage.PLANNED for impact in self.progress.all_impacts()):
            return []
        waiting = [instance for instances in self.progress.waiting.values() for instance in instances]
        if any(self._view.allowed(item.instance_id) == _OWN for item in [*waiting, *self.progress.unmoved()]):
            return []
        return list(self.progress.impacts)

    def _works_until_maintained(self, host: str) -> int:
        """Return on how many computes, `host` among them, work must be done one after the other to maintain `host`."""
        if host in self.maintained:
            return 0
        targets = {impact.target for impact in self.progress.impacts.get(host, ()) if impact.target is not None}
        return 1 + max((self._works_until_maintained(target) for target in targets), default=0)

    def _plans_to_free(self) -> dict[str, tuple[list[Instance], Targets]]:
        return self.rooms.plans_to_free(self.hosts, self.elsewhere())

    def _plan_impacts(self, step: Step, host: str, instances: Sequence[Instance], targets: Targets) -> None:
        self.progress.impacts[host] = [
            Impact(instance, step, targets[instance.instance_id], self.clock.signal(f"{instance.instance_id} may go"))
            for instance in instances
        ]

    def _advance(self) -> list[Delay]:
        """Let each impact take its next step if it may; return the reasons why the others must wait."""
        delays = []
        for impact in self.progress.all_impacts():
            delay: Delay | None = None
            if impact.stage is Stage.PLANNED:
                delay = self._begin_if_allowed(impact)
            elif impact.stage is Stage.READY:
                delay = self._why_not_now(impact) or self._admit(impact.instance.instance_id)
                if delay is None:
                    impact.stage = Stage.MOVING
                    impact.may_go.set()
            if delay is not None:
                delays.append(delay)
        return delays

    def _begin_if_allowed(self, impact: Impact) -> Delay | None:
        """Begin the impact's thread, unless the impact must wait for room or for its group."""
        instance_id = impact.instance.instance_id
        # Read once: the admission and the message must agree, though a VNFM may change the constraint meanwhile.
        allowed = self._view.allowed(instance_id)
        own = allowed == _OWN
        if (own or self._view.needs_room(instance_id)) and (delay := self._why_no_room(impact)) is not None:
            return delay
        if (delay := self._impacts.notify(instance_id, self.constraints.group_of(instance_id))) is not None:
            return delay
        if own and (delay := self._admit(instance_id)) is not None:
            self._impacts.forget([instance_id])
            return delay
        impact.stage = Stage.NOTIFIED
        self._threads.spawn(partial(self.carry_out, impact, allowed), f"{impact.step} of instance {instance_id}")
        return None

    def _admit(self, instance_id: str) -> Delay | None:
        """Let the instance be impacted from now on, unless its group may not be."""
        return self._impacts.admit(instance_id, self.constraints.group_of(instance_id), self.clock.now())

    def _why_not_now(self, impact: Impact) -> Delay | None:
        group = self.constraints.group_of(impact.instance.instance_id)
        return self._impacts.delay(group, self.clock.now()) or self._why_no_room(impact)

    def _why_no_room(self, impact: Impact) -> Delay | None:
        """Return why the instance cannot go to its target now. If the target has no room, find another target first."""
        instance = impact.instance
        planned = impact.step is Step.PLANNED_MAINTENANCE
        if planned and impact.target is not None and impact.target not in self.maintained:
            return Delay(f"{impact.target} is still to be maintained")
        if impact.target is not None and self.rooms.has_room(impact.target, instance, without=impact):
            return None
        if planned:
            hosts = [*self.targets(), *self.progress.at_work]
        else:
            hosts = [host for host in [*self.hosts, *self.elsewhere()] if host not in self.progress.impacts]
        # The instance may take room that is reserved for an instance whose project has not been notified: the other
        # instance then gets another target.
        rooms = self.rooms.rooms(hosts, without=impact, only_notified=impact.stage is not Stage.PLANNED)
        impact.target = (self.rooms.targets([instance], rooms) or {}).get(instance.instance_id)
        if impact.target is None:
            return Delay(f"no compute has room for instance {instance.instance_id}")
        return Delay(f"{impact.target} is still being maintained") if impact.target in self.progress.at_work else None

    def _next_look(self, delays: Sequence[Delay], *, stuck: bool) -> float | None:
        """Return the seconds until something may be possible that is not now; None: when a thread has progressed."""
        waits = [self.clock.until(delay.until) for delay in delays if delay.until is not None]
        if delays or stuck:
            # A VNFM may change its constraints, or room may become free.
            waits.append(LOOK_AGAIN)
        return max(0.001, min(waits)) if waits else None

    def _why_stuck(self, delays: Sequence[Delay]) -> str:
        reasons = dict.fromkeys(delay.reason for delay in delays)
        return "; ".join(reasons) or f"no room for the instances of {', '.join(self.progress.waiting)}"

    # -- the other threads -------------------------------------------------------------------------------------------

    def _work_and_learn(self, host: str) -> None:
        began = self.clock.now()
        self.work_on(host)
        self._work_estimate.learn(-self.clock.until(began))
        self.progress.at_work.remove(host)

    def _send_about(
        self, impact: Impact, allowed: tuple[Action, ...], *, due: datetime, actions_at: datetime
    ) -> Message:
        """Send the message about one instance."""
        instance = impact.instance
        ids = (instance.instance_id,)
        word = self.word(impact.step)
        message = Message(instance.project_id, word, due, ids, allowed, instance_id=instance.instance_id)
        self.mailbox.post(message)
        self.send(
            instance.project_id,
            impact.step,
            instance_ids=list(ids),
            allowed=allowed,
            due=due,
            actions_at=actions_at,
            instance_id=instance.instance_id,
        )
        return message

    def _wait_for_turn(self, impact: Impact) -> str:
        """Wait until the scheduling thread lets the instance go; return the instance's target."""
        impact.stage = Stage.READY
        self._threads.changed.set()
        self.clock.wait(impact.may_go)
        self.mailbox.check()
        if impact.target is None:
            raise SessionFailed(f"instance {impact.instance.instance_id} has no target")
        return impact.target
