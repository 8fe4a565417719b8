"""The text of a failed test: which claims fail, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from pytest_doctor_maint.claims.judging import ITSELF
from pytest_doctor_maint.claims.verdict import Judgement, Outcome, Verdict, Violation
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.printable import lines
from pytest_doctor_maint.report.counts import counts
from pytest_doctor_maint.report.describe import names_of
from pytest_doctor_maint.report.sequence import sequence

#: The number of violations of each claim that are shown in full.
SHOWN = 3
#: The number of events that are shown before and after each event of a violation.
AROUND = 3
#: A violation of more events is shown by so many of its first and of its last events.
ENDS = 5


def failure_text(judgement: Judgement, history: History, path: Path | None, *, is_brief: bool = False) -> str:
    """Return why claims fail. The text is empty when the judgement is a pass.

    For each claim that is violated or unknown: what was allowed and what was seen, when, and the events around it. For
    each claim that was named and is not applicable: what was not there. Then the seed, the command that repeats the
    run, and the file of the history.

    An exception of a claim itself comes first, with its traceback.

    Args:
        judgement: The verdicts on ``history``.
        history: The history that was judged.
        path: The file in which the history is saved. None: it is not saved.
        is_brief: True for one line for each claim: all of them may follow from an exception that was shown before.
    """
    failed = judgement.failed()
    if judgement.holds:
        return ""
    names = names_of(history)
    first = [*_exceptions_of_claims(judgement), *unreached(history)]
    text = [*first, f"{_counts(judgement)}{'; this may follow from the exception' if is_brief else ''}"]
    for verdict in sorted(failed, key=lambda verdict: verdict.unobserved):
        if is_brief:
            text.append(f"{verdict.outcome.upper()}: {verdict.claim}: {verdict.summary}")
        else:
            text += ["", *_claim(verdict, history, names)]
    text += ["", *_run(history, path)]
    return lines(text)


def _exceptions_of_claims(judgement: Judgement) -> Iterator[str]:
    for verdict in judgement.verdicts:
        if verdict.traceback:
            yield f"an exception in the claim {verdict.claim}: {verdict.summary.removeprefix(ITSELF)}"
            yield from (*verdict.traceback, "")


def _counts(judgement: Judgement) -> str:
    failed, claims = judgement.failed(), len(judgement.verdicts)
    unobserved = len(judgement.unobserved())
    text = f"{len(failed) - unobserved} of {claims} claims fail"
    if not judgement.began:
        text = f"judged nothing: no maintenance began; {text}"
    elif not failed:
        text = "judged nothing: nothing that the claims are about was there"
    if unobserved:
        text += f"; {unobserved} not observed"
    if not_applicable := len(judgement.not_applicable()):
        text += f"; {counts(len(judgement.judged()), claims, not_applicable)}"
    return text


def unreached(history: History) -> list[str]:
    """Return who did not answer when alarms came, each in one line: what claims fail may follow from that."""
    refused = [event.data for event in history.of(kinds.ALARM_REFUSED) if event.data["status"] is None]
    times = Counter(str(data["error"]) for data in refused)
    return [f"{error} ({number} message{'' if number == 1 else 's'})" for error, number in times.items()]


def _claim(verdict: Verdict, history: History, names: Mapping[str, str]) -> Iterator[str]:
    yield f"{verdict.outcome.upper()}: {verdict.claim}"
    if verdict.outcome is Outcome.NOT_APPLICABLE:
        yield f"  {verdict.summary} (a claim that is asked for by name must have something to judge)"
    if verdict.outcome is Outcome.UNKNOWN:
        yield f"  {verdict.summary}" + ("" if verdict.unobserved else " (an unknown claim does not pass)")
    for violation in verdict.violations[:SHOWN]:
        yield from _violation(violation, history, names)
    if (more := len(verdict.violations) - SHOWN) > 0:
        yield f"  and {more} more violation{'' if more == 1 else 's'}"
    if verdict.figures:
        yield "  figures: " + ", ".join(f"{key} = {value}" for key, value in verdict.figures.items())


def _violation(violation: Violation, history: History, names: Mapping[str, str]) -> Iterator[str]:
    events, seqs = history.events, violation.events
    if len(seqs) > 2 * ENDS:
        seqs = (*seqs[:ENDS], *seqs[-ENDS:])
    shown = [events[seq - 1] for seq in seqs if 1 <= seq <= len(events)]
    wall = f" (wall clock {shown[-1].wall:%Y-%m-%d %H:%M:%S.%f}Z)" if shown else ""
    yield f"  {violation.message}"
    yield f"    about {violation.subject}, at {violation.at:%Y-%m-%d %H:%M:%S.%f}Z{wall}"
    if shown:
        drawing = sequence(around(events, seqs), seqs, names)
        yield from (f"    {line}".rstrip() for line in drawing.splitlines())


def around(events: Sequence[Event], seqs: Iterable[int]) -> list[Event]:
    """Return the events with the numbers ``seqs`` and a few before and after each, without other quiet events.

    Args:
        events: The events 1, 2, 3, ...
        seqs: The numbers.
    """
    wanted = {seq for seq in seqs if 1 <= seq <= len(events)}
    near = set(wanted)
    for seq in wanted:
        for way in (range(seq - 1, 0, -1), range(seq + 1, len(events) + 1)):
            telling = (each for each in way if each in wanted or not kinds.for_reading(events[each - 1].kind).is_quiet)
            near.update(islice(telling, AROUND))
    return [events[seq - 1] for seq in sorted(near)]


def _run(history: History, path: Path | None) -> Iterator[str]:
    for started in history.of(kinds.RUN_STARTED)[:1]:
        yield f"seed:    {started.data['seed']}"
        yield f"repeat:  {started.data['repeat']}"
    yield f"history: {path if path is not None else 'not saved'}"
