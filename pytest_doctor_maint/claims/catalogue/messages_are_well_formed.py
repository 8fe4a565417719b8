"""Messages carry what the protocol says, in a form that survives Aodh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedHostMessage, ObservedMessage
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History, thawed
from pytest_doctor_maint.protocol import ANSWERED, Action, Step

CLAIM = "messages_are_well_formed"
#: Aodh's limit for a trait of type string, in characters.
TRAIT_LENGTH = 255
CHOICE = (Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)


def check(history: History) -> Verdict:
    """Every message names a step in a word of its admin tool, and no trait is longer than Aodh carries. One that wants
    an answer says where to and until when, and what may be chosen. A message about a compute, or to the admin about a
    session, carries the admin project's id, since an event reaches the alarms of the project that it names. Fenix also
    says when the answer is due, and names the instance where it writes of one.
    """
    facts = index_of(history)
    admin = facts.admin_project_id
    if not facts.notices and not facts.host_notices:
        _ = facts.some_sessions
    violations = [found for notice in facts.notices for found in _message(facts, notice)]
    for message in facts.host_notices:
        violations += _traits(message, message.host)
    about = [(message.event, message.host) for message in facts.host_notices]
    about += [(event, facts.name(event.data["session_id"])) for event in facts.session_notices]
    for event, subject in about:
        carried = event.data["project_id"]
        if carried != admin:
            what = f"{event.data['state']} of {subject}"
            violations.append(violation(f"{what} carries project_id {carried}; due: {admin}", subject, event))
    total = len(facts.notices) + len(about)
    return conclude(CLAIM, violations, f"{total} messages, all well formed", {"messages": total})


def _message(facts: HistoryIndex, notice: ObservedMessage) -> Iterator[Violation]:
    project = facts.name(notice.project_id)
    yield from _traits(notice, project)
    wrong: list[str] = []
    dialect = facts.expectations_of(notice.session_id)
    if notice.step is None:
        wrong.append("no known state")
    elif notice.word not in dialect.may_write(notice.step):
        words = " or ".join(dialect.may_write(notice.step))
        yield violation(f"{project} was told {notice.word}; allowed: {words}", project, notice.event)
    if notice.step in ANSWERED:
        wrong += [] if notice.reply_url.startswith(("http://", "https://")) else ["no reply_url"]
        wrong += [] if notice.actions_at is not None else ["no actions_at"]
        wrong += ["no reply_at"] if dialect.gives_reply_at and notice.reply_at is None else []
    if notice.step in CHOICE:
        wrong += [] if notice.instance_ids is None or notice.instance_ids else ["no instance_ids"]
        known = notice.allowed and all(action in Action.__members__ for action in notice.allowed)
        wrong += [] if known else ["no allowed_actions that are known"]
        wrong += _not_one(notice) if dialect.per_instance else []
    if notice.step is Step.ADMIN_ACTION_DONE and dialect.names_the_moved:
        wrong += _not_one(notice)
        wrong += [] if notice.due is None else ["a time, and wants no answer"]
    for fault in wrong:
        yield violation(f"{notice.word} to {project} has {fault}", project, notice.event)


def _not_one(notice: ObservedMessage) -> list[str]:
    if notice.instance_ids is None:
        return ["a URL as instance_ids where a list with one id is due"]
    count = len(notice.instance_ids)
    return [] if count == 1 else [f"{count} instance_ids; due: one"]


def _traits(message: ObservedMessage | ObservedHostMessage, subject: str) -> Iterator[Violation]:
    for name, value in message.event.data.items():
        plain = thawed(value)
        text = plain if isinstance(plain, str) else str(plain) if isinstance(plain, list | Mapping) else ""
        if len(text) > TRAIT_LENGTH:
            yield violation(
                f"{name} of {message.word} has {len(text)} characters; allowed: {TRAIT_LENGTH}", subject, message.event
            )
