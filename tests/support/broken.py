"""Admin tools with a broken workflow, and the check that a claim catches them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from pytest_doctor_maint.actors.admin_tool.base.workflow import Workflow
from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool
from pytest_doctor_maint.claims import Judgement, Outcome, judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import timeline
from pytest_doctor_maint.testbed.scenario import Scenario
from tests.support.pictures import marked

#: Checks that a claim catches a broken actor.
Caught = Callable[[Scenario, str], History]


def sample_with(workflow: type[Workflow]) -> type[SampleAdminTool]:
    """Return a sample admin tool with this workflow."""

    class BrokenAdminTool(SampleAdminTool):
        workflows: ClassVar[Mapping[str, type[Workflow]]] = {"default": workflow}

    return BrokenAdminTool


def fenix_with(workflow: type[FenixWorkflow]) -> type[Fenix]:
    """Return a Fenix with this workflow."""

    class BrokenFenix(Fenix):
        workflows: ClassVar[Mapping[str, type[FenixWorkflow]]] = {"default": workflow, "vnf": workflow}

    return BrokenFenix


def check_caught(scenario: Scenario, claim: str) -> History:
    """Carry out a scenario; the claim must be violated, and show the events that prove it."""
    history = scenario.carry_out().history
    verdict = judge(history, [claim]).verdicts[0]
    assert verdict.outcome is Outcome.VIOLATED, verdict.summary
    assert all(violation.events for violation in verdict.violations)
    # No violation is without a mark in the picture.
    assert marked(timeline(history, Judgement((verdict,)))) == {claim: len(verdict.violations)}
    return history
