"""The messages of a session that wait for a reply, and the replies."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_doctor_maint.actors.admin_tool.base.session import Refused, SessionFailed
from pytest_doctor_maint.protocol import Action, Reply, Step, ack, nack, step_of
from pytest_doctor_maint.simtime.clock import Clock, Signal


class ReplyRefused(Refused):
    """A reply that does not count: 400 for a wrong body, 409 for a reply that is not due."""


@dataclass(slots=True)
class Message:
    """One message to one project, to which the project must reply.

    Attributes:
        project_id: The project.
        word: The step in the admin tool's dialect.
        due: The time until which a reply counts (UTC).
        instance_ids: The instances that the message is about.
        allowed: The actions that the project may choose; empty when no action is to be chosen.
        instance_id: The instance, for a message about a single instance, which has its own reply URL; else empty.
        reply: The reply, once there is one.
        refused: Why the session must fail: a NACK, or a reply to another message. Empty otherwise.
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
        """True if no reply is expected any more."""
        return self.reply is not None or bool(self.refused)


class Mailbox:
    """The messages of one session.

    A project has one current message, and one for each instance about which it was asked individually. A project can
    reply to its current messages only.

    Args:
        clock: All waiting goes through this clock.
        session_id: The id of the session.
        tolerant: Accept what Fenix's clients send in addition to replies: the same reply a second time, and an ACK of
            a message that needs no reply. Neither counts as the reply to a message that waits for one.
    """

    def __init__(self, clock: Clock, session_id: str, *, tolerant: bool = False) -> None:
        self._clock = clock
        self._session_id = session_id
        self._tolerant = tolerant
        self._current: dict[tuple[str, str], Message] = {}
        self._accepted: list[tuple[str, str, Reply]] = []
        self._closed = ""
        # Each thread that waits has a signal of its own: a shared one could be cleared by another thread before it is
        # seen.
        self._waiters: list[Signal] = []
        self._lock = threading.Lock()

    def post(self, message: Message) -> None:
        """Make `message` the current one of its project (and its instance); replies count for it from now on."""
        self._current[message.project_id, message.instance_id] = message

    def current(self, project_id: str, instance_id: str = "") -> Message | None:
        """Return the current message to a project, or that about `instance_id` alone; None if no message was sent."""
        return self._current.get((project_id, instance_id))

    def receive(self, project_id: str, reply: Reply, instance_id: str = "") -> None:
        """Take a project's reply to its current message.

        A reply that is neither ACK nor NACK of the current message fails the session, and so does a NACK. A body that
        is wrong in itself (an action is missing or not allowed) changes nothing: the project may reply again in time.

        Raises:
            ReplyRefused: The reply does not count; the message says why, and what is allowed.
            KeyError: The project has no current message.
        """
        message = self._current[project_id, instance_id]
        if reply.session_id not in (None, self._session_id):
            raise ReplyRefused(400, f"session_id: {reply.session_id} is not this session, {self._session_id}")
        if self._tolerant and self._is_additional(message, reply):
            return
        if message.settled or self._clock.now() > message.due:
            raise ReplyRefused(409, f"no reply is due: {message.word} was replied to, or its time has passed")
        expected = (ack(message.word), nack(message.word))
        if reply.state not in expected:
            message.refused = f"replied {reply.state} to {message.word}"
            self._wake()
            raise ReplyRefused(
                409, f"state: {reply.state} is not a reply to {message.word}; allowed: {' or '.join(expected)}"
            )
        if reply.state == nack(message.word):
            message.refused = f"replied {reply.state}"
        else:
            _check_actions(message, reply)
            message.reply = reply
        self._accepted.append((project_id, instance_id, _content(reply)))
        self._wake()

    def wait(self, messages: Iterable[Message]) -> dict[str, Reply]:
        """Wait until every one of `messages` is agreed to; return the replies by project id.

        Raises:
            SessionFailed: A project refused, replied to another message, or did not reply in time; or the mailbox was
                closed.
        """
        waiting = list(messages)
        signal = self._watch()
        try:
            while True:
                # Cleared before looking: a reply that arrives in between sets it again.
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
                    first.refused = f"did not reply to {first.word} by {first.due:%Y-%m-%d %H:%M:%S}"
        finally:
            self._unwatch(signal)

    def pause(self, seconds: float) -> None:
        """Wait for `seconds`.

        Raises:
            SessionFailed: The mailbox was closed.
        """
        signal = self._watch()
        try:
            self.check()
            if seconds > 0:
                # A reply ends the wait early; then the loop waits for the rest of the time.
                ends = self._clock.now() + timedelta(seconds=seconds)
                while (left := self._clock.until(ends)) > 0:
                    signal.clear()
                    self.check()
                    self._clock.wait(signal, left)
            self.check()
        finally:
            self._unwatch(signal)

    def check(self) -> None:
        """Raise SessionFailed if the mailbox was closed."""
        if self._closed:
            raise SessionFailed(self._closed)

    def close(self, reason: str) -> None:
        """End every wait here, now and later, with a SessionFailed for `reason`."""
        self._closed = reason
        self._wake()

    def _is_additional(self, message: Message, reply: Reply) -> bool:
        """Return True if `reply` needs no message: it acknowledges a report, or repeats an earlier reply."""
        if step_of(reply.state.removeprefix("ACK_")) is Step.ADMIN_ACTION_DONE and reply.state.startswith("ACK_"):
            return True
        if (message.project_id, message.instance_id, _content(reply)) not in self._accepted:
            return False
        return message.settled or not _may_answer(message, reply)

    def _watch(self) -> Signal:
        signal = self._clock.signal(f"replies in session {self._session_id}")
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


def _may_answer(message: Message, reply: Reply) -> bool:
    """Return True if a reply that equals an earlier one may be the reply to `message`: both have the same instances."""
    if reply.state not in (ack(message.word), nack(message.word)):
        return False
    if step_of(message.word) is Step.DOWN_SCALE and reply.instance_ids:
        # The reply lists the same instances as before, so the project has not scaled down since: not a reply to a
        # further DOWN_SCALE.
        return False
    try:
        _check_actions(message, reply)
    except ReplyRefused:
        return False
    return True


def _check_actions(message: Message, reply: Reply) -> None:
    """Raise ReplyRefused unless `reply` chooses an allowed action for each instance of `message`."""
    if not message.allowed:
        return
    if message.instance_id:
        action = reply.instance_action
        if action is None:
            raise ReplyRefused(400, f"instance_action: no action for {message.instance_id}")
        if action not in message.allowed:
            raise ReplyRefused(400, f"instance_action: {action} is not allowed; allowed: {', '.join(message.allowed)}")
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


def _content(reply: Reply) -> Reply:
    """Return `reply` without the session's id, which a client may leave out the second time."""
    return reply.model_copy(update={"session_id": None})
