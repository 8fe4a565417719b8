"""Where Fenix does right, every claim holds."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_doctor_maint.checkers import CLAIMS, Outcome, judge

Story = Any  # conftest.py's; a test folder is no package to import from


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("workflow", ["fenix", "vnf"])
def test_holds(request: pytest.FixtureRequest, workflow: str, claim: str) -> None:
    story: Story = request.getfixturevalue(workflow)
    verdict = judge(story.history(), [claim]).of(claim)
    assert verdict.outcome is Outcome.HOLDS, [violation.message for violation in verdict.violations] or verdict.summary
    assert verdict.summary
    assert verdict.figures
