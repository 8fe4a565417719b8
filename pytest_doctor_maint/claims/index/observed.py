"""The messages, replies and sessions of a history, each read from its event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_doctor_maint.history import Event
from pytest_doctor_maint.protocol import Action, Step, ack, from_wire, nack, step_of
from pytest_doctor_maint.simtime.literals import parse_literal


@dataclass(frozen=True, slots=True)
class ObservedMessage:
    """A message to a project, as the admin tool emitted it.

    Attributes:
        event: The event that shows the message.
        session_id: The session.
        project_id: The project that the message is for.
        word: The state as the admin tool wrote it.
        step: The step that ``word`` names; None if ``word`` names no step.
        instance_ids: The instances that the message is about; None if the message has a URL instead.
        allowed: The actions that the project may choose.
        actions_at: The time when the admin tool acts (UTC).
        reply_at: The time when the reply is due (UTC); None if the message has no such field.
        reply_url: The URL for the reply.
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
        """The time when the reply is due (UTC): ``reply_at``, else ``actions_at``."""
        return self.reply_at or self.actions_at

    @property
    def seq(self) -> int:
        """The number of its event."""
        return self.event.seq


@dataclass(frozen=True, slots=True)
class ObservedHostMessage:
    """A message about a compute. Its attributes are those of :class:`ObservedMessage`, and ``host``."""

    event: Event
    session_id: str
    project_id: str
    host: str
    word: str
    step: Step | None

    @property
    def seq(self) -> int:
        """The number of its event."""
        return self.event.seq


#: The state of a reply, and its actions by instance.
ReplyContent = tuple[str | None, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class ObservedReply:
    """A project's reply, as it reached the admin tool.

    Attributes:
        event: The event that shows the reply.
        session_id: The session in the URL.
        project_id: The project in the URL.
        state: ACK_… or NACK_…; None if the body has no state.
        message: The message that the project replies to; None if no message to the project was sent before.
        accepted: True unless the admin tool refused the reply.
        actions: The chosen actions, by instance id.
    """

    event: Event
    session_id: str
    project_id: str
    state: str | None
    message: ObservedMessage | None
    accepted: bool
    actions: Mapping[str, str]

    @property
    def seq(self) -> int:
        """The number of its event."""
        return self.event.seq

    @property
    def agrees(self) -> bool:
        """True if it is the ACK of its message and was accepted."""
        return self.accepted and self.message is not None and self.state == ack(self.message.word)

    @property
    def refuses(self) -> bool:
        """True if it is the NACK of its message and was accepted."""
        return self.accepted and self.message is not None and self.state == nack(self.message.word)

    @property
    def content(self) -> ReplyContent:
        """The state and the actions."""
        return self.state, frozenset(self.actions.items())


@dataclass(frozen=True, slots=True)
class ObservedSession:
    """A maintenance session.

    Attributes:
        session_id: Its id.
        created: The event of its creation.
        hosts: Its computes.
        workflow: The workflow of the admin tool that carries it out.
        maintenance_at: The time when the maintenance starts (UTC); None if the history does not show it.
        states: The states that the admin saw, in order.
        failed: The event in which the admin saw MAINTENANCE_FAILED; None if the session was not seen to fail.
        done: The event in which the admin saw MAINTENANCE_DONE.
        deleted: The event of its deletion; None if it was not deleted.
    """

    session_id: str
    created: Event
    hosts: tuple[str, ...]
    workflow: str
    maintenance_at: datetime | None
    states: tuple[Event, ...]
    failed: Event | None
    done: Event | None
    deleted: Event | None

    @property
    def last_seen(self) -> Event:
        """The event of the last state that the admin saw; the creation, if the admin saw no state."""
        return self.states[-1] if self.states else self.created


def read_message(event: Event) -> ObservedMessage:
    """Return the message to a project that ``event`` shows.

    A field that cannot be read is left empty; ``messages_are_well_formed`` reports it.
    """
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
        actions_at=read_time(data.get("actions_at")),
        reply_at=read_time(data.get("reply_at")),
        reply_url=str(data.get("reply_url") or ""),
    )


def read_host_message(event: Event) -> ObservedHostMessage:
    """Return the message about a compute that ``event`` shows."""
    data = event.data
    word = str(data["state"])
    return ObservedHostMessage(
        event=event,
        session_id=str(data["session_id"]),
        project_id=str(data["project_id"]),
        host=str(data.get("host") or ""),
        word=word,
        step=step_of(word),
    )


def read_actions(body: object, message: ObservedMessage | None) -> Mapping[str, str]:
    """Return the actions that the body of a reply to ``message`` chooses, by instance id.

    A body has an action for each instance (``instance_actions``), or one for the instance of the message
    (``instance_action``).
    """
    if not isinstance(body, Mapping):
        return {}
    chosen = body.get("instance_actions")
    if isinstance(chosen, Mapping):
        return {str(key): action_word(value) for key, value in chosen.items()}
    if (single := body.get("instance_action")) and message is not None:
        return dict.fromkeys(message.instance_ids or (), action_word(single))
    return {}


def action_word(value: object) -> str:
    """Return the protocol's word for the action that ``value`` names, or ``value`` as text if it names no action."""
    try:
        return Action(str(value)).value
    except ValueError:
        return str(value)


def read_time(value: object) -> datetime | None:
    """Return the time (UTC) that ``value`` is in the form of the wire or of the history; None if it is not a time."""
    if not isinstance(value, str):
        return None
    try:
        return from_wire(value)
    except ValueError:
        return None


def resource_of(url: str) -> str:
    """Return the last part of a URL, which is the same in all URLs of one resource."""
    return url.rstrip("/").rpartition("/")[2]


def same_resource(url: str, reply_url: str) -> bool:
    """Return True if both URLs lead to the same resource. ``url`` may be only the path, as recorded on the wire."""
    wanted = reply_url.rstrip("/")
    return url.rstrip("/") == wanted or (url.startswith("/") and wanted.endswith(url.rstrip("/")))


def _names(value: Any) -> tuple[str, ...] | None:
    """Return the items of a list, or of a list that was sent as text, or a bare id; None for a URL."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        if not value.startswith("["):
            return None if "/" in value else (value,)
        try:
            value = parse_literal(value)
        except ValueError:
            return ()
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()
