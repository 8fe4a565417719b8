"""The summary of a test run: one row for each scenario, and totals."""

from __future__ import annotations

import json

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import RunProperties, properties, terminal_summary

NODE = "scenarios/test_room.py::test_one_compute_is_empty[sample-3]"


@pytest.fixture
def run(good: History) -> RunProperties:
    """The results of the run in which every claim holds."""
    return properties(judge(good), good, 0.5, 250, NODE)


def total(*runs: RunProperties) -> str:
    """Return the outcome in the line of totals."""
    lines = terminal_summary(runs)
    (line,) = (line for line in lines if line.startswith(f"{len(runs)} run"))
    return line.split("  ")[-1]


def test_properties_are_plain_data(good: History) -> None:
    found = properties(judge(good), good, 0.5, 300, NODE)
    assert json.loads(json.dumps(found)) == found
    assert (found["computes"], found["requests"], found["outcome"], found["failed"]) == (3, 300, "holds", [])
    assert found["downtime_seconds"] == 0
    assert found["simulated_seconds"] == (good.events[-1].at - good.events[0].at).total_seconds()


def test_the_summary_has_a_row_per_run_and_totals(good: History, bad: History) -> None:
    runs = [
        properties(judge(good), good, 0.5, 300, NODE),
        properties(judge(bad, ["downtime_is_zero"]), bad, 0.25, 200, "a.py::test_other"),
    ]
    head, _, other, one, _, total = terminal_summary(runs)
    assert head.split() == [
        "scenario",
        "computes",
        "simulated",
        "s",
        "wall",
        "s",
        "requests",
        "downtime",
        "s",
        "outcome",
    ]
    assert other.split()[0] == "other"
    assert other.endswith("violated: downtime_is_zero")
    assert one.startswith("one compute is empty [sample-3]")
    assert one.endswith("claims hold")
    assert total.split()[:2] == ["2", "runs"]
    assert total.endswith("1 of 2 fail")
    assert "500" in total
    assert "0.75" in total


def test_a_violation_that_is_expected_is_not_a_failure(bad: History) -> None:
    judgement = judge(bad, ["downtime_is_zero", "at_least_three_computes"])
    run = properties(judgement, bad, 0.5, 250, NODE, expected=["downtime_is_zero"])
    assert (run["caught"], run["failed"]) == (["downtime_is_zero"], [])
    assert terminal_summary([run])[2].endswith("violated as expected: downtime_is_zero; 1 claims hold")
    assert total(run) == "all claims hold; expected violations found"


def test_an_expected_violation_that_is_missing_is_a_failure(good: History, run: RunProperties) -> None:
    missed = properties(judge(good), good, 0.5, 250, NODE, expected=["downtime_is_zero"])
    assert (missed["caught"], missed["failed"]) == ([], ["downtime_is_zero"])
    assert total(run, missed) == "1 of 2 fail"


def test_without_a_watched_service_there_is_no_downtime(good: History) -> None:
    run = properties(judge(good, ["at_least_three_computes"]), good, 0.5, 250, NODE)
    assert run["downtime_seconds"] is None
    assert "  -  " in terminal_summary([run])[2]


def test_the_totals_say_what_holds(run: RunProperties) -> None:
    some: RunProperties = {**run, "unobserved": ["one"]}
    caught: RunProperties = {**run, "caught": ["two"], "outcome": "violated"}
    assert total(run) == "all claims hold"
    assert total(run, some) == "all observed claims hold"
    assert total(run, caught) == "all claims hold; expected violations found"
    assert total(some, caught) == "all observed claims hold; expected violations found"


def test_claims_that_were_not_observed_are_listed_below_the_table(run: RunProperties) -> None:
    """Runs with the same claims share a line, and long lines are wrapped."""
    dark = [f"claim_number_{number}" for number in range(12)]
    runs: list[RunProperties] = [
        {**run, "judged": run["judged"][12:], "unobserved": dark},
        {**run, "nodeid": "a.py::test_other", "judged": run["judged"][12:], "unobserved": dark},
        {**run, "nodeid": "a.py::test_third", "unobserved": ["one_more"]},
        {**run, "nodeid": "a.py::test_fourth"},
    ]
    lines = terminal_summary(runs)
    assert lines[2].endswith(f"{run['claims']} claims hold")
    assert lines[3].endswith(f"{run['claims'] - 12} claims hold; 12 not observed")
    assert lines[7].endswith("all observed claims hold")
    listed = " ".join(line.strip() for line in lines[8:])
    same = f"not observed: {', '.join(dark)} (in other; one compute is empty [sample-3])"
    assert listed == f"{same} not observed: one_more (in third)"
    assert max(len(line) for line in lines[8:]) <= 120


def test_without_runs_there_is_no_summary() -> None:
    assert terminal_summary([]) == []
