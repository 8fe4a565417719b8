"""The sequence diagram of a run as an SVG picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from pytest_doctor_maint.claims import Judgement
from pytest_doctor_maint.claims.index.index import HistoryIndex, index_of
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.printable import LONGEST_LINE, shortened
from pytest_doctor_maint.report.describe import names_of
from pytest_doctor_maint.report.phases import phases_of
from pytest_doctor_maint.report.sequence_diagram.columns import Actors
from pytest_doctor_maint.report.sequence_diagram.findings import Finding, findings_of, marks_of, verdict_of
from pytest_doctor_maint.report.sequence_diagram.layout import BAR, BAR_WIDTH, BAR_X, LEFT, MARGIN, SIZE, WIDTH, Layout
from pytest_doctor_maint.report.sequence_diagram.line import Line, Look
from pytest_doctor_maint.report.sequence_diagram.lines import LineReader
from pytest_doctor_maint.report.sequence_diagram.sections import sections_of
from pytest_doctor_maint.report.sequence_diagram.template import TEMPLATE
from pytest_doctor_maint.report.sequence_diagram.words import BOLD, counted, fitted, width_of
from pytest_doctor_maint.secret_keys import without_url_secrets

if TYPE_CHECKING:
    from jinja2 import Template

#: The most lines of a picture; a longer run is drawn collapsed. A run on 64 computes has some thousand.
MOST_LINES = 4000
#: The findings that are listed below the title.
LISTED = 12
#: A time without events is drawn as a break if it is longer than this part of the run; in seconds, at least and at
#: most.
FOLDED, LEAST, MOST = 1 / 60, 1.0, 10.0

_LEGEND = (
    ("message", "message"),
    ("answer", "answer"),
    ("trouble", "trouble"),
    ("window", "time for the answer, with the answer"),
    ("late", "late, or no service"),
    ("break", "time passes"),
    ("mark", "violated, by number"),
)


def sequence_diagram(history: History, judgement: Judgement, *, collapsed: bool = False) -> str:
    """Return a run as a sequence diagram, a picture in SVG without scripts.

    The actors are columns. Each message is an arrow with its window beside it: the time until its answer was due, the
    answer in it, and the time that was left. What claims found is marked by numbers, and listed below the title.

    Args:
        history: The history of the run; it may break off, or be empty.
        judgement: The verdicts on ``history``.
        collapsed: True to draw one row for each phase, and the lines that are marked. A run of more than
            :data:`MOST_LINES` lines is always drawn so.
    """
    index = index_of(history)
    findings = findings_of(judgement)
    marks = marks_of(findings)
    names = names_of(history)
    actors = Actors(index, names)
    reader = LineReader(index, actors, names)
    lines = _with_marked(reader, reader.lines() if index.events else [], index, findings)
    is_long = len(lines) > MOST_LINES
    listed = list(_listed(findings))
    layout = Layout(actors, marks, top=78.0 + 17 * len(listed))
    seconds = (index.last.at - index.events[0].at).total_seconds() if index.events else 0.0
    layout.place(
        sections_of(lines, phases_of(history)), min(max(LEAST, seconds * FOLDED), MOST), collapsed=collapsed or is_long
    )
    scenario = _scenario(index)
    verdict = verdict_of(judgement)
    return _template().render(
        title=fitted(scenario, 16 * BOLD, WIDTH - 2 * MARGIN),
        description=f"{_cast(index)}. Verdict: {verdict}. {_contents(lines)}",
        actors=fitted(_cast(index), SIZE, WIDTH - 2 * MARGIN),
        verdict=fitted(verdict, SIZE * BOLD, WIDTH - 2 * MARGIN - 20),
        outcome=judgement.outcome.value,
        findings=listed,
        layout=layout,
        legend=list(_legend()),
        width=WIDTH,
        height=layout.y + 30,
        margin=MARGIN,
        left=LEFT,
        bar_x=BAR_X,
        bar_width=BAR_WIDTH,
        lane=BAR,
    )


def _with_marked(reader: LineReader, lines: list[Line], index: HistoryIndex, findings: Sequence[Finding]) -> list[Line]:
    """Return the lines, and one for each violation of which no event is shown; and where the history ends."""
    shown = {seq for line in lines for seq in line.covers}
    added: dict[int, Line] = {}
    for finding in findings:
        for events in finding.breaches:
            known = [seq for seq in events if 1 <= seq <= len(index.events)]
            if known and shown.isdisjoint(known):
                added[known[-1]] = reader.plain(index.event(known[-1]))
                shown.add(known[-1])
    if index.events and index.last.seq not in added:
        last = index.last
        if last.kind == kinds.RUN_ENDED:
            added[last.seq] = reader.plain(last)
        else:
            added[last.seq] = Line(last.seq, last.at, Look.ACROSS, "", "the history breaks off here")
    return sorted((*lines, *added.values()), key=lambda line: line.seq)


def _scenario(index: HistoryIndex) -> str:
    started = index.of(kinds.RUN_STARTED)
    return str(started[0].data["scenario"] or "maintenance") if started else "maintenance"


def _cast(index: HistoryIndex) -> str:
    """Return who took part, on which cloud, and the seed."""
    started = index.of(kinds.RUN_STARTED)
    if not started:
        return "the history does not show who took part" if index.events else "the history has no event"
    data = started[0].data
    return ", ".join(
        (
            f"admin tool {data['admin_tool']}",
            f"app manager {data['app_manager']}",
            f"Inspector {data['inspector']}",
            f"cloud {data['cloud']}",
            counted(len(data["computes"]), "compute"),
            "no seed" if data["seed"] is None else f"seed {data['seed']}",
            f"{started[0].at:%Y-%m-%d} UTC",
        )
    )


def _contents(lines: Sequence[Line]) -> str:
    messages = sum(line.look is Look.MESSAGE for line in lines)
    return f"{counted(messages, 'message') if messages else 'No message'} in {counted(len(lines), 'line')}."


def _listed(findings: Sequence[Finding]) -> Iterator[tuple[float, str, str, str]]:
    """Yield the findings below the title: y, number, words and tip."""
    shown = findings if len(findings) <= LISTED else findings[: LISTED - 1]
    y = 86.0
    for finding in shown:
        words = f"{finding.claim}: {finding.text}"
        yield (
            y,
            str(finding.number or "?"),
            fitted(words, SIZE, WIDTH - 2 * MARGIN - 36),
            shortened(words, LONGEST_LINE),
        )
        y += 17
    if rest := findings[len(shown) :]:
        claims = ", ".join(dict.fromkeys(finding.claim for finding in rest))
        words = f"and {len(rest)} more: {claims}"
        yield y, "", fitted(words, SIZE, WIDTH - 2 * MARGIN - 36), shortened(words, LONGEST_LINE)


def _legend() -> Iterator[tuple[str, float, str]]:
    x = float(MARGIN)
    for shape, words in _LEGEND:
        yield shape, round(x, 1), words
        x += 32 + width_of(words, 10) + 16


@cache
def _template() -> Template:
    # Imported here, because other reports do not need jinja2.
    from jinja2 import Environment, StrictUndefined

    return Environment(
        autoescape=True, finalize=_legal, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(TEMPLATE)


def _legal(value: object) -> object:
    """Return a value of the template as XML 1.0 may have it, without secrets; jinja2 escapes it."""
    return shortened(without_url_secrets(value), LONGEST_LINE) if type(value) is str else value
