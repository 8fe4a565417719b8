"""The messages of a session that no project has agreed to yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.observed import ObservedHostMessage, ObservedMessage
from pytest_doctor_maint.protocol import Step

#: Messages by their numbers, in order.
_Messages = dict[int, ObservedMessage]


class Pending:
    """The messages without an ACK as the messages of a session go by.

    They are found by what they are about, so that many messages at once take no time for each pair of them.

    Args:
        index: The index of the history.
    """

    def __init__(self, index: HistoryIndex) -> None:
        self._index = index
        #: By step, by step and project, and those about instances by instance; None: nobody knows their instances.
        self._by_step: Mapping[Step | None, _Messages] = defaultdict(dict)
        self._by_project: Mapping[tuple[Step | None, str], _Messages] = defaultdict(dict)
        self._by_instance: Mapping[str | None, _Messages] = defaultdict(dict)
        self._acks: list[tuple[int, int, ObservedMessage]] = []

    def add(self, message: ObservedMessage) -> None:
        """Take a message that asks for a reply into account."""
        for group in self._groups(message):
            group[message.seq] = message
        if (ack := self._index.messages.agreement(message)) is not None:
            heappush(self._acks, (ack.seq, message.seq, message))

    def _groups(self, message: ObservedMessage) -> Iterator[_Messages]:
        yield self._by_step[message.step]
        yield self._by_project[message.step, message.project_id]
        if message.step in INSTANCE_STEPS:
            instances = self._index.messages.instances_of(message)
            yield from (
                self._by_instance[each] for each in ((None,) if instances is None else dict.fromkeys(instances))
            )

    def before(self, message: ObservedMessage | ObservedHostMessage) -> Iterable[ObservedMessage]:
        """Return the messages without an ACK for which ``message`` may have to wait, the oldest first."""
        while self._acks and self._acks[0][0] < message.seq:
            agreed = heappop(self._acks)[2]
            for group in self._groups(agreed):
                group.pop(agreed.seq, None)
        found: _Messages = {}
        for step, pending in self._by_step.items():
            if step is message.step and step not in INSTANCE_STEPS and isinstance(message, ObservedMessage):
                found.update(self._by_project[step, message.project_id])
            elif step not in INSTANCE_STEPS or (instances := self._instances(message, step)) is None:
                found.update(pending)
            else:
                for instance_id in (*instances, None):
                    found.update(self._by_instance[instance_id])
        return [found[seq] for seq in sorted(found)]

    def _instances(self, message: ObservedMessage | ObservedHostMessage, step: Step | None) -> Iterable[str] | None:
        """Return the instances for whose messages of a step ``message`` may have to wait; None for all messages."""
        if isinstance(message, ObservedHostMessage):
            return self._index.cloud.on_host(message.host, message.seq)
        waits_for_its_own = message.step is Step.ADMIN_ACTION_DONE or (
            message.step in INSTANCE_STEPS
            and (message.step is step or self._index.expectations_of(message.session_id).is_parallel)
        )
        return self._index.messages.instances_of(message) if waits_for_its_own else None
