"""What a history says about maintenance sessions: who was told what, and what was answered."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_doctor_maint.history import Event, parse_timestamp
from pytest_doctor_maint.protocol import Action, Step, ack, from_wire, nack, step_of


@dataclass(frozen=True, slots=True)
class ObservedMessage:
    """A message to a project, as the admin tool emitted it.

    Attributes:
        event: Where it stands in the history.
        session_id: Its session.
        project_id: Who is told.
        word: The state as it was written.
        step: The step that the word names; None for a word of no step.
        instance_ids: The instances it is about; None where a URL stands for them.
        allowed: The actions that may be chosen.
        actions_at: When the admin tool acts (UTC).
        reply_at: When the answer is due (UTC), where the message says so.
        reply_url: Where the answer goes.
    """

    event: Event
    session_id: str
    project_id: str
    word: str
    step: Step | None
    instance_ids: tuple[str, ...] | None
    allowed: tuple[str, ...]
    actions_at: datetime | None
    reply_at: datetime | None
    reply_url: str

    @property
    def due(self) -> datetime | None:
        """When the answer is due (UTC)."""
        return self.reply_at or self.actions_at

    @property
    def seq(self) -> int:
        """Its place in the history."""
        return self.event.seq


@dataclass(frozen=True, slots=True)
class ObservedHostMessage:
    """A message about a compute. Attributes: as of :class:`ObservedMessage`, and the ``host``."""

    event: Event
    session_id: str
    project_id: str
    host: str
    word: str
    step: Step | None

    @property
    def seq(self) -> int:
        """Its place in the history."""
        return self.event.seq


@dataclass(frozen=True, slots=True)
class ObservedReply:
    """A project's answer, as it reached the admin tool.

    Attributes:
        event: Where it stands in the history.
        session_id: The session in its URL.
        project_id: The project in its URL.
        state: ACK_… or NACK_…, None when there was none.
        notice: The message it came upon; None when there is none.
        counted: Whether the admin tool took it.
        actions: What is to be done, by instance id.
    """

    event: Event
    session_id: str
    project_id: str
    state: str | None
    notice: ObservedMessage | None
    counted: bool
    actions: Mapping[str, str]

    @property
    def seq(self) -> int:
        """Its place in the history."""
        return self.event.seq

    @property
    def agrees(self) -> bool:
        """Whether it is the ACK of its message, taken by the admin tool."""
        return self.counted and self.notice is not None and self.state == ack(self.notice.word)

    @property
    def refuses(self) -> bool:
        """Whether it is the NACK of its message, taken by the admin tool."""
        return self.counted and self.notice is not None and self.state == nack(self.notice.word)

    def repeats(self, other: ObservedReply) -> bool:
        """Whether it says what ``other`` said to the same message before, and nothing else."""
        return (
            self.notice is not None
            and self.notice == other.notice
            and other.seq < self.seq
            and (self.state, self.actions) == (other.state, other.actions)
        )


@dataclass(frozen=True, slots=True)
class ObservedSession:
    """A maintenance session.

    Attributes:
        session_id: Its id.
        created: The event of its creation.
        hosts: Its computes.
        workflow: By which of the admin tool's workflows it is carried out.
        maintenance_at: When maintenance was to start (UTC); None if the history does not tell.
        states: What the admin saw, in order.
        deleted: The event of its deletion, if it was deleted.
    """

    session_id: str
    created: Event
    hosts: tuple[str, ...]
    workflow: str
    maintenance_at: datetime | None
    states: tuple[Event, ...]
    deleted: Event | None

    @property
    def failed(self) -> Event | None:
        """The event in which the admin saw that it failed."""
        return next((event for event in self.states if event.data["state"] == "MAINTENANCE_FAILED"), None)

    @property
    def done(self) -> Event | None:
        """The event in which the admin saw that it was done."""
        return next((event for event in self.states if event.data["state"] == "MAINTENANCE_DONE"), None)


def read_notice(event: Event) -> ObservedMessage:
    """The message in ``event``; what cannot be understood is left empty, and a claim of its own complains."""
    data = event.data
    word = str(data["state"])
    return ObservedMessage(
        event=event,
        session_id=str(data["session_id"]),
        project_id=str(data["project_id"]),
        word=word,
        step=step_of(word),
        instance_ids=_names(data.get("instance_ids")),
        allowed=_names(data.get("allowed_actions")) or (),
        actions_at=moment(data.get("actions_at")),
        reply_at=moment(data.get("reply_at")),
        reply_url=str(data.get("reply_url") or ""),
    )


def read_host_notice(event: Event) -> ObservedHostMessage:
    """The message about a compute in ``event``."""
    data = event.data
    word = str(data["state"])
    return ObservedHostMessage(
        event, str(data["session_id"]), str(data["project_id"]), str(data.get("host") or ""), word, step_of(word)
    )


def read_actions(body: Any, notice: ObservedMessage | None) -> Mapping[str, str]:
    """The actions by instance id in an answer's body: given for each, or one for the instance of the message."""
    if not isinstance(body, Mapping):
        return {}
    chosen = body.get("instance_actions")
    if isinstance(chosen, Mapping):
        return {str(key): plain_action(value) for key, value in chosen.items()}
    if (single := body.get("instance_action")) and notice is not None:
        return dict.fromkeys(notice.instance_ids or (), plain_action(single))
    return {}


def plain_action(value: Any) -> str:
    """The action that ``value`` names, in the protocol's own word; ``value`` as text, where it names none."""
    try:
        return Action(value).value
    except ValueError:
        return str(value)


def moment(value: Any) -> datetime | None:
    """The time (UTC) that ``value`` holds, on the wire's or the history's form; None when it holds none."""
    if not isinstance(value, str):
        return None
    for parse in (from_wire, parse_timestamp):
        try:
            return parse(value)
        except ValueError:
            continue
    return None


def same_place(url: str, reply_url: str) -> bool:
    """Whether both lead to the same resource. What is recorded may be the path alone."""
    wanted = reply_url.rstrip("/")
    return url.rstrip("/") == wanted or (url.startswith("/") and wanted.endswith(url.rstrip("/")))


def _names(value: Any) -> tuple[str, ...] | None:
    """A list, or a list that travelled as text; None for a URL."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        if not value.startswith("["):
            return None
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return ()
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()
