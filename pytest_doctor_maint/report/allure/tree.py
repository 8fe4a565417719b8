"""A run as a tree of steps: phase, message, the answer and what was done upon it; and the claims."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pytest_doctor_maint.claims import HistoryIndex, Judgement, index_of
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.moves import COLD, MOVE_ACTIONS, Move
from pytest_doctor_maint.claims.index.observed import ObservedHostMessage, ObservedMessage
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.printable import LONGEST_LINE, printable, shortened
from pytest_doctor_maint.protocol import ANSWERED
from pytest_doctor_maint.protocol import Step as Word
from pytest_doctor_maint.report.allure.claims import LONGEST_TITLE, claims_step
from pytest_doctor_maint.report.allure.step import Status, Step, seconds
from pytest_doctor_maint.report.describe import LONGEST_ACTOR, describe, names_of
from pytest_doctor_maint.report.phases import Phase, phases_of

#: The number of instances up to which a title names them.
MOST_NAMES = 3
#: Events that are steps although they are none in general.
_ALSO = frozenset(
    (
        kinds.SESSION_STATE,
        kinds.SESSION_REFUSED,
        kinds.ANSWER_UNREADABLE,
        kinds.ALARM_REFUSED,
        kinds.CONSTRAINT_INSTANCE,
        kinds.CONSTRAINT_GROUP,
        kinds.THREAD_DIED,
    )
)
#: Events that are steps only while a session runs: before it, the testbed makes the cloud and the applications.
_IN_SESSIONS = frozenset((kinds.COMPUTE, kinds.FLOATING_IP))
#: Events that show that the cloud or an actor does not work.
_TROUBLE = frozenset((kinds.SESSION_REFUSED, kinds.ANSWER_UNREADABLE, kinds.ALARM_REFUSED, kinds.THREAD_DIED))
_CONFIRMATIONS = ("confirmResize", "revertResize")


def steps_of(
    history: History, judgement: Judgement, *, expected: Collection[str] = (), broke_off: str = ""
) -> tuple[Step, ...]:
    """Return a run as steps: all claims, then each phase with its messages and what followed from them.

    A message, an answer or a move that shows a breach of a claim has failed, and so has its phase. What happened
    outside of the phases is in two steps of its own.

    Args:
        history: The history of the run.
        judgement: The verdicts on ``history``.
        expected: The claims that must be violated, because the run shows a fault.
        broke_off: What ended the run before its end, in one sentence; empty: the run came to its end.
    """
    events = {event.seq: event for event in history.events}
    if not events:
        return ()
    index = index_of(history)
    end = max(event.at for event in index.events)
    steps = [claims_step(judgement, events, end, expected), *_Tree(index, history, judgement).steps()]
    if broke_off:
        reason = shortened(broke_off, LONGEST_LINE)
        title = shortened(f"the run broke off: {broke_off}", LONGEST_TITLE)
        steps.insert(0, Step(title, end, end, Status.BROKEN, reason))
    return tuple(steps)


@dataclass(slots=True)
class _Draft:
    """A step that grows: :class:`Step` has the meaning of the fields. `event` is the event with which it begins."""

    event: Event
    title: str
    begin: datetime
    end: datetime
    status: Status = Status.PASSED
    reason: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    seqs: list[int] = field(default_factory=list)
    children: list[_Draft] = field(default_factory=list)

    def extend(self, event: Event) -> None:
        """Take another event of the same thing into account."""
        self.seqs.append(event.seq)
        self.end = max(self.end, event.at)

    def step(self, blamed: Mapping[int, str]) -> Step:
        """Return the step as it is now. The parts that show the breaches `blamed`, by their events, have failed."""
        children = tuple(child.step(blamed) for child in self.children)
        reasons = list(dict.fromkeys(blamed[seq] for seq in self.seqs if seq in blamed))
        own = Status.FAILED if reasons else self.status
        return Step(
            title=shortened(self.title, LONGEST_TITLE),
            begin=min((self.begin, *(child.begin for child in children))),
            end=max((self.end, *(child.end for child in children))),
            status=Status.merge((own, *(child.status for child in children))) if children else own,
            reason=shortened("; ".join(reasons) or self.reason, LONGEST_LINE),
            parameters={name: shortened(value, LONGEST_TITLE) for name, value in self.parameters.items()},
            steps=children,
        )


class _Tree:
    """The steps of the phases of a run.

    Args:
        index: The index of the history.
        history: The history.
        judgement: The verdicts on it.
    """

    def __init__(self, index: HistoryIndex, history: History, judgement: Judgement) -> None:
        self._index = index
        self._names = names_of(history)
        self._phases = phases_of(history)
        self._phase_of = {seq: phase for phase in self._phases for seq in phase.seqs}
        first = next((session.created for session in index.sessions.values()), index.events[0])
        self._start = first.at
        self._blamed: dict[int, str] = {}
        created = {session.created.seq for session in index.sessions.values()}
        for verdict in judgement.verdicts:
            for violation in verdict.violations:
                # The creation of a session says what was due, and is seldom the breach itself.
                for seq in [seq for seq in violation.events if seq not in created] or violation.events:
                    self._blamed.setdefault(seq, f"{verdict.claim}: {violation.message}")
        messages = index.messages
        self._messages = {message.seq: message for message in messages.to_projects}
        self._host_messages = {message.seq: message for message in messages.about_hosts}
        self._replied_to = {reply.seq: reply.message.seq for reply in messages.replies if reply.message is not None}
        self._moves = {move.seq: move for move in index.moves}
        # As the events go by: the drafts of the first level by the numbers of the events that belong to them, the
        # computes in maintenance, and other things that end in a later event.
        self._roots: dict[int, _Draft] = {}
        self._open: dict[tuple[object, ...], _Draft] = {}

    def steps(self) -> Iterator[Step]:
        """Yield the steps of the phases, and of what happened before and after them."""
        before: list[_Draft] = []
        after: list[_Draft] = []
        found: dict[Phase, list[_Draft]] = {phase: [] for phase in self._phases}
        begin = min((phase.seqs[0] for phase in self._phases), default=len(self._index.events) + 1)
        for event in self._index.events:
            draft = self._first_level(event)
            if draft is not None:
                phase = self._phase_of.get(event.seq)
                drafts = found[phase] if phase is not None else before if event.seq < begin else after
                drafts.append(draft)
        yield from self._others("before the maintenance", before)
        for phase, drafts in found.items():
            steps = tuple(draft.step(self._blamed) for draft in drafts)
            yield Step(
                title=phase.title,
                begin=phase.begin,
                end=phase.end,
                status=Status.merge(step.status for step in steps),
                reason=next((step.reason for step in steps if step.status is Status.FAILED), ""),
                steps=steps,
            )
        yield from self._others("after the maintenance", after)

    def _others(self, title: str, drafts: list[_Draft]) -> Iterator[Step]:
        if drafts:
            steps = tuple(draft.step(self._blamed) for draft in drafts)
            begin, end = min(step.begin for step in steps), max(step.end for step in steps)
            yield Step(title, begin, end, Status.merge(step.status for step in steps), steps=steps)

    # -- events ------------------------------------------------------------------------------------------------------

    def _first_level(self, event: Event) -> _Draft | None:
        """Return the draft of the first level that begins with `event`, if one does; add any other draft to its own."""
        root, draft = self._root(event), self._own(event)
        if draft is not None and root is not None:
            root.children.append(draft)
        if (belongs_to := root or draft) is not None:
            self._roots[event.seq] = belongs_to
        return draft if root is None else None

    def _root(self, event: Event) -> _Draft | None:
        """Return the draft of the first level to which `event` belongs, in the event's phase; None if none does."""
        if event.seq in self._moves:
            about = self._index.message_before(self._moves[event.seq])
            number = 0 if about is None else about.seq
        elif (message := self._messages.get(event.seq)) is not None:
            number = self._done_after(message)
        else:
            number = self._replied_to.get(event.seq, event.cause or 0)
        root = self._roots.get(number)
        if root is None and event.kind in (kinds.HOST_WORK, kinds.ACTION):
            root = self._open.get((kinds.NOTIFICATION, event.data["session_id"], event.data["host"]))
        return root if root and self._phase_of.get(root.event.seq) == self._phase_of.get(event.seq) else None

    def _done_after(self, message: ObservedMessage) -> int:
        """Return the number of the message upon whose answer the admin tool did what `message` reports."""
        if message.step is not Word.ADMIN_ACTION_DONE:
            return 0
        for instance_id in message.instance_ids or ():
            about = self._index.messages.newest_about(message.project_id, instance_id, message.seq)
            if about is not None:
                return about.seq
        return 0

    def _own(self, event: Event) -> _Draft | None:
        """Return the draft that begins with `event`, if one does; continue the draft that the event is about."""
        if (move := self._moves.get(event.seq)) is not None:
            return self._move(move)
        if (message := self._messages.get(event.seq)) is not None:
            return self._message(message)
        if (told := self._host_messages.get(event.seq)) is not None:
            return self._host_message(told)
        if event.kind == kinds.REPLY:
            return self._reply(event)
        if event.kind == kinds.SERVER:
            return self._server(event)
        if event.kind in (kinds.HOST_WORK, kinds.ACTION):
            return self._work(event)
        is_step = kinds.for_reading(event.kind).is_step or event.kind in _ALSO
        is_shown = is_step or (event.kind in _IN_SESSIONS and event.seq in self._phase_of)
        return self._draft(event) if is_shown else None

    def _draft(self, event: Event, title: str = "", begin: datetime | None = None) -> _Draft:
        actor = shortened(event.actor.split("/")[0].replace("_", " "), LONGEST_ACTOR)
        is_trouble = event.kind in _TROUBLE
        text = title or describe(event, self._names)
        return _Draft(
            event=event,
            title=text,
            begin=event.at if begin is None else min(begin, event.at),
            end=event.at,
            status=Status.BROKEN if is_trouble else Status.PASSED,
            reason=text if is_trouble else "",
            parameters={"actor": actor, "at s": seconds((event.at - self._start).total_seconds())},
            seqs=[event.seq],
        )

    def _message(self, message: ObservedMessage) -> _Draft:
        draft = self._draft(message.event, f"{describe(message.event, self._names)}{self._about(message)}")
        if message.due is not None and message.step in ANSWERED:
            draft.parameters["window s"] = seconds((message.due - message.event.at).total_seconds())
            replies = [reply for reply in self._index.messages.replies_to(message) if reply.accepted]
            draft.parameters["reply"] = str(replies[0].state) if replies else "none"
            if replies:
                draft.parameters["time left s"] = seconds((message.due - replies[0].event.at).total_seconds())
        return draft

    def _about(self, message: ObservedMessage) -> str:
        """Return the instances that a message is about, for its title."""
        if message.step not in (*INSTANCE_STEPS, Word.ADMIN_ACTION_DONE):
            return ""
        found = self._index.messages.instances_of(message) or ()
        if not found:
            return ""
        named = ", ".join(self._name(instance_id) for instance_id in found)
        return f" about {named}" if len(found) <= MOST_NAMES else f" about {len(found)} instances"

    def _host_message(self, message: ObservedHostMessage) -> _Draft | None:
        """Return the maintenance of a compute when it begins; its end is a part of it."""
        key = (kinds.NOTIFICATION, message.session_id, message.host)
        if message.step is Word.MAINTENANCE_COMPLETE and key in self._open:
            self._open.pop(key).extend(message.event)
            return None
        draft = self._draft(message.event)
        if message.step is Word.IN_MAINTENANCE:
            self._open[key] = draft
        return draft

    def _reply(self, event: Event) -> _Draft:
        message = self._messages.get(self._replied_to.get(event.seq, 0))
        draft = self._draft(event, begin=None if message is None else message.event.at)
        if message is not None and message.due is not None:
            draft.parameters["time left s"] = seconds((message.due - event.at).total_seconds())
        return draft

    def _work(self, event: Event) -> _Draft | None:
        """Return a piece of work when it begins; its end is a part of it."""
        data = event.data
        key = (event.kind, data["session_id"], data["host"], data.get("plugin"), data.get("type"))
        draft = None if data["phase"] == "started" else self._open.pop(key, None)
        if draft is not None:
            draft.extend(event)
            work, begun = draft, None
        else:
            work = begun = self._draft(event, describe(event, self._names).removesuffix(" started"))
        if data["phase"] == "started":
            self._open[key] = work
        elif data["phase"] == "failed":
            work.status, work.reason = Status.BROKEN, describe(event, self._names)
        return begun

    def _server(self, event: Event) -> _Draft | None:
        """Return what a project does to a server because of a message, from its first event to its last one."""
        action = str(event.data["action"])
        root = self._root(event)
        if root is None or action in MOVE_ACTIONS or action in _CONFIRMATIONS:
            return None
        key = (event.kind, root.event.seq, event.data["server_id"], action)
        if key in self._open:
            self._open[key].extend(event)
            return None
        self._open[key] = self._draft(event, f"{printable(action)} of {self._name(event.data['server_id'])}")
        return self._open[key]

    def _move(self, move: Move) -> _Draft:
        way = "cold migration" if move.action == COLD else "live migration"
        target = "" if move.target is None else f" to {move.target}"
        title = f"{way} of {self._name(move.server_id)} from {move.source}{target}"
        draft = self._draft(move.started, title)
        draft.parameters["asked for by"] = self._name(move.by)
        if move.ended is None:
            draft.status, draft.reason = Status.BROKEN, f"the {title} did not end"
        else:
            draft.extend(move.ended)
            if not move.succeeded:
                draft.status, draft.reason = Status.BROKEN, f"the {title} failed"
        return draft

    def _name(self, identifier: object) -> str:
        return printable(self._names.get(str(identifier), str(identifier)))
