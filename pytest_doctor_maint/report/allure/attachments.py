"""What is attached to the Allure report of a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_doctor_maint.claims import Judgement
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report.allure.exchanges import exchanges
from pytest_doctor_maint.report.as_json import to_json
from pytest_doctor_maint.report.replay import replay
from pytest_doctor_maint.report.sequence_diagram import sequence_diagram
from pytest_doctor_maint.report.timeline import timeline

#: The number of events from which on the sequence diagram shows phases and what is marked: some 20 computes.
MOST_EVENTS = 1000
TEXT, SVG, JSON, HTML = "text/plain", "image/svg+xml", "application/json", "text/html"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a report.

    Attributes:
        name: The name that a reader sees.
        body: The content.
        media_type: The media type.
        extension: The extension of the file's name.
    """

    name: str
    body: str
    media_type: str
    extension: str


def attachments_of(history: History, judgement: Judgement) -> Iterator[Attachment]:
    """Yield the pictures and the data of a run.

    Args:
        history: The history of the run.
        judgement: The verdicts on ``history``.
    """
    if history.events:
        is_long = len(history) > MOST_EVENTS
        yield Attachment("sequence diagram", sequence_diagram(history, judgement, collapsed=is_long), SVG, "svg")
        yield Attachment("timeline", timeline(history, judgement), SVG, "svg")
    yield Attachment("verdicts", to_json(judgement), JSON, "json")
    yield Attachment("exchanges", exchanges(history), JSON, "json")
    yield Attachment("history", history.to_json_lines(), TEXT, "jsonl")


def failure_of(text: str, history: History, judgement: Judgement) -> Iterator[Attachment]:
    """Yield what is attached to a failed test: the text, as the terminal shows it, and the run as a page to replay."""
    yield Attachment("failure", text, TEXT, "txt")
    if history.events:
        yield Attachment("replay", replay(history, judgement), HTML, "html")
