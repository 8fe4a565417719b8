"""Messages carry what the protocol says, in a form that survives Aodh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_doctor_maint.checkers.facts import Facts, facts_of
from pytest_doctor_maint.checkers.sessions import HostNotice, Notice
from pytest_doctor_maint.checkers.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History, thawed
from pytest_doctor_maint.protocol import ANSWERED, Action, Step

CLAIM = "messages_are_well_formed"
#: Aodh's limit for a trait of type string, in characters.
TRAIT_LENGTH = 255
CHOICE = (Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE)


def check(history: History) -> Verdict:
    """Every message names a known step and no trait is longer than Aodh carries. One that wants an answer says where to
    and until when, and what may be chosen. A message about a compute carries the admin project's id, since an event
    reaches the alarms of the project that it names.
    """
    facts = facts_of(history)
    admin = facts.admin_project_id
    if not facts.notices and not facts.host_notices:
        _ = facts.some_sessions
    violations = [found for notice in facts.notices for found in _message(facts, notice)]
    for message in facts.host_notices:
        violations += _traits(message, message.host)
        if message.project_id != admin:
            violations.append(
                violation(
                    f"{message.word} of {message.host} carries project_id {message.project_id}; due: {admin}",
                    message.host,
                    message.event,
                )
            )
    total = len(facts.notices) + len(facts.host_notices)
    return conclude(CLAIM, violations, f"{total} messages, all well formed", {"messages": total})


def _message(facts: Facts, notice: Notice) -> Iterator[Violation]:
    project = facts.name(notice.project_id)
    yield from _traits(notice, project)
    wrong: list[str] = []
    if notice.step is None:
        wrong.append("no known state")
    if notice.step in ANSWERED:
        wrong += [] if notice.reply_url.startswith(("http://", "https://")) else ["no reply_url"]
        wrong += [] if notice.actions_at is not None else ["no actions_at"]
    if notice.step in CHOICE:
        wrong += [] if notice.instance_ids is None or notice.instance_ids else ["no instance_ids"]
        known = notice.allowed and all(action in Action.__members__ for action in notice.allowed)
        wrong += [] if known else ["no allowed_actions that are known"]
    for fault in wrong:
        yield violation(f"{notice.word} to {project} has {fault}", project, notice.event)


def _traits(message: Notice | HostNotice, subject: str) -> Iterator[Violation]:
    for name, value in message.event.data.items():
        plain = thawed(value)
        text = plain if isinstance(plain, str) else str(plain) if isinstance(plain, list | Mapping) else ""
        if len(text) > TRAIT_LENGTH:
            yield violation(
                f"{name} of {message.word} has {len(text)} characters; allowed: {TRAIT_LENGTH}", subject, message.event
            )
