"""What a failed claim prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_doctor_maint.claims.verdict import Judgement, Outcome, Verdict, Violation
from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.report.describe import names_of
from pytest_doctor_maint.report.sequence import sequence

#: Of each claim, so many violations are shown in full; of each, so many events before and after.
SHOWN, AROUND = 3, 3
#: Kinds that tell little in a diagram unless the violation is about them.
_QUIET = (kinds.GUEST, kinds.SERVER_GROUP, kinds.ALARM_CREATED, kinds.ALARM_DELETED)


def failure_text(judgement: Judgement, history: History, path: Path | None) -> str:
    """Why the claims fail: for each one that is no pass what was allowed and seen, when, and the events around it; then
    the seed, the command that repeats the run, and where the history is. Empty when every claim holds.

    Args:
        judgement: The verdicts on ``history``.
        history: What was judged.
        path: Where it is saved, if it is.
    """
    failed = judgement.failed()
    if not failed:
        return ""
    names = names_of(history)
    unobserved = judgement.unobserved()
    lines = [f"{len(failed) - len(unobserved)} of {len(judgement.verdicts)} claims fail"]
    if unobserved:
        lines[0] += f"; {len(unobserved)} could not be observed"
    for verdict in sorted(failed, key=lambda verdict: verdict.unobserved):
        lines += ["", *_claim(verdict, history, names)]
    lines += ["", *_run(history, path)]
    return "\n".join(lines)


def _claim(verdict: Verdict, history: History, names: dict[str, str]) -> Iterator[str]:
    yield f"{verdict.outcome.upper()}: {verdict.claim}"
    if verdict.outcome is Outcome.UNKNOWN:
        yield f"  {verdict.summary}" + ("" if verdict.unobserved else " (unknown is no pass)")
    for violation in verdict.violations[:SHOWN]:
        yield from _violation(violation, history, names)
    if len(verdict.violations) > SHOWN:
        yield f"  and {len(verdict.violations) - SHOWN} more"
    if verdict.figures:
        yield "  figures: " + ", ".join(f"{key} = {value}" for key, value in verdict.figures.items())


def _violation(violation: Violation, history: History, names: dict[str, str]) -> Iterator[str]:
    events = history.events
    shown = [events[seq - 1] for seq in violation.events if 1 <= seq <= len(events)]
    wall = f", {shown[-1].wall:%Y-%m-%d %H:%M:%S.%f}Z on the wall" if shown else ""
    yield f"  {violation.message}"
    yield f"    about {violation.subject}, at {violation.at:%Y-%m-%d %H:%M:%S.%f}Z{wall}"
    if shown:
        drawing = sequence(around(events, violation.events), violation.events, names)
        yield from (f"    {line}".rstrip() for line in drawing.splitlines())


def around(events: tuple[Event, ...], seqs: Iterable[int]) -> list[Event]:
    """The events ``seqs`` and a few on either side that tell something."""
    wanted = set(seqs)
    telling = [event for event in events if event.kind not in _QUIET or event.seq in wanted]
    places = [index for index, event in enumerate(telling) if event.seq in wanted]
    near = {near for place in places for near in range(place - AROUND, place + AROUND + 1)}
    return [event for index, event in enumerate(telling) if index in near]


def _run(history: History, path: Path | None) -> Iterator[str]:
    for started in history.of(kinds.RUN_STARTED)[:1]:
        yield f"seed:    {started.data['seed']}"
        yield f"repeat:  {started.data['repeat']}"
    yield f"history: {path if path is not None else 'not saved'}"
