"""Messages have the fields of the protocol, in a form that Aodh carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_doctor_maint.claims.claim import HOST_MESSAGES, Topic, claim
from pytest_doctor_maint.claims.expectations import Expectations
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.messages import INSTANCE_STEPS
from pytest_doctor_maint.claims.index.observed import ObservedHostMessage, ObservedMessage
from pytest_doctor_maint.claims.verdict import Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds, thawed
from pytest_doctor_maint.protocol import ANSWERED, Action, Step

#: The number of characters of a string trait that ceilometer and Aodh carry.
_TRAIT_LENGTH = 255


@claim(
    topic=Topic.MESSAGES,
    source="use case, Fenix API reference, ceilometer's traits",
    needs=(kinds.RUN_STARTED, kinds.NOTIFICATION),
    partly={HOST_MESSAGES: "the form of the messages about computes"},
)
def messages_are_well_formed(index: HistoryIndex) -> Verdict:
    """Each message names a step in a word of its admin tool, has the fields of the step, and no trait is too long.

    A message that asks for a reply has a ``reply_url`` and ``actions_at``, and a message about instances has
    ``instance_ids`` and ``allowed_actions``. A message about a compute, or to the admin about a session, carries the id
    of the admin's project, because an event reaches the alarms of the project that it names. Fenix also sends
    ``reply_at``, and one instance where a message is about one.
    """
    admin = index.admin_project_id
    messages = index.messages
    if not messages.to_projects and not messages.about_hosts:
        index.require_sessions()
    violations = [found for message in messages.to_projects for found in _to_project(index, message)]
    for about_host in messages.about_hosts:
        violations += _traits(about_host, about_host.host)
        violations += _to_admin(index, about_host.event, about_host.host, admin)
    for event in messages.about_sessions:
        violations += _to_admin(index, event, index.name(event.data["session_id"]), admin)
    total = len(messages.to_projects) + len(messages.about_hosts) + len(messages.about_sessions)
    return messages_are_well_formed.conclude(
        violations,
        f"{total} messages, all well formed",
        {"messages": total},
        nothing="" if total else "no message was sent",
    )


def _to_admin(index: HistoryIndex, event: Event, subject: str, admin: str) -> Iterator[Violation]:
    project_id = str(event.data["project_id"])
    if project_id != admin:
        name = index.name(project_id)
        whose = "" if name == project_id else f", that of {name}"
        yield violation(
            f"{event.data['state']} of {subject} has project_id {project_id}{whose}; allowed: {admin}, that of the "
            "admin",
            subject,
            event,
        )


def _to_project(index: HistoryIndex, message: ObservedMessage) -> Iterator[Violation]:
    project = index.name(message.project_id)
    expected = index.expectations_of(message.session_id)
    yield from _traits(message, project)
    for fault in [*_word(message, expected), *_reply_fields(message, expected), *_instance_fields(message, expected)]:
        yield violation(f"{message.word} to {project} has {fault}", project, message.event)


def _word(message: ObservedMessage, expected: Expectations) -> Iterator[str]:
    if message.step is None:
        yield f"no known state; allowed: {', '.join(Step)}"
    elif message.word not in expected.words_for(message.step):
        yield f"the state of another dialect; allowed: {' or '.join(expected.words_for(message.step))}"


def _reply_fields(message: ObservedMessage, expected: Expectations) -> Iterator[str]:
    if message.step not in ANSWERED:
        return
    if not message.reply_url.startswith(("http://", "https://")):
        yield f"the reply_url {message.reply_url!r}; due: an HTTP URL"
    if message.actions_at is None:
        yield "no actions_at; due: a time"
    if expected.sends_reply_at and message.reply_at is None:
        yield "no reply_at; due: a time"


def _instance_fields(message: ObservedMessage, expected: Expectations) -> Iterator[str]:
    if message.step in INSTANCE_STEPS:
        if message.instance_ids is not None and not message.instance_ids:
            yield "no instance_ids; due: a URL or a list"
        if not message.allowed or not all(action in Action.__members__ for action in message.allowed):
            actions = ", ".join(message.allowed) or "none"
            yield f"the allowed_actions {actions}; allowed: one or more of {', '.join(Action)}"
        if expected.is_per_instance:
            yield from _not_one_instance(message)
    if message.step is Step.ADMIN_ACTION_DONE and expected.names_moved_instance:
        yield from _not_one_instance(message)
        if message.due is not None:
            yield "a time although it asks for no reply; allowed: no reply_at and no actions_at"


def _not_one_instance(message: ObservedMessage) -> Iterator[str]:
    if message.instance_ids is None:
        yield "a URL as instance_ids; due: a list with one id"
    elif message.event.data.get("instance_ids") in message.instance_ids:
        yield "a bare id as instance_ids; due: a list with one id"
    elif len(message.instance_ids) != 1:
        yield f"{len(message.instance_ids)} instance_ids; due: one"


def _traits(message: ObservedMessage | ObservedHostMessage, subject: str) -> Iterator[Violation]:
    for name, value in message.event.data.items():
        plain = thawed(value)
        text = plain if isinstance(plain, str) else str(plain) if isinstance(plain, list | Mapping) else ""
        if len(text) > _TRAIT_LENGTH:
            yield violation(
                f"{name} of {message.word} has {len(text)} characters; allowed: {_TRAIT_LENGTH}", subject, message.event
            )
