"""The whole picture: what is above the rows, the rows, and what is below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_doctor_maint.claims.availability import services
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Judgement, Outcome
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.report.timeline.axis import WIDTH, Axis, axis_of
from pytest_doctor_maint.report.timeline.computes import compute_rows
from pytest_doctor_maint.report.timeline.drawing import Drawing, Pill
from pytest_doctor_maint.report.timeline.failures import flag_failures
from pytest_doctor_maint.report.timeline.layout import GAP, MARGIN, Block, Section, fill
from pytest_doctor_maint.report.timeline.legend import legend
from pytest_doctor_maint.report.timeline.lettering import LARGE, ended, fitted, tip, width
from pytest_doctor_maint.report.timeline.marks import Breach, breaches_of
from pytest_doctor_maint.report.timeline.names import instance_names
from pytest_doctor_maint.report.timeline.projects import project_rows
from pytest_doctor_maint.report.timeline.roles import Roles
from pytest_doctor_maint.report.timeline.row import Row
from pytest_doctor_maint.report.timeline.services import service_rows
from pytest_doctor_maint.report.timeline.sessions import session_rows
from pytest_doctor_maint.report.timeline.subjects import Key, Subjects

#: The height of a picture, whatever its history: rows that do not fit are drawn as strips.
HEIGHT = 1600.0
#: The largest number of claims in the list above the rows, and the height of one.
LISTED, ENTRY = 12, 16.0


class Elsewhere(Row):
    """The row of violations about nothing that has a row."""

    def __init__(self) -> None:
        super().__init__(("violations", ""), "violations", "about other things")

    def draw(self, drawing: Drawing, y: float) -> float:
        """There is nothing but the marks."""
        return y

    def draw_strip(self, drawing: Drawing, y: float, height: float) -> None:
        """There is nothing but the marks."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, laid out. Coordinates are pixels.

    Attributes:
        title: What the picture is of, for those who cannot see it.
        height: The height; the width is always the same.
        ticks: The ticks of the axis: the place, the label, and the left edge and the width of the label.
        top: The upper edge of the rows.
        bottom: The lower edge of the rows.
        blocks: The parts of the picture, from the top to the bottom.
    """

    title: str
    height: float
    ticks: Sequence[tuple[float, str, float, float]]
    top: float
    bottom: float
    blocks: Sequence[Block]


def picture_of(index: HistoryIndex, judgement: Judgement) -> Picture:
    """Return the picture of a run.

    Args:
        index: The index of the history, which has at least one event.
        judgement: The verdicts on it.
    """
    axis = axis_of(index, judgement)
    breaches = breaches_of(judgement, axis)
    head = _head(index, judgement, axis, breaches)
    key, key_height = legend()
    sections = _sections(index, axis, breaches)
    top = head.height + 20
    below = 26 + key_height + 8
    rows = fill(sections, HEIGHT - top - below)
    y = top + 6
    for block in rows:
        block.y = y
        y += block.height + GAP
    bottom = y - GAP + 4
    foot = Block("", "", key_height, key, y=bottom + 24)
    ticks = [(x, text, _left(x, text), width(text)) for x, text in axis.ticks()]
    return Picture(tip(f"Timeline of {_title(index)}"), bottom + below, ticks, top, bottom, [head, *rows, foot])


def _left(x: float, text: str) -> float:
    return round(min(max(x - width(text) / 2, 2), WIDTH - 2 - width(text)), 1)


def _sections(index: HistoryIndex, axis: Axis, breaches: Sequence[Breach]) -> list[Section]:
    found = services(index.events)
    roles, names = Roles(index), instance_names(index)
    subjects = Subjects(index, found)
    first: dict[str, Breach] = {}
    for breach in breaches:
        first.setdefault(breach.claim, breach)
    suspects = frozenset(seq for breach in first.values() for seq in breach.violation.events)
    sections = [
        Section("session", session_rows(index, axis), 110),
        Section("project", project_rows(index, axis, suspects), 330),
        Section("compute", compute_rows(index, axis, roles, names), None),
        Section("service", service_rows(axis, roles, found, names), 190),
    ]
    rows: dict[Key, Row] = {row.key: row for section in sections for row in section.rows}
    elsewhere = Elsewhere()
    for breach in breaches:
        key = subjects.row_of(breach.violation)
        (elsewhere if key is None else rows.get(key, elsewhere)).breaches.append(breach)
    flag_failures(index, axis, rows, subjects)
    if elsewhere.breaches:
        sections.insert(0, Section("violation", [elsewhere], 60))
    return sections


def _title(index: HistoryIndex) -> str:
    started = index.of(kinds.RUN_STARTED)
    return (str(started[0].data["scenario"]) if started else "") or "maintenance"


def _head(index: HistoryIndex, judgement: Judgement, axis: Axis, breaches: Sequence[Breach]) -> Block:
    """Return what is above the rows: what was run, the verdict, and what went wrong."""
    drawing = Drawing()
    room = WIDTH - 2 * MARGIN
    drawing.text(MARGIN, 24, fitted(_title(index), room, LARGE), "title", LARGE)
    drawing.text(MARGIN, 41, fitted(_run(index, axis), room), "dim")
    counts = Counter(verdict.outcome for verdict in judgement.verdicts)
    verdicts = ", ".join(
        f"{counts[outcome]} {'hold' if outcome is Outcome.HOLDS else outcome.value}"
        for outcome in sorted(counts, reverse=True)
    )
    drawing.text(MARGIN, 57, f"claims: {verdicts or 'none judged'}", "bad" if breaches else "ink")
    y = 66.0
    of_claim: dict[str, list[Breach]] = {}
    for breach in breaches:
        of_claim.setdefault(breach.claim, []).append(breach)
    listed = list(of_claim.values())
    for found in listed[:LISTED]:
        _entry(drawing, found, axis, y)
        y += ENTRY
    if rest := listed[LISTED:]:
        words = ", ".join(f"{found[0].number} {found[0].claim}" for found in rest)
        drawing.text(MARGIN, y + 10, ended(f"and {words}", room), "bad")
        y += ENTRY
    return Block("", "", y, drawing)


def _run(index: HistoryIndex, axis: Axis) -> str:
    """Return who played, and what the axis means."""
    words = f"0 s is {axis.begin:%Y-%m-%d %H:%M:%S} UTC"
    for started in index.of(kinds.RUN_STARTED)[:1]:
        data = started.data
        words = (
            f"admin tool {data['admin_tool']}, app manager {data['app_manager']}, Inspector {data['inspector']}, "
            f"cloud {data['cloud']}, seed {data['seed']}; {words}"
        )
    if not index.of(kinds.RUN_ENDED):
        words = f"THE RECORDING BREAKS OFF at {axis.seconds(axis.end)}; {words}"
    return words


def _entry(drawing: Drawing, found: Sequence[Breach], axis: Axis, y: float) -> None:
    """Draw one claim of the list: its number, its name, and its first violation."""
    first = min(found, key=lambda breach: breach.violation.at)
    number = str(first.number)
    length = width(number)
    drawing.pills.append(Pill(MARGIN, y, length + 8, number, length, first.claim, ()))
    times = "" if len(found) == 1 else f" {len(found)} times, first"
    x = MARGIN + length + 16
    name = fitted(first.claim, 400)
    drawing.text(x, y + 10, name, "bad")
    words = f"{times} at {axis.seconds(first.violation.at)}: {first.violation.message}".strip()
    x += width(name) + 8
    drawing.text(x, y + 10, ended(words, WIDTH - MARGIN - x))
