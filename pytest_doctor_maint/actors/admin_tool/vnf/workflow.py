"""Fenix's ``vnf`` workflow: as much at once as free capacity and the VNFMs' constraints allow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Message
from pytest_doctor_maint.actors.admin_tool.base.moves import MoveFailed
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.base.workflow import next_second
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.vnf.constraint_view import ConstraintView
from pytest_doctor_maint.actors.admin_tool.vnf.impact_tracker import NotYet
from pytest_doctor_maint.actors.admin_tool.vnf.impacts import Impact, Stage
from pytest_doctor_maint.actors.admin_tool.vnf.planner import Limit, Load, Room, plan, rank
from pytest_doctor_maint.actors.admin_tool.vnf.work_estimate import WorkEstimate
from pytest_doctor_maint.openstack.notifier import NotificationLost
from pytest_doctor_maint.protocol import Action, Step
from pytest_doctor_maint.simtime.clock import ClockError, ClockStopped, Signal, Task

#: Seconds between two looks at what holds everything up, and after which it has held it up for too long.
LOOK_AGAIN, PATIENCE = 5.0, 3600.0
#: Seconds that an instance is taken to be on its way, where groups are compared with each other.
USUAL_WAY = 60.0
#: What is allowed for an instance that its project makes anew, and nothing else.
_OWN = (Action.OWN_ACTION,)


class VnfWorkflow(FenixWorkflow):
    """Carries out one session; see :class:`FenixWorkflow`.

    Every instance is told, waited for, moved and reported in a thread of its own, and so is every compute worked on.
    One thread, the session's, decides which compute is emptied next, where each instance goes, and when it may. It asks
    the constraints at the moment when they matter, since a VNFM may change them at any time:

    - ``lead_time`` and ``migration_type`` when the message is sent. A lead time that is longer than the work on a
      compute begins earlier: while the compute that the instance is to go to is still being emptied;
    - ``resource_mitigation`` then too: the message waits for the room on the target. Without it, the message goes out
      while the target is still being maintained, so that the lead time is over when the room is there;
    - ``max_impacted_members`` when the message is sent, since a project takes an instance out of use when it agrees,
      and again, with ``recovery_time``, when the action would begin, both over all sessions (the ledger's);
    - ``max_instances_per_host`` and anti-affinity (also that of Nova's server groups) when a target is chosen, and
      again when the action would begin;
    - ``max_interruption_time`` when the message is sent and when the action begins: a live migration that is expected
      to stop the instance for longer is not done. The fallback is a cold migration, which the message then offers
      instead, and for which the project gets ready. ETSI defines this time for live migration alone. A live migration
      that Nova fails has the same fallback.

    An instance whose ``migration_type`` is OWN_ACTION is hit from the message on: it is sent when there is room and the
    group may be hit.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._pace = WorkEstimate()
        self._terms = ConstraintView(self._constraints, self._settings.allowed_actions)
        #: What happens to the instances of each compute that is being emptied.
        self._hits: dict[str, list[Impact]] = {}
        self._at_work: list[str] = []
        self._waiting: dict[str, list[Instance]] = {}
        self._tasks: list[Task] = []
        self._changed: Signal = self._clock.signal(f"progress of session {self._session.session_id}")
        self._entering = threading.Lock()

    def enter(self, state: str) -> None:
        """The workflow has come to ``state``; several threads may say so."""
        with self._entering:
            super().enter(state)

    # -- the steps ---------------------------------------------------------------------------------------------------

    def host_with_room(self) -> str | None:
        """A compute whose instances all fit on the others, within the constraints."""
        return next(iter(self._plans_to_free_hosts()), None)

    def make_a_host_empty(self) -> None:
        """Bring instances together, so that as many computes become empty as there is room for."""
        plans = self._plans_to_free_hosts()
        if not plans:
            raise SessionFailed(f"there is no room to empty any of {', '.join(self._hosts)}")
        # What a project re-creates by itself must not come back to these computes.
        for host in plans:
            self._disable(host)
        self.enter(self._settings.profile.word(Step.PREPARE_MAINTENANCE))
        for host, (instances, targets) in plans.items():
            self._empty_by(Step.PREPARE_MAINTENANCE, host, instances, targets)
        self._carry_on(lambda: not self._hits)

    def maintain_hosts(self) -> None:
        """Maintain all empty computes, and get the next ones ready meanwhile, until none is left."""
        self._waiting = {host: self._cloud.instances([host]) for host in self._hosts}
        self._carry_on(lambda: len(self._maintained) == len(self._hosts), self._empty_further_hosts)

    # -- who decides -------------------------------------------------------------------------------------------------

    def _carry_on(self, done: Callable[[], bool], more: Callable[[], None] = lambda: None) -> None:
        """Let happen what may, until ``done``.

        Args:
            done: Whether this part is over.
            more: Begins what can be begun.

        Raises:
            SessionFailed: Something failed, or cannot go on; what was under way has come to its end by then.
        """
        stuck_since = None
        try:
            while True:
                self._changed.clear()
                self._mailbox.check()
                self._book()
                if done():
                    return
                more()
                refusals = self._let_go()
                if self._at_work or any(hit.stage in (Stage.TOLD, Stage.MOVING) for hit in self._all_hits()):
                    stuck_since = None
                else:
                    stuck_since = stuck_since or self._clock.now()
                    if -self._clock.until(stuck_since) > PATIENCE:
                        raise SessionFailed(f"nothing could be done for {PATIENCE:g} s: {self._why_stuck(refusals)}")
                self._clock.wait(self._changed, self._next_look(refusals, stuck=stuck_since is not None))
        except (ClockStopped, ClockError):
            raise
        except Exception as error:
            # Nobody goes on without somebody who decides.
            self._mailbox.close(str(error))
            raise
        finally:
            self._let_all_end()

    def _let_all_end(self) -> None:
        """Wait for every thread. Those that wait for something find the mailbox closed, if anything is left to do."""
        for hit in self._all_hits():
            hit.go.set()
        for task in self._tasks:
            task.join()
        self._tasks.clear()
        self._ledger.forget(hit.instance.instance_id for hit in self._all_hits())

    def _book(self) -> None:
        """Note which instances have gone, and let the computes that this left empty be worked on."""
        for host, hits in list(self._hits.items()):
            for hit in hits:
                if hit.gone_at is not None and not hit.booked:
                    hit.booked = True
                    self._ledger.end(hit.instance.instance_id, hit.gone_at)
            if all(hit.booked for hit in hits):
                # A target may have been used up meanwhile, and its occupants are looked up again.
                del self._hits[host]
                self._waiting[host] = self._cloud.instances([host])

    def _empty_further_hosts(self) -> None:
        """Work on the computes that are empty, and begin to empty those whose instances fit where room will be."""
        for host in [name for name in self._hosts if name in self._waiting and not self._waiting[name]]:
            self._waiting.pop(host)
            self._at_work.append(host)
            self._spawn(partial(self._work_and_tell, host), f"maintenance of {host}")
        rooms = self._rooms([*reversed(self._maintained), *self._at_work, *self._about_to_be_empty()])
        while (choice := self._next_to_empty(rooms)) is not None:
            host, targets = choice
            instances = self._cloud.instances([host])
            if instances != self._waiting[host]:
                # It has changed since it was looked at; everything is planned anew at the next look.
                self._waiting[host] = instances
                self._changed.set()
                return
            self.enter(self._settings.profile.word(Step.PLANNED_MAINTENANCE))
            self._empty_by(Step.PLANNED_MAINTENANCE, host, instances, targets)
            del self._waiting[host]
            _promise(rooms, instances, targets)

    def _next_to_empty(self, rooms: Sequence[Room]) -> tuple[str, dict[str, str]] | None:
        """The best compute whose instances all have a place in ``rooms``, and their places."""
        if not any(room.free > 0 for room in rooms):
            return None
        for host in self._ranked(list(self._waiting)):
            instances = self._waiting[host]
            lead_time = max((self._terms.lead_time(instance.instance_id) for instance in instances), default=0.0)
            ahead = self._pace.works_ahead(lead_time)
            near = [room for room in rooms if self._works_until_maintained(room.host) <= ahead]
            if (targets := self._targets_for(instances, near)) is not None:
                return host, targets
        return None

    def _about_to_be_empty(self) -> list[str]:
        """The computes all of whose instances are on their way. While any instance still waits to be told, nobody is to
        be told ahead of it; nor while one is still to be made anew by its project, which may take any room there is.
        """
        waiting = [instance for instances in self._waiting.values() for instance in instances]
        if any(hit.stage is Stage.PLANNED for hit in self._all_hits()):
            return []
        return [] if any(map(self._is_own, [*waiting, *self._unmoved()])) else list(self._hits)

    def _is_own(self, instance: Instance) -> bool:
        return self._terms.allowed(instance.instance_id) == _OWN

    def _works_until_maintained(self, host: str) -> int:
        """How many works on computes, its own with them, must be done before ``host`` is maintained."""
        if host in self._maintained:
            return 0
        targets = {hit.target for hit in self._hits.get(host, ()) if hit.target is not None}
        return 1 + max((self._works_until_maintained(target) for target in targets), default=0)

    def _empty_by(self, step: Step, host: str, instances: Sequence[Instance], targets: dict[str, str]) -> None:
        self._hits[host] = [
            Impact(instance, step, targets[instance.instance_id], self._clock.signal(f"{instance.instance_id} may go"))
            for instance in instances
        ]

    def _let_go(self) -> list[NotYet]:
        """Let every instance take its next step if it may; gives why the others may not."""
        refusals = []
        for hit in self._all_hits():
            refusal: NotYet | None = None
            if hit.stage is Stage.PLANNED:
                refusal = self._tell_if_due(hit)
            elif hit.stage is Stage.READY:
                refusal = self._why_not_now(hit) or self._admit(hit.instance.instance_id)
                if refusal is None:
                    hit.stage = Stage.MOVING
                    hit.go.set()
            if refusal is not None:
                refusals.append(refusal)
        return refusals

    def _tell_if_due(self, hit: Impact) -> NotYet | None:
        """Send the message about the instance, unless it has to wait for room or for its group."""
        instance_id = hit.instance.instance_id
        # Read once: what is admitted and what the message allows must be one, though a VNFM may change it meanwhile.
        allowed = self._terms.allowed(instance_id)
        own = allowed == _OWN
        if (own or self._terms.wants_room(instance_id)) and (refusal := self._why_no_room(hit)) is not None:
            return refusal
        if (refusal := self._ledger.tell(instance_id, self._constraints.group_of(instance_id))) is not None:
            return refusal
        if own and (refusal := self._admit(instance_id)) is not None:
            self._ledger.forget([instance_id])
            return refusal
        hit.stage = Stage.TOLD
        self._spawn(partial(self._take_away, hit, allowed), f"{hit.step} of instance {instance_id}")
        return None

    def _admit(self, instance_id: str) -> NotYet | None:
        """Let the instance be hit from now on, unless its group may not be."""
        return self._ledger.admit(instance_id, self._constraints.group_of(instance_id), self._clock.now())

    def _why_not_now(self, hit: Impact) -> NotYet | None:
        group = self._constraints.group_of(hit.instance.instance_id)
        return self._ledger.refusal(group, self._clock.now()) or self._why_no_room(hit)

    def _why_no_room(self, hit: Impact) -> NotYet | None:
        """Why the instance cannot go to its target now; where that will not change, it gets another target."""
        instance = hit.instance
        planned = hit.step is Step.PLANNED_MAINTENANCE
        if planned and hit.target is not None and hit.target not in self._maintained:
            return NotYet(f"{hit.target} is still to be maintained")
        if hit.target is not None and self._rooms([hit.target], but=hit)[0].takes(instance, self._limits([instance])):
            return None
        if planned:
            hosts = [*reversed(self._maintained), *self._at_work]
        else:
            hosts = [host for host in [*self._hosts, *self._elsewhere()] if host not in self._hits]
        # It may have what was promised to one that was not told yet, and finds another place later.
        rooms = self._rooms(hosts, but=hit, to_told=hit.stage is not Stage.PLANNED)
        hit.target = (self._targets_for([instance], rooms) or {}).get(instance.instance_id)
        if hit.target is None:
            return NotYet(f"no compute has room for instance {instance.instance_id}")
        return NotYet(f"{hit.target} is still being maintained") if hit.target in self._at_work else None

    def _next_look(self, refusals: Sequence[NotYet], *, stuck: bool) -> float | None:
        """Seconds until something may be possible that is not now; None: when a thread has got on."""
        waits = [self._clock.until(refusal.until) for refusal in refusals if refusal.until is not None]
        if refusals or stuck:
            # A VNFM may change its constraints, or the cloud may get room.
            waits.append(LOOK_AGAIN)
        return max(0.001, min(waits)) if waits else None

    def _why_stuck(self, refusals: Sequence[NotYet]) -> str:
        reasons = dict.fromkeys(refusal.reason for refusal in refusals)
        return "; ".join(reasons) or f"no room for the instances of {', '.join(self._waiting)}"

    # -- room --------------------------------------------------------------------------------------------------------

    def _rooms(self, hosts: Sequence[str], *, but: Impact | None = None, to_told: bool = False) -> list[Room]:
        """The computes as they will be when everything has gone where it was promised to, besides ``but``; with
        ``to_told``, only what was promised to instances whose projects know of it.
        """
        # What has gone is where it is: an instance that its project makes anew goes where Nova's scheduler says.
        under_way = (hit for hit in self._all_hits() if hit is not but and hit.stage is not Stage.GONE)
        promised = [hit for hit in under_way if hit.target is not None and not (to_told and hit.stage is Stage.PLANNED)]
        rooms = []
        for host in dict.fromkeys(hosts):
            room = Room(host, self._capacity[host])
            room.taken |= {hit.instance.instance_id: hit.instance.vcpus for hit in promised if hit.target == host}
            # What is in work is empty, and what is being emptied will be.
            if room.free > 0 and host not in self._at_work and host not in self._hits:
                room.taken |= {instance.instance_id: instance.vcpus for instance in self._cloud.instances([host])}
            rooms.append(room)
        return rooms

    def _targets_for(self, instances: Sequence[Instance], rooms: Sequence[Room]) -> dict[str, str] | None:
        return plan(instances, rooms, self._limits(instances))

    def _limits(self, instances: Sequence[Instance]) -> list[Limit]:
        """What the instances' groups say of sharing a compute: those of the constraints, and Nova's."""
        ids = {instance.instance_id for instance in instances}
        groups = {
            group.group_id: group for key in sorted(ids) if (group := self._constraints.group_of(key)) is not None
        }
        limits = [
            Limit(frozenset(self._constraints.members(group_id)), group.per_host)
            for group_id, group in groups.items()
            if group.per_host
        ]
        return limits + [Limit(members, 1) for members in self._cloud.apart() if members & ids]

    def _plans_to_free_hosts(self) -> dict[str, tuple[list[Instance], dict[str, str]]]:
        """Which computes can be emptied together, the one with the fewest instances first, and where theirs go."""
        on_host = {host: self._cloud.instances([host]) for host in [*self._hosts, *self._elsewhere()]}
        rooms = {
            host: Room(host, self._capacity[host], {item.instance_id: item.vcpus for item in instances})
            for host, instances in on_host.items()
        }
        plans: dict[str, tuple[list[Instance], dict[str, str]]] = {}
        for host in sorted(self._hosts, key=lambda name: (len(on_host[name]), self._hosts.index(name))):
            if len(rooms[host].taken) > len(on_host[host]):
                # Others are to come here.
                continue
            others = [room for other, room in rooms.items() if other != host and other not in plans]
            # The fullest first: what is nearly empty may become so.
            others.sort(key=lambda room: room.free)
            if (targets := self._targets_for(on_host[host], others)) is not None:
                plans[host] = on_host[host], targets
                _promise(others, on_host[host], targets)
        return plans

    def _ranked(self, hosts: Sequence[str]) -> list[str]:
        """The computes that are still to be emptied, the best first."""
        group_ids = {
            instance.instance_id: group.group_id
            for instance in [*(item for host in hosts for item in self._waiting[host]), *self._unmoved()]
            if (group := self._constraints.group_of(instance.instance_id)) is not None
        }
        loads = {
            group_id: Load(group.max_impacted_members, USUAL_WAY + group.recovery_time)
            for group_id in dict.fromkeys(group_ids.values())
            if (group := self._constraints.group(group_id)) is not None
        }
        groups = {host: _count(group_ids, self._waiting[host], loads) for host in hosts}
        return rank(hosts, groups, _count(group_ids, self._unmoved(), loads), loads)

    def _unmoved(self) -> list[Instance]:
        return [hit.instance for hit in self._all_hits() if hit.stage is not Stage.GONE]

    def _all_hits(self) -> Iterator[Impact]:
        """Everything on its way, compute by compute, in the order in which they were begun."""
        return (hit for hits in list(self._hits.values()) for hit in hits)

    # -- what each thread does ---------------------------------------------------------------------------------------

    def _spawn(self, body: Callable[[], None], name: str) -> None:
        def run() -> None:
            try:
                body()
            except (ClockStopped, ClockError):
                raise
            except (SessionFailed, NotificationLost) as failure:
                self._end_early(str(failure))
            except Exception as error:
                self._end_early(f"{type(error).__name__}: {error}")
                raise
            finally:
                self._changed.set()

        self._tasks.append(self._clock.spawn(run, f"session {self._session.session_id}: {name}"))

    def _end_early(self, reason: str) -> None:
        """Let the session fail for ``reason``, unless it does so already."""
        try:
            self._mailbox.check()
        except SessionFailed:
            return
        self._mailbox.close(reason)

    def _work_and_tell(self, host: str) -> None:
        began = self._clock.now()
        self.work_on(host)
        self._pace.learn(-self._clock.until(began))
        self._at_work.remove(host)

    def _take_away(self, hit: Impact, allowed: tuple[Action, ...]) -> None:
        """Tell the project, wait for its answer and the lead time, move the instance when it may go, and say so."""
        instance = hit.instance
        lead_time = self._terms.lead_time(instance.instance_id)
        window = self._settings.window(hit.step)
        due = next_second(self._clock.now() + timedelta(seconds=window))
        actions_at = max(due, next_second(self._clock.now() + timedelta(seconds=lead_time)))
        word = self._settings.profile.word(hit.step)
        ids = (instance.instance_id,)
        message = Message(instance.project_id, word, due, ids, allowed, instance_id=instance.instance_id)
        self._mailbox.post(message)
        self._tell(
            instance.project_id,
            word,
            instance_ids=list(ids),
            allowed=allowed,
            due=due,
            actions_at=actions_at,
            reply_url=f"{self._reply_url(instance.project_id)}/{instance.instance_id}",
        )
        told_at = self._clock.now()
        action = self._mailbox.wait([message])[instance.project_id].instance_action
        if action is None:
            raise SessionFailed(f"project {instance.project_id} chose nothing for instance {instance.instance_id}")
        if action is Action.OWN_ACTION:
            self._moves.wait_until_left(instance, actions_at)
        else:
            self._mailbox.pause(self._clock.until(told_at + timedelta(seconds=lead_time)))
            self._wait_for_turn(hit)
            if action is Action.LIVE_MIGRATE and self._terms.interrupts_too_long(instance.instance_id):
                action = Action.MIGRATE
            assert hit.target is not None  # noqa: S101 - it may go
            self._move(instance, action, hit.target)
            self._mailbox.check()
            self._tell_done(instance)
        hit.gone_at = self._clock.now()
        hit.stage = Stage.GONE

    def _move(self, instance: Instance, action: Action, target: str) -> None:
        """Move the instance; where a live migration comes to nothing, by the fallback: its project has it ready."""
        try:
            self._moves.move(instance, action, target)
        except MoveFailed:
            if action is not Action.LIVE_MIGRATE:
                raise
            self._mailbox.check()
            self._moves.move(instance, Action.MIGRATE, target)

    def _wait_for_turn(self, hit: Impact) -> None:
        hit.stage = Stage.READY
        self._changed.set()
        self._clock.wait(hit.go)
        self._mailbox.check()


def _promise(rooms: Sequence[Room], instances: Sequence[Instance], targets: dict[str, str]) -> None:
    """Keep the room on each instance's target for it."""
    by_host = {room.host: room for room in rooms}
    for instance in instances:
        by_host[targets[instance.instance_id]].taken[instance.instance_id] = instance.vcpus


def _count(group_ids: dict[str, str], instances: Sequence[Instance], known: dict[str, Load]) -> dict[str, int]:
    """How many of ``instances`` are in each group that is ``known``."""
    counts: dict[str, int] = {}
    for instance in instances:
        group_id = group_ids.get(instance.instance_id)
        if group_id in known:
            counts[group_id] = counts.get(group_id, 0) + 1
    return counts
