"""The lines of the diagram: what a reader must see of a history. Events that belong together are one line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import inf

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedHostMessage, ObservedMessage, ObservedReply
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.report.describe import describe
from pytest_doctor_maint.report.sequence_diagram import cloud_lines
from pytest_doctor_maint.report.sequence_diagram.columns import ADMIN_TOOL, AODH, INSPECTOR, Actors
from pytest_doctor_maint.report.sequence_diagram.line import Line, Look
from pytest_doctor_maint.report.sequence_diagram.windows import window_of
from pytest_doctor_maint.report.sequence_diagram.words import counted, length

#: The kinds of events that lines of their own kind show, or that say nothing new.
_ELSEWHERE = frozenset(
    {
        kinds.RUN_STARTED,
        kinds.RUN_ENDED,
        kinds.NOTIFICATION,
        kinds.ALARM,
        kinds.REPLY,
        kinds.SESSION_STATE,
        kinds.HOST_WORK,
        kinds.CONSTRAINT_INSTANCE,
        kinds.CONSTRAINT_GROUP,
        kinds.COMPUTE,
        kinds.SERVER,
        kinds.FLOATING_IP,
    }
)
_TROUBLES = frozenset({kinds.FAULT, kinds.HOST_FAILURE, kinds.THREAD_DIED, kinds.ALARM_REFUSED, kinds.REPLY_REFUSED})
#: What happens to several things within so many seconds is one line.
TOGETHER = 1.0
#: An alarm that takes longer than so many seconds is late enough to say so.
SLOW = 1.0


class LineReader:
    """Reads the lines of a history.

    Args:
        index: The index of the history.
        actors: Its actors.
        names: Names by id.
    """

    def __init__(self, index: HistoryIndex, actors: Actors, names: Mapping[str, str]) -> None:
        self._index = index
        self._actors = actors
        self._names = names
        self._alarms: dict[int, list[Event]] = defaultdict(list)
        self._strays: list[Event] = []
        self._sort_alarms()

    def lines(self) -> list[Line]:
        """Return the lines in the order of their events. Neighbours that say the same are one line."""
        found = sorted(
            (
                *self._messages(),
                *(self._reply(reply) for reply in self._index.messages.replies),
                *map(self.plain, self._strays),
                *self._states(),
                *self._works(),
                *self._constraints(),
                *cloud_lines.lines_of(self._index, self._actors, self._name),
                *self._others(),
            ),
            key=lambda line: line.seq,
        )
        first = next((session.created.seq for session in self._index.sessions.values()), 0)
        joined: list[Line] = []
        for line in found:
            # When the applications are deployed, the time from an instance to the next one does not matter.
            if joined and joined[-1].continues(line, TOGETHER if line.seq > first else inf):
                last = joined.pop()
                names = tuple(dict.fromkeys((*last.names, *line.names)))
                line = replace(last, names=names, covers=(*last.covers, *line.covers))
            joined.append(line)
        return joined

    def plain(self, event: Event) -> Line:
        """Return an event as a line that shows it alone."""
        text = describe(event, self._names)
        if event.kind in (kinds.RUN_STARTED, kinds.RUN_ENDED):
            return Line(event.seq, event.at, Look.ACROSS, "", text, covers=(event.seq,))
        source, *targets = self._actors.ends(event)
        alone = Look.TROUBLE if event.kind in _TROUBLES else Look.NOTE
        look = Look.CALL if targets else alone
        return Line(event.seq, event.at, look, source, text, "".join(targets[:1]), covers=(event.seq,), tip=text)

    def _name(self, identifier: object) -> str:
        return self._names.get(str(identifier), str(identifier))

    # -- messages ----------------------------------------------------------------------------------------------------

    def _sort_alarms(self) -> None:
        """Give each message the alarm by which it arrived where it should; any other alarm is shown by itself."""
        by_id = {
            str(event.data["message_id"]): event.seq
            for event in self._index.of(kinds.NOTIFICATION)
            if event.data.get("message_id")
        }
        messages = self._index.messages
        # Where notifications cannot be seen, the alarms are the messages.
        shown = {
            *(each.seq for each in messages.to_projects),
            *(each.seq for each in messages.about_hosts),
            *(each.seq for each in messages.about_sessions),
        }
        for alarm in self._index.of(kinds.ALARM):
            if alarm.seq in shown:
                continue
            sent = alarm.cause if alarm.cause is not None else by_id.get(str(alarm.data.get("message_id")))
            is_meant = alarm.data["subscriber_id"] == alarm.data["project_id"]
            if sent is not None and is_meant and not self._alarms[sent]:
                self._alarms[sent].append(alarm)
            else:
                self._strays.append(alarm)

    def _messages(self) -> Iterator[Line]:
        for message in self._index.messages.to_projects:
            target = self._actors.app_manager(message.project_id)
            window = window_of(self._index, message)
            replies = self._index.messages.replies_to(message)
            until = replies[0].seq if replies and window is not None else None
            line = self._message(message, target)
            yield replace(line, names=self._instances(message), window=window, until=until)
        for about in self._index.messages.about_hosts:
            yield replace(self._message(about, INSPECTOR), names=(about.host,))
        for event in self._index.messages.about_sessions:
            if not self._says_the_same(event):
                yield self.plain(event)

    def _message(self, message: ObservedMessage | ObservedHostMessage, target: str) -> Line:
        event = message.event
        arrived = self._alarms.get(event.seq, ())
        text = message.word
        if arrived and (took := (arrived[0].at - event.at).total_seconds()) > SLOW:
            text += f" (arrives after {length(took)})"
        elif event.kind == kinds.NOTIFICATION and not arrived and kinds.ALARM not in self._index.unseen:
            text += " (not delivered)"
            target = AODH
        covers = (event.seq, *(alarm.seq for alarm in arrived))
        return Line(event.seq, event.at, Look.MESSAGE, ADMIN_TOOL, text, target, covers=covers)

    def _instances(self, message: ObservedMessage) -> tuple[str, ...]:
        return tuple(self._name(each) for each in self._index.messages.instances_of(message) or ())

    def _says_the_same(self, event: Event) -> bool:
        """Return True if a message to the admin only says how far the session is."""
        return event.data["session_id"] in self._index.sessions and not event.data.get("reason")

    def _reply(self, reply: ObservedReply) -> Line:
        chosen = Counter(reply.actions.values())
        actions = ", ".join(f"{number} x {action}" for action, number in sorted(chosen.items()))
        text = (reply.state or "answer without a state") + (f": {actions}" if actions else "")
        source = self._actors.app_manager(reply.project_id)
        event = reply.event
        return Line(event.seq, event.at, Look.ANSWER, source, text, ADMIN_TOOL, covers=(event.seq,))

    # -- sessions and work -------------------------------------------------------------------------------------------

    def _states(self) -> Iterator[Line]:
        for session in self._index.sessions.values():
            for event in session.states:
                # The other states follow from the messages.
                if event is session.last_seen or event.data.get("reason"):
                    yield self.plain(event)

    def _works(self) -> Iterator[Line]:
        begun: dict[tuple[str, str], Event] = {}
        for event in self._index.of(kinds.HOST_WORK):
            key = str(event.data["session_id"]), str(event.data["host"])
            if event.data["phase"] == "started":
                begun[key] = event
            elif (start := begun.pop(key, None)) is not None:
                took = length((event.at - start.at).total_seconds())
                text = f"work on {event.data['host']}, {took}"
                yield Line(start.seq, start.at, Look.NOTE, ADMIN_TOOL, text, covers=(start.seq, event.seq))
            else:
                yield self.plain(event)
        for start in begun.values():
            text = f"work on {start.data['host']}, which does not end"
            yield Line(start.seq, start.at, Look.TROUBLE, ADMIN_TOOL, text, covers=(start.seq,))

    def _constraints(self) -> Iterator[Line]:
        """Yield a line for constraints that follow each other; each of them is two or three numbers."""
        found = sorted(
            (*self._index.of(kinds.CONSTRAINT_INSTANCE), *self._index.of(kinds.CONSTRAINT_GROUP)), key=lambda e: e.seq
        )
        run: list[Event] = []
        for event in found:
            if run and not _belong_together(run[-1], event):
                yield self._constraint(run)
                run = []
            run.append(event)
        if run:
            yield self._constraint(run)

    def _constraint(self, run: list[Event]) -> Line:
        first = run[0]
        deleted = bool(first.data["deleted"])
        instances = sum(event.kind == kinds.CONSTRAINT_INSTANCE for event in run)
        parts = [counted(instances, "instance")] if instances else []
        parts += [counted(len(run) - instances, "group")] if len(run) > instances else []
        text = f"constraints of {' and '.join(parts)}{' deleted' if deleted else ''}"
        source = self._actors.app_manager(first.data["project_id"])
        covers = tuple(event.seq for event in run)
        tip = "; ".join(describe(event, self._names) for event in run[:20])
        return Line(first.seq, first.at, Look.CALL, source, text, ADMIN_TOOL, covers=covers, tip=tip)

    def _others(self) -> Iterator[Line]:
        for event in self._index.events:
            if event.kind not in _ELSEWHERE and not kinds.for_reading(event.kind).is_quiet:
                yield self.plain(event)


def _belong_together(event: Event, following: Event) -> bool:
    return (
        event.data["project_id"] == following.data["project_id"]
        and event.data["deleted"] == following.data["deleted"]
        and abs((following.at - event.at).total_seconds()) <= TOGETHER
    )
