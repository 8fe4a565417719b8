"""The windows in which projects reply to messages, as plain data."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedMessage
from pytest_doctor_maint.protocol import ANSWERED
from pytest_doctor_maint.report.replay.moments import Moments
from pytest_doctor_maint.report.replay.tracks import Thing, name_of

#: The most instances that a window names.
MOST_NAMES = 3


def windows(index: HistoryIndex, moments: Moments) -> list[Thing]:
    """Return the window of each message that wants a reply, in order of time.

    A window has the times of the message (``from``), of the deadline (``due``; None: the message names none) and of the
    first reply (``replied``; None: there is no reply), in milliseconds, and until when it is shown (``until``): without
    a reply that is the next message to the project in the session, or the end of the run.
    """
    found = []
    following: dict[tuple[str, str], int] = {}
    for message in reversed(index.messages.to_projects):
        if message.step in ANSWERED:
            key = message.project_id, message.session_id
            found.append(_window(index, moments, message, following.get(key, moments.end)))
            following[key] = moments.ms(message.event.at)
    return sorted(found, key=lambda window: (window["from"], window["event"]))


def _window(index: HistoryIndex, moments: Moments, message: ObservedMessage, until: int) -> Thing:
    reply = next(iter(index.messages.replies_to(message)), None)
    replied = None if reply is None else moments.ms(reply.event.at)
    due = None if message.due is None else moments.ms(message.due)
    # A message that is sent while the window is open does not close the window.
    shown_until = max(until, due or until) if replied is None else replied
    return {
        "from": moments.ms(message.event.at),
        "due": due,
        "replied": replied,
        "until": shown_until,
        "event": message.seq,
        "reply": None if reply is None else reply.seq,
        "answer": None if reply is None else name_of(reply.state),
        "name": name_of(f"{message.word} to {index.name(message.project_id)}"),
        "about": _about(index, message),
    }


def _about(index: HistoryIndex, message: ObservedMessage) -> str:
    instances = index.messages.instances_of(message) or ()
    names = [name_of(index.name(instance)) for instance in instances[:MOST_NAMES]]
    more = [f"{len(instances) - MOST_NAMES} more"] if len(instances) > MOST_NAMES else []
    return ", ".join(names + more)
