"""The summary at the end of the terminal report: a row for each run and each test that did not run, and totals.

Each row is one line that fits the terminal: the scenario, its outcome, figures. What is not green comes first, with
what is wrong below it. The names of claims are never broken or shortened.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pytest_doctor_maint.printable import printable
from pytest_doctor_maint.report.counts import counts
from pytest_doctor_maint.report.summary import RunProperties, counts_of, failures, judged_nothing, merged

#: The width that a scenario's name gets before a further column is shown.
_NAME = 40
#: The least width of a scenario's name, in a terminal that is too narrow for anything.
_LEAST = 12
#: The longest reason, in characters.
_REASON = 200
_GAP = "  "


class Word(StrEnum):
    """The outcome of a row. What is not green is in capitals, and comes in this order."""

    CRASHED = "CRASHED"
    """The worker of pytest-xdist that ran the test died."""
    TIMED_OUT = "TIMED OUT"
    """pytest-timeout ended the test."""
    ERROR = "ERROR"
    """A fixture failed, before or after the test."""
    BROKE_OFF = "BROKE OFF"
    """The run broke off."""
    VIOLATED = "VIOLATED"
    """A claim is violated that should hold."""
    MISSED = "MISSED"
    """A claim is not violated that should be."""
    UNKNOWN = "UNKNOWN"
    """A claim cannot be decided."""
    NOT_JUDGED = "NOT JUDGED"
    """No claim had anything to judge."""
    FAILED = "FAILED"
    """The test failed for another reason than its claims, such as an unsuitable cloud."""
    CAUGHT = "caught"
    """The claims that should be violated are, and all others hold."""
    HOLDS = "holds"
    """All claims hold."""


_GREEN = (Word.CAUGHT, Word.HOLDS)
#: Why an attempt that failed does not turn pytest red: the test is expected to fail, or a plugin attempts it again.
EXPECTED, REPEATED = "expected to fail", "attempted again"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a test, as the reports of pytest show it.

    Attributes:
        nodeid: The test.
        runs: The results of each judgement of each run in it.
        trouble: What happened to the test itself; None if nothing but its claims decides.
        reason: The first line of what pytest shows of a failure.
        number: The number of the attempt, from 1; further attempts are those of a plugin that repeats failed tests.
        excuse: Why the attempt does not count, such as ``attempted again``; empty if it counts.
    """

    nodeid: str
    runs: Sequence[RunProperties] = ()
    trouble: Word | None = None
    reason: str = ""
    number: int = 1
    excuse: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the summary.

    Attributes:
        text: The text, printable.
        colour: ``red``, ``yellow``, ``green``, or empty for none.
    """

    text: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    word: Word
    name: str
    run: RunProperties | None = None
    reason: str = ""
    excuse: str = ""

    @property
    def is_green(self) -> bool:
        return self.word in _GREEN

    @property
    def colour(self) -> str:
        if self.is_green:
            return ""
        return "yellow" if self.excuse else "red"


def terminal_summary(attempts: Sequence[Attempt], width: int) -> list[Line]:
    """Return the lines for the end of the terminal report; none without an attempt.

    Args:
        attempts: The attempts of the maintenance tests.
        width: The width of the terminal, in characters.
    """
    rows = sorted(_rows(attempts), key=lambda row: (row.is_green, list(Word).index(row.word), row.name))
    if not rows:
        return []
    columns = _columns([row.run for row in rows if row.run is not None], rows, width)
    names = [row.name for row in rows]
    used = sum(len(_GAP) + column.width for column in columns)
    room = max(_LEAST, min(max(map(len, ("scenario", *names))), width - max(map(len, Word)) - len(_GAP) - used))

    def line(name: str, word: str, cells: Sequence[str]) -> str:
        numbers = [cell.rjust(column.width) for cell, column in zip(cells, columns, strict=True)]
        return _GAP.join([_fitted(name, room).ljust(room), word.ljust(max(map(len, Word))), *numbers]).rstrip()

    head = line("scenario", "outcome", [column.title for column in columns])
    rule = "-" * min(width, len(line("x" * room, "", ["x" * column.width for column in columns])))
    lines = [Line(head), Line(rule)]
    for row in rows:
        lines.append(Line(line(row.name, row.word, [column.of(row.run) for column in columns]), row.colour))
        lines += [Line(text, row.colour) for text in _details(row, width)]
    runs = [row.run for row in rows if row.run is not None]
    sums = [column.total(runs) for column in columns]
    lines += [Line(rule), Line(line(f"{len(runs)} run{'' if len(runs) == 1 else 's'}", "", sums))]
    total, colour = _total(rows)
    lines += [Line(text, colour) for text in _wrapped(total, width)]
    lines += [Line(text) for text in _not_observed(rows, width)]
    return [Line(printable(each.text), each.colour) for each in lines]


# -- the rows --


def _rows(attempts: Sequence[Attempt]) -> Iterator[_Row]:
    tries = Counter(attempt.nodeid for attempt in attempts)
    for attempt in attempts:
        name = title(attempt.nodeid)
        which = f", attempt {attempt.number}" if tries[attempt.nodeid] > 1 else ""
        runs = merged(attempt.runs)
        found = []
        for run in runs:
            word = _word(run, attempt.trouble)
            of_several = f", run {run['run']}" if len(runs) > 1 else ""
            found.append(_Row(word, f"{name}{which}{of_several}", run, attempt.reason, attempt.excuse))
        if attempt.trouble is not None and all(row.is_green for row in found):
            found.append(_Row(attempt.trouble, f"{name}{which}", None, attempt.reason, attempt.excuse))
        yield from found


def _word(run: RunProperties, trouble: Word | None) -> Word:
    if run["broke_off"]:
        return Word.TIMED_OUT if trouble is Word.TIMED_OUT else Word.BROKE_OFF
    kinds = failures(run)
    for title, word in (("violated", Word.VIOLATED), ("not violated", Word.MISSED), ("unknown", Word.UNKNOWN)):
        if title in kinds:
            return word
    if kinds or judged_nothing(run):
        return Word.NOT_JUDGED
    return Word.CAUGHT if run["caught"] else Word.HOLDS


def title(nodeid: str) -> str:
    """Return the name of a test as English, with its parameters."""
    name, bracket, parameters = nodeid.rpartition("::")[2].partition("[")
    return name.removeprefix("test_").replace("_", " ") + (f" [{parameters}" if bracket else "")


def _fitted(name: str, room: int) -> str:
    """Return a name in so many characters. Its end, which has the parameters, is kept."""
    if len(name) <= room:
        return name
    end = len(name) - name.rfind("[") if "[" in name else 0
    end = min(max(end, room // 3), room - 3 - room // 6)
    return f"{name[: room - end - 3]}...{name[len(name) - end :]}"


def _details(row: _Row, width: int) -> list[str]:
    """Return what is wrong with a row, and what was violated as expected, below it."""
    if row.is_green:
        caught = ", ".join(row.run["caught"]) if row.run is not None else ""
        return _wrapped(f"violated as expected: {caught}", width, "  ") if caught else []
    lines = []
    # "3 of 39 claims fail" is said better by the names of the claims.
    if row.reason and (row.run is None or not row.reason[0].isdigit()):
        lines.append(_cut(row.reason))
    if row.run is not None:
        failed = failures(row.run)
        lines += [f"{kind}: {', '.join(claims)}" for kind, claims in failed.items()]
        if judged_nothing(row.run) and not failed and not row.run["broke_off"]:
            lines.append(f"judged nothing: {counts_of(row.run)}")
    if row.excuse:
        lines.append(f"does not count: {row.excuse}")
    return [text for line in lines for text in _wrapped(line, width, "  ")]


def _cut(reason: str) -> str:
    """Return the begin of a long reason, up to the end of a word: the begin of a name would be another name."""
    text = printable(reason)
    return text if len(text) <= _REASON else f"{text[:_REASON].rpartition(' ')[0]} ..."


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    following = f"{indent}  "
    return textwrap.wrap(
        printable(text),
        max(width, _LEAST),
        initial_indent=indent,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )


# -- the columns --


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cell: Callable[[RunProperties], str]
    total: Callable[[Sequence[RunProperties]], str]
    width: int = 0

    def of(self, run: RunProperties | None) -> str:
        return "-" if run is None else self.cell(run)


def _columns(runs: Sequence[RunProperties], rows: Sequence[_Row], width: int) -> list[_Column]:
    """Return the columns for which there is room, in the order of the table; the first ones here matter most."""
    real = {run["is_real"] for run in runs}
    clock = "clock s" if len(real) > 1 else "real s" if True in real else "simulated s"
    by_rank = [
        _Column(clock, lambda run: _clock(run, len(real) > 1), _sum_of_clocks),
        _Column("downtime s", _downtime, lambda runs: _seconds(sum(run["downtime_seconds"] or 0.0 for run in runs))),
        _Column("claims", _claims, lambda runs: ""),
        _Column(
            "wall s",
            lambda run: f"{run['wall_seconds']:.2f}",
            lambda runs: f"{sum(run['wall_seconds'] for run in runs):.2f}",
        ),
        _Column("computes", lambda run: str(run["computes"]), lambda runs: ""),
        _Column("requests", lambda run: str(run["requests"]), lambda runs: str(sum(run["requests"] for run in runs))),
    ]
    order = [by_rank[rank].title for rank in (4, 0, 3, 5, 1, 2)]
    left = width - max(map(len, Word)) - len(_GAP) - min(_NAME, max(map(len, (row.name for row in rows))))
    shown: list[_Column] = []
    for column in by_rank:
        needed = max(map(len, (column.title, column.total(runs), *(column.cell(run) for run in runs))))
        if needed + len(_GAP) <= left:
            left -= needed + len(_GAP)
            shown.append(_Column(column.title, column.cell, column.total, needed))
    return sorted(shown, key=lambda column: order.index(column.title))


def _clock(run: RunProperties, is_mixed: bool) -> str:
    unit = (" real" if run["is_real"] else " simulated") if is_mixed else ""
    return f"{_seconds(run['simulated_seconds'])}{unit}"


def _sum_of_clocks(runs: Sequence[RunProperties]) -> str:
    # A sum of real and simulated seconds means nothing.
    is_mixed = len({run["is_real"] for run in runs}) > 1
    return "" if is_mixed else _seconds(sum(run["simulated_seconds"] for run in runs))


def _downtime(run: RunProperties) -> str:
    return "-" if run["downtime_seconds"] is None else _seconds(run["downtime_seconds"])


def _claims(run: RunProperties) -> str:
    judged = len(run["judged"])
    if judged == run["claims"] and not run["violated"]:
        return f"{judged} hold"
    parts = [
        (len(run["violated"]), "violated"),
        (len(run["unknown"]) - len(run["unobserved"]), "unknown"),
        (len(run["unobserved"]), "not observed"),
        (len(run["not_applicable"]), "not applicable"),
    ]
    return ", ".join([f"{judged} of {run['claims']} judged", *(f"{number} {what}" for number, what in parts if number)])


def _seconds(value: float) -> str:
    return f"{value:.1f}"


# -- the totals --


def _total(rows: Sequence[_Row]) -> tuple[str, str]:
    """Return the outcome of all, and its colour."""
    counted = [row for row in rows if row.excuse != EXPECTED]
    failed = [row for row in counted if not row.is_green]
    red = Counter(row.word for row in failed)
    excuses = Counter(row.excuse for row in rows if row.excuse and not row.is_green)
    suffix = "".join(f"; {number} {excuse}" for excuse, number in excuses.items())
    if red:
        kinds = ", ".join(f"{red[word]} {word.lower()}" for word in Word if red[word])
        colour = "yellow" if all(row.excuse for row in failed) else "red"
        return f"{sum(red.values())} of {len(counted)} fail: {kinds}{suffix}", colour
    runs = [row.run for row in counted if row.run is not None]
    which = "all claims"
    if any(run["unobserved"] for run in runs):
        which = "all observed claims"
    elif any(run["not_applicable"] for run in runs):
        which = "all judged claims"
    found = "; expected violations found" if any(run["caught"] for run in runs) else ""
    judged, claims, idle = (sum(map(count, runs)) for count in (_judged, _all_claims, _not_applicable))
    how_many = f" ({counts(judged, claims, idle)})" if idle else ""
    return f"{which} hold{how_many}{found}{suffix}", "green"


def _judged(run: RunProperties) -> int:
    return len(run["judged"])


def _all_claims(run: RunProperties) -> int:
    return run["claims"]


def _not_applicable(run: RunProperties) -> int:
    return len(run["not_applicable"])


def _not_observed(rows: Sequence[_Row], width: int) -> list[str]:
    """Return the claims that were not observed, in one paragraph for all runs in which they are the same."""
    by_claims: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if row.run is not None and row.run["unobserved"]:
            by_claims.setdefault(tuple(row.run["unobserved"]), []).append(row.name)
    return [
        text
        for claims, names in by_claims.items()
        for text in _wrapped(f"not observed: {', '.join(claims)} (in {'; '.join(names)})", width)
    ]
