"""The window of a message: the time that its project has for the answer, and what the project used of it."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import ANSWERED
from pytest_doctor_maint.report.sequence_diagram.words import length


@dataclass(frozen=True, slots=True)
class Window:
    """The time from a message until its answer is due, as a bar.

    Attributes:
        text: The answer and the time that was left, for a reader.
        due: The place of the deadline on the bar: a part of its length, from 0 to 1.
        answered: The place of the answer on the bar; None if there was none.
        is_late: True if the answer came after the deadline, or did not come until then.
        left: The seconds that were left when the answer came; negative if it was late, None without an answer or a
            deadline.
    """

    text: str
    due: float
    answered: float | None
    is_late: bool
    left: float | None


def window_of(index: HistoryIndex, message: ObservedMessage) -> Window | None:
    """Return the window of a message; None if no answer is due."""
    if message.step not in ANSWERED:
        return None
    replies = index.messages.replies_to(message)
    reply = next((each for each in replies if each.agrees or each.refuses), replies[0] if replies else None)
    took = None if reply is None else (reply.event.at - message.event.at).total_seconds()
    word = "" if reply is None else _answer(reply.state, accepted=reply.accepted)
    if message.due is None:
        text = "no deadline; " + ("no answer" if took is None else f"{word} after {length(took)}")
        return Window(text, 1.0, None if took is None else 0.5, is_late=False, left=None)
    window = (message.due - message.event.at).total_seconds()
    if took is None:
        return _unanswered(index, message, window)
    if window <= 0:
        return Window(f"{word} after {length(took)}, due before sent", 0.0, 1.0, is_late=True, left=window - took)
    if took > window:
        text = f"{word} {length(took - window)} too late, due in {length(window)}"
        return Window(text, window / took, 1.0, is_late=True, left=window - took)
    left = window - took
    return Window(f"{word} after {length(took)}, {length(left)} left", 1.0, took / window, is_late=False, left=left)


def _unanswered(index: HistoryIndex, message: ObservedMessage, window: float) -> Window:
    passed = (index.last.at - message.event.at).total_seconds()
    is_over = bool(index.of(kinds.RUN_ENDED))
    if passed < window:
        left = length(window - passed)
        text = f"no answer, {left} left at the end" if is_over else f"no answer yet, {left} left"
        return Window(text, 1.0, None, is_late=is_over, left=None)
    return Window(f"no answer, due in {length(max(window, 0.0))}", 1.0, None, is_late=True, left=None)


def _answer(state: str | None, *, accepted: bool) -> str:
    word = "answer" if state is None else state.partition("_")[0]
    return word if accepted else f"refused {word}"
