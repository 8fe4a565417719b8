"""The messages that wait for an answer, and what came back."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.protocol import Action, Reply, Step, ack, nack, step_of
from pytest_doctor_maint.simtime.clock import Clock, Signal


class ReplyRefused(Exception):
    """An answer that is not taken.

    Attributes:
        status: The HTTP status that says so: 400 for a wrong body, 409 for an answer that is not due.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Message:
    """One message to one project, of which an answer is due.

    Attributes:
        project_id: The project.
        word: The step as it was written.
        due: Until when the answer counts (UTC).
        instance_ids: The instances it is about.
        allowed: The actions that the project may choose; empty when none is to be chosen.
        instance_id: The instance, for a message about one alone, which has its own URL to be answered at; else empty.
        reply: The answer, once there is one.
        refused: Why the session must fail: a NACK, or an answer to something else.
    """

    project_id: str
    word: str
    due: datetime
    instance_ids: tuple[str, ...] = ()
    allowed: tuple[Action, ...] = ()
    instance_id: str = ""
    reply: Reply | None = None
    refused: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing more is waited for."""
        return self.reply is not None or bool(self.refused)


class Mailbox:
    """The messages of one session.

    A project has one message at hand at a time, and one for each instance that it is asked about by itself; only those
    can be answered.

    Args:
        clock: Waits go through it.
        session_id: The session.
        tolerant: Take what Fenix's clients send beside answers: the same answer again, and an ACK of what needs none.
            Neither counts for a message that waits.
    """

    def __init__(self, clock: Clock, session_id: str, *, tolerant: bool = False) -> None:
        self._clock = clock
        self._session_id = session_id
        self._tolerant = tolerant
        self._at_hand: dict[tuple[str, str], Message] = {}
        self._taken: list[tuple[str, str, Reply]] = []
        self._closed = ""
        # Each who waits has a signal of its own: one that is shared could be cleared by another before it is seen.
        self._waiters: list[Signal] = []
        self._lock = threading.Lock()

    def post(self, message: Message) -> None:
        """Wait for the answer to ``message`` from now on."""
        self._at_hand[message.project_id, message.instance_id] = message

    def knows(self, project_id: str, instance_id: str = "") -> bool:
        """Whether the project was ever told anything in this session, about ``instance_id`` alone if it is given."""
        return (project_id, instance_id) in self._at_hand

    def instance_ids(self, project_id: str, instance_id: str = "") -> tuple[str, ...]:
        """The instances of the state at hand."""
        return self._at_hand[project_id, instance_id].instance_ids

    def answer(self, project_id: str, reply: Reply, instance_id: str = "") -> None:
        """Take a project's answer.

        An answer that is neither ACK nor NACK of the state at hand fails the session, and so does a NACK. A body that
        is wrong in itself (an action is missing or not allowed) changes nothing: there is still time for another.

        Raises:
            ReplyRefused: The answer does not count; the message says why and what is allowed.
        """
        message = self._at_hand[project_id, instance_id]
        if reply.session_id not in (None, self._session_id):
            raise ReplyRefused(400, f"session_id: {reply.session_id} is not this session, {self._session_id}")
        if self._tolerant and self._beside(message, reply):
            return
        if message.settled or self._clock.now() > message.due:
            raise ReplyRefused(409, f"no answer is due: {message.word} was answered, or its time has passed")
        expected = (ack(message.word), nack(message.word))
        if reply.state not in expected:
            message.refused = f"answered {reply.state} to {message.word}"
            self._wake()
            raise ReplyRefused(
                409, f"state: {reply.state} does not answer {message.word}; allowed: {' or '.join(expected)}"
            )
        if reply.state == nack(message.word):
            message.refused = f"answered {reply.state}"
        else:
            self._check_actions(message, reply)
            message.reply = reply
        self._taken.append((project_id, instance_id, _content(reply)))
        self._wake()

    def _beside(self, message: Message, reply: Reply) -> bool:
        """Whether ``reply`` is one of those that say nothing new."""
        if step_of(reply.state.removeprefix("ACK_")) is Step.ADMIN_ACTION_DONE and reply.state.startswith("ACK_"):
            return True
        if (message.project_id, message.instance_id, _content(reply)) not in self._taken:
            return False
        return message.settled or not self._answers_again(message, reply)

    def _answers_again(self, message: Message, reply: Reply) -> bool:
        """Whether the words of an earlier answer may answer ``message`` too: one about the same instances."""
        if reply.state not in (ack(message.word), nack(message.word)):
            return False
        if step_of(message.word) is Step.DOWN_SCALE and reply.instance_ids:
            # That the project has the instances that it had when it answered before is no answer to "fewer".
            return False
        try:
            self._check_actions(message, reply)
        except ReplyRefused:
            return False
        return True

    def _check_actions(self, message: Message, reply: Reply) -> None:
        if not message.allowed:
            return
        if message.instance_id:
            action = reply.instance_action
            if action is None:
                raise ReplyRefused(400, f"instance_action: no action for {message.instance_id}")
            if action not in message.allowed:
                raise ReplyRefused(
                    400, f"instance_action: {action} is not allowed; allowed: {', '.join(message.allowed)}"
                )
            return
        actions = reply.instance_actions
        if missing := [instance for instance in message.instance_ids if instance not in actions]:
            raise ReplyRefused(400, f"instance_actions: no action for {', '.join(missing)}")
        if foreign := [instance for instance in actions if instance not in message.instance_ids]:
            raise ReplyRefused(400, f"instance_actions: not asked about {', '.join(foreign)}")
        for instance, action in actions.items():
            if action not in message.allowed:
                raise ReplyRefused(
                    400, f"instance_actions.{instance}: {action} is not allowed; allowed: {', '.join(message.allowed)}"
                )

    def close(self, reason: str) -> None:
        """Let everyone who waits here, now or later, fail for ``reason``."""
        self._closed = reason
        self._wake()

    def check(self) -> None:
        """Nothing, unless the session is to end.

        Raises:
            SessionFailed: The mailbox was closed.
        """
        if self._closed:
            raise SessionFailed(self._closed)

    def pause(self, seconds: float) -> None:
        """Do nothing for so long.

        Raises:
            SessionFailed: The mailbox was closed.
        """
        signal = self._watch()
        try:
            self.check()
            if seconds > 0:
                # Answers wake it too early; it goes on waiting.
                ends = self._clock.now() + timedelta(seconds=seconds)
                while (left := self._clock.until(ends)) > 0:
                    signal.clear()
                    self.check()
                    self._clock.wait(signal, left)
            self.check()
        finally:
            self._unwatch(signal)

    def wait(self, messages: Iterable[Message]) -> dict[str, Reply]:
        """Wait until every one of ``messages`` is agreed to; gives the answers by project.

        Raises:
            SessionFailed: A project refused, answered something else, or was silent past its window; or the mailbox was
                closed.
        """
        waiting = list(messages)
        signal = self._watch()
        try:
            while True:
                # Cleared before looking: an answer that comes in between sets it again.
                signal.clear()
                self.check()
                for message in waiting:
                    if message.refused:
                        raise SessionFailed(f"project {message.project_id} {message.refused}")
                pending = [message for message in waiting if message.reply is None]
                if not pending:
                    return {message.project_id: message.reply for message in waiting if message.reply is not None}
                first = min(pending, key=lambda message: message.due)
                left = self._clock.until(first.due)
                if left > 0:
                    self._clock.wait(signal, left)
                else:
                    first.refused = f"did not answer {first.word} by {first.due:%Y-%m-%d %H:%M:%S}"
        finally:
            self._unwatch(signal)

    def _watch(self) -> Signal:
        signal = self._clock.signal(f"answers in session {self._session_id}")
        with self._lock:
            self._waiters.append(signal)
        return signal

    def _unwatch(self, signal: Signal) -> None:
        with self._lock:
            self._waiters.remove(signal)

    def _wake(self) -> None:
        with self._lock:
            waiters = list(self._waiters)
        for signal in waiters:
            signal.set()


def _content(reply: Reply) -> Reply:
    """``reply`` without its session's id, which a client may leave out the second time."""
    return reply.model_copy(update={"session_id": None})
