"""Every message that wants an answer gets one, in time, and no answer counts for another message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.claims.index.messages import ObservedMessage, ObservedReply, same_place
from pytest_doctor_maint.claims.verdict import Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import ANSWERED, Step, ack, nack, step_of

CLAIM = "messages_are_answered"


def check(history: History) -> Verdict:
    """Each message of an answered step gets exactly one answer that counts: ACK or NACK of its own state, to its own
    ``reply_url``, not past ``reply_at`` (or ``actions_at``, where there is none). An answer that the admin tool refused
    did not count, but nothing may be answered again once an answer counted; what an admin tool whose clients are known
    to repeat themselves gets a second time, word for word, counts for nothing.
    """
    facts = index_of(history)
    asked = [notice for notice in facts.notices if notice.step in ANSWERED]
    if not asked:
        facts.some_sessions  # noqa: B018  # says why there is nothing to judge
    violations = [found for notice in asked for found in _one_answer(facts, notice)]
    violations += [found for answer in facts.answers if answer.counted for found in _fits(facts, answer)]
    left = [
        (notice.due - answer.event.at).total_seconds()
        for notice in asked
        for answer in facts.answers_to(notice)
        if answer.counted and notice.due is not None
    ]
    figures: dict[str, float | int | str] = {"asked": len(asked), "answers": len(facts.answers)}
    if left:
        figures["shortest_time_left_s"] = round(min(left), 6)
    return conclude(CLAIM, violations, f"{len(asked)} messages, each answered once and in time", figures)


def _one_answer(facts: HistoryIndex, notice: ObservedMessage) -> Iterator[Violation]:
    project = facts.name(notice.project_id)
    counted = [answer for answer in facts.answers_to(notice) if answer.agrees or answer.refuses]
    if not counted:
        due = "" if notice.due is None else f" by {notice.due:%H:%M:%S}"
        yield violation(f"{project} did not answer {notice.word}{due}", project, notice.event)
    # One that was refused may be put right. One after it was settled is one too many, whatever the admin tool says.
    again = [
        answer
        for answer in facts.answers_to(notice)
        if counted and answer.seq > counted[0].seq and answer.state == counted[0].state
        if not _is_repetition(facts, answer)
    ]
    if again:
        shown = [counted[0].event, *(answer.event for answer in again)]
        yield violation(
            f"{notice.word} to {project} was answered {len(again) + 1} times", project, notice.event, *shown
        )


def _fits(facts: HistoryIndex, answer: ObservedReply) -> Iterator[Violation]:
    project = facts.name(answer.project_id)
    notice = answer.notice
    if notice is None:
        yield violation(f"{project} answered {answer.state} before it was told anything", project, answer.event)
        return
    if _acknowledges_done(answer) or _is_repetition(facts, answer):
        return
    shown = (notice.event, answer.event)
    if (answer.session_id, answer.project_id) != (notice.session_id, notice.project_id):
        yield violation(
            f"{notice.word} to {facts.name(notice.project_id)} in {facts.name(notice.session_id)} was answered for "
            f"{project} in {facts.name(answer.session_id)}",
            project,
            *shown,
        )
    elif answer.state not in (ack(notice.word), nack(notice.word)):
        allowed = f"{ack(notice.word)} or {nack(notice.word)}"
        yield violation(
            f"{answer.state} counted for {notice.word} to {project}; allowed: {allowed}",
            project,
            *shown,
        )
    if notice.reply_url and not same_place(str(answer.event.data["url"]), notice.reply_url):
        yield violation(
            f"{project} answered {notice.word} at {answer.event.data['url']}; its reply_url is {notice.reply_url}",
            project,
            *shown,
        )
    if notice.due is not None and answer.event.at > notice.due:
        late = (answer.event.at - notice.due) / timedelta(seconds=1)
        yield violation(
            f"{project} answered {notice.word} {late:g} s after {notice.due:%H:%M:%S}, and it counted", project, *shown
        )


def _is_repetition(facts: HistoryIndex, answer: ObservedReply) -> bool:
    """Whether it only says again what was taken before, to an admin tool that lets it."""
    notice = answer.notice
    if notice is None or not facts.expectations_of(notice.session_id).takes_repeats:
        return False
    return any(answer.repeats(earlier) for earlier in facts.answers_to(notice) if earlier.agrees or earlier.refuses)


def _acknowledges_done(answer: ObservedReply) -> bool:
    """Some app managers answer ADMIN_ACTION_DONE, which wants no answer; that counts for nothing."""
    word = str(answer.state or "").removeprefix("ACK_")
    return step_of(word) is Step.ADMIN_ACTION_DONE
