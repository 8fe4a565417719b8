"""Every message that asks for a reply gets one, in time, and no reply counts for another message."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedMessage, ObservedReply, same_resource
from pytest_doctor_maint.claims.verdict import Figure, Verdict, Violation, omission, violation
from pytest_doctor_maint.claims.windows import is_too_short
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import ANSWERED, Step, ack, nack, step_of


@claim(topic=Topic.MESSAGES, source="use case, Fenix API reference", needs=(kinds.NOTIFICATION, kinds.REPLY))
def messages_are_answered(index: HistoryIndex) -> Verdict:
    """Each message that asks for a reply gets one that counts: ACK or NACK of its state, to its reply_url, in time.

    A reply is in time until ``reply_at`` (``actions_at``, if there is no ``reply_at``). No reply is too late if that
    was past when the message was sent, or left less than the window of the step: ``windows_are_long_enough`` reports
    that. A reply that the admin tool refused does not count, but no reply is allowed after one that counted. An admin
    tool whose clients are known to repeat themselves may get the same content again; the repetition has no effect.
    A history that ends before a reply is due does not say whether it would have come.
    """
    asked = [message for message in index.messages.to_projects if message.step in ANSWERED]
    replies = index.messages.replies
    if not asked:
        index.require_sessions()
    violations = [found for message in asked for found in _one_reply(index, message)]
    violations += [found for reply in replies if reply.accepted for found in _matches(index, reply)]
    left = [
        (message.due - reply.event.at).total_seconds()
        for message in asked
        for reply in index.messages.replies_to(message)
        if reply.accepted and message.due is not None
    ]
    figures: dict[str, Figure] = {"asked": len(asked), "answers": len(replies)}
    if left:
        figures["shortest_time_left_s"] = round(min(left), 6)
    return messages_are_answered.conclude(
        violations,
        f"{len(asked)} messages, each answered once and in time",
        figures,
        nothing="" if asked or replies else "no message asked for a reply",
    )


def _one_reply(index: HistoryIndex, message: ObservedMessage) -> Iterator[Violation]:
    project = index.name(message.project_id)
    replies = index.messages.replies_to(message)
    counted = next((reply for reply in replies if reply.agrees or reply.refuses), None)
    if counted is None:
        is_unfair = is_too_short(index, message)
        if is_unfair and any(reply.state in (ack(message.word), nack(message.word)) for reply in replies):
            return
        # A wrong reply that is not corrected until the end of the run is a breach, whenever the right one was due.
        due = None if is_unfair or replies else message.due
        by = "" if due is None else f" by {due:%H:%M:%S}"
        text = f"{project} did not answer {message.word}{by}; due: one reply"
        yield omission(text, project, message.event, *(reply.event for reply in replies), due=due)
        return
    # A refused reply may be corrected. After a reply that counted, a further reply is too many, even if refused.
    again = [
        reply
        for reply in replies
        if reply.seq > counted.seq
        and (reply.state == counted.state or reply.agrees or reply.refuses)
        and not _is_repetition(index, reply)
    ]
    if again:
        events = [counted.event, *(reply.event for reply in again)]
        yield violation(
            f"{project} answered {message.word} {len(again) + 1} times; allowed: once", project, message.event, *events
        )


def _matches(index: HistoryIndex, reply: ObservedReply) -> Iterator[Violation]:
    """Yield what does not match between a reply that was accepted and its message."""
    project = index.name(reply.project_id)
    message = reply.message
    if message is None:
        yield violation(
            f"{reply.state} of {project} was accepted before any message to it; allowed: after one",
            project,
            reply.event,
        )
        return
    if _acknowledges_done(reply) or _is_repetition(index, reply):
        return
    events = (message.event, reply.event)
    if (reply.session_id, reply.project_id) != (message.session_id, message.project_id):
        yield violation(
            f"{message.word} to {index.name(message.project_id)} in {index.name(message.session_id)} was answered for "
            f"{project} in {index.name(reply.session_id)}; allowed: for the project and the session of the message",
            project,
            *events,
        )
    elif reply.state not in (ack(message.word), nack(message.word)):
        yield violation(
            f"{reply.state} of {project} counted for {message.word}; allowed: {ack(message.word)} or "
            f"{nack(message.word)}",
            project,
            *events,
        )
    url = str(reply.event.data["url"])
    if message.reply_url and not same_resource(url, message.reply_url):
        yield violation(
            f"{project} answered {message.word} at {url}; allowed: its reply_url {message.reply_url}", project, *events
        )
    if message.due is not None and reply.event.at > message.due and not is_too_short(index, message):
        late = (reply.event.at - message.due).total_seconds()
        yield violation(
            f"{project} answered {message.word} {late:g} s too late, and the reply counted; allowed: until "
            f"{message.due:%H:%M:%S}",
            project,
            *events,
        )


def _is_repetition(index: HistoryIndex, reply: ObservedReply) -> bool:
    """Return True if the reply repeats one that counted, and the admin tool accepts repetitions."""
    message = reply.message
    if message is None or not index.expectations_of(message.session_id).accepts_repeats:
        return False
    return index.messages.repeats_a_counted_one(reply)


def _acknowledges_done(reply: ObservedReply) -> bool:
    """Return True for a reply to ADMIN_ACTION_DONE: some app managers send one, although the message needs no reply."""
    word = str(reply.state or "").removeprefix("ACK_")
    return step_of(word) is Step.ADMIN_ACTION_DONE
