"""The results of a run as plain data, and the summary at the end of the terminal report."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import RunProperties, properties, terminal_summary
from pytest_doctor_maint.report.summary import merged
from pytest_doctor_maint.report.terminal import Attempt, Word

NODE = "scenarios/test_room.py::test_one_compute_is_empty[sample-3]"
LONG = "a.py::test_a_compute_dies_while_it_is_in_maintenance_and_its_instances_are_moved[8-computes-vnfm-app-manager]"
COUNTS = "26 of 39 claims judged, 13 not applicable"


@pytest.fixture
def run(good: History) -> RunProperties:
    """The results of the run in which every claim holds."""
    return properties(judge(good), good, 0.5, 250, NODE)


@pytest.fixture
def violated(bad: History) -> RunProperties:
    """The results of a run in which a claim is violated."""
    return properties(judge(bad, ["downtime_is_zero"]), bad, 0.25, 200, LONG)


def shown(*attempts: Attempt, width: int = 120) -> list[str]:
    """Return the lines of the summary."""
    return [line.text for line in terminal_summary(attempts, width)]


def of(run: RunProperties, nodeid: str = "") -> Attempt:
    """Return the attempt of a test with one run."""
    return Attempt(nodeid or run["nodeid"], [run])


def total(*attempts: Attempt) -> str:
    """Return the line below the totals."""
    lines = shown(*attempts)
    last_rule = max(index for index, line in enumerate(lines) if line.startswith("---"))
    return lines[last_rule + 2]


def test_properties_are_plain_data(good: History) -> None:
    found = properties(judge(good), good, 0.5, 300, NODE)
    assert json.loads(json.dumps(found)) == found
    assert (found["computes"], found["requests"], found["outcome"], found["failed"]) == (3, 300, "holds", [])
    assert found["downtime_seconds"] == 0
    assert (found["run"], found["is_real"]) == (1, False)
    assert found["simulated_seconds"] == (good.events[-1].at - good.events[0].at).total_seconds()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_summary_fits_the_terminal_and_has_a_line_for_each_run(
    run: RunProperties, violated: RunProperties, width: int
) -> None:
    lines = shown(
        of(run), of(violated), Attempt(NODE + "x", trouble=Word.ERROR, reason="at setup: no room"), width=width
    )
    assert max(map(len, lines)) <= width
    assert lines[0].split()[:2] == ["scenario", "outcome"]
    words = [word for line in lines[2:] for word in ("ERROR", "VIOLATED", "holds") if f"  {word} " in f"{line} "]
    assert words == ["ERROR", "VIOLATED", "holds"]
    assert "2 of 3 fail: 1 error, 1 violated" in lines
    assert "  violated: downtime_is_zero" in lines
    assert "  at setup: no room" in lines
    (row,) = (line for line in lines if "  VIOLATED" in line)
    # The parameters distinguish the runs of one test.
    assert "[8-computes-vnfm-app-manager]" in row


def test_names_of_claims_are_never_broken(violated: RunProperties) -> None:
    claims = [f"claim_number_{number}_with_a_long_name" for number in range(9)]
    failing: RunProperties = {**violated, "failed": claims, "violated": claims, "judged": claims}
    lines = shown(of(failing), width=60)
    assert max(map(len, lines)) <= 60
    assert all(any(claim in line for line in lines) for claim in claims)


def test_a_long_reason_ends_with_a_word() -> None:
    names = [f"claim_number_{number}" for number in range(40)]
    lines = shown(Attempt(NODE, trouble=Word.ERROR, reason=f"there are {', '.join(names)}"), width=80)
    reason = " ".join(line.strip() for line in lines[3 : lines.index(lines[1], 2)])
    assert reason.endswith(", ...")
    assert {word.rstrip(",") for word in reason.split()[2:-1]} <= set(names)


def test_a_wall_clock_is_not_called_simulated(run: RunProperties) -> None:
    real: RunProperties = {**run, "is_real": True}
    assert "simulated s" in shown(of(run))[0]
    assert "real s" in shown(of(real))[0]
    mixed = shown(of(run), of(real, "a.py::test_real"))
    assert "clock s" in mixed[0]
    assert any(f"{run['simulated_seconds']:.1f} real" in line for line in mixed)
    assert any(f"{run['simulated_seconds']:.1f} simulated" in line for line in mixed)


def test_two_runs_of_one_test_are_told_apart(run: RunProperties, violated: RunProperties) -> None:
    second: RunProperties = {**run, "run": 2}
    rows = shown(Attempt(NODE, [run, second]))[2:4]
    assert [row.partition(", run ")[2][:1] for row in rows] == ["1", "2"]
    first_attempt = Attempt(NODE, [violated], Word.FAILED, "1 of 1 claims fail", number=1, excuse="attempted again")
    again = Attempt(NODE, [run], number=2)
    lines = shown(first_attempt, again)
    assert "  VIOLATED" in lines[2]
    assert ", attempt 1" in lines[2]
    assert "  does not count: attempted again" in lines
    assert any("  holds" in line and ", attempt 2" in line for line in lines)
    assert total(first_attempt, again) == "1 of 2 fail: 1 violated; 1 attempted again"
    assert [line.colour for line in terminal_summary([first_attempt, again], 120)][2] == "yellow"


def test_several_judgements_of_a_run_are_one_row(good: History) -> None:
    judged = [
        properties(judge(good, [claim]), good, 0.5, 250, NODE)
        for claim in ("downtime_is_zero", "at_least_three_computes", "downtime_is_zero")
    ]
    (one,) = merged(judged)
    assert (one["claims"], one["judged"]) == (2, ["downtime_is_zero", "at_least_three_computes"])
    assert one["downtime_seconds"] == 0
    assert total(Attempt(NODE, judged)) == "all claims hold"


def test_a_test_that_fails_although_its_claims_hold_has_a_row(run: RunProperties) -> None:
    lines = shown(Attempt(NODE, [run], Word.FAILED, "assert 1 == 2"))
    assert lines[2].startswith("one compute is empty [sample-3]  FAILED")
    assert lines[3] == "  assert 1 == 2"
    assert "  holds" in lines[4]


@pytest.mark.parametrize("word", [Word.CRASHED, Word.TIMED_OUT, Word.ERROR, Word.FAILED])
def test_a_test_without_a_run_has_a_row(run: RunProperties, word: Word) -> None:
    lines = shown(of(run), Attempt("a.py::test_other", trouble=word, reason="because"))
    assert lines[2].split("  ")[0] == "other"
    assert f"  {word}  " in lines[2]
    assert lines[3] == "  because"
    assert total(of(run), Attempt("a.py::test_other", trouble=word)) == f"1 of 2 fail: 1 {word.lower()}"


def test_a_run_that_broke_off_says_why(run: RunProperties) -> None:
    broken: RunProperties = {**run, "broke_off": True, "failed": ["downtime_is_zero"], "violated": ["downtime_is_zero"]}
    lines = shown(Attempt(NODE, [broken], Word.FAILED, "the run broke off: no answer"))
    assert "  BROKE OFF" in lines[2]
    assert lines[3:5] == ["  the run broke off: no answer", "  violated: downtime_is_zero"]
    assert shown(Attempt(NODE, [broken], Word.TIMED_OUT, "Timeout"))[2].count("  TIMED OUT") == 1


def test_a_violation_that_is_expected_is_not_a_failure(bad: History) -> None:
    judgement = judge(bad, ["downtime_is_zero", "at_least_three_computes"])
    run = properties(judgement, bad, 0.5, 250, NODE, expected=["downtime_is_zero"])
    assert (run["caught"], run["failed"]) == (["downtime_is_zero"], [])
    row = shown(of(run))[2]
    assert "  caught" in row
    assert shown(of(run))[3] == "  violated as expected: downtime_is_zero"
    assert row.endswith("2 of 2 judged, 1 violated")
    assert total(of(run)) == "all claims hold; expected violations found"


def test_an_expected_violation_that_is_missing_is_a_failure(good: History, run: RunProperties) -> None:
    missed = properties(judge(good), good, 0.5, 250, NODE, expected=["downtime_is_zero"])
    assert (missed["caught"], missed["failed"]) == ([], ["downtime_is_zero"])
    assert "  MISSED" in shown(of(missed))[2]
    assert "  not violated: downtime_is_zero" in shown(of(missed))
    assert total(of(run), of(missed, "a.py::test_other")) == "1 of 2 fail: 1 missed"


def test_without_a_watched_service_there_is_no_downtime(good: History) -> None:
    run = properties(judge(good, ["at_least_three_computes"]), good, 0.5, 250, NODE)
    assert run["downtime_seconds"] is None
    assert "  -  " in shown(of(run))[2]


def test_the_totals_say_what_holds(run: RunProperties) -> None:
    some: RunProperties = {**run, "unobserved": ["one"], "unknown": ["one"]}
    caught: RunProperties = {**run, "caught": ["two"], "outcome": "violated"}
    assert total(of(run)) == f"all judged claims hold ({COUNTS})"
    assert total(of({**run, "not_applicable": []})) == "all claims hold"
    assert shown(of(run))[2].endswith("26 of 39 judged, 13 not applicable")
    assert total(of(some)) == f"all observed claims hold ({COUNTS})"
    assert total(of(caught)).endswith("applicable); expected violations found")
    both = "52 of 78 claims judged, 26 not applicable"
    assert total(of(some), of(caught, "a.py::test_b")) == (
        f"all observed claims hold ({both}); expected violations found"
    )


def test_claims_that_were_not_observed_are_listed_below_the_table(run: RunProperties) -> None:
    """Runs with the same claims share a line, and long lines are wrapped."""
    dark = [f"claim_number_{number}" for number in range(12)]
    dark_run: RunProperties = {**run, "unobserved": dark, "unknown": dark}
    runs: Sequence[Attempt] = [
        of(dark_run),
        of(dark_run, "a.py::test_other"),
        of({**run, "unobserved": ["one_more"], "unknown": ["one_more"]}, "a.py::test_third"),
        of(run, "a.py::test_fourth"),
    ]
    assert max(map(len, shown(*runs))) <= 120
    lines = shown(*runs, width=200)
    assert sum("12 not observed" in line for line in lines) == 2
    listed = " ".join(
        line.strip()
        for line in lines[next(n for n, line in enumerate(lines) if line.startswith("all observed claims hold")) + 1 :]
    )
    same = f"not observed: {', '.join(dark)} (in one compute is empty [sample-3]; other)"
    assert listed == f"{same} not observed: one_more (in third)"


def test_without_runs_there_is_no_summary() -> None:
    assert terminal_summary([], 80) == []
