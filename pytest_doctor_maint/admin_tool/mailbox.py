"""The messages that wait for an answer, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pytest_doctor_maint.admin_tool.session import SessionFailed
from pytest_doctor_maint.clock import Clock, Signal
from pytest_doctor_maint.protocol import Action, Reply, ack, nack


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
        reply: The answer, once there is one.
        refused: Why the session must fail: a NACK, or an answer to something else.
    """

    project_id: str
    word: str
    due: datetime
    instance_ids: tuple[str, ...] = ()
    allowed: tuple[Action, ...] = ()
    reply: Reply | None = None
    refused: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing more is waited for."""
        return self.reply is not None or bool(self.refused)


class Mailbox:
    """The messages of one session. A project has one message at hand at a time; only that can be answered."""

    def __init__(self, clock: Clock, session_id: str) -> None:
        self._clock = clock
        self._session_id = session_id
        self._at_hand: dict[str, Message] = {}
        self._changed: Signal = clock.signal(f"answers in session {session_id}")

    def post(self, message: Message) -> None:
        """Wait for the answer to ``message`` from now on."""
        self._at_hand[message.project_id] = message

    def knows(self, project_id: str) -> bool:
        """Whether the project was ever told anything in this session."""
        return project_id in self._at_hand

    def instance_ids(self, project_id: str) -> tuple[str, ...]:
        """The instances of the state at hand."""
        return self._at_hand[project_id].instance_ids

    def answer(self, project_id: str, reply: Reply) -> None:
        """Take a project's answer.

        An answer that is neither ACK nor NACK of the state at hand fails the session, and so does a NACK. A body that
        is wrong in itself (an action is missing or not allowed) changes nothing: there is still time for another.

        Raises:
            ReplyRefused: The answer does not count; the message says why and what is allowed.
        """
        message = self._at_hand[project_id]
        if reply.session_id not in (None, self._session_id):
            raise ReplyRefused(400, f"session_id: {reply.session_id} is not this session, {self._session_id}")
        if message.settled or self._clock.now() > message.due:
            raise ReplyRefused(409, f"no answer is due: {message.word} was answered, or its time has passed")
        expected = (ack(message.word), nack(message.word))
        if reply.state not in expected:
            message.refused = f"answered {reply.state} to {message.word}"
            self._changed.set()
            raise ReplyRefused(
                409, f"state: {reply.state} does not answer {message.word}; allowed: {' or '.join(expected)}"
            )
        if reply.state == nack(message.word):
            message.refused = f"answered {reply.state}"
        else:
            self._check_actions(message, reply.instance_actions)
            message.reply = reply
        self._changed.set()

    def _check_actions(self, message: Message, actions: Mapping[str, Action]) -> None:
        if not message.allowed:
            return
        if missing := [instance for instance in message.instance_ids if instance not in actions]:
            raise ReplyRefused(400, f"instance_actions: no action for {', '.join(missing)}")
        if foreign := [instance for instance in actions if instance not in message.instance_ids]:
            raise ReplyRefused(400, f"instance_actions: not asked about {', '.join(foreign)}")
        for instance, action in actions.items():
            if action not in message.allowed:
                raise ReplyRefused(
                    400, f"instance_actions.{instance}: {action} is not allowed; allowed: {', '.join(message.allowed)}"
                )

    def wait(self, messages: Iterable[Message]) -> dict[str, Reply]:
        """Wait until every one of ``messages`` is agreed to; gives the answers by project.

        Raises:
            SessionFailed: A project refused, answered something else, or was silent past its window.
        """
        waiting = list(messages)
        while True:
            # Cleared before looking: an answer that comes in between sets it again.
            self._changed.clear()
            for message in waiting:
                if message.refused:
                    raise SessionFailed(f"project {message.project_id} {message.refused}")
            pending = [message for message in waiting if message.reply is None]
            if not pending:
                return {message.project_id: message.reply for message in waiting if message.reply is not None}
            first = min(pending, key=lambda message: message.due)
            left = self._clock.until(first.due)
            if left > 0:
                self._clock.wait(self._changed, left)
            else:
                first.refused = f"did not answer {first.word} by {first.due:%Y-%m-%d %H:%M:%S}"
